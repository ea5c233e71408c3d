package exchange

import (
	"context"
	"errors"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Plan says what becomes of the lines of a list.
type Plan struct {
	// Target is the kind of the records.
	Target string `crm:"target,max=60" validate:"required"`
	// Name is what people call the list: "fair 2026.xlsx".
	Name string
	// Columns are the header of the list, and Mapping what each of them is; see
	// Module.Suggest. No field stands there twice.
	Columns []string      `crm:"columns,json"`
	Mapping sheet.Mapping `crm:"mapping,json"`
	// Key is the field by which a line finds the record that it changes; a line that finds
	// none creates one, and two are a problem. It stands in the mapping, and no line is
	// without it: so the same list makes no second copy. Empty creates a record of each line.
	// A key that is neither unique nor indexed is looked for in all records of the kind.
	Key string `crm:"key,max=100"`
	// Clear has an empty cell take away what the record has there; without it, an empty
	// cell says nothing.
	Clear bool
	// Duplicates says what to do with a line that would create a record which is there
	// already, as far as the target can tell.
	Duplicates Policy `crm:"duplicates,max=20" validate:"omitempty,oneof=create skip refuse"`
}

// Policy is what to do with duplicates (查重策略).
type Policy string

// The policies. Empty is CreateAnyway.
const (
	CreateAnyway Policy = "create" // what the program's rules block is refused all the same
	SkipLine     Policy = "skip"   // the line is passed over
	RefuseLine   Policy = "refuse" // the line goes to the error list
)

// Import is the job by which a list comes in (数据导入). Its owner is who started it; what
// was done for each line is told by its ImportLines.
type Import struct {
	record.Meta
	record.Owned
	Plan
	State ImportState `crm:"state,max=20"`
	// Tally is what has been done so far, as the verbs of the module return it; Imports does
	// not know it.
	Tally `crm:"-"`

	progress int64 // the version of the Progress that Tally is from
}

// ImportState says how far an import has got.
type ImportState string

// The states, in their order. The last two follow on any of the others.
const (
	ImportApplying ImportState = "applying" // lines are being done
	ImportLinking  ImportState = "linking"  // records are being led to others of the list
	ImportDone     ImportState = "done"
	ImportUndoing  ImportState = "undoing"
	ImportUndone   ImportState = "undone"
)

// Imports is the kind of Import.
var Imports = schema.Define[Import]("import", record.Responsible())

// Progress is how far a job has got. It is brought forward batch by batch, and the journal
// does not tell of it.
type Progress struct {
	ID      schema.ID // from the job's
	Version int64
	// ImportID is the job.
	ImportID schema.ID `crm:"import_id,required"`
	Tally
}

// Tally counts what an import has done.
type Tally struct {
	// Lines is how many lines of the list are done: each was Created (a new record),
	// Updated, Unchanged (nothing to do), Skipped (a duplicate) or Refused.
	Lines, Created, Updated, Unchanged, Skipped, Refused int64
	// Unlinked counts the lines whose record is there, but not what it should lead to.
	Unlinked int64
	// Undone and Left are the numbers of changes that were taken back, and that could not be.
	Undone, Left int64
	// Fingerprint is that of the header and the lines done.
	Fingerprint string `crm:"fingerprint,max=64"`
	// Told is the number of ImportLines, and At that of the last one that was linked, or the
	// first that is still to be undone.
	Told, At int64
}

// Progresses is the kind of Progress: part of its job.
var Progresses = schema.Define[Progress]("import_progress",
	schema.BelongsTo("import", "import", "import_id", schema.Part(), schema.Inverse("progress")))

// onlyByImport keeps a job what its verbs have made it. It may be handed over.
func onlyByImport(_ context.Context, s *session.Session, writes []session.Write[Import]) error {
	for _, w := range writes {
		same := w.Old != nil && w.New != nil && w.Old.State == w.New.State && w.Old.Target == w.New.Target && w.Old.Key == w.New.Key &&
			w.Old.Clear == w.New.Clear && w.Old.Duplicates == w.New.Duplicates && slices.Equal(w.Old.Columns, w.New.Columns) && slices.Equal(w.Old.Mapping, w.New.Mapping)
		if !same && (w.New == nil || !s.Unbound()) {
			return fault.New(fault.Precondition, "an import is written by Start, Apply and Undo")
		}
	}
	return nil
}

// turned brings a job into another state, if it is in one of some now. Whoever works on it
// may do so: the job may itself have been handed over.
func (job *Import) turned(ctx context.Context, s *session.Session, to ImportState, from ...ImportState) (*Import, error) {
	now, err := session.Of(s, Imports).Trusted().EditAs(ctx, org.Update, "import."+string(to), job.ID, 0, func(job *Import) error {
		if !slices.Contains(from, job.State) {
			return state(job)
		}
		job.State = to
		return nil
	})
	if err != nil {
		return nil, err
	}
	now.Tally, now.progress = job.Tally, job.progress
	return now, nil
}

func state(job *Import) error {
	return &fault.Error{Code: fault.Precondition, Kind: Imports.Name(), ID: job.ID.String(), Message: "it is " + string(job.State)}
}

// Module is imports and exports as a session sees them.
type Module struct {
	// Imports and Lines are for reading; see Start.
	Imports session.Collection[Import]

	s       *session.Session
	targets []Target
}

// New returns the module for a session, with what lists may bring.
func New(s *session.Session, targets ...Target) Module {
	return Module{session.Of(s, Imports), s, targets}
}

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Imports.Kind, Progresses.Kind, ImportLines.Kind} }

// Hooks returns the rules of this package that hold for every write.
func Hooks() []session.Hook { return []session.Hook{session.Before(Imports, onlyByImport)} }

// Targets returns the kinds that lists may bring, in the order in which they were given.
func (m Module) Targets() []string {
	names := make([]string, len(m.targets))
	for i := range m.targets {
		names[i] = m.targets[i].Kind()
	}
	return names
}

func (m Module) target(name string) (*Target, error) {
	for i := range m.targets {
		if m.targets[i].Kind() == name {
			return &m.targets[i], nil
		}
	}
	return nil, fault.InvalidField("target", "target", "lists bring no records of this kind")
}

// Fields returns what a list may say about the records of a target, as the actor may fill
// it in.
func (m Module) Fields(ctx context.Context, target string) ([]Field, error) {
	t, err := m.target(target)
	if err != nil {
		return nil, err
	}
	all, err := fieldsOf(ctx, m.s, t)
	if err != nil {
		return nil, err
	}
	var list []Field
	for _, f := range all {
		open, err := fillable(ctx, m.s, t, f)
		if err != nil {
			return nil, err
		}
		if open {
			list = append(list, *f)
		}
	}
	return list, nil
}

// fillable reports whether no rule keeps the actor from changing a field.
func fillable(ctx context.Context, s *session.Session, t *Target, f *Field) (bool, error) {
	rules, err := s.FieldRules(ctx, s.Registry().Of(t.all()[f.part].kind))
	name := f.column.Name
	if f.column.Custom {
		name = "custom." + name
	}
	_, ruled := rules[name]
	return !ruled, err
}

// Suggest maps the columns of a header to the fields of a target, and suggests fields for
// those whose name is no field's; see sheet.Match.
func (m Module) Suggest(ctx context.Context, target string, header []string) (sheet.Mapping, []sheet.Suggestion, error) {
	t, err := m.target(target)
	if err != nil {
		return nil, nil, err
	}
	all, err := fieldsOf(ctx, m.s, t)
	if err != nil {
		return nil, nil, err
	}
	names := make([]sheet.Field, len(all))
	kept := map[string]bool{}
	for i, f := range all {
		open, err := fillable(ctx, m.s, t, f)
		if err != nil {
			return nil, nil, err
		}
		names[i], kept[f.Name] = f.Field, !open
	}
	// A field that is kept from the actor is matched as well: its column is no other's.
	mapping, suggestions := sheet.Match(header, names)
	for i, name := range mapping {
		if kept[name] {
			mapping[i] = ""
		}
	}
	return mapping, slices.DeleteFunc(suggestions, func(x sheet.Suggestion) bool { return kept[x.Field] }), nil
}

// Start stores a job for a list, of which nothing is done yet; see Apply. The actor needs
// the rights to create imports, records of the target and of the parts that the mapping names,
// and with a key to update them.
//
// It is Invalid, with every offence, for a mapping that does not fit header or target, and
// Forbidden for one to fields that are not the actor's to change.
func (m Module) Start(ctx context.Context, p Plan) (*Import, error) {
	f, err := m.form(ctx, m.s, p)
	if err != nil {
		return nil, err
	}
	if p.Duplicates == "" {
		p.Duplicates = CreateAnyway
	}
	var job *Import
	err = m.s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		if err := s.Require(ctx, org.Create, Imports.Kind); err != nil {
			return err
		}
		if job, err = session.Of(s, Imports).Trusted().CreateAs(ctx, "import."+string(ImportApplying), &Import{Plan: p, State: ImportApplying}); err != nil {
			return err
		}
		job.Fingerprint, job.progress = f.start().String(), 1
		return storage.Of(s.Tenant(), Progresses).Insert(ctx, job.stands(job.progress))
	})
	if err != nil {
		return nil, err
	}
	return job, nil
}

// Find returns a job with what it has done so far.
func (m Module) Find(ctx context.Context, id schema.ID) (*Import, error) {
	if _, err := m.Imports.Get(ctx, id); err != nil {
		return nil, err
	}
	return load(ctx, m.s, id)
}

// load reads a job and how far it has got.
func load(ctx context.Context, s *session.Session, id schema.ID) (*Import, error) {
	job, err := storage.Of(s.Tenant(), Imports).Get(ctx, id)
	if err != nil {
		return nil, err
	}
	p, err := storage.Of(s.Tenant(), Progresses).Get(ctx, progressID(id))
	job.Tally, job.progress = p.Tally, p.Version
	return &job, err
}

func progressID(job schema.ID) schema.ID { return schema.NameID("import_progress", job.String()) }

func (job *Import) stands(version int64) *Progress {
	return &Progress{ID: progressID(job.ID), Version: version, ImportID: job.ID, Tally: job.Tally}
}

// forward stores the progress of a job. It is Retry when somebody else has brought it
// forward since it was read.
func forward(ctx context.Context, s *session.Session, job *Import) error {
	err := storage.Of(s.Tenant(), Progresses).Update(ctx, job.stands(job.progress))
	if errors.Is(err, storage.ErrConflict) {
		return &fault.Error{Code: fault.Retry, Kind: Imports.Name(), ID: job.ID.String(), Message: "somebody else is at the import", Err: err}
	}
	job.progress++
	return err
}
