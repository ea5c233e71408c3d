package storagetest

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// migrator is a backend with its own schema that migrates otherwise than it
// should; what is nil is as beneath.
type migrator struct {
	driver.Backend
	plan    func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) ([]driver.Change, error)
	migrate func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) error
	status  func(driver.Status) driver.Status
}

func (m migrator) beneath() driver.Migrator { return m.Backend.(driver.Migrator) }

func (m migrator) Plan(ctx context.Context, r *schema.Registry, steps []driver.Step) ([]driver.Change, error) {
	if m.plan != nil {
		return m.plan(ctx, m.beneath(), r, steps)
	}
	return m.beneath().Plan(ctx, r, steps)
}

func (m migrator) Migrate(ctx context.Context, r *schema.Registry, steps []driver.Step) error {
	if m.migrate != nil {
		return m.migrate(ctx, m.beneath(), r, steps)
	}
	return m.beneath().Migrate(ctx, r, steps)
}

func (m migrator) Status(ctx context.Context, r *schema.Registry, steps []driver.Step) (driver.Status, error) {
	s, err := m.beneath().Status(ctx, r, steps)
	if m.status != nil {
		s = m.status(s)
	}
	return s, err
}

var wrongMigrators = []struct {
	name string
	m    migrator
}{
	{"says that all fits", migrator{status: func(driver.Status) driver.Status { return driver.Status{} }}},
	{"does not notice newer databases", migrator{status: func(s driver.Status) driver.Status {
		s.Unknown = nil
		return s
	}}},
	{"does not notice other types", migrator{status: func(s driver.Status) driver.Status {
		s.Mismatched = nil
		return s
	}}},
	{"does what it should plan", migrator{plan: func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) ([]driver.Change, error) {
		plan, err := m.Plan(ctx, r, steps)
		if err == nil {
			err = m.Migrate(ctx, r, steps)
		}
		return plan, err
	}}},
	{"runs steps in the order of the list", migrator{migrate: func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) error {
		for i := range steps {
			if err := m.Migrate(ctx, r, steps[:i+1]); err != nil {
				return err
			}
		}
		return m.Migrate(ctx, r, steps)
	}}},
	{"runs steps every time", migrator{migrate: changed(func(s driver.Step, call int) driver.Step {
		s.Number += 1000 * call
		return s
	})}},
	{"takes a step that failed for done", migrator{migrate: changed(func(s driver.Step, _ int) driver.Step {
		if run := s.Run; run != nil {
			s.Run = func(ctx context.Context, tx driver.Tx) error {
				_ = run(ctx, tx)
				return nil
			}
		}
		return s
	})}},
	{"adds no indexes or columns later", migrator{migrate: func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) error {
		if status, err := m.Status(ctx, firstRelease(), nil); err == nil && status.Fits() && r.Kind("gadget") != nil {
			return m.Migrate(ctx, firstRelease(), steps)
		}
		return m.Migrate(ctx, r, steps)
	}}},
}

// changed migrates with other steps; call counts the calls of the process.
func changed(f func(s driver.Step, call int) driver.Step) func(context.Context, driver.Migrator, *schema.Registry, []driver.Step) error {
	call := 0
	return func(ctx context.Context, m driver.Migrator, r *schema.Registry, steps []driver.Step) error {
		other := slices.Clone(steps)
		for i := range other {
			other[i] = f(other[i], call)
		}
		call++
		return m.Migrate(ctx, r, other)
	}
}

// TestWrongMigrators stands on sqlite, since memory has nothing to migrate.
func TestWrongMigrators(t *testing.T) {
	harness := func(m migrator) Harness {
		return Harness{Open: func(t testing.TB, r *schema.Registry) driver.Backend {
			store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "test.db"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			m.Backend = store.Driver()
			Migrate(t, m.Backend, r)
			return m
		}}
	}
	for _, f := range check(t, harness(migrator{}), "Migrations") {
		t.Errorf("a right migrator: %s: %s", f.test, f.text)
	}
	for _, w := range wrongMigrators {
		t.Run(w.name, func(t *testing.T) {
			if len(check(t, harness(w.m), "Migrations")) == 0 {
				t.Fatal("nothing in the group finds it out")
			}
		})
	}
}
