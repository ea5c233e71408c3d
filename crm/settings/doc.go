// Package settings is what a company decides about its CRM without a programmer:
// dictionaries ([Entry]), fields of its own ([Field]), how records are numbered
// ([NumberRule]), and saved views ([View]).
//
// They are records like any other, changed through package admin by whoever has the
// right to, and journalled. What every verb needs of them is read into a [Snapshot],
// which is kept in memory for each tenant and read anew when one of them has changed, in
// whatever process.
//
// Nothing that data may refer to is deleted: an entry or a field is retired. It can then
// no longer be chosen, and what was chosen stays.
package settings
