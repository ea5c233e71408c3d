package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type leaf struct {
	ID     schema.ID
	Name   string
	Amount decimal.NullDecimal
	Count  *int64
	Flag   bool
	Day    schema.Date
	At     time.Time
}

var leaves = schema.Define[leaf]("leaf")

// FuzzCursor continues queries from cursors that were forged with a right sum: they are
// refused with Invalid, or begin the same query elsewhere; no record of another tenant
// is met.
func FuzzCursor(f *testing.F) {
	registry, err := schema.NewRegistry([]*schema.Kind{leaves.Kind})
	if err != nil {
		f.Fatal(err)
	}
	db := memory.Open().Bind(registry, storage.Options{})
	var tenants [2]*storage.Tenant
	for i, name := range []string{"acme", "zulu"} {
		if tenants[i], err = db.Tenant(name); err != nil {
			f.Fatal(err)
		}
		for n := range int64(5) {
			l := &leaf{ID: schema.NameID(fmt.Sprint(n)), Name: name, Count: &n, Flag: n%2 == 0, Day: schema.NewDate(2026, 1, int(n)), Amount: decimal.NewNullDecimal(decimal.NewFromInt(n))}
			if err := storage.Of(tenants[i], leaves).Insert(f.Context(), l); err != nil {
				f.Fatal(err)
			}
		}
	}
	id := schema.NameID("2").String()
	for _, seed := range []string{
		`[["s","acme"],["n","2"],["i","2"],["b","true"],["d","2026-01-02"],["t","0"],["u","` + id + `"]]`, `[["",""],["",""],["",""],["",""],["",""],["",""],["",""]]`, `[["i","1"],["i","1"],["i","1"],["i","1"],["i","1"],["i","1"],["i","1"]]`,
		`[["s","zulu"],["n","1e1000000000"],["i","2"],["b","true"],["d","2026-01-02"],["t","9223372036854775807"],["u","` + id + `"]]`, `[]`, ``,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, payload []byte, down bool) {
		q := query.Select{Limit: 3, Sort: query.By("name", "amount", "count", "flag", "day", "at")}
		if down {
			q.Sort = query.By("-name", "-amount", "-count", "-flag", "-day", "-at", "-id")
		}
		q.Cursor, err = tenants[0].ForgeCursor(storage.Of(tenants[0], leaves).Kind(), q, payload)
		if err != nil {
			t.Fatal(err)
		}
		page, err := storage.Of(tenants[0], leaves).Find(t.Context(), q)
		if err != nil {
			if !errors.Is(err, storage.ErrInvalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		for _, l := range page.Items {
			if l.Name != "acme" {
				t.Fatalf("%+v is another tenant's", l)
			}
		}
		if _, err := storage.Of(tenants[1], leaves).Find(t.Context(), q); !errors.Is(err, storage.ErrInvalid) {
			t.Fatalf("another tenant takes the cursor: %v", err)
		}
	})
}
