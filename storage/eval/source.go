package eval

import (
	"iter"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Source is a store to read from. Rows hold all of Kind.Columns and must not be
// changed. A sequence ends after its first error.
type Source interface {
	// Get returns the record of an id, and whether there is one.
	Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error)
	// Scan yields all records of a tenant in order of id.
	Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error]
	// Find yields the records whose x.Fields equal key, in order of id. The key
	// has a value for every field, and null equals null. A source without
	// indexes returns FindByScan.
	Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error]
}

// Mutable is a store to read from and write to. It checks nothing: that is the
// work of Conn.
type Mutable interface {
	Source
	// Put stores a record, in place of the one with the same id. The row is the
	// store's from then on.
	Put(k *schema.Kind, tenant string, row driver.Row) error
	// Remove deletes a record; it does nothing when there is none.
	Remove(k *schema.Kind, tenant string, id schema.ID) error
}

// FindByScan is Source.Find for a store without indexes: it reads every record
// of the tenant.
func FindByScan(src Source, k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	if len(key) != len(x.Fields) {
		return failed(wrongKey(x, key))
	}
	return func(yield func(driver.Row, error) bool) {
		for row, err := range src.Scan(k, tenant) {
			if err != nil {
				yield(nil, err)
				return
			}
			if hasKey(k, row, x, key) && !yield(row, nil) {
				return
			}
		}
	}
}

func hasKey(k *schema.Kind, row driver.Row, x *schema.Index, key []any) bool {
	for i, f := range x.Fields {
		if query.CompareValues(fieldValue(k, row, f), key[i]) != 0 {
			return false
		}
	}
	return true
}

// findBy finds by fields: through the index over just these fields where the
// kind has one, by a scan where it has none.
func findBy(src Source, k *schema.Kind, tenant string, fields []*schema.Field, key []any) iter.Seq2[driver.Row, error] {
	if x := indexOver(k, fields...); x != nil {
		return src.Find(k, tenant, x, key)
	}
	return FindByScan(src, k, tenant, &schema.Index{Fields: fields}, key)
}

// indexOver returns the kind's index over just these fields, nil when there is
// none.
func indexOver(k *schema.Kind, fields ...*schema.Field) *schema.Index {
	for _, x := range k.Indexes() {
		if len(x.Fields) != len(fields) {
			continue
		}
		same := true
		for i, f := range fields {
			same = same && x.Fields[i] == f
		}
		if same {
			return x
		}
	}
	return nil
}

func wrongKey(x *schema.Index, key []any) error {
	return fault.New(fault.Invalid, "index %q has %d fields, and not %d", x.Name, len(x.Fields), len(key))
}

// failed is a sequence that only reports an error.
func failed(err error) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) { yield(nil, err) }
}
