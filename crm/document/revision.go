package document

import (
	"context"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// File is what is known of a revision's content.
type File struct {
	// FileName is the name that the file had, without folders. It is for people, and for
	// whom the file is sent to: we name no file by it.
	FileName string `crm:"file_name,max=255" validate:"required"`
	// MediaType is the type of the content as in RFC 6838, such as "application/pdf";
	// empty when unknown. It is what the caller said, and not looked for in the content.
	MediaType string `crm:"media_type,max=255"`
	Size      int64  // in bytes
	SHA256    string `crm:"sha256,max=64"` // of the content, in lower-case hexadecimal
}

// Revision is one state of a document's content (版本). It is never changed, and deleted
// with its document only. Its CreatedBy and CreatedAt say who made it, and when; its ID is
// the key of its bytes in the BlobStore.
type Revision struct {
	record.Meta
	DocumentID schema.ID `crm:"document_id,required"`
	Number     int64     // from 1 without a gap
	File
	Note string // what is new in it
}

// Revisions is the kind of Revision: part of its document.
var Revisions = schema.Define[Revision]("document_revision",
	record.Standard(), schema.Unique("document_id", "number"),
	schema.BelongsTo("document", "document", "document_id", schema.Part(), schema.Inverse("revisions")))

// Add stores a document with its first revision. Who adds it must be able to read the
// subject; one that is not there, and one that they may not read, is Referenced. Owner and
// department are set as session.Collection.Create does.
//
// The upload is read to its end, or until it is larger than the store takes. A document
// with an id that exists already is returned as it is stored, when it was added with the
// same fields and content, and is Exists otherwise.
func (m Module) Add(ctx context.Context, d *Document, u Upload) (*Document, error) {
	if d == nil {
		return nil, fault.New(fault.Invalid, "no document was given")
	}
	if err := m.s.Require(ctx, org.Create, Documents.Kind); err != nil {
		return nil, err
	}
	if err := mayBeAbout(ctx, m.s, d.Subject()); err != nil {
		return nil, err
	}
	return m.keep(ctx, u, func(ctx context.Context, s *session.Session, rev *Revision) (*Document, error) {
		added := *d
		added.Revision, added.File = 1, rev.File
		all := session.Of(s, Documents)
		if stored, err := all.Existing(ctx, &added); err != nil || stored != nil {
			return stored, err
		}
		if added.ID.IsZero() {
			added.ID = s.Tenant().NewID()
		}
		first, err := rev.of(s, &added)
		if err != nil {
			return nil, err
		}
		return all.CreateNew(ctx, EventAdded, &added, first)
	})
}

// Revise gives a document a new revision. version is the one of the document that was
// read: another one is Conflict, so that of two people who revise the same state one is
// told. The upload is read as in Add.
func (m Module) Revise(ctx context.Context, id schema.ID, version int64, u Upload) (*Document, error) {
	if err := demanded(version); err != nil {
		return nil, err
	}
	k := storage.Of(m.s.Tenant(), Documents).Kind()
	row, err := m.s.Row(ctx, org.Update, k, id)
	if err != nil {
		return nil, m.refused(ctx, org.Update, id, err)
	}
	if row[k.Version().Position] != version { // before anything is uploaded; what decides stands below
		return nil, &fault.Error{Code: fault.Conflict, Kind: Documents.Name(), ID: id.String(), Message: "somebody else changed the document"}
	}
	return m.keep(ctx, u, func(ctx context.Context, s *session.Session, rev *Revision) (*Document, error) {
		return session.Of(s, Documents).EditAlong(ctx, org.Update, EventRevised, id, version, func(d *Document) ([]driver.Mutation, error) {
			d.Revision++
			d.File = rev.File
			next, err := rev.of(s, d)
			return []driver.Mutation{next}, err
		})
	})
}

// of returns what writes the revision as the latest one of a document.
func (r *Revision) of(s *session.Session, d *Document) (driver.Mutation, error) {
	r.DocumentID, r.Number = d.ID, d.Revision
	table := storage.Of(s.Tenant(), Revisions)
	row, err := table.Encode(r)
	return driver.Mutation{Kind: table.Kind(), Insert: &driver.Insert{Rows: []driver.Row{row}}}, err
}

// Revisions returns a page of a document's revisions, the latest first. Whoever may read
// the document may read them. q may carry a limit and a cursor; its condition and sort are
// ignored.
func (m Module) Revisions(ctx context.Context, id schema.ID, q query.Select) (storage.Page[Revision], error) {
	if _, err := m.Get(ctx, id); err != nil {
		return storage.Page[Revision]{}, err
	}
	return storage.Of(m.s.Tenant(), Revisions).Find(ctx, query.Select{
		Where: query.Eq("document_id", id), Sort: query.By("-number"), Limit: q.Limit, Cursor: q.Cursor})
}

// Open returns the content of a revision; number 0 is the latest one. Whoever may read the
// document may read its content. A revision that the document does not have is NotFound.
// The caller closes it; in a transaction, before its end.
func (m Module) Open(ctx context.Context, id schema.ID, number int64) (*Content, error) {
	d, err := m.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if number == 0 {
		number = d.Revision
	}
	found, err := storage.Of(m.s.Tenant(), Revisions).Find(ctx, query.Select{Limit: 1,
		Where: query.All(query.Eq("document_id", id), query.Eq("number", number))})
	if err != nil {
		return nil, err
	}
	if len(found.Items) == 0 {
		return nil, &fault.Error{Code: fault.NotFound, Kind: Revisions.Name(), Message: "the document has no such revision"}
	}
	return openContent(ctx, m, found.Items[0])
}
