package eval

import (
	"iter"

	"github.com/tidwall/btree"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Overlay is a Mutable that keeps changes in memory, over a Source that it only
// reads: what it yields is the base with the changes done. A transaction over a
// store that can't roll back is an Overlay, whose Changes are applied at commit.
//
// It is used by one goroutine at a time, and not changed while a sequence of it
// runs.
type Overlay struct {
	base    Source
	puts    *Tables
	touched *btree.BTreeG[touch]
}

// touch notes that a record is other than in the base: as in puts, or gone.
type touch struct {
	key    string
	kind   *schema.Kind
	tenant string
	id     schema.ID
}

// NewOverlay returns an overlay without changes.
func NewOverlay(base Source) *Overlay {
	less := func(a, b touch) bool { return a.key < b.key }
	return &Overlay{base, NewTables(), btree.NewBTreeGOptions(less, btree.Options{NoLocks: true})}
}

// Copy returns an overlay with the same changes, over the same base, that from now
// on changes apart from this one. It is what a savepoint works on. It costs the
// same for any number of changes.
func (o *Overlay) Copy() *Overlay {
	return &Overlay{o.base, o.puts.Copy(), o.touched.Copy()}
}

// Changes calls visit for every record that was put or removed, once, in order of
// kind, tenant and id; row is nil for one that was removed, which may never have
// been in the base. It stops at the first error of visit and returns it.
func (o *Overlay) Changes(visit func(k *schema.Kind, tenant string, id schema.ID, row driver.Row) error) error {
	var err error
	o.touched.Scan(func(t touch) bool {
		row, _, _ := o.puts.Get(t.kind, t.tenant, t.id)
		err = visit(t.kind, t.tenant, t.id, row)
		return err == nil
	})
	return err
}

// ApplyTo makes the changes in another store. A failure leaves it half changed.
func (o *Overlay) ApplyTo(m Mutable) error {
	return o.Changes(func(k *schema.Kind, tenant string, id schema.ID, row driver.Row) error {
		if row == nil {
			return m.Remove(k, tenant, id)
		}
		return m.Put(k, tenant, row)
	})
}

// Get implements Source.
func (o *Overlay) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	if o.isTouched(k, tenant, id) {
		return o.puts.Get(k, tenant, id)
	}
	return o.base.Get(k, tenant, id)
}

// Scan implements Source.
func (o *Overlay) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return o.merge(k, tenant, o.base.Scan(k, tenant), o.puts.Scan(k, tenant))
}

// Find implements Source.
func (o *Overlay) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	return o.merge(k, tenant, o.base.Find(k, tenant, x, key), o.puts.Find(k, tenant, x, key))
}

// Put implements Mutable.
func (o *Overlay) Put(k *schema.Kind, tenant string, row driver.Row) error {
	if err := o.puts.Put(k, tenant, row); err != nil {
		return err
	}
	o.touch(k, tenant, idOf(k, row))
	return nil
}

// Remove implements Mutable.
func (o *Overlay) Remove(k *schema.Kind, tenant string, id schema.ID) error {
	o.touch(k, tenant, id)
	return o.puts.Remove(k, tenant, id)
}

func (o *Overlay) touch(k *schema.Kind, tenant string, id schema.ID) {
	o.touched.Set(touch{recordKey(k, tenant, id), k, tenant, id})
}

func (o *Overlay) isTouched(k *schema.Kind, tenant string, id schema.ID) bool {
	_, ok := o.touched.Get(touch{key: recordKey(k, tenant, id)})
	return ok
}

// merge yields the rows of the base that are as they were, and those put, in
// order of id.
func (o *Overlay) merge(k *schema.Kind, tenant string, base, puts iter.Seq2[driver.Row, error]) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) {
		var changed []driver.Row
		for row, err := range puts {
			if err != nil {
				yield(nil, err)
				return
			}
			changed = append(changed, row)
		}
		for row, err := range base {
			if err != nil {
				yield(nil, err)
				return
			}
			id := idOf(k, row)
			for len(changed) > 0 && idOf(k, changed[0]).Compare(id) < 0 {
				if !yield(changed[0], nil) {
					return
				}
				changed = changed[1:]
			}
			if !o.isTouched(k, tenant, id) && !yield(row, nil) {
				return
			}
		}
		for _, row := range changed {
			if !yield(row, nil) {
				return
			}
		}
	}
}
