package driver

import (
	"context"

	"github.com/kehucrm/kehu/storage/schema"
)

// Migrator is implemented by a Backend whose database has a schema of its own.
// Without it, a database needs no preparation.
type Migrator interface {
	// Plan returns what Migrate would do now, in order, and does nothing.
	Plan(ctx context.Context, r *schema.Registry, steps []Step) ([]Change, error)
	// Migrate creates what is missing: tables, columns, indexes; it never drops
	// or retypes. Then it runs the steps that the database has not seen, in
	// order of their numbers, and records them. Steps that a new database does
	// not need, because it has no records, are recorded without being run.
	//
	// Several processes may call it at once: one works, the others wait and
	// find nothing left to do. After a crash a second call finishes the work.
	Migrate(ctx context.Context, r *schema.Registry, steps []Step) error
	// Status compares the database with the registry and the steps.
	Status(ctx context.Context, r *schema.Registry, steps []Step) (Status, error)
}

// Analyzer is implemented by a Backend whose database chooses its plans by statistics that
// it does not keep up to date with each write.
type Analyzer interface {
	// Analyze brings the statistics of the kinds' tables up to date. It changes no record,
	// and others may read and write meanwhile.
	Analyze(ctx context.Context, r *schema.Registry) error
}

// Step is a change that can't be derived from the kinds: a rename, a back-fill.
type Step struct {
	// Number orders the steps; it is positive, unique and never used again.
	Number int
	// Name says what the step does, in a few words.
	Name string
	// Run does it, inside a transaction of its own that also records it. Nil
	// only marks a release: a database that has the mark is refused by older
	// code.
	Run func(ctx context.Context, tx Tx) error
}

// Change is one thing that Migrate would do.
type Change struct {
	// SQL is the statement in the adapter's language, without the semicolon;
	// empty for a step.
	SQL string
	// Step is the step that would be run; nil for a statement.
	Step *Step
}

// Status is how a database stands to the code.
type Status struct {
	// Missing lists tables, columns, indexes and steps that the code needs and
	// the database lacks: the database is older.
	Missing []string
	// Unknown lists steps that the database has and the code does not know: the
	// database is newer. Tables and columns of kinds that a host no longer
	// declares are not listed.
	Unknown []string
	// Mismatched lists columns whose type is not what the code needs.
	Mismatched []string
}

// Fits reports whether code and database go together.
func (s Status) Fits() bool {
	return len(s.Missing) == 0 && len(s.Unknown) == 0 && len(s.Mismatched) == 0
}
