package eval

import (
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// checkRow refuses a row that is none of the kind.
func checkRow(k *schema.Kind, row driver.Row) error {
	if len(row) != len(k.Columns()) {
		return refuse(fault.Invalid, "", "%s: a row has %d values, not %d", k.Name(), len(k.Columns()), len(row))
	}
	for i, f := range k.Columns() {
		if err := checkValue(k, f, row[i]); err != nil {
			return err
		}
	}
	if idOf(k, row).IsZero() {
		return refuseValue(k, k.ID(), "is missing")
	}
	return nil
}

// checkValue refuses what is no driver value of the field.
func checkValue(k *schema.Kind, f *schema.Field, v any) error {
	if v == nil {
		if !f.Nullable || f == k.ID() {
			return refuseValue(k, f, "must not be null")
		}
		return nil
	}
	if !fits(f.Type, v) {
		return refuseValue(k, f, "a value of type %T does not fit a field of type %s", v, f.Type)
	}
	return nil
}

func fits(t schema.Type, v any) bool {
	switch v := v.(type) {
	case bool:
		return t == schema.TypeBool
	case int64:
		return t == schema.TypeInt
	case float64:
		return t == schema.TypeFloat && !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		return t == schema.TypeText
	case []byte:
		return t == schema.TypeBytes
	case time.Time:
		return t == schema.TypeTime && !v.IsZero() && v.Location() == time.UTC && v.Nanosecond()%1000 == 0
	case schema.Date:
		return t == schema.TypeDate && !v.IsZero()
	case decimal.Decimal:
		return t == schema.TypeDecimal
	case schema.JSON:
		return t == schema.TypeJSON
	case schema.ID:
		return t == schema.TypeID && !v.IsZero()
	}
	return false
}

// checkUniques refuses a row with the unique values of another one.
func checkUniques(src Source, k *schema.Kind, tenant string, row driver.Row) error {
	id := idOf(k, row)
	for _, x := range k.Indexes() {
		key, takesPart := uniqueKey(k, x, row)
		if !takesPart {
			continue
		}
		for other, err := range src.Find(k, tenant, x, key) {
			if err != nil {
				return err
			}
			if idOf(k, other) != id {
				return refuse(fault.Exists, x.Name, "%s: another record has the same %s", k.Name(), x.Name)
			}
		}
	}
	return nil
}

// uniqueKey returns the values that must be a row's alone; takesPart is false
// where there are none such: one of them is null or empty.
func uniqueKey(k *schema.Kind, x *schema.Index, row driver.Row) (key []any, takesPart bool) {
	if !x.Unique {
		return nil, false
	}
	key = make([]any, len(x.Fields))
	for i, f := range x.Fields {
		if key[i] = fieldValue(k, row, f); key[i] == nil || key[i] == "" {
			return nil, false
		}
	}
	return key, true
}

// checkReferences refuses a row that refers to a record that is not there. A row
// may refer to itself.
func checkReferences(src Source, k *schema.Kind, tenant string, row driver.Row) error {
	for _, rel := range k.Relations() {
		if rel.Many {
			continue
		}
		id, ok := column(row, rel.Field).(schema.ID)
		if !ok || rel.ToName == k.Name() && id == idOf(k, row) {
			continue
		}
		_, ok, err := src.Get(rel.To, tenant, id)
		if err != nil {
			return err
		}
		if !ok {
			return refuse(fault.Referenced, referenceIndex(rel), "%s: relation %q leads nowhere", k.Name(), rel.Name)
		}
	}
	return nil
}

// checkUnreferenced refuses to delete a record to which another one refers.
func checkUnreferenced(src Source, k *schema.Kind, tenant string, id schema.ID) error {
	for _, rel := range k.Registry().PointingAt(k) {
		for other, err := range findBy(src, rel.From, tenant, []*schema.Field{rel.Field}, []any{id}) {
			if err != nil {
				return err
			}
			if rel.From.Name() != k.Name() || idOf(k, other) != id {
				return refuse(fault.Referenced, referenceIndex(rel), "%s: relation %q of %s leads to it", k.Name(), rel.Name, rel.From.Name())
			}
		}
	}
	return nil
}

// referenceIndex returns the name of the index behind a BelongsTo; two of them on
// one field share it.
func referenceIndex(rel *schema.Relation) string {
	for _, x := range rel.From.Indexes() {
		if x.Reference != nil && x.Fields[0] == rel.Field {
			return x.Name
		}
	}
	return ""
}
