package eval_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func insert(t testing.TB, c *eval.Conn, k *schema.Kind, list ...vals) error {
	t.Helper()
	in := driver.Insert{Tenant: tenant}
	for _, v := range list {
		in.Rows = append(in.Rows, rowOf(k, v))
	}
	return c.Insert(t.Context(), k, &in)
}

func requireFault(t testing.TB, err error, code fault.Code, index string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, driver.Fault{Code: code, Index: index}, eval.Classify(err))
}

func TestInsertRefuses(t *testing.T) {
	w := testWorld(t)
	good := func(v vals) vals {
		v["id"] = num(9)
		return v
	}
	for name, c := range map[string]struct {
		row   vals
		code  fault.Code
		index string
	}{
		"the same id":            {vals{"id": num(1)}, fault.Exists, ""},
		"the same code":          {good(vals{"code": "A"}), fault.Exists, "company_code_key"},
		"the same two":           {good(vals{"region": "north", "employees": int64(10)}), fault.Exists, "company_region_employees_key"},
		"a parent that is not":   {good(vals{"parent_id": num(77)}), fault.Referenced, "company_parent_id_idx"},
		"a type that is other":   {good(vals{"employees": 10}), fault.Invalid, ""},
		"a text for a time":      {good(vals{"created_at": "2026-01-01"}), fault.Invalid, ""},
		"a time of another zone": {good(vals{"created_at": at("2026-01-01T00:00:00Z").In(time.FixedZone("", 3600))}), fault.Invalid, ""},
		"a time with nanos":      {good(vals{"created_at": at("2026-01-01T00:00:00.000000001Z")}), fault.Invalid, ""},
		"no number":              {good(vals{"weight": math.NaN()}), fault.Invalid, ""},
		"a zero id":              {good(vals{"parent_id": schema.ID{}}), fault.Invalid, ""},
		"a zero date":            {good(vals{"founded": schema.Date{}}), fault.Invalid, ""},
		"null where none may be": {good(vals{"code": nil}), fault.Invalid, ""},
		"no id":                  {vals{}, fault.Invalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tables := companies(t, w)
			conn := eval.NewConn(tables)
			before := ask(t, tables, w.company, query.Select{})
			requireFault(t, insert(t, conn, w.company, vals{"id": num(8)}, c.row), c.code, c.index)
			require.Equal(t, before, ask(t, tables, w.company, query.Select{}), "all or none")
		})
	}
	conn := eval.NewConn(eval.NewTables())
	requireFault(t, conn.Insert(t.Context(), w.company, &driver.Insert{Tenant: tenant, Rows: []driver.Row{{num(1)}}}), fault.Invalid, "")
}

func TestInsertAllows(t *testing.T) {
	w := testWorld(t)
	for name, list := range map[string][]vals{
		"empty text twice":             {{"id": num(8), "region": "", "employees": int64(10)}, {"id": num(9), "region": "", "employees": int64(10)}},
		"null in one of two":           {{"id": num(8), "region": "north"}, {"id": num(9), "region": "north"}},
		"a reference to itself":        {{"id": num(8), "parent_id": num(8)}},
		"a reference to one before it": {{"id": num(8)}, {"id": num(9), "parent_id": num(8)}},
		"nothing":                      {},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, insert(t, eval.NewConn(companies(t, w)), w.company, list...))
		})
	}
	requireFault(t, insert(t, eval.NewConn(companies(t, w)), w.company, vals{"id": num(8), "parent_id": num(9)}, vals{"id": num(9)}),
		fault.Referenced, "company_parent_id_idx")
	conn := eval.NewConn(companies(t, w))
	row := rowOf(w.company, vals{"id": num(1), "code": "A"})
	require.NoError(t, conn.Insert(t.Context(), w.company, &driver.Insert{Tenant: "other", Rows: []driver.Row{row}}), "tenants share nothing")
	row = rowOf(w.contact, vals{"id": num(1), "company_id": num(2)})
	requireFault(t, conn.Insert(t.Context(), w.contact, &driver.Insert{Tenant: "other", Rows: []driver.Row{row}}), fault.Referenced, "contact_company_id_idx")
}

func TestInsertCopiesRows(t *testing.T) {
	w := testWorld(t)
	tables := eval.NewTables()
	logo, custom := []byte{1}, schema.JSON(`{"stars":5}`)
	row := rowOf(w.company, vals{"id": num(1), "logo": logo, "custom": custom})
	require.NoError(t, eval.NewConn(tables).Insert(t.Context(), w.company, &driver.Insert{Tenant: tenant, Rows: []driver.Row{row}}))
	logo[0], custom[0], row[0] = 9, 'x', nil
	stored := selectRows(t, tables, w.company, query.Select{})[0]
	require.Equal(t, num(1), stored[0])
	require.Equal(t, []byte{1}, stored[w.company.Field("logo").Position])
	require.Equal(t, schema.JSON(`{"stars":5}`), stored[w.company.Field("custom").Position])
}

func TestUpdate(t *testing.T) {
	w := testWorld(t)
	field := func(name string) *schema.Field { return w.company.Field(name) }
	set := func(name string, v any) driver.Assign { return driver.Assign{Field: field(name), Value: v} }
	add := func(name string, v any) driver.Assign { return driver.Assign{Field: field(name), Value: v, Add: true} }
	for name, c := range map[string]struct {
		id      int
		version int64
		set     []driver.Assign
		matched int64
		code    fault.Code // when not matched and not Internal: the fault
		index   string
		then    query.Expr
	}{
		"set":                        {1, 0, []driver.Assign{set("code", "Z"), set("region", nil)}, 1, 0, "", query.All(query.Eq("code", "Z"), query.Null("region"))},
		"its own unique value":       {1, 0, []driver.Assign{set("code", "A")}, 1, 0, "", nil},
		"of a version":               {1, 7, []driver.Assign{set("version", int64(8))}, 1, 0, "", query.Eq("version", 8)},
		"of another version":         {1, 6, []driver.Assign{set("code", "Z")}, 0, 0, "", query.Eq("code", "A")},
		"of none":                    {99, 0, []driver.Assign{set("code", "Z")}, 0, 0, "", nil},
		"another's code":             {1, 0, []driver.Assign{set("code", "B")}, 0, fault.Exists, "company_code_key", query.Eq("code", "A")},
		"a reference to nowhere":     {1, 0, []driver.Assign{set("parent_id", num(99))}, 0, fault.Referenced, "company_parent_id_idx", nil},
		"a reference to itself":      {1, 0, []driver.Assign{set("parent_id", num(1))}, 1, 0, "", query.Eq("parent.code", "A")},
		"add":                        {1, 0, []driver.Assign{add("employees", int64(-3)), add("revenue", dec("0.25"))}, 1, 0, "", query.All(query.Eq("employees", 7), query.Eq("revenue", "12.75"))},
		"add zero":                   {1, 0, []driver.Assign{add("employees", int64(0))}, 1, 0, "", query.Eq("employees", 10)},
		"add to null":                {3, 0, []driver.Assign{add("employees", int64(5)), add("revenue", dec("1"))}, 1, 0, "", query.All(query.Null("employees"), query.Null("revenue"))},
		"add over the top":           {1, 0, []driver.Assign{add("employees", int64(math.MaxInt64))}, 0, fault.Invalid, "", query.Eq("employees", 10)},
		"add under the bottom":       {2, 0, []driver.Assign{add("employees", int64(math.MinInt64))}, 0, fault.Invalid, "", query.Eq("employees", -3)},
		"add a decimal over the top": {1, 0, []driver.Assign{add("revenue", dec("922337203685477.5807"))}, 0, fault.Invalid, "", query.Eq("revenue", "12.5")},
		"add a text":                 {1, 0, []driver.Assign{add("code", "Z")}, 0, fault.Invalid, "", nil},
		"add an int to a decimal":    {1, 0, []driver.Assign{add("revenue", int64(1))}, 0, fault.Invalid, "", nil},
		"null where none may be":     {1, 0, []driver.Assign{set("code", nil)}, 0, fault.Invalid, "", nil},
		"another type":               {1, 0, []driver.Assign{set("code", 5)}, 0, fault.Invalid, "", nil},
		"the id":                     {1, 0, []driver.Assign{set("id", num(5))}, 0, fault.Invalid, "", nil},
		"no field":                   {1, 0, []driver.Assign{{Value: 5}}, 0, fault.Invalid, "", nil},
		"a custom field":             {1, 0, []driver.Assign{{Field: w.company.CustomField("stars"), Value: int64(5)}}, 0, fault.Invalid, "", nil},
		"another kind's field":       {1, 0, []driver.Assign{{Field: w.contact.Field("name"), Value: "x"}}, 0, fault.Invalid, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			tables := companies(t, w)
			conn := eval.NewConn(tables)
			_, err := conn.Update(t.Context(), w.company, &driver.Update{Tenant: tenant, ID: num(1), Set: []driver.Assign{set("version", int64(7))}})
			require.NoError(t, err)
			matched, err := conn.Update(t.Context(), w.company, &driver.Update{Tenant: tenant, ID: num(c.id), IfVersion: c.version, Set: c.set})
			if c.code != fault.Internal {
				requireFault(t, err, c.code, c.index)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.matched, matched)
			if c.then != nil {
				require.Contains(t, ask(t, tables, w.company, query.Select{Where: c.then}), c.id)
			}
		})
	}
	conn := eval.NewConn(companies(t, w))
	matched, err := conn.Update(t.Context(), w.company, &driver.Update{Tenant: "other", ID: num(1)})
	require.NoError(t, err)
	require.Zero(t, matched, "another tenant's record is not there")
	_, err = conn.Update(t.Context(), w.contact, &driver.Update{Tenant: tenant, ID: num(21), IfVersion: 1})
	requireFault(t, err, fault.Invalid, "")
}

func TestDelete(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	conn := eval.NewConn(tables)
	remove := func(k *schema.Kind, id int, version int64) (int64, error) {
		return conn.Delete(t.Context(), k, &driver.Delete{Tenant: tenant, ID: num(id), IfVersion: version})
	}
	_, err := remove(w.company, 1, 0)
	requireFault(t, err, fault.Referenced, "company_parent_id_idx")
	_, err = remove(w.company, 4, 0)
	requireFault(t, err, fault.Referenced, "contact_company_id_idx")
	for _, c := range []struct {
		kind    *schema.Kind
		id      int
		version int64
		matched int64
	}{
		{w.contact, 23, 0, 1},
		{w.contact, 23, 0, 0},  // it is gone
		{w.company, 4, 5, 0},   // another version
		{w.company, 4, 0, 1},   // nothing refers to it any more
		{w.company, 2, 0, 1},   // a polymorphic reference is not guarded
		{w.company, 999, 0, 0}, // never was
	} {
		matched, err := remove(c.kind, c.id, c.version)
		require.NoError(t, err)
		require.Equal(t, c.matched, matched)
	}
	require.NoError(t, insert(t, conn, w.company, vals{"id": num(8), "parent_id": num(8)}))
	matched, err := remove(w.company, 8, 0)
	require.NoError(t, err)
	require.Equal(t, int64(1), matched, "a row that refers to itself")
	require.Equal(t, []int{1, 3}, ask(t, tables, w.company, query.Select{}))
}

func TestUpdateWhere(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	conn := eval.NewConn(tables)
	change := func(e query.Expr, scope *query.Scope, set ...driver.Assign) (int64, error) {
		where, err := query.ResolveExpr(w.company, e)
		require.NoError(t, err)
		return conn.UpdateWhere(t.Context(), w.company, &driver.UpdateWhere{Tenant: tenant, Where: where, Scope: scope, Set: set})
	}
	employees, code := w.company.Field("employees"), w.company.Field("code")
	matched, err := change(query.Ge("employees", 0), nil, driver.Assign{Field: employees, Value: int64(5), Add: true})
	require.NoError(t, err)
	require.Equal(t, int64(2), matched)
	require.Equal(t, []int{1, 4}, ask(t, tables, w.company, query.Select{Where: query.Eq("employees", 15)}))
	matched, err = change(nil, &query.Scope{}, driver.Assign{Field: employees, Value: int64(0)})
	require.NoError(t, err)
	require.Zero(t, matched, "nothing is in scope")
	_, err = change(nil, nil, driver.Assign{Field: code, Value: "same"})
	requireFault(t, err, fault.Exists, "company_code_key")
	require.Empty(t, ask(t, tables, w.company, query.Select{Where: query.Eq("code", "same")}), "all or none")
}

func TestConnRefusesWithoutPanic(t *testing.T) {
	k := schema.Define[contact]("contact").Kind // no registry knows it
	conn := eval.NewConn(eval.NewTables())
	require.ErrorIs(t, conn.Insert(t.Context(), k, &driver.Insert{Tenant: tenant}), fault.ErrInvalid)
	_, err := conn.Delete(t.Context(), k, &driver.Delete{Tenant: tenant})
	require.ErrorIs(t, err, fault.ErrInvalid)

	w := testWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = conn.Update(ctx, w.contact, &driver.Update{Tenant: tenant})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, fault.Internal, eval.Classify(errors.New("disk")).Code)
	require.Equal(t, fault.Precondition, eval.Classify(fault.ErrPrecondition).Code)
}
