package storagetest

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// patience is how long one test may wait for a database.
const patience = 30 * time.Second

// suite is one run of the suite, or of a group of it.
type suite struct {
	runner
	h Harness
	r *schema.Registry
	b driver.Backend
}

// test runs a part in a fresh tenant.
func (s *suite) test(name string, f func(t *tenant)) {
	s.Helper()
	s.run(name, func(t runner) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		t.Cleanup(cancel)
		f(s.tenantOf(ctx, t, s.b))
	})
}

func (s *suite) tenantOf(ctx context.Context, t runner, b driver.Backend) *tenant {
	return &tenant{runner: t, ctx: ctx, suite: s, b: b, r: s.r, conn: b.Conn(), classify: b.Classify, name: schema.NewID().String()}
}

// tenant is a tenant of a database together with the test that works in it. Its
// methods resolve queries and end the test when a call fails; those whose name
// begins with try return the error.
type tenant struct {
	runner
	ctx      context.Context
	suite    *suite
	b        driver.Backend
	r        *schema.Registry
	conn     driver.Conn
	classify func(error) driver.Fault
	name     string
}

// on returns the same tenant seen through another Conn, such as a transaction.
func (t *tenant) on(c driver.Conn) *tenant {
	other := *t
	other.conn = c
	return &other
}

// sibling returns another fresh tenant of the same database.
func (t *tenant) sibling() *tenant {
	other := *t
	other.name = schema.NewID().String()
	return &other
}

// analyze tells the adapter that there is much to plan for now.
func (t *tenant) analyze() {
	t.Helper()
	if a, ok := driver.Find[driver.Analyzer](t.b); ok {
		require.NoError(t, a.Analyze(t.ctx, t.r))
	}
}

func (t *tenant) kind(name string) *schema.Kind {
	k := t.r.Kind(name)
	if k == nil {
		panic("no kind " + name)
	}
	return k
}

func (t *tenant) tryInsert(kind string, records ...record) error {
	k := t.kind(kind)
	in := &driver.Insert{Tenant: t.name, Rows: make([]driver.Row, len(records))}
	for i, r := range records {
		in.Rows[i] = rowOf(k, r)
	}
	return t.conn.Insert(t.ctx, k, in)
}

func (t *tenant) insert(kind string, records ...record) {
	t.Helper()
	require.NoError(t, t.tryInsert(kind, records...), "insert %s", kind)
}

// assigns returns the assignments of a record; a name that begins with + adds.
func (t *tenant) assigns(kind string, set record) []driver.Assign {
	k := t.kind(kind)
	var list []driver.Assign
	for _, f := range k.Columns() { // in a fixed order
		if v, ok := set[f.Name]; ok {
			list = append(list, driver.Assign{Field: f, Value: valueOf(k, f, v)})
			if folded := k.Folded(f); folded != nil {
				list = append(list, driver.Assign{Field: folded, Value: schema.Fold(v.(string))})
			}
		}
		if v, ok := set["+"+f.Name]; ok {
			list = append(list, driver.Assign{Field: f, Value: valueOf(k, f, v), Add: true})
		}
	}
	return list
}

func (t *tenant) tryUpdate(kind string, id schema.ID, ifVersion int64, set record) (int64, error) {
	return t.conn.Update(t.ctx, t.kind(kind), &driver.Update{Tenant: t.name, ID: id, IfVersion: ifVersion, Set: t.assigns(kind, set)})
}

func (t *tenant) update(kind string, id schema.ID, set record) {
	t.Helper()
	n, err := t.tryUpdate(kind, id, 0, set)
	require.NoError(t, err, "update %s", kind)
	require.EqualValues(t, 1, n, "update %s: records matched", kind)
}

func (t *tenant) tryDelete(kind string, id schema.ID, ifVersion int64) (int64, error) {
	return t.conn.Delete(t.ctx, t.kind(kind), &driver.Delete{Tenant: t.name, ID: id, IfVersion: ifVersion})
}

func (t *tenant) delete(kind string, id schema.ID) {
	t.Helper()
	n, err := t.tryDelete(kind, id, 0)
	require.NoError(t, err, "delete %s", kind)
	require.EqualValues(t, 1, n, "delete %s: records matched", kind)
}

// resolved resolves a query for this tenant. A query that is refused is a defect
// of the suite.
func (t *tenant) resolved(kind string, q query.Select) *query.Select {
	q.Tenant = t.name
	out, err := query.ResolveSelect(t.kind(kind), q)
	if err != nil {
		panic(err)
	}
	return &out
}

func (t *tenant) trySelect(kind string, q query.Select) ([]driver.Row, error) {
	return t.conn.Select(t.ctx, t.kind(kind), t.resolved(kind, q))
}

func (t *tenant) rows(kind string, q query.Select) []driver.Row {
	t.Helper()
	rows, err := t.trySelect(kind, q)
	require.NoError(t, err, "select %s where %s", kind, query.String(q.Where))
	return rows
}

// ids returns the ids that a query finds as numbers (see num): "3 1 2".
func (t *tenant) ids(kind string, q query.Select) string {
	t.Helper()
	return numbers(t.kind(kind), t.rows(kind, q))
}

// where is ids of all records for which a condition is true, in order of ids.
func (t *tenant) where(kind string, e query.Expr) string {
	t.Helper()
	return t.ids(kind, query.Select{Where: e, Limit: query.MaxLimit})
}

func numbers(k *schema.Kind, rows []driver.Row) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		id, ok := row[k.ID().Position].(schema.ID)
		list[i] = "?"
		if ok {
			list[i] = strconv.Itoa(number(id))
		}
	}
	return strings.Join(list, " ")
}

// get returns the row of an id, nil when there is none.
func (t *tenant) get(kind string, id schema.ID) driver.Row {
	t.Helper()
	rows := t.rows(kind, query.Select{Where: query.Eq("id", id)})
	switch len(rows) {
	case 0:
		return nil
	case 1:
		return rows[0]
	}
	t.Fatalf("%d records of kind %s have the id %s", len(rows), kind, id)
	return nil
}

// holds demands that a record is stored exactly so, whatever it is searched by.
func (t *tenant) holds(kind string, r record) {
	t.Helper()
	k := t.kind(kind)
	want := rowOf(k, r)
	got := t.get(kind, want[k.ID().Position].(schema.ID))
	if got == nil {
		t.Errorf("%s %v is gone", kind, r["id"])
		return
	}
	if len(got) != len(want) {
		t.Errorf("%s: a row of %d values for %d columns", kind, len(got), len(want))
		return
	}
	for i, f := range k.Columns() {
		if f.Name == schema.SearchText {
			continue // the group Search sees to it
		}
		if !same(want[i], got[i]) {
			t.Errorf("%s.%s: stored %s, read %s", kind, f.Name, show(want[i]), show(got[i]))
		}
	}
}

// dump returns all records of the tenant, kind after kind.
func (t *tenant) dump() []driver.Row {
	t.Helper()
	var all []driver.Row
	for _, k := range t.r.Kinds() {
		all = append(all, t.rows(k.Name(), query.Select{Limit: query.MaxLimit})...)
	}
	return all
}

// begin starts a transaction that is rolled back at the end of the test, if it
// has not ended before.
func (t *tenant) begin(o driver.TxOptions) driver.Tx {
	t.Helper()
	tx, err := t.b.Begin(t.ctx, o)
	require.NoError(t, err, "Begin")
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.ctx)) })
	return tx
}

// fails demands an error that means code and, where index is not empty, names
// that index.
func (t *tenant) fails(err error, code fault.Code, index string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error where the fault is %q", code)
		return
	}
	f := t.classify(err)
	if f.Code != code {
		t.Errorf("Classify(%v) is %q, want %q", err, f.Code, code)
	}
	// A database may not tell which reference it was (SQLite does not).
	if f.Index != index && (f.Index != "" || code != fault.Referenced) {
		t.Errorf("Classify(%v) names the index %q, want %q", err, f.Index, index)
	}
}

// one is the query of the record with the number n.
func one(n int) query.Select { return query.Select{Where: query.Eq("id", num(n))} }
