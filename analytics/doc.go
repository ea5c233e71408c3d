// Package analytics answers questions over everything that is kept. It writes nothing,
// and it counts nothing that the session may not read: each figure is an aggregation
// within the actor's scope, and opens into the records behind it, which add up to it.
//
// Ratios are computed from exact sums, as decimals; a ratio over nothing is null, and
// not 0.
package analytics
