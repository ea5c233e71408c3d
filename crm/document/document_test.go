package document_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestRevisions(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx, s := t.Context(), o.ofAlice
		d, err := s.Documents.Add(ctx, &document.Document{Title: "Framework contract", Category: "contract", Keywords: "presses, 印刷", Revision: 7}, upload("one"))
		require.NoError(t, err)
		require.EqualValues(t, 1, d.Revision)
		require.Equal(t, document.File{FileName: "contract.txt", MediaType: "text/plain", Size: 3, SHA256: "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"}, d.File)
		require.Equal(t, o.alice, d.OwnerID)
		second := upload("three and more")
		second.FileName, second.Note = "合同 (签字).pdf", "signed"
		d, err = s.Documents.Revise(ctx, d.ID, d.Version, second)
		require.NoError(t, err)
		require.EqualValues(t, 2, d.Revision)
		require.EqualValues(t, 14, d.Size)

		requireContent(t, s, d.ID, 0, "three and more")
		requireContent(t, s, d.ID, 1, "one")
		requireContent(t, s, d.ID, 2, "three and more")
		for _, number := range []int64{3, -1} {
			_, err = read(ctx, s, d.ID, number)
			require.ErrorIs(t, err, storage.ErrNotFound)
		}
		page, err := s.Documents.Revisions(ctx, d.ID, query.Select{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "合同 (签字).pdf signed 2", fmt.Sprint(page.Items[0].FileName, " ", page.Items[0].Note, " ", page.Items[0].Number))
		require.Equal(t, o.alice, page.Items[0].CreatedBy)
		page, err = s.Documents.Revisions(ctx, d.ID, query.Select{Limit: 1, Cursor: page.Next})
		require.NoError(t, err)
		require.EqualValues(t, 1, page.Items[0].Number)
		require.Empty(t, page.Next)

		history, err := s.Documents.History(ctx, d.ID, query.Select{})
		require.NoError(t, err)
		require.Equal(t, []string{document.EventRevised, document.EventAdded}, []string{history.Items[0].Event, history.Items[1].Event})
		for field, text := range map[string]string{"title": "FRAMEWORK", "keywords": "印刷"} {
			found, err := s.Documents.Find(ctx, query.Select{Where: query.All(query.HasText(field, text), query.Eq("category", "contract"))})
			require.NoError(t, err)
			require.Len(t, found.Items, 1)
		}
		o.requireKept(t, 1, 2, 2)
		require.NoError(t, s.Documents.Delete(ctx, d.ID, d.Version))
		o.requireKept(t, 0, 0, 0)
	})
}

func TestWhatIsRefused(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx, docs := t.Context(), o.ofAlice.Documents
		d := o.about(t, record.Ref{}, "first")
		title := &document.Document{Title: "T"}
		in := func(change func(u *document.Upload)) document.Upload {
			u := upload("content")
			change(&u)
			return u
		}
		add := func(v *document.Document, u document.Upload) error { return second(docs.Add(ctx, v, u)) }
		unread := in(func(u *document.Upload) { u.Content = iotest.ErrReader(errors.New("it was read")) })
		for name, c := range map[string]struct {
			err   error
			want  error
			field string
		}{
			"nothing":                {add(nil, upload("x")), storage.ErrInvalid, ""},
			"no title":               {add(&document.Document{}, upload("x")), storage.ErrInvalid, "title"},
			"no content":             {add(title, document.Upload{FileName: "f"}), storage.ErrInvalid, "content"},
			"no file name":           {add(title, in(func(u *document.Upload) { u.FileName = "" })), storage.ErrInvalid, "file_name"},
			"a path":                 {add(title, in(func(u *document.Upload) { u.FileName = "../../etc/passwd" })), storage.ErrInvalid, "file_name"},
			"a path of Windows":      {add(title, in(func(u *document.Upload) { u.FileName = `C:\boot.ini` })), storage.ErrInvalid, "file_name"},
			"the folder itself":      {add(title, in(func(u *document.Upload) { u.FileName = "." })), storage.ErrInvalid, "file_name"},
			"the folder above":       {add(title, in(func(u *document.Upload) { u.FileName = ".." })), storage.ErrInvalid, "file_name"},
			"a name with NUL":        {add(title, in(func(u *document.Upload) { u.FileName = "a\x00b" })), storage.ErrInvalid, "file_name"},
			"a name of two lines":    {add(title, in(func(u *document.Upload) { u.FileName = "a\r\nb" })), storage.ErrInvalid, "file_name"},
			"a name of broken text":  {add(title, in(func(u *document.Upload) { u.FileName = "a\xff" })), storage.ErrInvalid, "file_name"},
			"a name without end":     {add(title, in(func(u *document.Upload) { u.FileName = strings.Repeat("x", 256) })), storage.ErrInvalid, "file_name"},
			"no media type":          {add(title, in(func(u *document.Upload) { u.MediaType = "pdf" })), storage.ErrInvalid, "media_type"},
			"a note with NUL":        {add(title, in(func(u *document.Upload) { u.Note = "\x00" })), storage.ErrInvalid, "note"},
			"too few bytes":          {add(title, in(func(u *document.Upload) { u.Size = 8 })), storage.ErrInvalid, "content"},
			"too many bytes":         {add(title, in(func(u *document.Upload) { u.Size = 6 })), storage.ErrInvalid, "content"},
			"an unknown kind":        {add(&document.Document{Title: "T", SubjectKind: "ghost", SubjectID: d.ID}, upload("x")), storage.ErrInvalid, "subject_kind"},
			"a subject without kind": {add(&document.Document{Title: "T", SubjectID: d.ID}, upload("x")), storage.ErrInvalid, "subject_kind"},
			"a subject without id":   {add(&document.Document{Title: "T", SubjectKind: "customer"}, upload("x")), storage.ErrInvalid, "subject_id"},
			"a subject that is hidden": {add(&document.Document{Title: "T", SubjectKind: "customer", SubjectID: o.customer.ID}, unread),
				storage.ErrReferenced, "subject_id"},
			"revising without version": {second(docs.Revise(ctx, d.ID, 0, upload("x"))), storage.ErrInvalid, "version"},
			"revising what was":        {second(docs.Revise(ctx, d.ID, d.Version+1, unread)), storage.ErrConflict, ""},
			"revising nothing":         {second(docs.Revise(ctx, schema.NewID(), 1, unread)), storage.ErrNotFound, ""},
			"revising without content": {second(docs.Revise(ctx, d.ID, d.Version, document.Upload{FileName: "f"})), storage.ErrInvalid, "content"},
			"revising by a path":       {second(docs.Revise(ctx, d.ID, d.Version, in(func(u *document.Upload) { u.FileName = "/" }))), storage.ErrInvalid, "file_name"},
			"moving without version":   {second(docs.Move(ctx, d.ID, 0, record.Ref{})), storage.ErrInvalid, "version"},
			"moving what was":          {second(docs.Move(ctx, d.ID, d.Version+1, record.Ref{})), storage.ErrConflict, ""},
			"moving to the hidden":     {second(docs.Move(ctx, d.ID, d.Version, o.customer)), storage.ErrReferenced, "subject_id"},
			"moving nowhere":           {second(docs.Move(ctx, d.ID, d.Version, record.Ref{Kind: "ghost", ID: d.ID})), storage.ErrInvalid, "subject_kind"},
			"deleting what was":        {docs.Delete(ctx, d.ID, d.Version+1), storage.ErrConflict, ""},
			"listing no kind":          {second(docs.About(ctx, record.Ref{Kind: "ghost", ID: d.ID}, query.Select{})), storage.ErrInvalid, "subject_kind"},
			"listing by others": {second(docs.About(ctx, o.customer, query.Select{Where: query.Not{Expr: query.Any(query.Eq("title", "T"), query.Eq("owner.name", "Carol"))}})),
				storage.ErrInvalid, ""},
			"listing by parts":  {second(docs.About(ctx, o.customer, query.Select{Where: query.Has("revisions", nil)})), storage.ErrInvalid, ""},
			"sorting by others": {second(docs.About(ctx, o.customer, query.Select{Sort: query.By("owner.name")})), storage.ErrInvalid, ""},
			"creating by hand":  {second(docs.Create(ctx, title)), storage.ErrPrecondition, ""},
			"editing the subject": {second(docs.Edit(ctx, d.ID, func(d *document.Document) error {
				d.SubjectKind, d.SubjectID = o.customer.Kind, o.customer.ID
				return nil
			})), storage.ErrPrecondition, ""},
			"editing the size":     {second(docs.Edit(ctx, d.ID, func(d *document.Document) error { d.Size++; return nil })), storage.ErrPrecondition, ""},
			"editing the revision": {second(docs.Edit(ctx, d.ID, func(d *document.Document) error { d.Revision = 9; return nil })), storage.ErrPrecondition, ""},
			"a revision by hand": {second(session.Of(o.ofAll.Session, document.Revisions).Create(ctx, &document.Revision{DocumentID: d.ID, Number: 2, File: d.File})),
				storage.ErrPrecondition, ""},
			"deleting a revision":  {session.Of(o.ofAll.Session, document.Revisions).Delete(ctx, firstRevision(t, o, d).ID, 0), storage.ErrPrecondition, ""},
			"chunks as records":    {second(session.Of(o.ofAll.Session, document.Chunks).Find(ctx, query.Select{})), storage.ErrInvalid, ""},
			"sweeping by a person": {func() error { _, _, err := docs.Sweep(ctx, schema.ID{}); return err }(), storage.ErrForbidden, ""},
		} {
			require.ErrorIs(t, c.err, c.want, name)
			if c.field != "" {
				var e *crm.Error
				require.ErrorAs(t, c.err, &e, name)
				require.NotEmpty(t, e.Fields, name)
				require.Equal(t, c.field, e.Fields[0].Name, name)
			}
		}
		o.requireKept(t, 1, 1, 1)
		after, err := docs.Get(ctx, d.ID)
		require.NoError(t, err)
		require.Equal(t, d, after)
	})
}

func firstRevision(t *testing.T, o *office, d *document.Document) document.Revision {
	t.Helper()
	page, err := o.ofAll.Documents.Revisions(t.Context(), d.ID, query.Select{})
	require.NoError(t, err)
	return page.Items[len(page.Items)-1]
}

func TestNamesThatAreFine(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		for _, name := range []string{"合同（最终版）.docx", "é.txt", "e\u0301.txt", "CON", "nul.txt", " a ", "trailing.", "a:b?*<>|.txt", "…", "👩‍👩‍👧.png", "-rf", "%2e%2e%2f", strings.Repeat("x", 255)} {
			u := upload(name)
			u.FileName = name
			d, err := o.ofAlice.Documents.Add(t.Context(), &document.Document{Title: name}, u)
			require.NoError(t, err, name)
			require.Equal(t, name, d.FileName)
			requireContent(t, o.ofAlice, d.ID, 0, name)
		}
	})
}

func TestEmptyAndHuge(t *testing.T) {
	const limit = 1<<20 + 17
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		folder, err := document.OpenFolder(t.TempDir(), limit)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, folder.Close()) })
		for name, blobs := range map[string]document.BlobStore{"database": document.Database{MaxSize: limit}, "folder": folder} {
			o := newOffice(t, crmtest.Open(t, store, crm.WithBlobs(blobs)).Tenant(name), blobs)
			s := o.ofAlice
			d, err := s.Documents.Add(t.Context(), &document.Document{Title: "Empty"}, upload(""))
			require.NoError(t, err)
			require.Zero(t, d.Size)
			requireContent(t, s, d.ID, 0, "")
			d, err = s.Documents.Add(t.Context(), &document.Document{Title: "As large as can be"}, upload(strings.Repeat("x", limit)))
			require.NoError(t, err)
			requireContent(t, s, d.ID, 0, strings.Repeat("x", limit))
			for what, size := range map[string]int64{"a byte more": limit + 1, "no end": 1 << 60} {
				huge := func() document.Upload {
					return document.Upload{Content: io.LimitReader(endless{}, size), FileName: "huge"}
				}
				_, err = s.Documents.Add(t.Context(), &document.Document{Title: "Huge"}, huge())
				require.ErrorIs(t, err, storage.ErrInvalid, what)
				_, err = s.Documents.Revise(t.Context(), d.ID, d.Version, huge())
				require.ErrorIs(t, err, storage.ErrInvalid, what)
			}
			o.requireKept(t, 2, 2, 2)
		}
	})
	require.Equal(t, 32<<20, document.DefaultMaxSize)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAReaderThatFails(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		d := o.about(t, record.Ref{}, "first")
		cut := errors.New("the line was cut")
		for _, after := range []int64{0, 1, 3 << 20} {
			failing := func(err error) document.Upload {
				return document.Upload{Content: io.MultiReader(io.LimitReader(endless{}, after), iotest.ErrReader(err)), FileName: "cut"}
			}
			for _, err := range []error{
				second(o.ofAlice.Documents.Add(t.Context(), &document.Document{Title: "T"}, failing(cut))),
				second(o.ofAlice.Documents.Revise(t.Context(), d.ID, d.Version, failing(cut))),
			} {
				var e *crm.Error
				require.ErrorAs(t, err, &e)
				require.ErrorIs(t, err, cut)
				require.Equal(t, "invalid content", fmt.Sprint(e.Code, " ", e.Fields[0].Name))
			}
			require.ErrorIs(t, second(o.ofAlice.Documents.Add(t.Context(), &document.Document{Title: "T"}, failing(context.Canceled))), context.Canceled)
		}
		o.requireKept(t, 1, 1, 1)
		requireContent(t, o.ofAlice, d.ID, 0, "first")
	})
}

// TestTwoReviseAtOnce has several people revise the same state of a document.
func TestTwoReviseAtOnce(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		d := o.about(t, record.Ref{}, "first")
		for round := range 5 {
			const people = 4
			errs := make([]error, people)
			var wg sync.WaitGroup
			for i := range people {
				s := crmtest.As(t, o.app, []schema.ID{o.alice, o.boss}[i%2])
				wg.Go(func() {
					_, errs[i] = s.Documents.Revise(t.Context(), d.ID, d.Version, upload(fmt.Sprint(round, i)))
				})
			}
			wg.Wait()
			winner := -1
			for i, err := range errs {
				if err != nil {
					require.ErrorIs(t, err, storage.ErrConflict)
					continue
				}
				require.Equal(t, -1, winner, "two have won")
				winner = i
			}
			require.NotEqual(t, -1, winner, "nobody has won: %v", errs)
			var err error
			d, err = o.ofAlice.Documents.Get(t.Context(), d.ID)
			require.NoError(t, err)
			require.EqualValues(t, round+2, d.Revision)
			requireContent(t, o.ofAlice, d.ID, 0, fmt.Sprint(round, winner))
			o.requireKept(t, 1, round+2, round+2)
		}
	})
}

func TestAddingAgain(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx, docs := t.Context(), o.ofAlice.Documents
		first := &document.Document{Meta: record.Meta{ID: schema.NameID("contract", "17")}, Title: "T"}
		d, err := docs.Add(ctx, first, upload("first"))
		require.NoError(t, err)
		again, err := docs.Add(ctx, first, upload("first"))
		require.NoError(t, err)
		require.Equal(t, d, again)
		revised, err := docs.Revise(ctx, d.ID, d.Version, upload("second"))
		require.NoError(t, err)
		again, err = docs.Add(ctx, first, upload("first"))
		require.NoError(t, err)
		require.Equal(t, revised, again, "what has happened since does not count")

		_, err = docs.Add(ctx, first, upload("other"))
		require.ErrorIs(t, err, storage.ErrExists)
		other := *first
		other.Title = "Other"
		_, err = docs.Add(ctx, &other, upload("first"))
		require.ErrorIs(t, err, storage.ErrExists)
		o.requireKept(t, 1, 2, 2)
		require.NoError(t, docs.Delete(ctx, d.ID, 0))
		_, err = docs.Add(ctx, first, upload("first"))
		require.ErrorIs(t, err, storage.ErrExists, "its id was another's")
		o.requireKept(t, 0, 0, 0)
	})
}

func TestMove(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := o.about(t, o.customer, "first")
		require.NoError(t, second(o.ofCarol.Documents.Get(ctx, d.ID)))
		d, err := o.ofAlice.Documents.Move(ctx, d.ID, d.Version, record.Ref{})
		require.NoError(t, err)
		require.True(t, d.Subject().IsZero())
		require.ErrorIs(t, second(o.ofCarol.Documents.Get(ctx, d.ID)), storage.ErrNotFound, "it is not about her customer any more")
		require.ErrorIs(t, second(o.ofAlice.Documents.Move(ctx, d.ID, d.Version, o.customer)), storage.ErrReferenced, "she can't see the customer")
		_, err = o.ofAll.Admin.Share(ctx, o.customer, o.alice, org.ReadAccess, o.ofAll.Now().AddDate(1, 0, 0))
		require.NoError(t, err)
		d, err = o.ofAlice.Documents.Move(ctx, d.ID, d.Version, o.customer)
		require.NoError(t, err)
		require.Equal(t, o.customer, d.Subject())
		requireContent(t, o.ofCarol, d.ID, 0, "first")
		history, err := o.ofCarol.Documents.History(ctx, d.ID, query.Select{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, document.EventMoved, history.Items[0].Event)
	})
}

// TestADeletedSubject leaves documents to their owners.
func TestADeletedSubject(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		d := o.about(t, o.customer, "first")
		require.NoError(t, o.ofCarol.Customers.Delete(ctx, o.customer.ID, 0))
		require.ErrorIs(t, second(o.ofCarol.Documents.Get(ctx, d.ID)), storage.ErrNotFound)
		requireContent(t, o.ofAlice, d.ID, 0, "first")
		for s, want := range map[*crm.Session]int{o.ofAlice: 1, o.ofCarol: 0, o.ofAll: 1} {
			page, err := s.Documents.About(ctx, o.customer, query.Select{})
			require.NoError(t, err)
			require.Len(t, page.Items, want)
		}
		d, err := o.ofAlice.Documents.Edit(ctx, d.ID, func(d *document.Document) error { d.Title = "Orphan"; return nil })
		require.NoError(t, err)
		d, err = o.ofAlice.Documents.Revise(ctx, d.ID, d.Version, upload("second"))
		require.NoError(t, err)
		d, err = o.ofAlice.Documents.Move(ctx, d.ID, d.Version, record.Ref{})
		require.NoError(t, err)
		require.NoError(t, o.ofAlice.Documents.Delete(ctx, d.ID, d.Version))
		o.requireKept(t, 0, 0, 0)
	})
}

// TestEditedTogether has an edit and a revision meet: neither is lost.
func TestEditedTogether(t *testing.T) {
	offices(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		seen := o.about(t, record.Ref{}, "first")
		_, err := o.ofAlice.Documents.Revise(ctx, seen.ID, seen.Version, upload("second"))
		require.NoError(t, err)
		mine := *seen
		mine.Category = "contract"
		merged, err := o.ofAlice.Documents.Update(ctx, &mine)
		require.NoError(t, err)
		require.Equal(t, "contract 2 6\n", fmt.Sprintln(merged.Category, merged.Revision, merged.Size))
		require.ErrorIs(t, second(o.ofAlice.Documents.Revise(ctx, seen.ID, seen.Version, upload("third"))), storage.ErrConflict)
		require.ErrorIs(t, second(o.ofAlice.Documents.Update(ctx, nil)), storage.ErrInvalid)
	})
}

// TestListsDoNotAskOnceForEachDocument counts how often the database is called.
func TestListsDoNotAskOnceForEachDocument(t *testing.T) {
	for name, who := range map[string]func(o *office) *crm.Session{
		"reader of the subject": func(o *office) *crm.Session { return o.ofCarol },
		"owner":                 func(o *office) *crm.Session { return o.ofAlice },
		"colleague":             func(o *office) *crm.Session { return o.ofBob },
	} {
		count := func(n int) (about, find, revisions int) {
			store, calls := crmtest.Counted(memory.Open())
			o := newOffice(t, crmtest.Open(t, store), nil)
			var d *document.Document
			for range n {
				d = o.about(t, o.customer, "x")
			}
			for range n {
				var err error
				d, err = o.ofAll.Documents.Revise(t.Context(), d.ID, d.Version, upload("y"))
				require.NoError(t, err)
			}
			s := who(o)
			calls()
			_, err := s.Documents.About(t.Context(), o.customer, query.Select{Limit: 100, Sort: query.By("title")})
			require.NoError(t, err)
			about = calls()
			_, err = s.Documents.Find(t.Context(), query.Select{Limit: 100})
			require.NoError(t, err)
			find = calls()
			_, _ = s.Documents.Revisions(t.Context(), d.ID, query.Select{Limit: 100})
			return about, find, calls()
		}
		few, some, parts := count(3)
		many, more, all := count(60)
		require.Equal(t, []int{few, some, parts}, []int{many, more, all}, name)
		require.LessOrEqual(t, many, 3, "%s: the subject once, in Go or in the database, and the page", name)
	}
}
