package document_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// office is an application in which Alice owns documents about a customer of Carol's.
type office struct {
	app                            *crm.App
	blobs                          document.BlobStore
	director, boss, alice          schema.ID // each the manager of the next
	bob                            schema.ID // a colleague of Alice's
	carol                          schema.ID // owns the customer
	customer                       record.Ref
	ofAlice, ofBob, ofCarol, ofAll *crm.Session
}

func newOffice(t *testing.T, app *crm.App, blobs document.BlobStore) *office {
	t.Helper()
	o := &office{app: app, blobs: blobs}
	o.director = crmtest.Hire(t, app, "Director", schema.ID{}, schema.ID{})
	o.boss = crmtest.Hire(t, app, "Boss", o.director, schema.ID{})
	o.alice = crmtest.Hire(t, app, "Alice", o.boss, schema.ID{})
	o.bob = crmtest.Hire(t, app, "Bob", o.boss, schema.ID{})
	o.carol = crmtest.Hire(t, app, "Carol", schema.ID{}, schema.ID{})
	o.ofAlice, o.ofBob, o.ofCarol, o.ofAll = crmtest.As(t, app, o.alice), crmtest.As(t, app, o.bob), crmtest.As(t, app, o.carol), crmtest.System(t, app)
	c, err := o.ofCarol.Customers.Create(t.Context(), &customer.Customer{Name: "North River Press"})
	require.NoError(t, err)
	o.customer = record.Ref{Kind: "customer", ID: c.ID}
	return o
}

// offices runs a test on each adapter, with the bytes in the database and in a folder.
func offices(t *testing.T, test func(t *testing.T, o *office), options ...crm.Option) {
	t.Helper()
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		for name, blobs := range map[string]document.BlobStore{"database": document.Database{}, "folder": openFolder(t, t.TempDir())} {
			t.Run(name, func(t *testing.T) {
				app := crmtest.Open(t, store, append(options, crm.WithBlobs(blobs))...)
				test(t, newOffice(t, app.Tenant(name), blobs))
			})
		}
	})
}

// about adds a document of Alice's about a subject.
func (o *office) about(t *testing.T, subject record.Ref, content string) *document.Document {
	t.Helper()
	d, err := o.ofAll.Documents.Add(t.Context(), &document.Document{Owned: record.Owned{OwnerID: o.alice}, Title: "Contract",
		SubjectKind: subject.Kind, SubjectID: subject.ID}, upload(content))
	require.NoError(t, err)
	return d
}

func upload(content string) document.Upload {
	return document.Upload{Content: strings.NewReader(content), FileName: "contract.txt", MediaType: "text/plain"}
}

// read returns the content of a revision.
func read(ctx context.Context, s *crm.Session, id schema.ID, revision int64) (string, error) {
	c, err := s.Documents.Open(ctx, id, revision)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(c)
	if closed := c.Close(); err == nil {
		err = closed
	}
	return string(content), err
}

func requireContent(t *testing.T, s *crm.Session, id schema.ID, revision int64, want string) {
	t.Helper()
	got, err := read(t.Context(), s, id, revision)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// requireKept requires that there are so many documents, revisions and blobs.
func (o *office) requireKept(t *testing.T, documents, revisions, blobs int) {
	t.Helper()
	docs, err := o.ofAll.Documents.Count(t.Context(), nil)
	require.NoError(t, err)
	found, err := storage.Of(o.ofAll.Tenant(), document.Revisions).Find(t.Context(), query.Select{Limit: query.MaxLimit})
	require.NoError(t, err)
	require.Equal(t, []int{documents, revisions, blobs}, []int{int(docs), len(found.Items), len(o.list(t))}, "documents, revisions, blobs")
}

func (o *office) list(t *testing.T) []document.Blob {
	t.Helper()
	blobs, err := o.blobs.List(t.Context(), o.ofAll.Tenant(), schema.ID{}, 1000)
	require.NoError(t, err)
	return blobs
}
