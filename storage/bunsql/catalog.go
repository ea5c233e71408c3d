package bunsql

import "strings"

// needs reports whether the statement of an object has to be run. A column needs
// it only where its table is there already: a new table is made with all of them.
func (c *Catalog) needs(o Object) bool {
	columns := c.Columns[o.Table]
	switch {
	case o.Name != "":
		return !c.Objects[o.Name]
	case o.Column != "":
		_, ok := columns[o.Column]
		return columns != nil && !ok
	}
	return columns == nil
}

// String names the object for a person.
func (o Object) String() string {
	switch {
	case o.Name != "":
		return o.Name + " of table " + o.Table
	case o.Column != "":
		return "column " + o.Table + "." + o.Column
	}
	return "table " + o.Table
}

// catalogType returns a column type as catalogs spell it: in lower case and
// without a collation.
func catalogType(t string) string {
	name, _, _ := strings.Cut(t, " COLLATE ")
	return strings.ToLower(name)
}
