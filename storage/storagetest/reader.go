package storagetest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// reads asks an adapter random queries by Read and by Select, which must find the same.
func (p *pair) reads() {
	reader, ok := p.conn.(driver.Reader)
	if !ok {
		p.Skip("the adapter leaves setting values to package storage")
	}
	for range *roundsFlag {
		kind := p.gen.kind()
		k := p.kind(kind)
		q := query.Select{Where: p.gen.expr(k, 0), Sort: p.gen.sort(k), Limit: 1 + p.gen.IntN(40)}
		if k.Owner() != nil && p.gen.one(3) {
			scope := p.gen.scope(k)
			q.Scope = &scope
		}
		resolved := p.resolved(kind, q)
		rows, err := p.conn.Select(p.ctx, k, resolved)
		require.NoError(p, err)
		if len(rows) > 1 && p.gen.one(2) {
			resolved.After = after(resolved, rows[p.gen.IntN(len(rows))])
			rows, err = p.conn.Select(p.ctx, k, resolved)
			require.NoError(p, err)
		}
		typed := p.gen.places(resolved.Columns)
		var want []driver.Row
		for _, row := range rows {
			want = append(want, typed.hold(p, row))
		}
		got, err := typed.read(func(next func() []any) error { return reader.Read(p.ctx, k, resolved, next) })
		text, _ := json.Marshal(q)
		if err != nil {
			p.differf(kind+" "+string(text), "Read fails: %v", err)
			continue
		}
		if !sameRows(want, got) {
			p.differf(kind+" "+string(text)+" "+showScope(q.Scope), "Read finds %s, Select %s%s", numbers(k, got), numbers(k, want), firstDifference(k, want, got))
		}
	}
}

// places are where the values of a row are put, the same for each row: a null must
// overwrite what stands there.
type places []any

// places returns random places for columns: those of any value, and of the column's type.
func (g *generator) places(columns []query.Path) places {
	list := make(places, len(columns))
	for i, p := range columns {
		if list[i] = new(any); g.one(2) {
			list[i] = g.place(p.Field)
		}
	}
	return list
}

func (g *generator) place(f *schema.Field) any {
	switch f.Type {
	case schema.TypeBool:
		return new(bool)
	case schema.TypeInt:
		return new(int64)
	case schema.TypeFloat:
		return new(float64)
	case schema.TypeText:
		return new(string)
	case schema.TypeBytes:
		return new([]byte)
	case schema.TypeTime:
		return new(time.Time)
	case schema.TypeDate:
		return new(schema.Date)
	case schema.TypeDecimal:
		if g.one(2) {
			return new(decimal.Decimal)
		}
		return new(decimal.NullDecimal)
	case schema.TypeID:
		return new(schema.ID)
	case schema.TypeJSON:
		return new(schema.JSON)
	}
	panic(fmt.Sprintf("a field of type %v", f.Type))
}

// hold returns what the places hold of a row.
func (l places) hold(t *pair, row driver.Row) driver.Row {
	for i, place := range l {
		require.NoError(t, driver.Set(place, row[i]))
	}
	return l.row()
}

func (l places) row() driver.Row {
	row := make(driver.Row, len(l))
	for i, place := range l {
		row[i] = driver.Get(place)
	}
	return row
}

// read returns the rows that a Read puts into the places.
func (l places) read(do func(next func() []any) error) ([]driver.Row, error) {
	var rows []driver.Row
	begun := false
	err := do(func() []any {
		if begun {
			rows = append(rows, l.row())
		}
		begun = true
		return l
	})
	if begun && err == nil {
		rows = append(rows, l.row())
	}
	return rows, err
}
