package document

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Folder is the BlobStore that keeps files in a folder. Bytes are written to a file that
// ends in ".part", brought to the disk, and renamed; nothing reads a ".part". All names
// are made of ids (the folder of a tenant is schema.NameID("tenant", name), a file is its
// key), so that nothing that came from outside becomes a path, and every file system can
// hold them. What else stands in the folder is left alone.
//
// A folder belongs to one database: Sweep takes what another one has put there for
// orphans. Several processes may use it at once.
type Folder struct {
	root    *os.Root
	maxSize int64
}

// OpenFolder opens a folder, which must be there. maxSize is the greatest size of a file
// in bytes; 0 is DefaultMaxSize. Close it when the application is not used any more.
func OpenFolder(dir string, maxSize int64) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &fault.Error{Code: fault.Precondition, Message: "the folder of blobs can't be opened", Err: err}
	}
	return &Folder{root, maxSize}, nil
}

// Close gives the folder back to the operating system.
func (f *Folder) Close() error { return f.root.Close() }

// Info implements BlobStore.
func (f *Folder) Info() Info { return Info{MaxSize: f.maxSize} }

// slot is how many letters of a key name the folder of a file. An id of version 7 begins
// with its time, of which six letters are four and a half hours; so no folder grows
// without end, and folders stand in order of keys.
const slot = 6

const partSuffix = ".part"

func tenantFolder(t *storage.Tenant) string { return schema.NameID("tenant", t.Name()).String() }

func folderOf(t *storage.Tenant, key schema.ID) string {
	return path.Join(tenantFolder(t), keyText(key)[:slot])
}

func fileOf(t *storage.Tenant, key schema.ID) string {
	return path.Join(folderOf(t, key), keyText(key))
}

// keyText is the text of a key; also of the zero id, which has none of its own.
func keyText(key schema.ID) string {
	if key.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return key.String()
}

// Put implements BlobStore.
func (f *Folder) Put(ctx context.Context, t *storage.Tenant, key schema.ID, content io.Reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.root.MkdirAll(folderOf(t, key), 0o750); err != nil {
		return failed("made", err)
	}
	name := fileOf(t, key)
	err := f.write(name+partSuffix, content)
	if err == nil {
		err = f.root.Rename(name+partSuffix, name)
	}
	if err != nil {
		_ = f.root.Remove(name + partSuffix) // Sweep finds what can't be removed now
		return failed("written", err)
	}
	for dir := folderOf(t, key); ; dir = path.Dir(dir) { // which may all be new
		if err := f.sync(dir); err != nil {
			return failed("brought to the disk", err)
		}
		if dir == "." {
			return nil
		}
	}
}

// write writes a file and brings it to the disk.
func (f *Folder) write(name string, content io.Reader) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// sync brings the names in a folder to the disk.
func (f *Folder) sync(dir string) error {
	if runtime.GOOS == "windows" { // which does so itself, and refuses to be asked
		return nil
	}
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open implements BlobStore.
func (f *Folder) Open(ctx context.Context, t *storage.Tenant, key schema.ID) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	file, err := f.root.Open(fileOf(t, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noBlob(key)
	}
	if err != nil {
		return nil, failed("opened", err)
	}
	return file, nil
}

// Delete implements BlobStore.
func (f *Folder) Delete(ctx context.Context, t *storage.Tenant, keys ...schema.ID) error {
	var errs []error
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, name := range []string{fileOf(t, key), fileOf(t, key) + partSuffix} {
			if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return failed("deleted", errors.Join(errs...))
}

// List implements BlobStore.
func (f *Folder) List(ctx context.Context, t *storage.Tenant, after schema.ID, limit int) ([]Blob, error) {
	slots, err := f.entries(tenantFolder(t))
	if err != nil {
		return nil, err
	}
	var blobs []Blob
	for _, s := range slots {
		if !s.IsDir() || s.Name() < keyText(after)[:slot] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files, err := f.entries(path.Join(tenantFolder(t), s.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			key, at, ok := blobOf(file)
			if !ok || key.Compare(after) <= 0 {
				continue
			}
			if n := len(blobs); n > 0 && blobs[n-1].Key == key { // the file, and here its part
				blobs[n-1].At = at
				continue
			}
			if len(blobs) == limit {
				return blobs, nil
			}
			blobs = append(blobs, Blob{key, at})
		}
	}
	return blobs, nil
}

// entries returns what stands in a folder in order of names; nothing where there is no
// such folder.
func (f *Folder) entries(dir string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(f.root.FS(), dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, failed("listed", err)
	}
	return list, nil
}

// blobOf reads a file's name and time; it is false for a file that is none of ours, and
// for one that has just been removed.
func blobOf(file fs.DirEntry) (schema.ID, time.Time, bool) {
	key, err := schema.ParseID(strings.TrimSuffix(file.Name(), partSuffix))
	if err != nil || keyText(key) != strings.TrimSuffix(file.Name(), partSuffix) {
		return key, time.Time{}, false
	}
	info, err := file.Info()
	if err != nil || !info.Mode().IsRegular() {
		return key, time.Time{}, false
	}
	return key, info.ModTime().UTC(), true
}

// failed makes an error of the file system one of the library's. What the content's
// reader and the context say is theirs.
func failed(what string, err error) error {
	var e *fs.PathError
	var link *os.LinkError
	if err == nil || !errors.As(err, &e) && !errors.As(err, &link) {
		return err
	}
	return &fault.Error{Code: fault.Internal, Message: "a file of the folder of blobs can't be " + what, Err: err}
}
