package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// The same kind as three releases of a program declare it.
type gadget1 struct {
	ID      schema.ID
	Version int64
	Name    string
}

type gadget2 struct {
	ID      schema.ID
	Version int64
	Name    string
	Code    string
	Weight  decimal.Decimal
	Height  decimal.NullDecimal
	Count   int64
	CountN  *int64
	Ratio   float64
	Flag    bool
	Since   schema.Date
	Seen    time.Time
	Blob    []byte
	MakerID schema.ID
	Custom  schema.Values
}

type gadgetOdd struct {
	ID      schema.ID
	Version int64
	Name    int64
}

type maker struct {
	ID   schema.ID
	Name string
}

func registryOf(kinds []*schema.Kind, x ...schema.Extension) *schema.Registry {
	r, err := schema.NewRegistry(kinds, x...)
	if err != nil {
		panic(err)
	}
	return r
}

func firstRelease() *schema.Registry {
	return registryOf([]*schema.Kind{schema.Define[gadget1]("gadget").Kind})
}

func secondRelease() *schema.Registry {
	return registryOf([]*schema.Kind{
		schema.Define[gadget2]("gadget", schema.Unique("code"), schema.IndexOn("since", "count"), schema.BelongsTo("maker", "maker", "maker_id", schema.Inverse("gadgets"))).Kind,
		schema.Define[maker]("maker").Kind,
	}, schema.Extension{Kind: "gadget", Fields: []schema.CustomField{{Name: "colour", Type: schema.TypeText, Indexed: true}}})
}

// migrations is for adapters with a Migrator. Each test has a database of its own.
func migrations(s *suite) {
	if _, ok := driver.Find[driver.Migrator](s.b); !ok {
		s.Skip("the adapter has no Migrator")
	}
	test := func(name string, r func() *schema.Registry, f func(*tenant, driver.Migrator)) {
		s.run(name, func(t runner) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			t.Cleanup(cancel)
			registry := r()
			b := s.h.Open(t, registry)
			own := s.tenantOf(ctx, t, b)
			own.r = registry
			m, _ := driver.Find[driver.Migrator](b)
			f(own, m)
		})
	}
	test("twice", Registry, func(t *tenant, m driver.Migrator) {
		for range 2 {
			t.fits(m, t.r, nil)
			require.NoError(t, m.Migrate(t.ctx, t.r, nil))
		}
		t.fits(m, Registry(), nil) // another registry of the same kinds
		t.insertGolden()
		require.NoError(t, m.Migrate(t.ctx, t.r, nil))
		t.checkSelects(goldenConditions)
	})
	test("a new release", firstRelease, newRelease)
	test("a column of another type", firstRelease, func(t *tenant, m driver.Migrator) {
		odd := registryOf([]*schema.Kind{schema.Define[gadgetOdd]("gadget").Kind})
		status, err := m.Status(t.ctx, odd, nil)
		require.NoError(t, err)
		require.NotEmpty(t, status.Mismatched)
		require.False(t, status.Fits())
	})
	test("a kind that is no longer declared", secondRelease, func(t *tenant, m driver.Migrator) {
		t.insert("maker", record{"id": num(1), "name": "kept"})
		require.NoError(t, m.Migrate(t.ctx, firstRelease(), nil))
		t.fits(m, firstRelease(), nil)
		t.holds("maker", record{"id": num(1), "name": "kept"})
	})
	test("steps run once, in order", firstRelease, stepsRun)
	test("a step that fails", firstRelease, stepFails)
	test("steps of a new database", func() *schema.Registry { return registryOf(nil) }, func(t *tenant, m driver.Migrator) {
		var ran atomic.Int64
		steps := []driver.Step{{Number: 1, Name: "needless", Run: func(context.Context, driver.Tx) error { ran.Add(1); return nil }}, {Number: 2, Name: "mark"}}
		require.NoError(t, m.Migrate(t.ctx, firstRelease(), steps))
		require.Zero(t, ran.Load(), "a step ran on a database without records")
		t.fits(m, firstRelease(), steps)
	})
	test("a newer database", firstRelease, func(t *tenant, m driver.Migrator) {
		known := []driver.Step{{Number: 1, Name: "known"}}
		newer := append(slices.Clone(known), driver.Step{Number: 2, Name: "from the future"})
		require.NoError(t, m.Migrate(t.ctx, t.r, newer))
		t.fits(m, t.r, newer)
		status, err := m.Status(t.ctx, t.r, known)
		require.NoError(t, err)
		require.Len(t, status.Unknown, 1)
		require.False(t, status.Fits())
	})
	if s.h.Reopen != nil {
		test("several at once", firstRelease, severalAtOnce)
	}
}

// fits demands that nothing is left to do.
func (t *tenant) fits(m driver.Migrator, r *schema.Registry, steps []driver.Step) {
	t.Helper()
	status, err := m.Status(t.ctx, r, steps)
	require.NoError(t, err)
	require.True(t, status.Fits(), "Status is %+v", status)
	plan, err := m.Plan(t.ctx, r, steps)
	require.NoError(t, err)
	require.Empty(t, plan, "Plan")
}

func newRelease(t *tenant, m driver.Migrator) {
	t.insert("gadget", record{"id": num(1), "name": "old"}, record{"id": num(2), "name": "old too", "version": 3})
	newer := secondRelease()
	for range 2 { // Plan and Status change nothing
		status, err := m.Status(t.ctx, newer, nil)
		require.NoError(t, err)
		require.NotEmpty(t, status.Missing)
		require.False(t, status.Fits())
		plan, err := m.Plan(t.ctx, newer, nil)
		require.NoError(t, err)
		require.NotEmpty(t, plan)
	}
	require.NoError(t, m.Migrate(t.ctx, newer, nil))
	t.fits(m, newer, nil)

	b := t.b
	if t.suite.h.Reopen != nil {
		b = t.suite.h.Reopen(t, b, newer)
	}
	now := *t
	now.b, now.conn, now.classify, now.r = b, b.Conn(), b.Classify, newer
	// Old records are null in the new fields, or zero where these can't be null.
	now.holds("gadget", record{"id": num(1), "name": "old"})
	now.holds("gadget", record{"id": num(2), "name": "old too", "version": 3})
	require.Equal(t, "1 2", now.where("gadget", query.All(query.Eq("weight", "0"), query.Eq("code", ""), query.Eq("flag", false), query.Null("height"), query.Null("custom.colour"))))
	now.insert("maker", record{"id": num(1)})
	now.insert("gadget", record{"id": num(3), "name": "new", "code": "A", "weight": "1.5", "maker_id": num(1), "custom": schema.Values{"colour": "red"}})
	require.Equal(t, "3", now.where("gadget", query.Eq("custom.colour", "red")))
	require.Equal(t, "1", now.where("maker", query.Has("gadgets", nil)))
	require.Error(t, now.tryInsert("gadget", record{"id": num(4), "code": "A"}), "the new unique")
	require.Error(t, now.tryInsert("gadget", record{"id": num(4), "maker_id": num(9)}), "the new reference")
	now.update("gadget", num(1), record{"height": "0.0001", "count_n": 5})
	now.holds("gadget", record{"id": num(1), "name": "old", "height": "0.0001", "count_n": 5})
}

// insertStep returns a step that stores a gadget with its number as id.
func (t *tenant) insertStep(n int, log *[]int) driver.Step {
	return driver.Step{Number: n, Name: "insert", Run: func(ctx context.Context, tx driver.Tx) error {
		*log = append(*log, n)
		in := t.on(tx)
		in.ctx = ctx
		return in.tryInsert("gadget", record{"id": num(n)})
	}}
}

func stepsRun(t *tenant, m driver.Migrator) {
	t.insert("gadget", record{"id": num(100)})
	var log []int
	steps := []driver.Step{t.insertStep(20, &log), t.insertStep(3, &log), {Number: 5, Name: "mark"}}
	status, err := m.Status(t.ctx, t.r, steps)
	require.NoError(t, err)
	require.Len(t, status.Missing, 3)
	plan, err := m.Plan(t.ctx, t.r, steps)
	require.NoError(t, err)
	require.Len(t, plan, 3)
	for i, n := range []int{3, 5, 20} {
		require.NotNil(t, plan[i].Step)
		require.Equal(t, n, plan[i].Step.Number)
	}
	require.Empty(t, log, "Plan and Status run nothing")
	require.NoError(t, m.Migrate(t.ctx, t.r, steps))
	require.NoError(t, m.Migrate(t.ctx, t.r, steps))
	require.Equal(t, []int{3, 20}, log)
	require.Equal(t, "3 20 100", t.where("gadget", nil))
	require.NoError(t, m.Migrate(t.ctx, t.r, append(steps, t.insertStep(7, &log)))) // a lower number that comes late
	require.Equal(t, []int{3, 20, 7}, log)
}

func stepFails(t *tenant, m driver.Migrator) {
	t.insert("gadget", record{"id": num(100)})
	var log []int
	good := t.insertStep(2, &log)
	broken := driver.Step{Number: 2, Name: "insert", Run: func(ctx context.Context, tx driver.Tx) error {
		return errors.Join(good.Run(ctx, tx), errors.New("and then it fails"))
	}}
	first, last := t.insertStep(1, &log), t.insertStep(3, &log)
	require.Error(t, m.Migrate(t.ctx, t.r, []driver.Step{first, broken, last}))
	require.Equal(t, []int{1, 2}, log)
	require.Equal(t, "1 100", t.where("gadget", nil), "a step is its own transaction")
	steps := []driver.Step{first, good, last}
	require.NoError(t, m.Migrate(t.ctx, t.r, steps))
	require.Equal(t, []int{1, 2, 2, 3}, log)
	require.Equal(t, "1 2 3 100", t.where("gadget", nil))
	t.fits(m, t.r, steps)
}

// severalAtOnce migrates one database from four processes.
func severalAtOnce(t *tenant, _ driver.Migrator) {
	t.insert("gadget", record{"id": num(100)})
	var ran atomic.Int64
	steps := []driver.Step{{Number: 1, Name: "once", Run: func(context.Context, driver.Tx) error { ran.Add(1); return nil }}}
	const processes = 4
	var all [processes]driver.Migrator
	for i := range all {
		all[i], _ = driver.Find[driver.Migrator](t.suite.h.Reopen(t, t.b, t.r))
	}
	newer := secondRelease()
	t.race(processes, func(i int) {
		if err := all[i].Migrate(t.ctx, newer, steps); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	})
	require.EqualValues(t, 1, ran.Load(), "times that the step ran")
	for _, m := range all {
		t.fits(m, newer, steps)
	}
}
