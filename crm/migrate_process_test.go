package crm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// patience is longer than any migration here takes: one that waits for a lock which
// nobody will release fails instead of waiting for ever.
const patience = time.Minute

// stepRun is a host's kind. Each step of its migration stores one when it runs.
type stepRun struct {
	ID      schema.ID
	Version int64
	Step    int64
}

var stepRuns = schema.Define[stepRun]("step_run")

const (
	// lastStep is the number of steps in nextRelease.
	lastStep = 12
	// hangingStep is the one in which migrateUntilKilled waits for that.
	hangingStep = 3
)

// nextRelease is what a program's next release needs and setUp has not made: a kind, an
// indexed field of a kind that was there, and steps. ran is called at the end of each
// step, before it is committed.
func nextRelease(ran func(step int) error) []crm.Option {
	var steps []crm.Step
	for n := 1; n <= lastStep; n++ {
		steps = append(steps, crm.Step{Number: 1_000_000 + n, Name: "store a row", Run: func(ctx context.Context, tx driver.Tx) error {
			row := driver.Row{schema.NewID(), int64(1), int64(n)}
			if err := tx.Insert(ctx, stepRuns.Kind, &driver.Insert{Tenant: crm.DefaultTenant, Rows: []driver.Row{row}}); err != nil {
				return err
			}
			return ran(n)
		}})
	}
	return []crm.Option{
		crm.WithKinds(stepRuns.Kind),
		crm.WithCustomFields("customer", schema.CustomField{Name: "colour", Type: schema.TypeText, Indexed: true}),
		crm.WithSteps(steps...),
	}
}

// TestFourProcessesMigrateAtOnce has them migrate one database, a new one and one of the
// release before: all succeed, and each step is run by one of them.
func TestFourProcessesMigrateAtOnce(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name+"/new", func(t *testing.T) {
			where := where(t)
			require.Empty(t, migrateAtOnce(t, where), "a database without records needs no step")
			requireMigrated(t, where, nil)
		})
		t.Run(name+"/older", func(t *testing.T) {
			where := where(t)
			setUp(t, where)
			require.ElementsMatch(t, stepsFrom(1), migrateAtOnce(t, where))
			requireMigrated(t, where, stepsFrom(1))
		})
	}
}

// TestAMigrationKilledAtAnyTimeIsFinishedByTheNext kills the migration of a new database
// later and later, up to the time that a whole one takes.
func TestAMigrationKilledAtAnyTimeIsFinishedByTheNext(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			first := where(t)
			start := time.Now()
			migrateNew(t, first)
			whole := time.Since(start)
			const rounds = 5
			for round := range rounds {
				where := where(t)
				p := ready(t, "migrate", where)
				p.tell(t)
				time.Sleep(whole * time.Duration(round) / rounds)
				p.kill(t)
				migrateNew(t, where)
				requireMigrated(t, where, nil)
			}
		})
	}
}

// TestStepsOfKilledMigrationsRunOnce kills each migration of an older database when it
// has run three steps, until one finds fewer left: a step is done or was undone.
func TestStepsOfKilledMigrationsRunOnce(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			where := where(t)
			setUp(t, where)
			for more := true; more; {
				p := ready(t, "migrate", where)
				p.tell(t)
				for i := 0; more && i < 3; i++ {
					more = p.next(t) != migrated
				}
				p.kill(t)
			}
			requireMigrated(t, where, stepsFrom(1))
		})
	}
}

// TestAMigrationWaitsForALivingOneOnly has a process hang in a step, and kills it: who
// migrates meanwhile waits as long as it may, and does the step when the other is dead.
func TestAMigrationWaitsForALivingOneOnly(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			where := where(t)
			setUp(t, where)
			store, err := openAt(t.Context(), where)
			if name == "sqlite" { // whose own timeout may be shorter than a step
				require.NoError(t, store.Close())
				store, err = sqlite.Open(t.Context(), where, sqlite.WithBusyTimeout(time.Millisecond))
			}
			require.NoError(t, err)
			hanging, waiting := ready(t, "hang", where), ready(t, "migrate", where)
			hanging.tell(t)
			for n := 1; n <= hangingStep; n++ {
				require.Equal(t, stepLine(n), hanging.next(t))
			}
			waiting.tell(t)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, migrate(ctx, store, noStep), context.DeadlineExceeded)
			require.NoError(t, store.Close())

			hanging.kill(t)
			require.Equal(t, stepsFrom(hangingStep), waiting.finish(t))
			requireMigrated(t, where, stepsFrom(1))
		})
	}
}

// migrateAtOnce migrates from four processes and returns the steps that they ran.
func migrateAtOnce(t *testing.T, where string) []string {
	t.Helper()
	var all [4]*process
	for i := range all {
		all[i] = ready(t, "migrate", where)
	}
	for _, p := range all {
		p.tell(t)
	}
	var ran []string
	for _, p := range all {
		ran = append(ran, p.finish(t)...)
	}
	return ran
}

// migrateNew migrates a database that has no records, so that no step is run.
func migrateNew(t *testing.T, where string) {
	t.Helper()
	store, err := openAt(t.Context(), where)
	require.NoError(t, err)
	require.NoError(t, migrate(t.Context(), store, noStep))
	require.NoError(t, store.Close())
}

// requireMigrated requires that a database fits the next release, that the steps of some
// lines and no others have left their row, one each, and that the database works.
func requireMigrated(t *testing.T, where string, steps []string) {
	t.Helper()
	store, err := openAt(t.Context(), where)
	require.NoError(t, err)
	options := nextRelease(noStep)
	status, err := crm.Status(t.Context(), store, options...)
	require.NoError(t, err)
	require.True(t, status.Fits(), "%+v", status)

	s := crmtest.System(t, crmtest.Open(t, store, options...))
	var left []string
	for _, row := range all(t, s.Tenant(), stepRuns) {
		left = append(left, stepLine(int(row.Step)))
	}
	require.ElementsMatch(t, steps, left)
	red := must(s.Customers.Create(t.Context(), &customer.Customer{Name: "New", Meta: record.Meta{Custom: schema.Values{"colour": "red"}}}))(t)
	page, err := s.Customers.Find(t.Context(), query.Select{Where: query.Eq("custom.colour", "red")})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, red.ID, page.Items[0].ID)
	require.NoError(t, store.Close())
}

// What a child that migrates prints beside the lines of its steps.
const (
	waits    = "waits" // until it is told
	migrated = "migrated"
)

// ready starts a child that opens a database and will migrate it when it is told.
func ready(t *testing.T, job, where string) *process {
	t.Helper()
	p := spawn(t, job, where, "")
	require.Equal(t, waits, p.next(t))
	return p
}

// tell lets a child begin.
func (p *process) tell(t *testing.T) {
	t.Helper()
	_, err := fmt.Fprintln(p.in)
	require.NoError(t, err)
}

// next returns the next line of a child that has more to say.
func (p *process) next(t *testing.T) string {
	t.Helper()
	line, ok := p.line()
	if !ok {
		_ = p.cmd.Wait() // until all of its complaint is here
		require.FailNow(t, "the child ended", "%s", &p.err)
	}
	return line
}

// finish returns the lines of the steps that a child still runs until it has migrated.
func (p *process) finish(t *testing.T) []string {
	t.Helper()
	var steps []string
	for line := p.next(t); line != migrated; line = p.next(t) {
		steps = append(steps, line)
	}
	p.kill(t)
	return steps
}

// migrateWhenTold is a child's job: it prints the steps that it runs.
func migrateWhenTold(ctx context.Context, where string) error {
	return migrateAsChild(ctx, where, printStep)
}

// migrateUntilKilled is a child's job: as migrateWhenTold, but one step never ends.
func migrateUntilKilled(ctx context.Context, where string) error {
	return migrateAsChild(ctx, where, func(step int) error {
		if err := printStep(step); err != nil || step < hangingStep {
			return err
		}
		return awaitLine()
	})
}

func migrateAsChild(ctx context.Context, where string, ran func(step int) error) error {
	store, err := openAt(ctx, where)
	if err != nil {
		return err
	}
	fmt.Println(waits) //nolint:forbidigo // the parent reads it
	if err := awaitLine(); err != nil {
		return err
	}
	if err := errors.Join(migrate(ctx, store, ran), store.Close()); err != nil {
		return err
	}
	fmt.Println(migrated) //nolint:forbidigo // the parent reads it
	return awaitLine()
}

// awaitLine returns when the parent has sent a line, or with an error when it is gone.
func awaitLine() error {
	_, err := fmt.Scanln()
	return err
}

// migrate brings a database to the next release.
func migrate(ctx context.Context, store *storage.Store, ran func(step int) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return crm.Migrate(ctx, store, nextRelease(ran)...)
}

// printStep tells the parent that a step is run.
func printStep(step int) error {
	_, err := fmt.Println(stepLine(step)) //nolint:forbidigo // the parent reads it
	return err
}

// noStep is for a migration that has none to run.
func noStep(step int) error { return fmt.Errorf("step %d is run", step) }

func stepLine(step int) string { return fmt.Sprint("step ", step) }

// stepsFrom returns the lines of a step and all that follow.
func stepsFrom(first int) []string {
	var lines []string
	for n := first; n <= lastStep; n++ {
		lines = append(lines, stepLine(n))
	}
	return lines
}
