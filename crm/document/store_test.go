package document_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/document/documenttest"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

func TestDatabaseConforms(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		documenttest.Run(t, app, document.Database{})
		err := document.Database{}.Put(t.Context(), crmtest.System(t, app).Tenant(), schema.NewID(), strings.NewReader("x"))
		require.ErrorIs(t, err, storage.ErrPrecondition, "outside of a transaction")
	})
}

func TestFolderConforms(t *testing.T) {
	documenttest.Run(t, crmtest.Open(t, memory.Open()), openFolder(t, t.TempDir()))
}

func openFolder(t *testing.T, dir string) *document.Folder {
	t.Helper()
	folder, err := document.OpenFolder(dir, 0)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, folder.Close()) })
	return folder
}

// files returns the paths of all files below a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	}))
	return list
}

// TestBrokenBytesAreNotHandedOut spoils the file of a revision in every way.
func TestBrokenBytesAreNotHandedOut(t *testing.T) {
	dir := t.TempDir()
	folder := openFolder(t, dir)
	o := newOffice(t, crmtest.Open(t, memory.Open(), crm.WithBlobs(folder)), folder)
	content := documenttest.Pattern(100_000)
	d := o.about(t, record.Ref{}, string(content))
	file := files(t, dir)[0]
	flipped := bytes.Clone(content)
	flipped[99_999] ^= 1
	for name, spoilt := range map[string][]byte{"empty": {}, "cut off": content[:99_999], "a bit": flipped, "longer": append(bytes.Clone(content), 0)} {
		require.NoError(t, os.WriteFile(file, spoilt, 0o600))
		got, err := read(t.Context(), o.ofAlice, d.ID, 0)
		require.ErrorIs(t, err, storage.ErrInternal, name)
		require.True(t, name == "longer" || len(got) < len(content), "%s: the last piece is kept back", name)

		c, err := o.ofAlice.Documents.Open(t.Context(), d.ID, 0)
		require.NoError(t, err)
		_, err = io.ReadFull(c, make([]byte, d.Size))
		require.True(t, name == "longer" || err != nil, "%s: who reads Size bytes meets the error, too", name)
		_, err = io.Copy(io.Discard, c)
		require.ErrorIs(t, err, storage.ErrInternal, name)
		_, again := c.Read(make([]byte, 1))
		require.Equal(t, err, again, "it stays broken")
		require.NoError(t, c.Close())
	}
	require.NoError(t, os.Remove(file))
	_, err := o.ofAlice.Documents.Open(t.Context(), d.ID, 0)
	require.ErrorIs(t, err, storage.ErrInternal, "the document is there, its bytes are not")
	require.NotErrorIs(t, err, storage.ErrForbidden)
	require.NoError(t, o.ofAlice.Documents.Delete(t.Context(), d.ID, 0))
}

func TestABrokenChunkIsNotHandedOut(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		o := newOffice(t, app, document.Database{})
		d := o.about(t, record.Ref{}, strings.Repeat("x", 3<<20))
		chunks := storage.Of(o.ofAll.Tenant(), document.Chunks)
		page, err := chunks.Find(t.Context(), query.Select{Where: query.Eq("seq", 1)})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		spoilt := page.Items[0]
		spoilt.Data = bytes.Repeat([]byte("y"), 1<<20)
		require.NoError(t, chunks.Update(t.Context(), &spoilt))
		_, err = read(t.Context(), o.ofAlice, d.ID, 0)
		require.ErrorIs(t, err, storage.ErrInternal)
		require.NoError(t, chunks.Delete(t.Context(), spoilt.ID, 0))
		_, err = read(t.Context(), o.ofAlice, d.ID, 0)
		require.ErrorIs(t, err, storage.ErrInternal)
	})
}

// TestTheHostsTransaction adds a document in a transaction that the host rolls back, and
// then in one that it commits.
func TestTheHostsTransaction(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)){
		"sqlite": func(t *testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)) {
			db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.Join(t.TempDir(), "host.db"), RawQuery: "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"}).String())
			require.NoError(t, err)
			return db, sqlite.New(db), sqlite.Join
		},
		"postgres": func(t *testing.T) (*sql.DB, *storage.Store, func(*storage.Store, *sql.Tx) (*storage.HostTx, error)) {
			db, err := sql.Open("pgx", pgtest.DSN(t))
			require.NoError(t, err)
			store, err := postgres.New(db)
			require.NoError(t, err)
			return db, store, postgres.Join
		},
	} {
		for _, where := range []string{"database", "folder"} {
			t.Run(name+" "+where, func(t *testing.T) {
				db, store, join := open(t)
				t.Cleanup(func() { require.NoError(t, db.Close()) })
				clock := &crmtest.Clock{At: time.Now()}
				var blobs document.BlobStore = document.Database{}
				if where == "folder" {
					blobs = openFolder(t, t.TempDir())
				}
				o := newOffice(t, crmtest.Open(t, store, crm.WithBlobs(blobs), crm.WithClock(clock.Now)), blobs)
				kept := o.about(t, record.Ref{}, "kept")
				within := func(t *testing.T, end func(*sql.Tx) error) (id schema.ID) {
					tx, err := db.BeginTx(t.Context(), nil)
					require.NoError(t, err)
					joined, err := join(store, tx)
					require.NoError(t, err)
					app, err := o.app.In(joined)
					require.NoError(t, err)
					s := crmtest.As(t, app, o.alice)
					d, err := s.Documents.Add(t.Context(), &document.Document{Title: "T"}, upload(strings.Repeat("x", 3<<20)))
					require.NoError(t, err)
					requireContent(t, s, d.ID, 1, strings.Repeat("x", 3<<20))
					u := upload("")
					u.FileName = "/"
					require.ErrorIs(t, second(s.Documents.Revise(t.Context(), d.ID, d.Version, u)), storage.ErrInvalid, "a verb that fails leaves the host's transaction usable")
					d, err = s.Documents.Revise(t.Context(), d.ID, d.Version, upload("second"))
					require.NoError(t, err)
					require.NoError(t, s.Documents.Delete(t.Context(), kept.ID, kept.Version))
					_, _, err = crmtest.System(t, app).Documents.Sweep(t.Context(), schema.ID{})
					require.ErrorIs(t, err, storage.ErrPrecondition)
					require.NoError(t, end(tx))
					return d.ID
				}
				gone := within(t, (*sql.Tx).Rollback)
				require.ErrorIs(t, second(o.ofAlice.Documents.Get(t.Context(), gone)), storage.ErrNotFound)
				requireContent(t, o.ofAlice, kept.ID, 0, "kept")
				added := within(t, (*sql.Tx).Commit)
				requireContent(t, o.ofAlice, added, 1, strings.Repeat("x", 3<<20))
				requireContent(t, o.ofAlice, added, 2, "second")
				left := map[string]int{"database": 2, "folder": 5}[where]
				o.requireKept(t, 1, 2, left)
				clock.At = clock.At.Add(25 * time.Hour)
				removed, _, err := o.ofAll.Documents.Sweep(t.Context(), schema.ID{})
				require.NoError(t, err)
				require.Equal(t, left-2, removed)
				o.requireKept(t, 1, 2, 2)
			})
		}
	}
}

// TestSweep leaves alone what has a revision, what is young, and what is another tenant's.
func TestSweep(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		ctx, dir := t.Context(), t.TempDir()
		folder := openFolder(t, dir)
		clock := &crmtest.Clock{At: time.Now()}
		app := crmtest.Open(t, store, crm.WithBlobs(folder), crm.WithClock(clock.Now))
		o, other := newOffice(t, app.Tenant("main"), folder), newOffice(t, app.Tenant("other"), folder)
		sweep := func() (removed int) {
			for after, more := (schema.ID{}), true; more; more = !after.IsZero() {
				n, next, err := o.ofAll.Documents.Sweep(ctx, after)
				require.NoError(t, err)
				removed, after = removed+n, next
			}
			return removed
		}
		kept := o.about(t, record.Ref{}, "kept")
		theirs := other.about(t, record.Ref{}, "theirs")
		enough := errors.New("enough")
		require.ErrorIs(t, o.ofAlice.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			d, err := s.Documents.Add(ctx, &document.Document{Title: "T"}, upload("undone"))
			require.NoError(t, err)
			require.NoError(t, second(s.Documents.Revise(ctx, d.ID, d.Version, upload("undone"))))
			require.NoError(t, s.Documents.Delete(ctx, kept.ID, kept.Version))
			_, _, err = s.Documents.Sweep(ctx, schema.ID{})
			require.ErrorIs(t, err, storage.ErrForbidden)
			return enough
		}), enough)
		require.NoError(t, o.ofAlice.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
			d, err := s.Documents.Add(ctx, &document.Document{Title: "T"}, upload("deleted"))
			require.NoError(t, err)
			return s.Documents.Delete(ctx, d.ID, d.Version)
		}))
		half := o.list(t)[0].Key
		place := filepath.Join(dir, schema.NameID("tenant", "main").String(), half.String()[:6])
		half[9] ^= 0xff       // another key than that one
		for i := range 1100 { // more than one page
			half[14], half[15] = byte(i>>8), byte(i)
			require.NoError(t, os.WriteFile(filepath.Join(place, half.String()+".part"), []byte("half"), 0o600))
		}
		stray := filepath.Join(place, "readme.txt")
		require.NoError(t, os.WriteFile(stray, nil, 0o600))
		o.requireKept(t, 1, 1, 1000)
		require.Zero(t, sweep(), "they are young")
		clock.At = clock.At.Add(25 * time.Hour)
		young := o.about(t, record.Ref{}, "kept, too")
		require.Equal(t, 1103, sweep())
		require.Zero(t, sweep())
		o.requireKept(t, 2, 2, 2)
		requireContent(t, o.ofAlice, kept.ID, 0, "kept")
		requireContent(t, o.ofAlice, young.ID, 0, "kept, too")
		requireContent(t, other.ofAlice, theirs.ID, 0, "theirs")
		require.FileExists(t, stray, "it is none of ours")
	})
}

// TestALostAnswer has a commit succeed and fail to say so: the document is there, and so
// must be its bytes.
func TestALostAnswer(t *testing.T) {
	deaf := &deaf{Backend: memory.New()}
	folder := openFolder(t, t.TempDir())
	o := newOffice(t, crmtest.Open(t, storage.New(deaf), crm.WithBlobs(folder)), folder)
	id := schema.NewID()
	deaf.lost = errors.New("connection reset")
	_, err := o.ofAlice.Documents.Add(t.Context(), &document.Document{Meta: record.Meta{ID: id}, Title: "T"}, upload("content"))
	require.ErrorIs(t, err, deaf.lost)
	deaf.lost = nil
	requireContent(t, o.ofAlice, id, 0, "content")
	d, err := o.ofAlice.Documents.Add(t.Context(), &document.Document{Meta: record.Meta{ID: id}, Title: "T"}, upload("content"))
	require.NoError(t, err, "and trying again is fine")
	require.EqualValues(t, 1, d.Version)
	o.requireKept(t, 1, 1, 1)
}

// deaf is a database whose answer to a commit is lost.
type deaf struct {
	driver.Backend
	lost error
}

func (d *deaf) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := d.Backend.Begin(ctx, o)
	return deafTx{tx, d}, err
}

type deafTx struct {
	driver.Tx
	d *deaf
}

func (t deafTx) Commit(ctx context.Context) error { return errors.Join(t.Tx.Commit(ctx), t.d.lost) }

// TestAKilledPut kills a process that puts a blob, and looks for it.
func TestAKilledPut(t *testing.T) {
	dir := t.TempDir()
	folder := openFolder(t, dir)
	tenant := crmtest.System(t, crmtest.Open(t, memory.Open())).Tenant()
	for range 5 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), folderVariable+"="+dir)
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		var whole, half schema.ID
		var first, last string
		_, err = fmt.Fscan(out, &first, &last) // the first blob is there, the second is being written
		require.NoError(t, err)
		require.NoError(t, child.Process.Kill())
		_ = child.Wait() // "signal: killed"
		require.NoError(t, whole.UnmarshalText([]byte(first)))
		require.NoError(t, half.UnmarshalText([]byte(last)))
		_, err = folder.Open(t.Context(), tenant, half)
		require.ErrorIs(t, err, storage.ErrNotFound)
		r, err := folder.Open(t.Context(), tenant, whole)
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, documenttest.Pattern(1<<20), content)
		require.NoError(t, r.Close())
		blobs, err := folder.List(t.Context(), tenant, schema.ID{}, 10)
		require.NoError(t, err)
		require.Len(t, blobs, 2, "what is left of it can be swept")
		require.NoError(t, folder.Delete(t.Context(), tenant, whole, half))
		require.Empty(t, files(t, dir))
	}
}

// folderVariable tells a child process of this test where to put blobs until it is killed.
const folderVariable = "KEHU_TEST_FOLDER"

func TestMain(m *testing.M) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := putUntilKilled(dir); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

func putUntilKilled(dir string) error {
	ctx := context.Background()
	folder, err := document.OpenFolder(dir, 0)
	if err != nil {
		return err
	}
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		return err
	}
	s, err := app.System("putting")
	if err != nil {
		return err
	}
	first, second := schema.NewID(), schema.NewID()
	if err := folder.Put(ctx, s.Tenant(), first, bytes.NewReader(documenttest.Pattern(1<<20))); err != nil {
		return err
	}
	return folder.Put(ctx, s.Tenant(), second, io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), says{first.String() + " " + second.String()}, endless{}))
}

// says prints when it is read, and is empty.
type says struct{ line string }

func (s says) Read([]byte) (int, error) {
	fmt.Println(s.line)
	return 0, io.EOF
}

func TestOpenFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, path := range []string{filepath.Join(dir, "absent"), file, ""} {
		_, err := document.OpenFolder(path, 0)
		require.ErrorIs(t, err, storage.ErrPrecondition, path)
	}
}

// TestAFullDisk has the file system fail.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	folder := openFolder(t, dir)
	o := newOffice(t, crmtest.Open(t, memory.Open(), crm.WithBlobs(folder)), folder)
	d := o.about(t, record.Ref{}, "first")
	tenant := filepath.Dir(filepath.Dir(files(t, dir)[0]))
	require.NoError(t, os.RemoveAll(tenant))
	require.NoError(t, os.WriteFile(tenant, nil, 0o600)) // a file where a folder should be
	for _, err := range []error{
		second(o.ofAlice.Documents.Add(t.Context(), &document.Document{Title: "T"}, upload("x"))),
		second(o.ofAlice.Documents.Revise(t.Context(), d.ID, d.Version, upload("x"))),
		second(read(t.Context(), o.ofAlice, d.ID, 0)),
	} {
		var e *crm.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, storage.Internal, e.Code)
		require.Error(t, e.Err, "the cause is kept")
		require.NotContains(t, e.Error(), dir, "and not told to everyone")
	}
	require.NoError(t, second(o.ofAlice.Documents.Get(t.Context(), d.ID)))
}
