package eval

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Conn is a driver.Conn, with driver.Aggregator and driver.BulkUpdater, over a
// Mutable. It checks what a database checks: that rows fit their kind, that ids
// and unique values stand once, that references lead somewhere, and that nothing
// is deleted to which others refer. What it refuses is a *ConstraintError and has
// changed nothing.
//
// It begins no transactions: an adapter makes one Conn for each state that it
// works on. It is as safe for concurrent use as its Mutable.
type Conn struct{ m Mutable }

var (
	_ driver.Conn        = (*Conn)(nil)
	_ driver.Aggregator  = (*Conn)(nil)
	_ driver.BulkUpdater = (*Conn)(nil)
)

// NewConn returns a Conn over m.
func NewConn(m Mutable) *Conn { return &Conn{m} }

// Insert implements driver.Conn. Rows are copied.
func (c *Conn) Insert(ctx context.Context, k *schema.Kind, in *driver.Insert) error {
	if err := ready(ctx, k); err != nil {
		return err
	}
	return c.atomically(func(o *Overlay) error {
		for i, row := range in.Rows {
			if err := everyFew(ctx, i); err != nil {
				return err
			}
			if err := insert(o, k, in.Tenant, cloneRow(row)); err != nil {
				return err
			}
		}
		return nil
	})
}

func insert(m Mutable, k *schema.Kind, tenant string, row driver.Row) error {
	if err := checkRow(k, row); err != nil {
		return err
	}
	if _, exists, err := m.Get(k, tenant, idOf(k, row)); exists || err != nil {
		if err == nil {
			err = refuse(fault.Exists, "", "%s: another record has the same id", k.Name())
		}
		return err
	}
	return put(m, k, tenant, row)
}

// put stores a checked row if the other records allow it.
func put(m Mutable, k *schema.Kind, tenant string, row driver.Row) error {
	if err := checkUniques(m, k, tenant, row); err != nil {
		return err
	}
	if err := checkReferences(m, k, tenant, row); err != nil {
		return err
	}
	return m.Put(k, tenant, row)
}

// Update implements driver.Conn.
func (c *Conn) Update(ctx context.Context, k *schema.Kind, u *driver.Update) (matched int64, err error) {
	if err := ready(ctx, k); err != nil {
		return 0, err
	}
	old, ok, err := c.current(k, u.Tenant, u.ID, u.IfVersion)
	if !ok || err != nil {
		return 0, err
	}
	if err := update(c.m, k, u.Tenant, old, u.Set); err != nil {
		return 0, err
	}
	return 1, nil
}

// Delete implements driver.Conn.
func (c *Conn) Delete(ctx context.Context, k *schema.Kind, d *driver.Delete) (matched int64, err error) {
	if err := ready(ctx, k); err != nil {
		return 0, err
	}
	if _, ok, err := c.current(k, d.Tenant, d.ID, d.IfVersion); !ok || err != nil {
		return 0, err
	}
	if err := checkUnreferenced(c.m, k, d.Tenant, d.ID); err != nil {
		return 0, err
	}
	if err := c.m.Remove(k, d.Tenant, d.ID); err != nil {
		return 0, err
	}
	return 1, nil
}

// Select implements driver.Conn.
func (c *Conn) Select(ctx context.Context, k *schema.Kind, q *query.Select) ([]driver.Row, error) {
	return Select(ctx, c.m, k, q)
}

// Aggregate implements driver.Aggregator.
func (c *Conn) Aggregate(ctx context.Context, k *schema.Kind, a *query.Aggregate) ([]driver.Row, error) {
	return Aggregate(ctx, c.m, k, a)
}

// UpdateWhere implements driver.BulkUpdater. It changes all records or none.
func (c *Conn) UpdateWhere(ctx context.Context, k *schema.Kind, u *driver.UpdateWhere) (matched int64, err error) {
	if err := ready(ctx, k); err != nil {
		return 0, err
	}
	// All are found before the first is changed, lest a change move a record
	// in front of the search again.
	var found []driver.Row
	for row, err := range newMatcher(ctx, c.m, u.Tenant).matching(k, u.Where, u.Scope) {
		if err != nil {
			return 0, err
		}
		found = append(found, row)
	}
	err = c.atomically(func(o *Overlay) error {
		for i, row := range found {
			if err := everyFew(ctx, i); err != nil {
				return err
			}
			if err := update(o, k, u.Tenant, row, u.Set); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return int64(len(found)), nil
}

// atomically lets work change an overlay, and makes the changes when it succeeds.
func (c *Conn) atomically(work func(o *Overlay) error) error {
	o := NewOverlay(c.m)
	if err := work(o); err != nil {
		return err
	}
	return o.ApplyTo(c.m)
}

// current returns the record of an id, if it has the version.
func (c *Conn) current(k *schema.Kind, tenant string, id schema.ID, version int64) (driver.Row, bool, error) {
	if version != 0 && k.Version() == nil {
		return nil, false, refuse(fault.Invalid, "", "%s: the kind has no versions", k.Name())
	}
	row, ok, err := c.m.Get(k, tenant, id)
	if !ok || err != nil {
		return nil, false, err
	}
	if version != 0 && column(row, k.Version()) != version {
		return nil, false, nil
	}
	return row, true, nil
}

// update stores a copy of a row with the assignments done.
func update(m Mutable, k *schema.Kind, tenant string, old driver.Row, set []driver.Assign) error {
	row := slices.Clone(old)
	for _, a := range set {
		f := a.Field
		if f == nil || k.Field(f.Name) != f {
			return refuse(fault.Invalid, "", "%s: a field to assign is no column of it", k.Name())
		}
		if f == k.ID() {
			return refuseValue(k, f, "can't be changed")
		}
		v := cloneValue(a.Value)
		if a.Add {
			var err error
			if v, err = sum(k, f, row[f.Position], a.Value); err != nil {
				return err
			}
		}
		if err := checkValue(k, f, v); err != nil {
			return err
		}
		row[f.Position] = v
	}
	return put(m, k, tenant, row)
}

// sum adds to a stored value; null stays null. It refuses what does not fit the
// 64 bits that a number is stored in.
func sum(k *schema.Kind, f *schema.Field, stored, add any) (any, error) {
	switch n := add.(type) {
	case int64:
		if f.Type != schema.TypeInt {
			break
		}
		old, ok := stored.(int64)
		if !ok {
			return nil, nil
		}
		if total := old + n; (total > old) == (n > 0) {
			return total, nil
		}
		return nil, refuseValue(k, f, "is out of range")
	case decimal.Decimal:
		if f.Type != schema.TypeDecimal {
			break
		}
		old, ok := stored.(decimal.Decimal)
		if !ok {
			return nil, nil
		}
		total, err := f.Value(old.Add(n))
		if err != nil {
			return nil, refuseValue(k, f, "is out of range")
		}
		return total, nil
	}
	return nil, refuseValue(k, f, "a value of type %T can't be added to a field of type %s", add, f.Type)
}

// ready refuses to begin for nobody or with a kind that knows no other kinds.
func ready(ctx context.Context, k *schema.Kind) error {
	if k.Registry() == nil {
		return fault.New(fault.Invalid, "kind %q is not resolved by a registry", k.Name())
	}
	return ctx.Err()
}

// everyFew asks now and then whether anybody still waits.
func everyFew(ctx context.Context, i int) error {
	if i%256 == 255 {
		return ctx.Err()
	}
	return nil
}
