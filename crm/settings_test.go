package crm_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// named returns a customer with custom fields.
func named(name string, custom schema.Values) *customer.Customer {
	return &customer.Customer{Name: name, Meta: record.Meta{Custom: custom}}
}

// found returns the names of the customers that a query finds, in its order.
func found(t *testing.T, s *crm.Session, q query.Select) []string {
	t.Helper()
	page, err := s.Customers.Find(t.Context(), q)
	require.NoError(t, err)
	names := make([]string, len(page.Items))
	for i, c := range page.Items {
		names[i] = c.Name
	}
	return names
}

// declare adds a custom field to customers.
func declare(t *testing.T, app *crm.App, f settings.Field) *settings.Field {
	t.Helper()
	f.Kind = "customer"
	created, err := crmtest.System(t, app).Admin.Fields.Create(t.Context(), &f)
	require.NoError(t, err)
	return created
}

func TestATenantDeclaresFields(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx := t.Context()
		app := crmtest.Open(t, store)
		other, err := crm.Open(ctx, store) // another process
		require.NoError(t, err)
		early := crmtest.System(t, other)
		_, err = early.Customers.Create(ctx, named("too early", schema.Values{"rank": 9}))
		require.ErrorIs(t, err, storage.ErrInvalid)

		declare(t, app, settings.Field{Name: "rank", Type: "int"})
		declare(t, app, settings.Field{Name: "worth", Type: "decimal", Scale: 2})
		declare(t, app, settings.Field{Name: "since", Type: "date"})
		for _, on := range []*crm.App{app, other} {
			s := crmtest.System(t, on)
			for _, rank := range []int{9, 10, 100} {
				_, err := s.Customers.Create(ctx, named(fmt.Sprint("rank ", rank), schema.Values{"rank": rank, "worth": "12.50", "since": "2026-11-26"}))
				require.NoError(t, err)
			}
		}
		s := crmtest.System(t, other)
		ranked := query.Select{Where: query.Gt("custom.rank", 9), Sort: query.By("-custom.rank", "id")}
		require.Equal(t, []string{"rank 100", "rank 100", "rank 10", "rank 10"}, found(t, s, ranked), "compared as numbers, not as text")
		require.Len(t, found(t, s, query.Select{Where: query.Eq("custom.since", "2026-11-26")}), 6)
		groups, err := s.Customers.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("custom.worth")}}})
		require.NoError(t, err)
		require.True(t, decimal.NewFromInt(75).Equal(groups.Rows[0][0].(decimal.Decimal)))
		page, err := s.Customers.Find(ctx, ranked)
		require.NoError(t, err)
		require.Equal(t, schema.Values{"rank": int64(100), "worth": decimal.New(1250, -2), "since": schema.NewDate(2026, 11, 26)}, page.Items[0].Custom)

		t.Run("another tenant has its own", func(t *testing.T) {
			app := app.Tenant("other")
			declare(t, app, settings.Field{Name: "rank", Type: "text"})
			s := crmtest.System(t, app)
			for _, rank := range []string{"9", "10"} {
				_, err := s.Customers.Create(ctx, named("rank "+rank, schema.Values{"rank": rank}))
				require.NoError(t, err)
			}
			require.Equal(t, []string{"rank 9", "rank 10"}, found(t, s, query.Select{Sort: query.By("-custom.rank")}), "as text, in this tenant")
			require.Empty(t, found(t, crmtest.System(t, app.Tenant("third")), query.Select{}))
		})
		t.Run("in the transaction that declares it", func(t *testing.T) {
			require.NoError(t, crmtest.System(t, app).Tx(ctx, func(ctx context.Context, s *crm.Session) error {
				_, err := s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "colour", Type: "text"})
				require.NoError(t, err)
				_, err = s.Customers.Create(ctx, named("red", schema.Values{"colour": "red"}))
				return err
			}))
			require.Equal(t, []string{"red"}, found(t, crmtest.System(t, other), query.Select{Where: query.Eq("custom.colour", "red")}))
		})
		t.Run("rolled back", func(t *testing.T) {
			s := crmtest.System(t, app)
			require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
				_, err := s.Admin.Fields.Create(ctx, &settings.Field{Kind: "customer", Name: "gone", Type: "text"})
				require.NoError(t, err)
				_, err = s.Customers.Create(ctx, named("gone", schema.Values{"gone": "x"}))
				require.NoError(t, err)
				return errDisk
			}), errDisk)
			_, err := s.Customers.Create(ctx, named("gone", schema.Values{"gone": "x"}))
			require.ErrorIs(t, err, storage.ErrInvalid)
		})
	})
}

func TestFieldsThatAreRequiredChosenOrRetired(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	s := crmtest.System(t, app)
	ctx := t.Context()
	before, err := s.Customers.Create(ctx, named("before", nil))
	require.NoError(t, err)
	f := declare(t, app, settings.Field{Name: "size", Type: "text", Required: true, Choices: []settings.Choice{{Code: "s"}, {Code: "m"}, {Code: "old", Retired: true}}})
	s = crmtest.System(t, app)
	for _, c := range []struct {
		custom schema.Values
		code   string
	}{{nil, "required"}, {schema.Values{"size": ""}, "required"}, {schema.Values{"size": "x"}, "oneof"}, {schema.Values{"size": "old"}, "oneof"}, {schema.Values{"size": "m"}, ""}} {
		_, err := s.Customers.Create(ctx, named("n", c.custom))
		if c.code == "" {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, c.code, requireCode(t, err, storage.Invalid).Fields[0].Code, "%v", c.custom)
	}
	_, err = s.Customers.Edit(ctx, before.ID, func(c *customer.Customer) error { c.Name = "after"; return nil })
	requireCode(t, err, storage.Invalid)
	held, err := s.Customers.Edit(ctx, before.ID, func(c *customer.Customer) error { c.Custom = schema.Values{"size": "s"}; return nil })
	require.NoError(t, err)

	_, err = crmtest.System(t, app).Admin.Fields.Edit(ctx, f.ID, func(f *settings.Field) error { f.Retired = true; return nil })
	require.NoError(t, err)
	s = crmtest.System(t, app)
	_, err = s.Customers.Create(ctx, named("without", nil))
	require.NoError(t, err)
	_, err = s.Customers.Create(ctx, named("with", schema.Values{"size": "s"}))
	requireCode(t, err, storage.Invalid)
	kept, err := s.Customers.Edit(ctx, held.ID, func(c *customer.Customer) error { c.Name = "kept"; return nil })
	require.NoError(t, err, "what it held may stay")
	require.Equal(t, schema.Values{"size": "s"}, kept.Custom)

	for name, bad := range map[string]settings.Field{
		"no kind": {Kind: "nothing", Name: "a", Type: "text"}, "a kind without": {Kind: "journal_entry", Name: "a", Type: "text"}, "taken": {Kind: "customer", Name: "size", Type: "int"},
		"name": {Kind: "customer", Name: "No Name", Type: "text"}, "type": {Kind: "customer", Name: "a", Type: "json"}, "choices": {Kind: "customer", Name: "a", Type: "int", Choices: []settings.Choice{{Code: "1"}}},
		"the same twice": {Kind: "customer", Name: "a", Type: "text", Choices: []settings.Choice{{Code: "1"}, {Code: "1"}}}, "quote": {Kind: "customer", Name: `a'"`, Type: "text"},
	} {
		_, err := s.Admin.Fields.Create(ctx, &bad)
		require.Error(t, err, name)
		require.NotErrorIs(t, err, storage.ErrInternal, name)
	}
	require.ErrorIs(t, s.Admin.Fields.Delete(ctx, f.ID, 0), storage.ErrPrecondition)
	_, err = s.Admin.Fields.Edit(ctx, f.ID, func(f *settings.Field) error { f.Type = "int"; f.Choices = nil; return nil })
	require.ErrorIs(t, err, storage.ErrPrecondition)
}

func TestDictionariesDecide(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		s := crmtest.System(t, app)
		free, err := s.Customers.Create(ctx, &customer.Customer{Name: "free", Industry: "anything"})
		require.NoError(t, err, "without entries, any text")
		entry := func(code string, position int64) *settings.Entry {
			e, err := s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "customer.industry", Code: code, Position: position, Label: settings.Label{EN: strings.ToUpper(code), ZH: "行业"}})
			require.NoError(t, err)
			return e
		}
		retired := entry("print", 2)
		entry("media", 1)
		_, err = s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "customer.industry", Code: "media"})
		require.ErrorIs(t, err, storage.ErrExists)
		old, err := s.Customers.Create(ctx, &customer.Customer{Name: "old", Industry: "print"})
		require.NoError(t, err)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "bad", Industry: "anything"})
		require.Equal(t, "dictionary", requireCode(t, err, storage.Invalid).Fields[0].Code)

		_, err = s.Admin.Dictionary.Edit(ctx, retired.ID, func(e *settings.Entry) error { e.Retired = true; return nil })
		require.NoError(t, err)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "late", Industry: "print"})
		requireCode(t, err, storage.Invalid)
		for _, id := range []schema.ID{free.ID, old.ID} {
			_, err := s.Customers.Edit(ctx, id, func(c *customer.Customer) error { c.Country = "Kenya"; return nil })
			require.NoError(t, err, "what was there may stay")
		}
		set, err := s.Settings(ctx)
		require.NoError(t, err)
		list := set.Dictionary("customer.industry")
		require.Equal(t, []string{"media", "print"}, []string{list[0].Code, list[1].Code})
		require.Equal(t, "行业", list[0].Label.In("zh"))
		require.ErrorIs(t, s.Admin.Dictionary.Delete(ctx, retired.ID, 0), storage.ErrPrecondition)

		_, err = crmtest.As(t, app, crmtest.Hire(t, app, "Clerk", schema.ID{}, schema.ID{})).Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "d", Code: "c"})
		require.ErrorIs(t, err, storage.ErrForbidden, "settings are for administrators")
	})
}

// TestDictionariesGoByTheDay has an entry that comes later and one that ends.
func TestDictionariesGoByTheDay(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)}
		s, ctx := crmtest.System(t, crmtest.Open(t, store, crm.WithClock(clock.Now))), t.Context()
		day := func(d int) schema.Date { return schema.NewDate(2026, time.March, d) }
		for _, e := range []*settings.Entry{{Code: "always"}, {Code: "later", From: day(3)}, {Code: "once", Until: day(2)}, {Code: "a while", From: day(2), Until: day(4)}} {
			e.Dictionary = "customer.industry"
			must(s.Admin.Dictionary.Create(ctx, e))(t)
		}
		e := requireCode(t, second(s.Admin.Dictionary.Create(ctx, &settings.Entry{Dictionary: "d", Code: "c", From: day(3), Until: day(3)})), storage.Invalid)
		require.Equal(t, "until", e.Fields[0].Name)
		kept := must(s.Customers.Create(ctx, &customer.Customer{Name: "kept", Industry: "once"}))(t)
		for d, want := range map[int][]string{1: {"always", "once"}, 2: {"always", "a while"}, 3: {"always", "later", "a while"}, 4: {"always", "later"}} {
			clock.At = time.Date(2026, 3, d, 10, 0, 0, 0, time.UTC)
			var open []string
			for _, code := range []string{"always", "later", "once", "a while"} {
				if _, err := s.Customers.Create(ctx, &customer.Customer{Name: "n", Industry: code}); err == nil {
					open = append(open, code)
				}
			}
			require.Equal(t, want, open, "on day %d", d)
			must(s.Customers.Edit(ctx, kept.ID, func(c *customer.Customer) error { c.Country = fmt.Sprint("C", d); return nil }))(t)
		}
	})
}

func numberCustomers(t *testing.T, app *crm.App, pattern string, reset settings.Reset, block int64) {
	t.Helper()
	_, err := crmtest.System(t, app).Admin.Numbers.Create(t.Context(), &settings.NumberRule{Kind: "customer", Field: "code", Pattern: pattern, Reset: reset, Block: block})
	require.NoError(t, err)
}

func TestRecordsAreNumbered(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)}
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		clock.At = time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
		numberCustomers(t, app, "C{yyyy}{mm}-{000}", settings.Monthly, 0)
		s := crmtest.System(t, app)
		create := func(code string) string {
			c, err := s.Customers.Create(ctx, &customer.Customer{Name: "n", Code: code})
			require.NoError(t, err)
			return c.Code
		}
		require.Equal(t, "C202601-001", create(""))
		require.Equal(t, "by hand", create("by hand"))
		require.Equal(t, "C202601-003", create("C202601-003"), "one that lies ahead")
		require.ErrorIs(t, s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			c, err := s.Customers.Create(ctx, &customer.Customer{Name: "n"})
			require.NoError(t, err)
			require.Equal(t, "C202601-002", c.Code)
			return errDisk
		}), errDisk)
		require.Equal(t, "C202601-002", create(""), "what was rolled back leaves no gap")
		require.Equal(t, "C202601-004", create(""), "what is taken is passed over")
		many, err := s.Customers.CreateMany(ctx, "", customers(3, false)...)
		require.NoError(t, err)
		require.Equal(t, []string{"C202601-005", "C202601-006", "C202601-007"}, []string{many[0].Code, many[1].Code, many[2].Code})
		clock.At = clock.At.AddDate(0, 0, 1)
		require.Equal(t, "C202602-001", create(""))
	}, crm.WithClock(clock.Now))
}

func TestNumbersBeginWhereTheRuleSays(t *testing.T) {
	for _, block := range []int64{0, 5} {
		clock := &crmtest.Clock{At: time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)}
		crmtest.Apps(t, func(t *testing.T, app *crm.App) {
			clock.At = time.Date(2026, 12, 31, 10, 0, 0, 0, time.UTC)
			numberCustomers(t, app, "{yyyy}-{000}", settings.Yearly, block)
			s := crmtest.System(t, app)
			rule := must(s.Admin.Numbers.Find(t.Context(), query.Select{Limit: 1}))(t).Items[0].ID
			from := func(first int64) {
				must(s.Admin.Numbers.Edit(t.Context(), rule, func(r *settings.NumberRule) error { r.First = first; return nil }))(t)
			}
			create := func() string { return must(s.Customers.Create(t.Context(), &customer.Customer{Name: "n"}))(t).Code }
			from(40)
			require.Equal(t, []string{"2026-040", "2026-041"}, []string{create(), create()})
			from(100)
			require.Equal(t, []string{"2026-100", "2026-101"}, []string{create(), create()}, "raised")
			from(7)
			require.Equal(t, []string{"2026-102", "2026-103"}, []string{create(), create()}, "lowered")
			clock.At = clock.At.AddDate(0, 0, 1)
			require.Equal(t, []string{"2027-007", "2027-008"}, []string{create(), create()}, "the next period")
		}, crm.WithClock(clock.Now))
	}
}

func TestFiftyWritersGetFiftyNumbers(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		for _, block := range []int64{0, 20} {
			app := app.Tenant(fmt.Sprint("block of ", block))
			numberCustomers(t, app, "{0}", settings.Never, block)
			var mu sync.Mutex
			var codes []string
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					s, err := app.System("writer")
					if err != nil {
						return
					}
					for range 2 {
						c, err := s.Customers.Create(t.Context(), &customer.Customer{Name: "n"})
						mu.Lock()
						if err == nil {
							codes = append(codes, c.Code)
						} else if requireRetry(t, err) {
							codes = append(codes, "")
						}
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			codes = slices.DeleteFunc(codes, func(code string) bool { return code == "" })
			require.Greater(t, len(codes), 50, "most get one at the first call")
			slices.Sort(codes)
			require.Len(t, slices.Compact(slices.Clone(codes)), len(codes), "each its own")
			if block == 0 {
				last, err := crmtest.System(t, app).Customers.Create(t.Context(), &customer.Customer{Name: "n"})
				require.NoError(t, err)
				require.Equal(t, fmt.Sprint(len(codes)+1), last.Code, "no gaps")
			}
		}
	})
}

// requireRetry holds that a call which lost against others says so.
func requireRetry(t *testing.T, err error) bool {
	t.Helper()
	e, _ := err.(*crm.Error) //nolint:errorlint // as it was returned
	if e == nil || e.Code != storage.Retry && e.Code != storage.Conflict {
		t.Errorf("neither stored nor to be tried again: %v", err)
	}
	return true
}

func TestRolesAreKeptFromFields(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		declare(t, app, settings.Field{Name: "secret", Type: "text"})
		sys := crmtest.System(t, app)
		verbs := []org.Verb{org.Read, org.Create, org.Update}
		role := func(fields ...org.FieldRule) schema.ID {
			r, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: unique(), Grants: []org.Grant{{Kind: "customer", Verbs: verbs, Range: org.AllRange}, {Kind: "opportunity", Verbs: verbs}}, Fields: fields})
			require.NoError(t, err)
			return r.ID
		}
		clerk := role(org.FieldRule{Kind: "customer", Field: "annual_revenue", Access: org.Hidden}, org.FieldRule{Kind: "customer", Field: "phone", Access: org.Masked},
			org.FieldRule{Kind: "customer", Field: "industry", Access: org.ReadOnly}, org.FieldRule{Kind: "customer", Field: "custom.secret", Access: org.Hidden})
		as := func(roles ...schema.ID) *crm.Session {
			e, err := sys.Admin.Employees.Create(ctx, &org.Employee{Name: "Clerk", Roles: roles})
			require.NoError(t, err)
			return crmtest.As(t, app, e.ID)
		}
		stored, err := sys.Customers.Create(ctx, &customer.Customer{Name: "One", Phone: "13800001234", Industry: "print",
			AnnualRevenue: decimal.NewNullDecimal(decimal.NewFromInt(7)), Meta: record.Meta{Custom: schema.Values{"secret": "s3cret"}}})
		require.NoError(t, err)
		s := as(clerk)

		seen := func(c *customer.Customer, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, []any{"***34", false, "print", 0}, []any{c.Phone, c.AnnualRevenue.Valid, c.Industry, len(c.Custom)})
		}
		seen(s.Customers.Get(ctx, stored.ID))
		page, err := s.Customers.Find(ctx, query.Select{})
		require.NoError(t, err)
		seen(&page.Items[0], nil)
		for c, err := range s.Customers.All(ctx, query.Select{}) {
			seen(&c, err)
		}

		t.Run("what is asked", func(t *testing.T) {
			for _, q := range []query.Select{
				{Where: query.Gt("annual_revenue", 5)}, {Where: query.Not{Expr: query.Null("annual_revenue")}}, {Sort: query.By("annual_revenue")}, {Where: query.HasPrefix("name", "x"), Sort: query.By("phone")},
				{Where: query.Eq("custom.secret", "s3cret")}, {Where: query.Any(query.Eq("name", "One"), query.In("phone", "1", "2"))}, {Where: query.Eq("parent.annual_revenue", 1)},
				{Where: query.Has("parent", query.Eq("phone", "1"))},
			} {
				_, err := s.Customers.Find(ctx, q)
				requireCode(t, err, storage.Forbidden)
				_, err = s.Customers.Count(ctx, q.Where)
				require.Equal(t, q.Where == nil || len(q.Sort) > 0, err == nil, query.String(q.Where))
			}
			_, err := s.Opportunities.Find(ctx, query.Select{Where: query.Eq("customer.annual_revenue", 7)})
			requireCode(t, err, storage.Forbidden)
			for _, a := range []query.Aggregate{
				{Measures: []query.Measure{{Fn: query.Sum, Path: query.P("annual_revenue")}}}, {Keys: []query.Key{{Path: query.P("phone")}}},
				{Measures: []query.Measure{{Fn: query.Count, Where: query.Gt("annual_revenue", 1)}}},
			} {
				_, err := s.Customers.Aggregate(ctx, a)
				requireCode(t, err, storage.Forbidden)
			}
		})
		t.Run("what is changed", func(t *testing.T) {
			for _, change := range []func(*customer.Customer) error{
				func(c *customer.Customer) error { c.Phone = "1"; return nil },
				func(c *customer.Customer) error { c.Industry = "media"; return nil },
				func(c *customer.Customer) error {
					c.AnnualRevenue = decimal.NewNullDecimal(decimal.NewFromInt(1))
					return nil
				},
				func(c *customer.Customer) error { c.Custom = schema.Values{"secret": "x"}; return nil },
			} {
				_, err := s.Customers.Edit(ctx, stored.ID, change)
				requireCode(t, err, storage.Forbidden)
			}
			mine, err := s.Customers.Get(ctx, stored.ID)
			require.NoError(t, err)
			mine.Country = "Kenya"
			seen(s.Customers.Update(ctx, mine))
			_, err = sys.Customers.Edit(ctx, stored.ID, func(c *customer.Customer) error { c.Phone = "13800005678"; return nil })
			require.NoError(t, err)
			mine.Country = "Ghana"
			mine.Version = 2
			merged, err := s.Customers.Update(ctx, mine)
			require.NoError(t, err, "what they do not see does not conflict")
			require.Equal(t, "Ghana", merged.Country)
			_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Two", Industry: "print"})
			requireCode(t, err, storage.Forbidden)
			_, err = s.Customers.Create(ctx, &customer.Customer{Name: "Two"})
			require.NoError(t, err)

			now, err := sys.Customers.Get(ctx, stored.ID)
			require.NoError(t, err)
			require.Equal(t, []any{"13800005678", true, "print", "s3cret", "Ghana"}, []any{now.Phone, now.AnnualRevenue.Valid, now.Industry, now.Custom["secret"], now.Country})
		})
		t.Run("history", func(t *testing.T) {
			history, err := s.Customers.History(ctx, stored.ID, query.Select{})
			require.NoError(t, err)
			for _, entry := range history.Items {
				for _, ch := range entry.Changes {
					require.NotContains(t, []string{"phone", "annual_revenue", "custom"}, ch.Field)
				}
			}
		})
		t.Run("several roles", func(t *testing.T) {
			c, err := as(clerk, role()).Customers.Get(ctx, stored.ID)
			require.NoError(t, err)
			require.Equal(t, "13800005678", c.Phone, "the role that leaves most decides")
			c, err = as(clerk, role(org.FieldRule{Kind: "customer", Field: "phone", Access: org.ReadOnly})).Customers.Get(ctx, stored.ID)
			require.NoError(t, err)
			require.Equal(t, []any{"13800005678", true}, []any{c.Phone, c.AnnualRevenue.Valid})
		})
		for _, bad := range []org.FieldRule{{Kind: "x", Field: "phone", Access: org.Hidden}, {Kind: "customer", Field: "x", Access: org.Hidden}, {Kind: "customer", Field: "phone", Access: "x"},
			{Kind: "customer", Field: "owner_id", Access: org.Hidden}, {Kind: "customer", Field: "parent.phone", Access: org.Hidden}} {
			_, err := sys.Admin.Roles.Create(ctx, &org.Role{Name: unique(), Fields: []org.FieldRule{bad}})
			requireCode(t, err, storage.Invalid)
		}
	})
}

func TestWeeksBeginWhereTheHostSays(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)} // a Wednesday
	for day, first := range map[time.Weekday]int{time.Monday: 23, time.Sunday: 22, time.Saturday: 21, time.Wednesday: 25, time.Thursday: 19} {
		app := crmtest.Open(t, memory.Open(), crm.WithClock(clock.Now), crm.WithWeekStart(day))
		s := crmtest.System(t, app)
		e, err := must(s.Admin.Moment(t.Context()))(t).Resolve(s.Registry().Kind("customer"), query.Eq("last_contact_on", "@week"))
		require.NoError(t, err)
		require.Equal(t, query.Eq("last_contact_on", schema.NewDate(2026, 11, first)), e, day)
	}
}

func TestGivenViewsSpeakTheLanguageOfTheProgram(t *testing.T) {
	ctx, store := t.Context(), memory.Open()
	chinese := crmtest.System(t, crmtest.Open(t, store, crm.WithLanguage(session.Chinese)))
	role := must(chinese.Admin.Roles.Create(ctx, &org.Role{Name: "Seller"}))(t)
	chinese = crmtest.System(t, crmtest.Open(t, store, crm.WithLanguage(session.Chinese)))
	given := must(chinese.Admin.GiveViews(ctx, settings.Salesperson, role.ID))(t)
	require.Equal(t, "我的未结商机", given[0].Name)
	again := must(crmtest.System(t, crmtest.Open(t, store)).Admin.GiveViews(ctx, settings.Salesperson, role.ID))(t)
	require.Len(t, again, len(given))
	for i := range given {
		require.Equal(t, []any{given[i].ID, given[i].Name, given[i].Version}, []any{again[i].ID, again[i].Name, again[i].Version}, "they are the same views in any language")
	}
}

func TestSavedViews(t *testing.T) {
	clock := &crmtest.Clock{At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)} // a Wednesday
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		clock.At = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
		w := newFirm(t, app)
		s := w.as(t)
		_, err := s.Customers.Create(ctx, &customer.Customer{Name: "last week"})
		require.NoError(t, err)
		clock.At = time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
		_, err = s.Customers.Create(ctx, &customer.Customer{Name: "this week"})
		require.NoError(t, err)
		boss := crmtest.As(t, app, w.boss)
		_, err = boss.Customers.Create(ctx, &customer.Customer{Name: "the boss's"})
		require.NoError(t, err)

		raw, err := query.Select{Where: query.All(query.Eq("owner_id", "@me"), query.Ge("created_at", "@week")), Sort: query.By("-created_at")}.MarshalJSON()
		require.NoError(t, err)
		view, err := s.Admin.Views.Create(ctx, &settings.View{Name: "Mine, this week", Kind: "customer", Query: raw, Columns: []string{"name", "parent.name"}})
		require.NoError(t, err)
		run := func(s *crm.Session) []string {
			kind, q, err := s.Admin.Query(ctx, view.ID)
			require.NoError(t, err)
			require.Equal(t, "customer", kind)
			return found(t, s, q)
		}
		require.Equal(t, []string{"this week"}, run(s))
		require.Equal(t, []string{"the boss's"}, run(boss), "who stands above may read it, and @me is who looks")

		stranger := crmtest.As(t, app, crmtest.Hire(t, app, "Stranger", schema.ID{}, schema.ID{}))
		_, _, err = stranger.Admin.Query(ctx, view.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)
		require.ErrorIs(t, stranger.Admin.Pin(ctx, view.ID, 1), storage.ErrNotFound)
		_, err = w.as(t).Admin.Share(ctx, record.Ref{Kind: "view", ID: view.ID}, stranger.Actor().Employee, org.ReadAccess, time.Time{})
		require.NoError(t, err)
		require.Empty(t, run(stranger), "a view shows nobody more than they may see")

		require.NoError(t, stranger.Admin.Pin(ctx, view.ID, 2))
		require.NoError(t, stranger.Admin.Pin(ctx, view.ID, 1))
		pins, err := stranger.Admin.Pinned(ctx, query.Select{})
		require.NoError(t, err)
		require.Len(t, pins.Items, 1)
		require.EqualValues(t, 1, pins.Items[0].Position)
		pins, err = s.Admin.Pinned(ctx, query.Select{})
		require.NoError(t, err)
		require.Empty(t, pins.Items)
		require.NoError(t, stranger.Admin.Unpin(ctx, view.ID))
		require.NoError(t, stranger.Admin.Unpin(ctx, view.ID))
		gone, err := s.Admin.Views.Create(ctx, &settings.View{Name: "Gone", Kind: "customer"})
		require.NoError(t, err)
		require.NoError(t, s.Admin.Pin(ctx, gone.ID, 1))
		require.NoError(t, boss.Admin.Pin(ctx, gone.ID, 1))
		require.NoError(t, s.Admin.Views.Delete(ctx, gone.ID, 0), "although somebody has pinned it")

		for name, bad := range map[string]settings.View{
			"kind": {Name: "x", Kind: "nothing"}, "field": {Name: "x", Kind: "customer", Query: schema.JSON(`{"where":{"op":"eq","field":"nothing","value":1}}`)},
			"relative": {Name: "x", Kind: "customer", Query: schema.JSON(`{"where":{"op":"eq","field":"name","value":"@tomorrow"}}`)}, "json": {Name: "x", Kind: "customer", Query: schema.JSON(`[]`)},
			"column": {Name: "x", Kind: "customer", Columns: []string{"nothing"}}, "cursor": {Name: "x", Kind: "customer", Query: schema.JSON(`{"cursor":"abc"}`)},
		} {
			_, err := s.Admin.Views.Create(ctx, &bad)
			requireCode(t, err, storage.Invalid)
			_ = name
		}
		role, err := crmtest.System(t, app).Admin.Roles.Create(ctx, &org.Role{Name: "Seller", Grants: []org.Grant{{Kind: "*", Verbs: org.Verbs()}}})
		require.NoError(t, err)
		seller, err := crmtest.System(t, app).Admin.Employees.Create(ctx, &org.Employee{Name: "Seller", Roles: []schema.ID{role.ID}})
		require.NoError(t, err)
		for _, part := range settings.Parts() {
			given, err := crmtest.System(t, app).Admin.GiveViews(ctx, part, role.ID)
			require.NoError(t, err)
			require.NotEmpty(t, given)
			theirs := crmtest.As(t, app, seller.ID)
			for _, v := range given {
				kind, q, err := theirs.Admin.Query(ctx, v.ID)
				require.NoError(t, err)
				if kind == "customer" {
					_, err = theirs.Customers.Find(ctx, q)
				} else {
					_, err = theirs.Opportunities.Find(ctx, q)
				}
				require.NoError(t, err, v.Name)
			}
		}
	}, crm.WithClock(clock.Now))
}
