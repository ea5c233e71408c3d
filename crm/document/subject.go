package document

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// About returns a page of the documents about a subject, those that Get returns; with a
// zero reference, of the company's own. Without a sort, the oldest come first. The
// condition and the sort of q may use the fields of a document, and not those of other
// records.
func (m Module) About(ctx context.Context, subject record.Ref, q query.Select) (storage.Page[Document], error) {
	none := storage.Page[Document]{}
	if err := whole(m.s, subject); err != nil {
		return none, err
	}
	if err := m.s.Require(ctx, org.Read, Documents.Kind); err != nil {
		return none, err
	}
	if err := alone(storage.Of(m.s.Tenant(), Documents).Kind(), q); err != nil {
		return none, err
	}
	open, err := opens(ctx, m.s, subject)
	if err != nil {
		return none, err
	}
	q.Where = query.All(query.Eq("subject_kind", subject.Kind), query.Eq("subject_id", subject.ID), q.Where)
	if open {
		return m.Trusted().Find(ctx, q)
	}
	return m.Find(ctx, q)
}

// opens reports whether the actor may read a subject, and so the documents about it. It
// opens none to somebody who is kept from fields of documents, which are read whole here,
// and none to the system, which needs no opening.
func opens(ctx context.Context, s *session.Session, subject record.Ref) (bool, error) {
	k := s.Registry().Kind(subject.Kind)
	if k == nil || subject.ID.IsZero() || s.Unbound() { // the company's own, or of a kind that is not kept any more
		return false, nil
	}
	rules, err := s.FieldRules(ctx, Documents.Kind)
	if err != nil || len(rules) > 0 {
		return false, err
	}
	_, err = s.Row(ctx, org.Read, k, subject.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// throughSubject returns a document that the actor may read for its subject's sake; nil
// where that does not open it.
func (m Module) throughSubject(ctx context.Context, id schema.ID) (*Document, error) {
	if able, err := m.s.Can(ctx, org.Read, Documents.Kind); err != nil || !able {
		return nil, err
	}
	d, err := m.Trusted().Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if open, err := opens(ctx, m.s, d.Subject()); err != nil || !open {
		return nil, err
	}
	return d, nil
}

// Why is session.Session.Why for a document. It also names the subject for whose sake the
// actor may read it, as a link "subject"; nobody may do more than read by that.
func (m Module) Why(ctx context.Context, v org.Verb, id schema.ID) (session.Explanation, error) {
	ref := record.Ref{Kind: Documents.Name(), ID: id}
	d, err := m.throughSubject(ctx, id)
	switch {
	case err != nil:
		return session.Explanation{}, err
	case d == nil:
		return m.s.Why(ctx, v, ref)
	}
	return m.s.Why(ctx, v, ref, session.Link{How: "subject", By: d.Subject(), Level: org.ReadAccess})
}

// refused makes NotFound, which a verb returned, Forbidden for who may read the document
// for its subject's sake.
func (m Module) refused(ctx context.Context, v org.Verb, id schema.ID, err error) error {
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	if _, own := m.Collection.Get(ctx, id); own == nil {
		return err // something else was not found
	}
	if d, _ := m.throughSubject(ctx, id); d != nil {
		return &fault.Error{Code: fault.Forbidden, Kind: Documents.Name(), ID: id.String(), Message: "no right to " + string(v)}
	}
	return err
}

// mayBeAbout refuses a subject that the actor may not read, as one that is not there.
// The company's own documents have none.
func mayBeAbout(ctx context.Context, s *session.Session, subject record.Ref) error {
	if err := whole(s, subject); err != nil || subject.IsZero() {
		return err
	}
	k := s.Registry().Kind(subject.Kind)
	_, err := s.Row(ctx, org.Read, k, subject.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return noSubject(k)
	}
	return err
}

func noSubject(k *schema.Kind) error {
	why := "there is no such " + k.Name()
	return &fault.Error{Code: fault.Referenced, Kind: Documents.Name(), Message: "subject_id: " + why,
		Fields: []fault.Field{{Name: "subject_id", Code: "reference", Message: why}}}
}

// aboutWhatStays refuses documents about what is not there. No database guards the
// reference, so it takes the turn at the subjects: none of them is merged into another
// meanwhile, which would leave the document behind.
func aboutWhatStays(ctx context.Context, s *session.Session, writes []session.Write[Document]) error {
	about := map[string][]schema.ID{}
	for _, w := range writes {
		if w.New != nil && !w.New.SubjectID.IsZero() && (w.Old == nil || w.Old.Subject() != w.New.Subject()) {
			about[w.New.SubjectKind] = append(about[w.New.SubjectKind], w.New.SubjectID)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(about)) {
		k := s.Registry().Kind(name)
		if k == nil {
			continue // refused where the subject is checked
		}
		ids := slices.Compact(slices.SortedFunc(slices.Values(about[name]), schema.ID.Compare))
		if err := s.TurnAt(ctx, k, ids...); err != nil {
			return err
		}
		page, err := s.Tenant().Select(ctx, k, query.Select{Where: query.In("id", ids...), Sort: query.By("id"), Limit: len(ids)}, nil)
		if err != nil {
			return err
		}
		if len(page.Rows) < len(ids) {
			return noSubject(k)
		}
	}
	return nil
}

// whole refuses a subject of a kind that is not kept, and half of one.
func whole(s *session.Session, subject record.Ref) error {
	switch {
	case subject.IsZero():
		return nil
	case s.Registry().Kind(subject.Kind) == nil:
		return fault.InvalidField("subject_kind", "kind", "there is no kind %.40q", subject.Kind)
	case subject.ID.IsZero():
		return fault.InvalidField("subject_id", "required", "a subject has a kind and an id")
	}
	return nil
}

// alone refuses a query that asks for other records, in which a person's scope of
// documents would not be that of what it asks for.
func alone(k *schema.Kind, q query.Select) error {
	resolved, err := query.ResolveSelect(k, q)
	if err != nil {
		return err
	}
	ok := query.Own(resolved.Where)
	for _, key := range resolved.Sort {
		ok = ok && len(key.Path.Hops) == 0
	}
	if !ok {
		return fault.New(fault.Invalid, "a list by subject is asked for by the fields of documents only")
	}
	return nil
}
