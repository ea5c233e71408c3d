package storage

import (
	"context"
	"reflect"
	"time"
	"unsafe"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Records are set by the adapter where it can (driver.Reader), field by field and
// without a row in between. A field of a type that is not that of a driver value goes
// through the row all the same.

// direct tells where an adapter sets a field itself.
type direct struct {
	offset uintptr // within the struct
	// at returns the place at an address; nil for a field that goes through the row.
	at func(unsafe.Pointer) any
}

// directFields finds the fields that an adapter can set. Their addresses are reckoned,
// because reflect would take longer to find them than the database to fill them.
func directFields(k *schema.Kind) []direct {
	list := make([]direct, len(k.Columns()))
	for i, f := range k.Columns() {
		if f.Derived() || f.Type == schema.TypeJSON {
			continue
		}
		t := k.GoType()
		for _, n := range f.Index { // embedded structs stand in their outer ones by value
			list[i].offset += t.Field(n).Offset
			t = t.Field(n).Type
		}
		list[i].at = placeOf(t)
	}
	return list
}

// placeOf returns what makes an address a place for the values of a type.
func placeOf(t reflect.Type) func(unsafe.Pointer) any {
	switch t {
	case reflect.TypeFor[schema.ID]():
		return place[schema.ID]
	case reflect.TypeFor[time.Time]():
		return place[time.Time]
	case reflect.TypeFor[schema.Date]():
		return place[schema.Date]
	case reflect.TypeFor[decimal.Decimal]():
		return place[decimal.Decimal]
	case reflect.TypeFor[decimal.NullDecimal]():
		return place[decimal.NullDecimal]
	}
	switch t.Kind() { // also of a type of its own, which is laid out alike
	case reflect.Bool:
		return place[bool]
	case reflect.Int64:
		return place[int64]
	case reflect.Float64:
		return place[float64]
	case reflect.String:
		return place[string]
	}
	return nil
}

func place[T any](p unsafe.Pointer) any { return (*T)(p) }

// reading sets one record after the other.
type reading struct {
	codec *codec
	q     *query.Select
	// next returns the next record to set, which can be addressed.
	next   func() reflect.Value
	record reflect.Value // the one that is being set
	// left is how many records are still wanted; after is the position of the last of
	// them, noted when there is one more.
	left   int
	after  driver.Row
	places []any
	// loose holds the values that are no field, or that decode must turn into one.
	loose driver.Row
	err   error
}

// place returns the places of the next record, or of one that is not wanted.
func (r *reading) place() []any {
	r.settle()
	if r.left == 0 {
		r.after = position(r.codec.kind, r.q, func(column int) any { return driver.Get(r.places[column]) })
		r.record = reflect.Value{}
		for i := range r.places {
			r.places[i] = new(any)
		}
		return r.places
	}
	r.left--
	r.record = r.next()
	start := r.record.Addr().UnsafePointer()
	for i := range r.places {
		if i < len(r.codec.direct) && r.codec.direct[i].at != nil {
			r.places[i] = r.codec.direct[i].at(unsafe.Add(start, r.codec.direct[i].offset))
		} else {
			r.places[i] = &r.loose[i]
		}
	}
	return r.places
}

// settle ends the record that is being set.
func (r *reading) settle() {
	if !r.record.IsValid() {
		return
	}
	for i, f := range r.codec.kind.Columns() {
		if r.codec.direct[i].at == nil && !f.Derived() && r.err == nil {
			r.err = r.codec.setField(f, r.loose[i], r.record)
		}
	}
}

// read reads at most limit of the records that a resolved query finds. next is asked for
// each of them and returns where to put it. When the query found one more, the position
// of the last is returned.
func (t *Tenant) read(ctx context.Context, k *schema.Kind, q *query.Select, limit int, next func() reflect.Value) (driver.Row, error) {
	if err := t.readable(ctx); err != nil {
		return nil, err
	}
	r := &reading{codec: t.kinds.codecs[k.Name()], q: q, next: next, left: limit, places: make([]any, len(q.Columns)), loose: make(driver.Row, len(q.Columns))}
	if direct, ok := t.conn.(driver.Reader); ok {
		if err := direct.Read(ctx, k, q, r.place); err != nil {
			return nil, t.fail(wrap(t.db.store.backend, err))
		}
	} else if err := t.readRows(ctx, k, q, r); err != nil {
		return nil, err
	}
	r.settle()
	return r.after, r.err
}

func (t *Tenant) readRows(ctx context.Context, k *schema.Kind, q *query.Select, r *reading) error {
	rows, err := t.selectRows(ctx, k, q)
	if err != nil {
		return err
	}
	for _, row := range rows {
		for i, place := range r.place() {
			if err := driver.Set(place, row[i]); err != nil {
				return &fault.Error{Code: fault.Internal, Kind: k.Name(), Message: "a stored value does not fit its field", Err: err}
			}
		}
	}
	return nil
}

// readable refuses to read where nothing can be read.
func (t *Tenant) readable(ctx context.Context) error {
	if err := t.check(ctx); err != nil {
		return err
	}
	if t.conn == nil {
		return fault.New(fault.Precondition, "this store has no connection of its own: join a transaction of the host")
	}
	return nil
}
