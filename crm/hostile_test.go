package crm_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// specimen is a record that can be stored, of which a test spoils one field.
type specimen struct {
	kind   string
	create func(set func(record any)) (any, error)
}

func specimens(t *testing.T, w *firm) []specimen {
	s, ctx := crmtest.System(t, w.app), t.Context()
	owner := w.customer(t).ID
	return []specimen{
		{"department", creating(s.Admin.Departments.Create, ctx, func() org.Department { return org.Department{Name: "D"} })},
		{"employee", creating(s.Admin.Employees.Create, ctx, func() org.Employee { return org.Employee{Name: "E"} })},
		{"role", creating(s.Admin.Roles.Create, ctx, func() org.Role { return org.Role{Name: unique()} })},
		{"product", creating(s.Products.Create, ctx, func() catalog.Product { return catalog.Product{Name: "P"} })},
		{"customer", creating(s.Customers.Create, ctx, func() customer.Customer { return customer.Customer{Name: "C"} })},
		{"contact", creating(s.Customers.Contacts.Create, ctx, func() customer.Contact { return customer.Contact{Name: "C", CustomerID: owner} })},
		{"address", creating(s.Customers.Addresses.Create, ctx, func() customer.Address { return customer.Address{Kind: "office", CustomerID: owner} })},
		{"opportunity", creating(s.Opportunities.Create, ctx, func() opportunity.Opportunity { return *w.deal() })},
		{"pipeline", creating(s.Opportunities.Pipelines.Create, ctx, func() opportunity.Pipeline { return opportunity.Pipeline{Name: unique()} })},
	}
}

func creating[C, T any](create func(C, *T) (*T, error), ctx C, valid func() T) func(set func(any)) (any, error) {
	return func(set func(any)) (any, error) {
		v := valid()
		set(&v)
		return create(ctx, &v)
	}
}

// fields calls test for each field of a type that a caller may set, of every specimen.
func fields(t *testing.T, w *firm, of schema.Type, test func(t *testing.T, f *schema.Field, try func(value any) (any, error))) {
	t.Helper()
	byVerbs := map[string]bool{"opportunity.state": true, "opportunity.reason": true, "opportunity.stage_since": true, "opportunity.closed_on": true,
		"customer.state_reason": true, "customer.pool_reason": true}
	for _, sp := range specimens(t, w) {
		for _, f := range crmtest.System(t, w.app).Registry().Kind(sp.kind).Columns() {
			name := sp.kind + "." + f.Name
			if f.Type != of || f.Derived() || byVerbs[name] {
				continue
			}
			t.Run(name, func(t *testing.T) {
				test(t, f, func(value any) (any, error) {
					return sp.create(func(record any) { put(reflect.ValueOf(record).Elem().FieldByIndex(f.Index), value) })
				})
			})
		}
	}
}

func put(dst reflect.Value, value any) {
	if d, ok := value.(decimal.Decimal); ok && dst.Type() == reflect.TypeFor[decimal.NullDecimal]() {
		value = decimal.NewNullDecimal(d)
	}
	dst.Set(reflect.ValueOf(value).Convert(dst.Type()))
}

// requireRefused requires Invalid that names the field.
func requireRefused(t *testing.T, err error, field string) {
	t.Helper()
	e := requireCode(t, err, storage.Invalid)
	names := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		names[i] = f.Name
		require.Less(t, len(f.Message), 4096)
	}
	require.Contains(t, names, field)
	require.Less(t, len(e.Error()), 4096, "what came from outside is not repeated at length")
}

// hostileApps runs a test on a firm whose customers have custom fields, and requires
// that it wrote nothing that is not whole.
func hostileApps(t *testing.T, test func(t *testing.T, w *firm)) {
	t.Helper()
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		test(t, newFirm(t, app))
		requireSound(t, app)
	}, crm.WithCustomFields("customer",
		schema.CustomField{Name: "note", Type: schema.TypeText}, schema.CustomField{Name: "worth", Type: schema.TypeDecimal, Scale: 2},
		schema.CustomField{Name: "day", Type: schema.TypeDate}, schema.CustomField{Name: "moment", Type: schema.TypeTime},
		schema.CustomField{Name: "number", Type: schema.TypeInt}))
}

var (
	brokenTexts = map[string]string{
		"NUL": "a\x00b", "invalid UTF-8": "a\xff\xfe", "half a rune": "\xe5\x8d", "a surrogate": "\xed\xa0\x80", "10 MB": strings.Repeat("x", 10<<20), "too long": strings.Repeat("x", schema.DefaultMax+1),
	}
	oddTexts = []string{
		"'; DROP TABLE crm_customer;--", `" OR ""="`, "/* */ -- #", `\'; \\`, `%_\%`, "$1 ?1 :name @p ?", "<script>&amp;</script>", "\u2028\u202e\ufeff", "a\tb\r\nc", "👩‍👩‍👧", "é é", " padded ", "null", "{}",
		strings.Repeat("客", schema.DefaultMax/3),
	}
	brokenDecimals = map[string]decimal.Decimal{
		"1e1000000000": decimal.New(1, 1_000_000_000), "1e-1000000000": decimal.New(1, -1_000_000_000), "-1e2147483647": decimal.New(-1, math.MaxInt32),
		"too many places": decimal.New(1, -13), "beyond 64 bits": decimal.New(1, 19), "a long fraction": decimal.New(1, -60), "one too many": decimal.New(math.MaxInt64, 1),
	}
)

func TestBrokenTextIsRefused(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		fields(t, w, schema.TypeText, func(t *testing.T, f *schema.Field, try func(any) (any, error)) {
			before := dump(t, w.app)
			for name, text := range brokenTexts {
				_, err := try(text)
				requireRefused(t, err, f.Name)
				require.Equal(t, before, dump(t, w.app), name)
			}
		})
		s := w.as(t)
		c := w.customer(t)
		o := must(s.Opportunities.Create(t.Context(), w.deal()))(t)
		before := dump(t, w.app)
		for name, text := range brokenTexts {
			for field, err := range map[string]error{
				"custom.note": func() error {
					_, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "C", Meta: record.Meta{Custom: schema.Values{"note": text}}})
					return err
				}(),
				"name": func() error {
					_, err := s.Customers.Edit(t.Context(), c.ID, func(c *customer.Customer) error { c.Name = text; return nil })
					return err
				}(),
				"reason": func() error {
					_, err := s.Opportunities.Lose(t.Context(), o.ID, opportunity.Outcome{Reason: text})
					return err
				}(),
				"event": func() error {
					_, err := s.Customers.CreateAs(t.Context(), text, &customer.Customer{Name: "C"})
					return err
				}(),
			} {
				requireRefused(t, err, field)
			}
			_, err := s.Opportunities.Advance(t.Context(), o.ID, opportunity.Move{Reason: text})
			requireRefused(t, err, "reason")
			_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "C", Meta: record.Meta{Custom: schema.Values{text: "x"}}})
			requireCode(t, err, storage.Invalid)
			require.Equal(t, before, dump(t, w.app), name)
		}
	})
}

func TestOddTextIsStoredAsItIs(t *testing.T) {
	checked := map[string]bool{"status": true, "email": true, "type": true, "standing": true, "gender": true, "preferred_channel": true, "language": true,
		"role": true, "attitude": true} // by rules of their own
	hostileApps(t, func(t *testing.T, w *firm) {
		fields(t, w, schema.TypeText, func(t *testing.T, f *schema.Field, try func(any) (any, error)) {
			for _, text := range oddTexts {
				stored, err := try(text)
				if checked[f.Name] {
					requireRefused(t, err, f.Name)
					continue
				}
				require.NoError(t, err, text)
				require.Equal(t, text, reflect.ValueOf(stored).Elem().FieldByIndex(f.Index).String())
			}
		})
		s := w.as(t)
		for _, text := range oddTexts {
			c := must(s.Customers.Create(t.Context(), &customer.Customer{Name: text, Phone: text, Meta: record.Meta{Custom: schema.Values{"note": text}}}))(t)
			stored := must(s.Customers.Get(t.Context(), c.ID))(t)
			require.Equal(t, []any{text, text, text}, []any{stored.Name, stored.Phone, stored.Custom["note"]})
			for _, where := range []query.Expr{query.Eq("phone", text), query.Eq("custom.note", text), query.HasText("name", text), query.In("phone", text, "x")} {
				page := must(s.Customers.Find(t.Context(), query.Select{Where: query.All(query.Eq("id", c.ID), where)}))(t)
				require.Len(t, page.Items, 1, "%q is found by %s", text, query.String(where))
			}
		}
		page := must(s.Customers.Find(t.Context(), query.Select{Where: query.HasText("name", "%_%")}))(t)
		require.Empty(t, page.Items, "no text is a pattern")
	})
}

func TestADecimalOutOfRangeIsRefused(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		fields(t, w, schema.TypeDecimal, func(t *testing.T, f *schema.Field, try func(any) (any, error)) {
			before := dump(t, w.app)
			for _, d := range brokenDecimals {
				_, err := try(d)
				requireRefused(t, err, f.Name)
			}
			require.Equal(t, before, dump(t, w.app))
			largest := f.Unscaled(math.MaxInt64)
			stored, err := try(largest)
			require.NoError(t, err)
			got := reflect.ValueOf(stored).Elem().FieldByIndex(f.Index).Interface().(decimal.NullDecimal)
			require.True(t, largest.Equal(got.Decimal), "the largest amount is kept to its last digit")
		})
		s := w.as(t)
		o := must(s.Opportunities.Create(t.Context(), w.deal()))(t)
		before := dump(t, w.app)
		for name, d := range brokenDecimals {
			_, err := s.Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{Amount: decimal.NewNullDecimal(d)})
			requireRefused(t, err, "amount")
			_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "C", Meta: record.Meta{Custom: schema.Values{"worth": d}}})
			requireRefused(t, err, "custom.worth")
			_, err = s.Opportunities.Find(t.Context(), query.Select{Where: query.Gt("amount", d)})
			requireRefused(t, err, "amount")
			_, err = s.Opportunities.Find(t.Context(), query.Select{Where: query.Gt("amount", json.Number(name))})
			requireRefused(t, err, "amount")
		}
		require.Equal(t, before, dump(t, w.app))
	})
}

func TestADateOutOfRangeIsRefused(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		s := w.as(t)
		c := w.customer(t)
		o := must(s.Opportunities.Create(t.Context(), w.deal()))(t)
		before := dump(t, w.app)
		for _, text := range []string{"10000-01-01", "0000-01-01", "-001-01-01", "2026-02-30", "2026-13-01", "2026-1-1", "yesterday", "'; DROP", strings.Repeat("9", 10<<20)} {
			_, err := s.Opportunities.Find(t.Context(), query.Select{Where: query.Eq("opened_on", text)})
			requireRefused(t, err, "opened_on")
			_, err = s.Opportunities.Find(t.Context(), query.Select{Where: query.Lt("created_at", text+"T00:00:00Z")})
			requireRefused(t, err, "created_at")
			_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "C", Meta: record.Meta{Custom: schema.Values{"day": text, "moment": text}}})
			requireRefused(t, err, "custom.day")
			requireRefused(t, err, "custom.moment")
		}
		late := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
		_, err := s.Admin.Share(t.Context(), record.Ref{Kind: "customer", ID: c.ID}, w.boss, org.ReadAccess, late)
		requireRefused(t, err, "expires_at")
		_, err = s.Opportunities.Advance(t.Context(), o.ID, opportunity.Move{On: schema.NewDate(1, 1, 1)})
		requireRefused(t, err, "on")
		_, err = s.Customers.Find(t.Context(), query.Select{Where: query.Gt("created_at", late)})
		requireRefused(t, err, "created_at")
		require.Equal(t, before, dump(t, w.app))

		whole := w.deal()
		whole.OpenedOn = schema.NewDate(9999, 12, 31)
		_, err = s.Opportunities.Create(t.Context(), whole)
		requireRefused(t, err, "opened_on")
		whole.OpenedOn = schema.NewDate(1, 1, 1)
		oldest := must(s.Opportunities.Create(t.Context(), whole))(t)
		_, err = s.Opportunities.Win(t.Context(), oldest.ID, opportunity.Outcome{On: schema.NewDate(9999, 12, 31)})
		requireRefused(t, err, "on")

		// A report by month over more years than it can show says so, and ends.
		must(s.Opportunities.Win(t.Context(), oldest.ID, opportunity.Outcome{On: schema.NewDate(1, 1, 2)}))(t)
		must(s.Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{On: s.Today()}))(t)
		_, err = s.Analytics.Deals(t.Context(), analytics.DealsQuery{By: []analytics.Dimension{analytics.ByMonth}})
		require.ErrorIs(t, err, storage.ErrInvalid)
	})
}

// TestANameFromOutsideIsNoSQL gives names of fields, relations and columns.
func TestANameFromOutsideIsNoSQL(t *testing.T) {
	names := []string{
		"name; DROP", `name"`, "name'--", "custom.x'", `custom.note"`, "custom.", ".", "..", "customer..name", "tenant_id", "crm_customer.tenant_id", "name_fold", "rowid", "ctid", "*", "count(*)",
		"名字", "nаme", "name\x00", "\xff", "NAME", " name", "owner.owner.owner", "subsidiaries.name", strings.Repeat("x", 10_000),
	}
	hostileApps(t, func(t *testing.T, w *firm) {
		s := w.as(t)
		c := w.customer(t)
		before := dump(t, w.app)
		for _, name := range names {
			for _, q := range []query.Select{
				{Where: query.Eq(name, "x")}, {Where: query.Null(name)}, {Where: query.In(name, "x")}, {Where: query.HasText(name, "x")}, {Sort: query.By(name)}, {Sort: query.By("-" + name)},
				{Where: query.Has(name, nil)}, {Where: query.Has("contacts", query.Eq(name+"'", 1))}, {Where: query.Not{Expr: query.Ne(name, 1)}},
			} {
				_, err := s.Customers.Find(t.Context(), q)
				require.ErrorIs(t, err, storage.ErrInvalid, "%+v", q)
				require.Less(t, len(err.Error()), 4096)
			}
			for _, a := range []query.Aggregate{
				{Keys: []query.Key{{Path: query.P(name)}}, Measures: []query.Measure{{Fn: query.Count}}},
				{Measures: []query.Measure{{Fn: query.Max, Path: query.P(name)}}},
				{Measures: []query.Measure{{Fn: query.Count, Where: query.Eq(name, 1)}}},
				{Measures: []query.Measure{{Fn: query.Count}}, Sort: query.By(name)},
			} {
				_, err := s.Customers.Aggregate(t.Context(), a)
				requireCode(t, err, storage.Invalid)
			}
			_, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "C", Meta: record.Meta{Custom: schema.Values{name: 1}}})
			requireCode(t, err, storage.Invalid)
			_, err = s.Why(t.Context(), org.Read, record.Ref{Kind: name, ID: c.ID})
			requireCode(t, err, storage.Invalid)
			_, err = s.Admin.Share(t.Context(), record.Ref{Kind: name, ID: c.ID}, w.boss, org.ReadAccess, noTime)
			requireCode(t, err, storage.Invalid)
			_, err = crmtest.System(t, w.app).Admin.Roles.Create(t.Context(), &org.Role{Name: "R", Grants: []org.Grant{{Kind: name}}})
			if name != "*" {
				requireRefused(t, err, "grants")
			}
			// What only names a column of the result may be anything, and is no SQL either.
			groups, err := s.Customers.Aggregate(t.Context(), query.Aggregate{Keys: []query.Key{{Name: name, Path: query.P("status")}}, Measures: []query.Measure{{Name: name + "2", Fn: query.Count}}})
			if err != nil {
				requireCode(t, err, storage.Invalid)
			} else {
				require.Len(t, groups.Rows, 1)
			}
		}
		delete(before, "role")
		after := dump(t, w.app)
		require.Equal(t, before["customer"], after["customer"])
		require.Equal(t, before["share"], after["share"])
	})
}

// TestAPathHasABoundForEverybody asks over more relations than a path may have.
func TestAPathHasABoundForEverybody(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		w.customer(t)
		for _, hops := range []int{query.MaxHops + 1, 15, 2000} {
			path := strings.Repeat("parent.", hops) + "name"
			for _, where := range []query.Expr{query.Eq(path, "x"), query.Ne(path, "x"), query.In(path, "x"), query.HasText(path, "x"), query.Null(path)} {
				for who, s := range map[string]*crm.Session{"the system": crmtest.System(t, w.app), "alice": w.as(t)} {
					_, err := s.Customers.Find(t.Context(), query.Select{Where: where})
					require.ErrorIs(t, err, storage.ErrInvalid, "%s asks with %T over %d relations", who, where, hops)
				}
			}
		}
	})
}

func TestAForgedCursorIsRefused(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		for range 3 {
			w.customer(t)
		}
		s := w.as(t)
		q := query.Select{Limit: 1, Sort: query.By("name", "annual_revenue", "-created_at")}
		good := must(s.Customers.Find(t.Context(), q))(t).Next
		raw, err := base64.RawURLEncoding.DecodeString(good)
		require.NoError(t, err)
		forged := []string{"x", "\x00", "=", good + "=", good + good, good[1:], good[:len(good)-1], strings.ToUpper(good), strings.Repeat("A", 10<<20), " " + good,
			base64.RawURLEncoding.EncodeToString([]byte(`[["s","x"]]`)), base64.StdEncoding.EncodeToString(append([]byte{0xff}, raw[1:]...))}
		for bit := range 8 * len(raw) {
			flipped := append([]byte(nil), raw...)
			flipped[bit/8] ^= 1 << (bit % 8)
			forged = append(forged, base64.RawURLEncoding.EncodeToString(flipped))
		}
		for _, cursor := range forged {
			q.Cursor = cursor
			_, err := s.Customers.Find(t.Context(), q)
			requireRefused(t, err, "cursor")
		}
		q.Cursor = good
		_, err = s.Customers.Contacts.Find(t.Context(), query.Select{Sort: query.By("name"), Cursor: good})
		requireRefused(t, err, "cursor")
		must(s.Customers.Find(t.Context(), q))(t)
	})
}

func TestAQueryFromOutsideIsBounded(t *testing.T) {
	deep := func(n int, open, inner, end string) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	leaf := `{"op":"eq","field":"name","value":"x"}`
	many := strings.TrimSuffix(strings.Repeat(leaf+",", 27_000), ",") // 1 MB
	texts := map[string]string{
		"deep not":      deep(10_000, `{"op":"not","of":[`, leaf, `]}`),
		"deep and":      deep(21, `{"op":"and","of":[`, leaf, `]}`),
		"deep has":      deep(10_000, `{"op":"has","relation":"parent","where":`, leaf, `}`),
		"deep array":    deep(100_000, `[`, ``, `]`),
		"1 MB":          `{"op":"or","of":[` + many + `]}`,
		"1 MB of value": `{"op":"eq","field":"name","value":"` + strings.Repeat("x", 1<<20-50) + `"}`,
		"2 MB":          `{"op":"eq","field":"name","value":"` + strings.Repeat("x", 2<<20) + `"}`,
		"many values":   `{"op":"in","field":"name","values":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 1001), ",") + `]}`,
		"an object":     `{"op":"eq","field":"name","value":{"a":[1]}}`,
		"huge number":   `{"op":"eq","field":"annual_revenue","value":1e1000000000}`,
		"huge int":      `{"op":"eq","field":"employees","value":99999999999999999999}`,
		"unknown op":    `{"op":"raw","field":"1=1"}`,
		"extra":         `{"op":"eq","field":"name","value":"x","sql":"1"}`,
		"two":           leaf + leaf,
		"half":          leaf[:20],
	}
	hostileApps(t, func(t *testing.T, w *firm) {
		w.customer(t)
		before := dump(t, w.app)
		for name, text := range texts {
			t.Run(name, func(t *testing.T) {
				find := func() error {
					e, err := query.ParseExpr([]byte(text))
					if err != nil {
						return err
					}
					_, err = w.as(t).Customers.Find(t.Context(), query.Select{Where: e})
					return err
				}
				e := requireCode(t, find(), storage.Invalid)
				require.Less(t, len(e.Error()), 4096)
				var q query.Select
				if err := q.UnmarshalJSON([]byte(`{"where":` + text + `}`)); err != nil {
					requireCode(t, err, storage.Invalid)
				}
			})
		}
		_, err := w.as(t).Customers.Find(t.Context(), query.Select{Limit: -1})
		requireCode(t, err, storage.Invalid)
		_, err = w.as(t).Customers.Find(t.Context(), query.Select{Limit: math.MaxInt})
		requireCode(t, err, storage.Invalid)
		_, err = w.as(t).Customers.Find(t.Context(), query.Select{Sort: query.By(strings.Split(strings.Repeat("name ", 9), " ")...)})
		requireCode(t, err, storage.Invalid)
		require.Equal(t, before, dump(t, w.app))
	})
}

// TestADeepConditionDoesNotEndTheProgram asks in another process, since a stack that
// overflows can't be recovered from.
func TestADeepConditionDoesNotEndTheProgram(t *testing.T) {
	where := filepath.Join(t.TempDir(), "crm.db")
	w := setUp(t, where)
	p := spawn(t, "deep", where, w.alice.String())
	line, _ := p.line()
	require.Equal(t, "invalid", line, "the process that asked died\n%.300s", &p.err)
	require.NoError(t, p.cmd.Wait())
}

// askDeep is a child's job: an employee asks with a condition of a million levels.
func askDeep(ctx context.Context, app *crm.App) error {
	id, err := schema.ParseID(os.Getenv(asVariable))
	if err != nil {
		return err
	}
	s, err := app.As(ctx, id)
	if err != nil {
		return err
	}
	deepest := query.Eq("name", "x")
	for range 1_000_000 {
		deepest = query.Not{Expr: deepest}
	}
	_, err = s.Customers.Find(ctx, query.Select{Where: deepest})
	fmt.Println(fault.CodeOf(err)) //nolint:forbidigo // the parent reads it
	return nil
}

func TestATenantAndAnActorHaveNames(t *testing.T) {
	hostileApps(t, func(t *testing.T, w *firm) {
		for _, name := range []string{"", "a\x00b", "\xff", strings.Repeat("x", storage.MaxTenant+1)} {
			_, err := w.app.Tenant(name).System("job")
			requireRefused(t, err, "tenant")
			_, err = w.app.Tenant(name).As(t.Context(), w.alice)
			requireRefused(t, err, "tenant")
		}
		for _, tenant := range oddTexts[:len(oddTexts)-1] {
			s, err := w.app.Tenant(tenant).System("job")
			require.NoError(t, err)
			must(s.Customers.Create(t.Context(), &customer.Customer{Name: tenant, Code: "1"}))(t)
		}
		for _, tenant := range oddTexts[:len(oddTexts)-1] {
			requireSound(t, w.app.Tenant(tenant))
			require.EqualValues(t, 1, sizes(t, w.app.Tenant(tenant))["customer"], "%q is itself alone", tenant)
		}
		for _, user := range []string{"", "nobody", "'; --", "\x00", strings.Repeat("x", 10<<20)} {
			_, err := w.app.AsExternal(t.Context(), user)
			requireCode(t, err, storage.Forbidden)
		}
		before := dump(t, w.app)
		for _, job := range []string{"", "a\x00b", "\xff", strings.Repeat("x", 201)} {
			s, err := w.app.System(job)
			if err == nil {
				_, err = s.Customers.Create(t.Context(), &customer.Customer{Name: "C"})
			}
			requireCode(t, err, storage.Invalid)
		}
		require.Equal(t, before, dump(t, w.app))
	})
}
