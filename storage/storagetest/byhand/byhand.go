// Package byhand is what a program does itself that keeps its records with
// database/sql in the tables of our SQL adapters: the measure of what storage costs.
package byhand

import (
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// SQL is how a database wants its texts and arguments.
type SQL struct {
	// Prefix stands before the name of a table, an opening quote included.
	Prefix string
	// Numbered says that placeholders are $1, $2.
	Numbered bool
	// Scaled says that amounts and times are integers.
	Scaled bool
}

// Spell puts the names of tables, which stand in braces, and the placeholders as the
// database wants them: ? in their order, or ?1, ?2 where one stands twice.
func (db SQL) Spell(text string) string {
	text = strings.NewReplacer("{", db.Prefix, "}", `"`).Replace(text)
	switch {
	case !db.Numbered:
		return text
	case strings.Contains(text, "?1"):
		return strings.ReplaceAll(text, "?", "$")
	}
	var b strings.Builder
	for n, part := range strings.Split(text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
	}
	return b.String()
}

// Time returns the argument for a time.
func (db SQL) Time(t time.Time) any {
	if db.Scaled {
		return t.UnixMicro()
	}
	return t
}

// Date returns the argument for a date.
func (db SQL) Date(d schema.Date) any {
	if db.Scaled {
		return d.Days()
	}
	return d.String()
}

// Money returns the argument for an amount of money.
func (db SQL) Money(d decimal.Decimal) any {
	if db.Scaled {
		return d.Shift(schema.DefaultScale).IntPart()
	}
	return d.String()
}

// Amount returns the argument for an amount that may be unknown.
func (db SQL) Amount(d decimal.NullDecimal) any {
	if !d.Valid {
		return nil
	}
	return db.Money(d.Decimal)
}

// Ref returns the argument for an id that may be zero.
func Ref(id schema.ID) any {
	if id.IsZero() {
		return nil
	}
	return id.String()
}

// Number returns the argument for a number that may be unknown.
func Number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// Each reads all rows and closes them.
func Each(rows *sql.Rows, read func() error) error {
	defer func() { _ = rows.Close() }() // Err tells
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}
