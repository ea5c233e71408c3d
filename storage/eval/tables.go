package eval

import (
	"iter"
	"strings"

	"github.com/tidwall/btree"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Tables is a Mutable in memory: the records and the index entries of all kinds
// in two copy-on-write trees. All kinds that it is used with come from one
// registry, so that every record has an entry in every index.
//
// Reads are safe beside each other and beside Copy. Put and Remove are for one
// goroutine, and nothing is read while they run; who wants to read meanwhile reads
// an older Copy.
type Tables struct {
	records *btree.BTreeG[record]
	entries *btree.BTreeG[string]
}

// record is a row under the key of kind, tenant and id.
type record struct {
	key string
	row driver.Row
}

// NewTables returns empty tables.
func NewTables() *Tables {
	// Locks would forbid to read one tree while walking it.
	free := btree.Options{NoLocks: true}
	return &Tables{
		records: btree.NewBTreeGOptions(func(a, b record) bool { return a.key < b.key }, free),
		entries: btree.NewBTreeGOptions(func(a, b string) bool { return a < b }, free),
	}
}

// Copy returns tables with the same content, which from now on change apart from
// these. It costs the same for any number of records: parts are copied when they
// are first written. Copy is not called from two goroutines at once, nor beside a
// write.
func (t *Tables) Copy() *Tables {
	return &Tables{t.records.Copy(), t.entries.Copy()}
}

// Get implements Source.
func (t *Tables) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	found, ok := t.records.Get(record{key: recordKey(k, tenant, id)})
	return found.row, ok, nil
}

// Scan implements Source. The tables must not be changed before it has ended.
func (t *Tables) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) {
		prefix := string(recordPrefix(k, tenant))
		t.records.Ascend(record{key: prefix}, func(r record) bool {
			return strings.HasPrefix(r.key, prefix) && yield(r.row, nil)
		})
	}
}

// Find implements Source by a walk over the entries of the index. The tables must
// not be changed before it has ended.
func (t *Tables) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	if len(key) != len(x.Fields) {
		return failed(wrongKey(x, key))
	}
	return func(yield func(driver.Row, error) bool) {
		b := indexPrefix(k, tenant, x)
		for _, v := range key {
			b = appendValue(b, v)
		}
		prefix := string(b)
		t.entries.Ascend(prefix, func(entry string) bool {
			if !strings.HasPrefix(entry, prefix) {
				return false
			}
			row, _, _ := t.Get(k, tenant, schema.ID([]byte(entry[len(prefix):])))
			return yield(row, nil)
		})
	}
}

// Put implements Mutable. It refuses, with Invalid, a row of another length than
// the kind's columns or without an id.
func (t *Tables) Put(k *schema.Kind, tenant string, row driver.Row) error {
	id := idOf(k, row)
	if len(row) != len(k.Columns()) || id.IsZero() {
		return fault.New(fault.Invalid, "a row of kind %q has %d values and an id", k.Name(), len(k.Columns()))
	}
	old, existed := t.records.Set(record{recordKey(k, tenant, id), row})
	for _, x := range k.Indexes() {
		entry := indexEntry(k, tenant, x, row)
		if existed {
			before := indexEntry(k, tenant, x, old.row)
			if before == entry {
				continue
			}
			t.entries.Delete(before)
		}
		t.entries.Set(entry)
	}
	return nil
}

// Remove implements Mutable.
func (t *Tables) Remove(k *schema.Kind, tenant string, id schema.ID) error {
	old, existed := t.records.Delete(record{key: recordKey(k, tenant, id)})
	if !existed {
		return nil
	}
	for _, x := range k.Indexes() {
		t.entries.Delete(indexEntry(k, tenant, x, old.row))
	}
	return nil
}

func recordPrefix(k *schema.Kind, tenant string) []byte {
	return appendText(appendText(make([]byte, 0, 64), k.Name()), tenant)
}

func recordKey(k *schema.Kind, tenant string, id schema.ID) string {
	return string(append(recordPrefix(k, tenant), id[:]...))
}

func indexPrefix(k *schema.Kind, tenant string, x *schema.Index) []byte {
	return appendText(appendText(appendText(make([]byte, 0, 128), k.Name()), x.Name), tenant)
}

// indexEntry is the values of the index's fields and then the id: the entries of
// one key stand together, in order of id.
func indexEntry(k *schema.Kind, tenant string, x *schema.Index, row driver.Row) string {
	b := indexPrefix(k, tenant, x)
	for _, f := range x.Fields {
		b = appendValue(b, fieldValue(k, row, f))
	}
	id := idOf(k, row)
	return string(append(b, id[:]...))
}
