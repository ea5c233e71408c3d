// Package settings is the place of what a company sets up at run time: dictionaries,
// custom fields declared by a tenant, numbering rules. Nothing of it exists yet; custom
// fields can be declared by the host when it opens the library (crm.WithCustomFields).
package settings
