package document

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Document is a file about a subject, or one of the company's own (文档资料).
type Document struct {
	record.Meta
	record.Owned
	// SubjectKind and SubjectID name the record that the document is about, of any kind
	// that is kept; both are empty for the company's own. Move changes them.
	SubjectKind string
	SubjectID   schema.ID
	Title       string `crm:"title,search" validate:"required"`
	// Category says what sort of document it is: a contract, a quote, a tender, a template.
	Category string `crm:"category,list=document.category"`
	// Keywords are what the document is to be found by beside its title, with anything
	// between them; HasText and HasPrefix search them.
	Keywords string `crm:"keywords,search"`
	// Revision is the number of the latest revision, and the fields of File are those of
	// its content. Add and Revise set them; what a caller puts there is overwritten.
	Revision int64
	File
}

// Documents is the kind of Document.
var Documents = schema.Define[Document]("document",
	record.Responsible(), schema.IndexOn("category"),
	schema.PolymorphicRef("subject", "subject_kind", "subject_id"))

// Subject returns what the document is about; zero for the company's own.
func (d *Document) Subject() record.Ref { return record.Ref{Kind: d.SubjectKind, ID: d.SubjectID} }

// The business names of what the verbs do. A document that is deleted has the event
// "document.deleted".
const (
	EventAdded   = "document.added"
	EventRevised = "document.revised"
	EventMoved   = "document.moved"
)

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind { return []*schema.Kind{Documents.Kind, Revisions.Kind, Chunks.Kind} }

// Module is documents as a session sees them. Its queries over all documents (Find, All,
// Count, Aggregate) go by the documents' own rules; what it does with one document also
// knows those who may read its subject. A verb that they may not do is Forbidden to them,
// and NotFound to those who may not read the document.
type Module struct {
	session.Collection[Document]

	s     *session.Session
	blobs BlobStore
}

// New returns the module for a session, with the bytes in a store; nil is Database.
func New(s *session.Session, blobs BlobStore) Module {
	if blobs == nil {
		blobs = Database{}
	}
	return Module{session.Of(s, Documents), s, blobs}
}

// Get returns the document of an id.
func (m Module) Get(ctx context.Context, id schema.ID) (*Document, error) {
	d, err := m.Collection.Get(ctx, id)
	if !errors.Is(err, storage.ErrNotFound) {
		return d, err
	}
	if opened, why := m.throughSubject(ctx, id); opened != nil || why != nil {
		return opened, why
	}
	return nil, err
}

// Edit is session.Collection.Edit, for title, category, keywords, owner and custom
// fields. The rest is changed by verbs, and refused here with Precondition.
func (m Module) Edit(ctx context.Context, id schema.ID, fn func(*Document) error) (*Document, error) {
	d, err := m.Collection.Edit(ctx, id, fn)
	return d, m.refused(ctx, org.Update, id, err)
}

// Update is session.Collection.Update, for what Edit changes.
func (m Module) Update(ctx context.Context, mine *Document) (*Document, error) {
	d, err := m.Collection.Update(ctx, mine)
	if err != nil && mine != nil {
		err = m.refused(ctx, org.Update, mine.ID, err)
	}
	return d, err
}

// History is session.Collection.History.
func (m Module) History(ctx context.Context, id schema.ID, q query.Select) (storage.Page[journal.Entry], error) {
	page, err := m.Collection.History(ctx, id, q)
	if !errors.Is(err, storage.ErrNotFound) {
		return page, err
	}
	switch opened, why := m.throughSubject(ctx, id); {
	case why != nil:
		return page, why
	case opened == nil:
		return page, err
	}
	return m.Trusted().History(ctx, id, q)
}

// Move makes a document one about another subject, or with a zero reference one of the
// company's own. Whoever may read the new subject may read the document from then on, and
// who could read it for the old one's sake can't any more. version is the one that was
// read; another one is Conflict. A subject that the actor may not read is Referenced, as
// one that is not there.
func (m Module) Move(ctx context.Context, id schema.ID, version int64, to record.Ref) (*Document, error) {
	if err := demanded(version); err != nil {
		return nil, err
	}
	if err := mayBeAbout(ctx, m.s, to); err != nil {
		return nil, err
	}
	d, err := m.EditAs(ctx, org.Update, EventMoved, id, version, func(d *Document) error {
		d.SubjectKind, d.SubjectID = to.Kind, to.ID
		return nil
	})
	return d, m.refused(ctx, org.Update, id, err)
}

// Delete removes a document with all its revisions and their bytes. version is the one
// that was read; 0 takes any. Bytes outside of the database go when that is done; in a
// transaction that is still open, and where the store fails, they are left to Sweep.
func (m Module) Delete(ctx context.Context, id schema.ID, version int64) error {
	joins := m.blobs.Info().Joins
	var keys []schema.ID
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		if _, err := s.Row(ctx, org.Delete, storage.Of(s.Tenant(), Documents).Kind(), id); err != nil {
			return err
		}
		keys = nil
		revisions := storage.Of(s.Tenant(), Revisions)
		var gone []driver.Mutation
		for rev, err := range revisions.All(ctx, query.Select{Where: query.Eq("document_id", id), Sort: query.By("number")}) {
			if err != nil {
				return err
			}
			keys = append(keys, rev.ID)
			gone = append(gone, driver.Mutation{Kind: revisions.Kind(), Delete: &driver.Delete{ID: rev.ID}})
		}
		if err := s.Tenant().Write(ctx, gone...); err != nil {
			return err
		}
		if joins {
			if err := m.blobs.Delete(ctx, s.Tenant(), keys...); err != nil {
				return wrap(err)
			}
		}
		return session.Of(s, Documents).Delete(ctx, id, version)
	})
	if err != nil {
		return m.refused(ctx, org.Delete, id, err)
	}
	if !joins && !m.s.Tenant().InTx() {
		_ = m.blobs.Delete(context.WithoutCancel(ctx), m.s.Tenant(), keys...)
	}
	return nil
}

// demanded refuses a verb that does not say which state of the document it was decided on.
func demanded(version int64) error {
	if version <= 0 {
		return fault.InvalidField("version", "version", "the verb needs the version that was read")
	}
	return nil
}
