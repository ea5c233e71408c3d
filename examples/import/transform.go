package main

import (
	"iter"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet"
)

// transformation puts columns that are fields of a target before those of a list. What is
// refused comes back with both: the new columns can be corrected, and the list be imported as
// it is.
type transformation struct {
	// of are columns by which the list is known.
	of          []string
	target, key string
	columns     []string
	line        func(cells map[string]string) []string
}

// transformations are those of lists that are well known. A program of yours has its own.
func transformations() []transformation {
	return []transformation{
		// Online Retail: lines of invoices, of which the customers are wanted. A spreadsheet
		// has made numbers of their ids: 17850.0. Lines without one are refused.
		{
			of:     []string{"InvoiceNo", "StockCode", "CustomerID"},
			target: "customer", key: "code",
			columns: []string{"code", "name"},
			line: func(cells map[string]string) []string {
				code := strings.TrimSuffix(cells["CustomerID"], ".0")
				if code == "" {
					return []string{"", ""}
				}
				return []string{code, "Customer " + code}
			},
		},
		// Northwind's employees: names in two columns, and the superior by id.
		{
			of:     []string{"employee_id", "first_name", "last_name", "reports_to"},
			target: "employee", key: "code",
			columns: []string{"code", "name", "manager"},
			line: func(cells map[string]string) []string {
				name := strings.TrimSpace(cells["first_name"] + " " + cells["last_name"])
				return []string{cells["employee_id"], name, cells["reports_to"]}
			},
		},
		// Northwind's customers, each with a contact and an address: what it calls a region is
		// that of the address.
		{
			of:     []string{"customer_id", "company_name", "contact_name", "region"},
			target: "customer", key: "code",
			columns: []string{"code", "name", "contact.name", "contact.title", "address.street", "address.city", "address.province", "address.postcode", "country", "phone"},
			line: func(cells map[string]string) []string {
				var line []string
				for _, name := range []string{"customer_id", "company_name", "contact_name", "contact_title", "address", "city", "region", "postal_code", "country", "phone"} {
					line = append(line, cells[name])
				}
				return line
			},
		},
	}
}

// transformationOf returns the transformation of a list with a header, nil for none.
func transformationOf(header []string) *transformation {
	for _, t := range transformations() {
		if subset(t.of, header) {
			return &t
		}
	}
	return nil
}

// apply transforms a list, unless that was done when it was refused.
func (t *transformation) apply(src sheet.Source) sheet.Source {
	if subset(t.columns, src.Header()) {
		return src
	}
	return transformed{src, t}
}

// mapping passes over all columns of a transformed list but the new ones.
func (t *transformation) mapping(header []string) sheet.Mapping {
	mapping := make(sheet.Mapping, len(header))
	for i, name := range header {
		if slices.Contains(t.columns, name) {
			mapping[i] = name
		}
	}
	return mapping
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(all, name) })
}

// transformed is a list that has gone through a transformation.
type transformed struct {
	sheet.Source
	*transformation
}

func (t transformed) Header() []string {
	kept := slices.DeleteFunc(t.Source.Header(), func(name string) bool { return slices.Contains(t.columns, name) })
	return append(slices.Clone(t.columns), kept...)
}

func (t transformed) Lines() iter.Seq2[sheet.Line, error] {
	return func(yield func(sheet.Line, error) bool) {
		header, all := t.Source.Header(), t.Header()
		for line, err := range t.Source.Lines() {
			cells := make(map[string]string, len(header))
			for i, name := range header[:min(len(header), len(line.Cells))] {
				cells[name] = line.Cells[i]
			}
			line.Cells = t.line(cells)
			for _, name := range all[len(t.columns):] {
				line.Cells = append(line.Cells, cells[name])
			}
			if !yield(line, err) {
				return
			}
		}
	}
}
