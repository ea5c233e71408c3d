// Package overview shows a record with all that stands around it (360 度视图), in one call:
// a customer with its contacts, addresses, team, opportunities, documents.
//
// Nobody keeps a list of what that is: a [Section] is derived from every relation that
// leads to the kind, so that a kind which is added later, or by a host, is there by itself.
// Each section is a page of its own, in the scope and with the fields that the actor has of
// its kind; a section that no role of theirs lets them see is not there. What is not kept in
// the store, or is found in another way, is given at Open as a [Provider].
package overview

import (
	"context"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Overview is a record with what stands around it.
type Overview struct {
	// Record is a pointer to the record, such as a *customer.Customer.
	Record   any
	Sections []Section
}

// Section is one page of records that lead to the record.
type Section struct {
	// Name is that of the way back along the relation, such as "contacts", or else the name of the
	// kind. Kind is that of the records; of what a Provider gives it may be empty.
	Name, Kind string
	// Items are pointers to records, such as *customer.Contact, the latest first.
	Items []any
	// Next is the cursor of the next page; empty on the last. See Options.Cursors.
	Next string
}

// Section returns the section of a name, nil when it is not there.
func (o *Overview) Section(name string) *Section {
	for i := range o.Sections {
		if o.Sections[i].Name == name {
			return &o.Sections[i]
		}
	}
	return nil
}

// Options say how much is shown.
type Options struct {
	// Only are the names of the sections that are wanted; none means all.
	Only []string
	// Limit is the number of records in a section, 10 where it is 0, and at most
	// query.MaxLimit.
	Limit int
	// Cursors continue sections by name: the Next of the page before.
	Cursors map[string]string
}

// Provider is a section that a host or a module adds; one with the name of a derived
// section takes its place.
type Provider struct {
	// Of is the kind whose overview has the section, empty for all. Kind is that of what it
	// lists: where it is not empty, who has no right to read that kind does not get the section.
	Of, Name, Kind string
	// Page returns a page for a record that the actor may read. q has a limit, and the cursor that
	// Page returned as next before.
	Page func(ctx context.Context, s *session.Session, of record.Ref, q query.Select) (items []any, next string, err error)
}

// Read returns the overview of a record; NotFound when the actor may not read it, Invalid
// for a section that is wanted and is none.
func Read(ctx context.Context, s *session.Session, providers []Provider, of record.Ref, o Options) (*Overview, error) {
	if _, err := s.Settings(ctx); err != nil { // brings the fields that the tenant has declared
		return nil, err
	}
	k := s.Registry().Kind(of.Kind)
	if k == nil {
		return nil, fault.InvalidField("kind", "kind", "there is no kind %.40q", of.Kind)
	}
	row, err := s.Row(ctx, org.Read, k, of.ID)
	if err != nil {
		return nil, err
	}
	of.ID = row[k.ID().Position].(schema.ID) // of what it was merged into
	v, err := s.Shown(ctx, k, row)
	if err != nil {
		return nil, err
	}
	all := sections(k, providers)
	for _, name := range o.Only {
		if !slices.ContainsFunc(all, func(p Provider) bool { return p.Name == name }) {
			return nil, fault.InvalidField("only", "section", "there is no section %.40q", name)
		}
	}
	view := &Overview{Record: v}
	for _, p := range all {
		if len(o.Only) > 0 && !slices.Contains(o.Only, p.Name) {
			continue
		}
		section, err := p.section(ctx, s, of, o)
		if err != nil {
			return nil, err
		}
		if section != nil {
			view.Sections = append(view.Sections, *section)
		}
	}
	return view, nil
}

const defaultLimit = 10

// section reads the page, nil where the actor's roles don't let them see such records.
func (p Provider) section(ctx context.Context, s *session.Session, of record.Ref, o Options) (*Section, error) {
	if p.Kind != "" {
		if open, err := s.Can(ctx, org.Read, s.Registry().Kind(p.Kind)); err != nil || !open {
			return nil, err
		}
	}
	limit := o.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	items, next, err := p.Page(ctx, s, of, query.Select{Limit: limit, Cursor: o.Cursors[p.Name]})
	return &Section{p.Name, p.Kind, items, next}, err
}

// sections returns those of a kind, the derived ones in order of the registry, then those
// that are given and take no derived one's place.
func sections(k *schema.Kind, providers []Provider) []Provider {
	var list []Provider
	add := func(name string, from *schema.Kind, where func(id schema.ID) query.Expr) {
		if from.Version() == nil || from.Field("created_at") == nil { // what is kept beside the records, and histories
			return
		}
		list = append(list, Provider{k.Name(), name, from.Name(), func(ctx context.Context, s *session.Session, of record.Ref, q query.Select) ([]any, string, error) {
			q.Where, q.Sort = where(of.ID), query.By("-created_at")
			return related(ctx, s, s.Registry().Kind(from.Name()), q)
		}})
	}
	for _, from := range k.Registry().Kinds() {
		for _, rel := range from.Relations() {
			if !rel.Many && rel.ToName == k.Name() {
				add(name(k, rel), from, func(id schema.ID) query.Expr { return query.Eq(rel.Field.Name, id) })
			}
		}
		for _, ref := range from.Refs() {
			if len(ref.KindNames) == 0 || slices.Contains(ref.KindNames, k.Name()) {
				add(from.Name(), from, func(id schema.ID) query.Expr {
					return query.All(query.Eq(ref.Kind.Name, k.Name()), query.Eq(ref.ID.Name, id))
				})
			}
		}
	}
	for _, p := range providers {
		if p.Of != "" && p.Of != k.Name() {
			continue
		}
		if at := slices.IndexFunc(list, func(derived Provider) bool { return derived.Name == p.Name }); at >= 0 {
			list[at] = p
		} else {
			list = append(list, p)
		}
	}
	return list
}

// name is that of the way back along a relation, or else the kind's.
func name(k *schema.Kind, rel *schema.Relation) string {
	for _, back := range k.Relations() {
		if back.Many && back.To == rel.From && back.Field == rel.Field {
			return back.Name
		}
	}
	return rel.From.Name()
}

// related returns a page of records as the actor sees them.
func related(ctx context.Context, s *session.Session, k *schema.Kind, q query.Select) ([]any, string, error) {
	page, err := s.Seen(ctx, org.Read, k, q)
	if err != nil {
		return nil, "", err
	}
	items, err := decode(s, k, page.Rows)
	return items, page.Next, err
}

func decode(s *session.Session, k *schema.Kind, rows []driver.Row) ([]any, error) {
	items := make([]any, len(rows))
	for i, row := range rows {
		var err error
		if items[i], err = s.Tenant().Record(k, row); err != nil {
			return nil, err
		}
	}
	return items, nil
}
