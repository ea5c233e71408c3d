package crm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/schema"
)

// fieldPolicy is what becomes of a field when three records are merged that hold nothing in
// it or one of some values.
type fieldPolicy struct {
	// want returns the place of the record whose value is the winner's then; below zero, the
	// merge is refused.
	want   func(values []any) int
	values []any
	// silent is for fields of which nobody is told that they differed.
	silent bool
	// may says which values can stand together; nil is all.
	may func(values []any) bool
}

func nothing(v any) bool { return v == nil || v == "" }

func ofFirst(values []any) int {
	return max(0, slices.IndexFunc(values, func(v any) bool { return !nothing(v) }))
}

// first is a field of the first record that has any.
func first(values ...any) fieldPolicy { return fieldPolicy{want: ofFirst, values: values} }

// alone is a field that tells records apart: where several have one, somebody must choose.
func alone(values ...any) fieldPolicy {
	return fieldPolicy{values: values, want: func(held []any) int {
		if len(slices.DeleteFunc(slices.Clone(held), nothing)) > 1 {
			return -1
		}
		return ofFirst(held)
	}, may: func(held []any) bool {
		filled := slices.DeleteFunc(slices.Clone(held), nothing)
		return len(filled) < 2 || len(filled) == 2 && filled[0] != filled[1]
	}}
}

// heaviest is a field of which the value counts that stands first among some.
func heaviest(values ...any) fieldPolicy {
	return fieldPolicy{values: values, want: func(held []any) int {
		for _, v := range values {
			if at := slices.IndexFunc(held, func(other any) bool { return journal.Same(v, other) }); at >= 0 {
				return at
			}
		}
		return 0
	}}
}

// winners is a field that is the winner's whatever the losers hold.
func winners(values ...any) fieldPolicy {
	return fieldPolicy{values: values, silent: true, want: func([]any) int { return 0 }}
}

// personPolicies are those of what both a customer and a contact have. Names and hours go
// together: see TestGroupsOfFieldsAreTakenTogether.
func personPolicies(more map[string]fieldPolicy) map[string]fieldPolicy {
	maps.Copy(more, map[string]fieldPolicy{
		"given_name": first("Wei", "Fang"), "family_name": first("Zhang", "Li"), "gender": first("female", "male"),
		"birthday": first(schema.NewDate(1980, 1, 2), schema.NewDate(1990, 1, 2)), "hobbies": first("go", "chess"),
		"preferred_channel": first("email", "fax"), "language": first("zh-CN", "en"), "interests": first("paper", "ink"),
		"contact_from": first(int64(60), int64(120)), "contact_until": first(int64(600), int64(660)),
		"custom.text": first("x", "y"), "custom.number": first(1, 2), "custom.truth": first(true, false),
	})
	return more
}

// ofTheRecord are the columns that tell of the record and are no fields of the customer's.
var ofTheRecord = []string{"id", "version", "created_at", "created_by", "updated_at", "updated_by", "custom"}

func TestPoliciesOfCustomers(t *testing.T) {
	day, at := func(n int) schema.Date { return schema.NewDate(2026, 1, n) }, func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	text := func() fieldPolicy { return first("x", "y") }
	status := heaviest(string(customer.Trading), string(customer.Potential))
	status.may = func(held []any) bool { // a customer that trades is no loser of one that does not
		return held[0] != string(customer.Potential) || !slices.Contains(held, any(string(customer.Trading)))
	}
	testPolicies(t, customer.Customers, func(w *policyWorld) map[string]fieldPolicy {
		return personPolicies(map[string]fieldPolicy{
			"owner_id": winners(w.people[0], w.people[1]), "department_id": winners(w.departments[0], w.departments[1]),
			"name": first("Acme", "ACME Ltd."), "short_name": text(), "code": alone("C-1", "C-2"), "tax_id": alone("T-1", "T-2"),
			"type":   first(string(customer.Direct), string(customer.Agent)),
			"status": status, "trading_since": heaviest(day(1), day(2)), "standing": heaviest(string(customer.Sealed), string(customer.Active), string(customer.Normal)),
			"state_reason": text(), "last_contact_on": heaviest(day(2), day(1)),
			"source": text(), "value": text(), "industry": text(), "relation_level": text(), "region": text(), "importance": text(),
			"country": text(), "phone": first("1", "2"), "email": first("a@a.example", "b@b.example"), "website": text(),
			"annual_revenue": first(decimal.NewFromInt(1), decimal.NewFromInt(2)), "employees": first(int64(0), int64(7)),
			"pool_id": winners(w.pools[0], w.pools[1]), "pooled_at": winners(at(1), at(2)), "pool_reason": winners("x", "y"),
			"quiet_since": winners(day(1), day(2)), "reserved_until": winners(day(1), day(2)), "taken_from_id": winners(w.pools[0], w.pools[1]),
		})
	}, "parent_id") // see TestMergesInATree
}

func TestPoliciesOfContacts(t *testing.T) {
	text := func() fieldPolicy { return first("x", "y") }
	leads := heaviest(true)
	leads.silent = true
	leads.may = func(held []any) bool {
		return len(slices.DeleteFunc(slices.Clone(held), func(v any) bool { return v == false })) < 2
	}
	testPolicies(t, customer.Contacts, func(*policyWorld) map[string]fieldPolicy {
		return personPolicies(map[string]fieldPolicy{
			"name": text(), "title": text(), "department": text(), "phone": first("1", "2"), "mobile": first("1", "2"),
			"email": first("a@a.example", "b@b.example"), "wechat": text(), "is_primary": leads, "inactive": heaviest(false, true),
			"role": first(string(customer.DecisionMaker), string(customer.Blocker)), "influence": first(int64(0), int64(100)),
			"attitude": first(string(customer.Supportive), string(customer.Opposed)), "relation_level": text(),
			"assistant": text(), "assistant_phone": text(),
		})
	}, "customer_id") // of different ones they are not merged
}

// policyWorld is what fields may point at.
type policyWorld struct {
	app                        *crm.App
	sys                        *crm.Session
	kind                       *schema.Kind
	customer                   schema.ID
	people, departments, pools []schema.ID
}

func newPolicyWorld(t *testing.T, app *crm.App, kind string) *policyWorld {
	t.Helper()
	ctx, w := t.Context(), &policyWorld{app: app}
	for name, as := range map[string]string{"text": "text", "number": "int", "truth": "bool"} {
		must(crmtest.System(t, app).Admin.Fields.Create(ctx, &settings.Field{Kind: kind, Name: name, Type: as}))(t)
	}
	w.sys = crmtest.System(t, app)
	for i := range 2 {
		name := fmt.Sprint(i)
		w.people = append(w.people, crmtest.Hire(t, app, name, schema.ID{}, schema.ID{}))
		w.departments = append(w.departments, must(w.sys.Admin.Departments.Create(ctx, &org.Department{Name: name}))(t).ID)
		w.pools = append(w.pools, must(w.sys.Customers.Pools.Create(ctx, &customer.Pool{Name: name}))(t).ID)
	}
	w.customer = must(w.sys.Customers.Create(ctx, &customer.Customer{Name: "Acme"}))(t).ID
	must(w.sys.Settings(ctx))(t)
	w.kind = w.sys.Tenant().Registry().Kind(kind)
	return w
}

// store stores records as they are given, past every rule, and returns their ids. Each holds
// nothing but what it is given by fields' names.
func (w *policyWorld) store(t *testing.T, held ...map[string]any) []schema.ID {
	t.Helper()
	var ids []schema.ID
	for _, values := range held {
		var row driver.Row
		var err error
		meta := record.Meta{ID: schema.NewID(), Version: 1, CreatedAt: w.sys.Now(), UpdatedAt: w.sys.Now()}
		if w.kind.Name() == "customer" {
			row, err = storage.Of(w.sys.Tenant(), customer.Customers).Encode(&customer.Customer{Meta: meta, Name: "N", Owned: record.Owned{OwnerID: w.people[0]}})
		} else {
			row, err = storage.Of(w.sys.Tenant(), customer.Contacts).Encode(&customer.Contact{Meta: meta, Name: "N", CustomerID: w.customer})
		}
		require.NoError(t, err)
		custom := map[string]any{}
		for name, v := range values {
			if own, is := strings.CutPrefix(name, "custom."); is {
				if v != nil {
					custom[own] = v
				}
				continue
			}
			row[w.kind.Field(name).Position] = v
		}
		if len(custom) > 0 {
			row[w.kind.CustomColumn().Position] = must(w.kind.CustomColumn().Value(custom))(t)
		}
		require.NoError(t, w.sys.Tenant().Write(t.Context(), driver.Mutation{Kind: w.kind, Insert: &driver.Insert{Rows: []driver.Row{row}}}))
		ids = append(ids, row[w.kind.ID().Position].(schema.ID))
	}
	return ids
}

func (w *policyWorld) merge(ctx context.Context, ids []schema.ID) (*merge.Result, error) {
	req := merge.Request{Winner: ids[0], Losers: ids[1:]}
	if w.kind.Name() == "customer" {
		return w.sys.Customers.Merge(ctx, req)
	}
	return w.sys.Customers.MergeContacts(ctx, req)
}

// holds returns what a record holds in a field.
func (w *policyWorld) holds(t *testing.T, id schema.ID, name string) any {
	t.Helper()
	row := must(w.sys.Tenant().Get(t.Context(), w.kind, id, nil))(t)
	custom, is := strings.CutPrefix(name, "custom.")
	if !is {
		return row[w.kind.Field(name).Position]
	}
	raw, _ := row[w.kind.CustomColumn().Position].(schema.JSON)
	if raw == nil {
		return nil
	}
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &fields))
	if fields[custom] == nil {
		return nil
	}
	return fields[custom]
}

// testPolicies merges, for each field of a kind, three records that hold nothing or one of
// the field's values, in each way. A field without a policy fails.
func testPolicies[T any](t *testing.T, d schema.Definition[T], policies func(*policyWorld) map[string]fieldPolicy, elsewhere ...string) {
	t.Helper()
	app := crmtest.Open(t, memory.Open())
	w := newPolicyWorld(t, app.Tenant("all"), d.Name())
	known := policies(w)
	var fields []string
	for _, f := range w.kind.Columns() {
		if !f.Derived() && !slices.Contains(ofTheRecord, f.Name) && !slices.Contains(elsewhere, f.Name) {
			fields = append(fields, f.Name)
		}
	}
	for _, f := range w.kind.CustomFields() {
		fields = append(fields, "custom."+f.Name)
	}
	require.Len(t, known, len(fields))
	for _, name := range fields {
		require.Contains(t, known, name, "say what becomes of %s.%s when records are merged", d.Name(), name)
		t.Run(name, func(t *testing.T) {
			w := newPolicyWorld(t, app.Tenant(strings.ReplaceAll(name, ".", "_")), d.Name())
			w.try(t, name, policies(w)[name])
		})
	}
}

func (w *policyWorld) try(t *testing.T, name string, p fieldPolicy) {
	t.Helper()
	absent := any(nil)
	if f := w.kind.Field(name); f != nil {
		absent = f.Absent()
	}
	choices := slices.CompactFunc(append([]any{absent}, p.values...), journal.Same)
	if slices.Contains([]string{"name", "type", "status", "standing"}, name) { // which are never empty
		choices = p.values
	}
	tried := 0
	for _, a := range choices {
		for _, b := range choices {
			for _, c := range choices {
				held := []any{a, b, c}
				if p.may != nil && !p.may(held) {
					continue
				}
				tried++
				ids := w.store(t, map[string]any{name: a}, map[string]any{name: b}, map[string]any{name: c})
				done, err := w.merge(t.Context(), ids)
				at := p.want(held)
				if at < 0 {
					require.Equal(t, name, requireCode(t, err, storage.Precondition).Fields[0].Name)
					for _, id := range ids {
						w.clear(t, id)
					}
					continue
				}
				require.NoError(t, err, "%v", held)
				custom := w.kind.Field(name) == nil
				wire := func(v any) any {
					if v == nil || !custom {
						return v
					}
					return json.RawMessage(must(json.Marshal(v))(t))
				}
				got := w.holds(t, ids[0], name)
				require.Equal(t, wire(held[at]), got, "%v", held)
				var told []merge.Difference
				for i, v := range held[1:] {
					if !p.silent && !nothing(v) && fmt.Sprint(wire(v)) != fmt.Sprint(got) {
						told = append(told, merge.Difference{Field: name, LoserID: ids[i+1], Value: wire(v), Winner: got})
					}
				}
				require.Equal(t, told, slices.DeleteFunc(done.Differences, func(d merge.Difference) bool { return d.Field != name }), "%v", held)
				w.clear(t, ids[0]) // so that the next one may have its code
			}
		}
	}
	require.Greater(t, tried, 3)
}

// clear takes a record away, which must be there.
func (w *policyWorld) clear(t *testing.T, id schema.ID) {
	t.Helper()
	require.NoError(t, w.sys.Tenant().Write(t.Context(), driver.Mutation{Kind: w.kind, Delete: &driver.Delete{ID: id}}))
}

// TestGroupsOfFieldsAreTakenTogether takes names, and hours, of one record, the first that
// has any of them.
func TestGroupsOfFieldsAreTakenTogether(t *testing.T) {
	for _, kind := range []string{"customer", "contact"} {
		w := newPolicyWorld(t, crmtest.Open(t, memory.Open()), kind)
		for _, group := range []struct {
			fields [2]string
			value  func(record, field int) any
		}{
			{[2]string{"given_name", "family_name"}, func(r, f int) any { return fmt.Sprint("name ", r, f) }},
			{[2]string{"contact_from", "contact_until"}, func(r, f int) any { return int64(10*r + f) }},
		} {
			for pattern := range 64 { // two bits for each record
				held, from := make([]map[string]any, 3), 0
				for r := range 3 {
					held[r] = map[string]any{}
					for f, name := range group.fields {
						held[r][name] = w.kind.Field(name).Absent()
						if pattern>>(2*r+f)&1 == 1 {
							held[r][name] = group.value(r, f)
						}
					}
				}
				for r := range 3 {
					if pattern>>(2*r)&3 != 0 {
						from = r
						break
					}
				}
				ids := w.store(t, held...)
				must(w.merge(t.Context(), ids))(t)
				for _, name := range group.fields {
					require.Equal(t, held[from][name], w.holds(t, ids[0], name), "%s of %v", name, held)
				}
			}
		}
	}
}
