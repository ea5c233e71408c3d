package privacy

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Options say how a person is erased.
type Options struct {
	// Reason says why, without saying who; it is required.
	Reason string
	// Remove deletes the person's record, with its parts and what is nothing without it,
	// such as relations and the ledger of consents, rather than leave a pseudonym.
	Remove bool
}

// Result is what erasing a person has done.
type Result struct {
	// Erasure is the record of it.
	Erasure *Erasure
	// Documents are files about the person, which are as they were; at most MaxDocuments are
	// named, and the count of kind "document" says how many there are.
	Documents []schema.ID
}

// MaxDocuments is the greatest number of documents that a Result names.
const MaxDocuments = 100

// Event returns the business name of what erasing a person does to records of a kind:
// "contact.erased". Hooks that keep records of a kind as they are let it pass where the
// session is unbound.
func Event(kind string) string { return kind + ".erased" }

// Erase takes away what is kept about a person (删除个人信息), all or nothing; see the
// package comment for what that is and what stays. The id of a record that was merged into
// another stands for that one. The actor needs the right to create erasures, and the right
// to delete the person.
//
// A person of whom nothing is left to erase is returned with the erasure that there is. It
// is Invalid without a reason, and for what is no person, such as a company; NotFound for
// whom the actor may not read; and, where the record is to be removed, Referenced while
// something else, such as a deal, points at it.
func (m Module) Erase(ctx context.Context, person record.Ref, o Options) (*Result, error) {
	if strings.TrimSpace(o.Reason) == "" {
		return nil, fault.InvalidField("reason", "required", "erasing needs a reason")
	}
	var result *Result
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) (err error) {
		result, err = m.rules.erase(ctx, s, person, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}

// erasing is one erasure under way.
type erasing struct {
	*circle
	s       *session.Session
	subject Subject
	kind    *schema.Kind
	person  schema.ID
	options Options
	before  *Erasure // the one that was, nil for none
	// pseudonym takes the place of texts that must not be empty.
	pseudonym string
	counts    []Count
}

func (r Rules) erase(ctx context.Context, s *session.Session, person record.Ref, o Options) (*Result, error) {
	e, err := r.begin(ctx, s, person, o)
	if err != nil {
		return nil, err
	}
	known, err := e.known(ctx)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{e.records, e.merges, e.copies, e.journal} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return e.finish(ctx, known)
}

// begin asks for the rights, waits for the turn at the person and finds what is about them.
func (r Rules) begin(ctx context.Context, s *session.Session, person record.Ref, o Options) (*erasing, error) {
	if err := s.Require(ctx, org.Create, storage.Of(s.Tenant(), Erasures).Kind()); err != nil {
		return nil, err
	}
	e := &erasing{s: s, options: o}
	for range 2 { // once more when nobody else is at it any more
		var err error
		if e.subject, e.person, err = r.find(ctx, s, org.Delete, person); err != nil {
			return nil, err
		}
		e.kind = s.Registry().Kind(person.Kind)
		if err := s.TurnAt(ctx, e.kind, e.person); err != nil {
			return nil, err
		}
	}
	before, err := storage.Of(s.Tenant(), Erasures).Find(ctx, query.Select{Sort: query.By("-created_at"), Limit: 1,
		Where: query.All(query.Eq("kind", e.kind.Name()), query.Eq("person_id", e.person))})
	if err != nil {
		return nil, err
	}
	id := s.Tenant().NewID().String()
	e.pseudonym = "erased " + id[len(id)-6:]
	for _, was := range before.Items {
		e.before, e.pseudonym = &was, was.Pseudonym
	}
	e.circle, err = r.draw(ctx, s, e.kind, e.person)
	return e, err
}

// records blanks or removes the records of the circle.
func (e *erasing) records(ctx context.Context) error {
	if !e.options.Remove {
		for _, g := range e.groups {
			if err := e.blank(ctx, g); err != nil {
				return err
			}
		}
		return nil
	}
	for _, g := range pointingFirst(e.groups) {
		do := e.remove
		if g.kind != e.kind && g.kind.Whole() == nil { // it is something without the person
			do = e.blank
		}
		if err := do(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// blank takes what records say about the person.
func (e *erasing) blank(ctx context.Context, g *group) error {
	set := e.blanks(g.kind)
	for some := range slices.Chunk(g.ids, query.MaxLimit) {
		err := eachPage(ctx, e.s, g.kind, query.In("id", some...), func(page storage.Rows) error {
			rows := slices.DeleteFunc(page.Rows, func(row driver.Row) bool { return !says(row, set) })
			e.count(g.kind, Count{Erased: int64(len(rows))})
			if err := e.derived(ctx, g.kind, rows); err != nil {
				return err
			}
			return e.s.ChangeMany(ctx, g.kind, Event(g.kind.Name()), session.Bulk{Rows: rows, Set: set})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// remove deletes records.
func (e *erasing) remove(ctx context.Context, g *group) error {
	for some := range slices.Chunk(g.ids, query.MaxLimit) {
		err := eachPage(ctx, e.s, g.kind, query.In("id", some...), func(page storage.Rows) error {
			e.count(g.kind, Count{Removed: int64(len(page.Rows))})
			if err := e.derived(ctx, g.kind, page.Rows); err != nil {
				return err
			}
			return e.s.RemoveMany(ctx, g.kind, Event(g.kind.Name()), page.Rows)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// blanks returns what the personal fields of a kind hold when nothing is said, and custom
// ones.
func (e *erasing) blanks(k *schema.Kind) []driver.Assign {
	var set []driver.Assign
	for _, f := range personal(k) {
		a := driver.Assign{Field: f, Value: f.Absent()}
		if required(k, f) {
			a.Value = e.pseudonym
		}
		set = append(set, a)
	}
	if custom := k.CustomColumn(); custom != nil {
		set = append(set, driver.Assign{Field: custom})
	}
	return set
}

// required reports whether a text must not be empty.
func required(k *schema.Kind, f *schema.Field) bool {
	rules := strings.Split(k.GoType().FieldByIndex(f.Index).Tag.Get("validate"), ",")
	return f.Type == schema.TypeText && k.GoType().FieldByIndex(f.Index).Type.Kind() == reflect.String && slices.Contains(rules, "required")
}

// pointingFirst returns groups in an order in which none stands before what points at it.
func pointingFirst(groups []*group) []*group {
	left := slices.Clone(groups)
	var order []*group
	for len(left) > 0 {
		at := slices.IndexFunc(left, func(g *group) bool {
			return !slices.ContainsFunc(left, func(other *group) bool { return other != g && len(pointers(other.kind, g.kind)) > 0 })
		})
		at = max(at, 0) // kinds that point at each other: the store says whether it can be
		order, left = append(order, left[at]), slices.Delete(left, at, at+1)
	}
	return order
}

// count adds to what is told of a kind.
func (e *erasing) count(k *schema.Kind, n Count) {
	at := slices.IndexFunc(e.counts, func(c Count) bool { return c.Kind == k.Name() })
	if at < 0 {
		at, e.counts = len(e.counts), append(e.counts, Count{Kind: k.Name()})
	}
	e.counts[at].Erased += n.Erased
	e.counts[at].Removed += n.Removed
	e.counts[at].Kept += n.Kept
}

// finish writes the erasure with its keys. Where nothing was left to erase, it is the one
// that there is.
func (e *erasing) finish(ctx context.Context, known []Key) (*Result, error) {
	nothing := !slices.ContainsFunc(e.counts, func(c Count) bool { return c.Erased+c.Removed > 0 })
	documents, err := e.documents(ctx)
	if err != nil {
		return nil, err
	}
	if nothing && e.before != nil {
		return &Result{e.before, documents}, nil
	}
	done, err := session.Of(e.s, Erasures).Trusted().CreateAs(ctx, eventErased, &Erasure{Kind: e.kind.Name(), PersonID: e.person, Reason: e.options.Reason,
		Pseudonym: e.pseudonym, Removed: e.options.Remove, State: Erased, Counts: e.told()})
	if err != nil {
		return nil, err
	}
	return &Result{done, documents}, e.rules.keep(ctx, e.s, done.ID, known)
}

// told returns the counts that count something, in order of the registry.
func (e *erasing) told() []Count {
	var told []Count
	for _, k := range e.s.Registry().Kinds() {
		for _, c := range e.counts {
			if c.Kind == k.Name() && c.Erased+c.Removed+c.Kept > 0 {
				told = append(told, c)
			}
		}
	}
	return told
}

// documents counts the files about the person and names the first.
func (e *erasing) documents(ctx context.Context) ([]schema.ID, error) {
	var named []schema.ID
	files := func(from *schema.Kind) bool { return from.Name() == document.Documents.Name() }
	for _, g := range e.groups {
		err := e.beside(ctx, g.kind, g.ids, files, func(from *schema.Kind, page storage.Rows) error {
			e.count(from, Count{Kept: int64(len(page.Rows))})
			for _, row := range page.Rows[:min(len(page.Rows), MaxDocuments-len(named))] {
				named = append(named, row[from.ID().Position].(schema.ID))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return named, nil
}
