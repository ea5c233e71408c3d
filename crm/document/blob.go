package document

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// BlobStore keeps the bytes of revisions. It is safe for concurrent use. An
// implementation is right when documenttest.Run passes.
//
// Each method is told by a handle which tenant it works for, and where: in a transaction,
// or in none. Blobs of different tenants are apart, under the same key as well. The name
// of a tenant is any text of up to storage.MaxTenant bytes and, unlike a key, is not fit
// to name a file.
//
// A key is the id of a revision. It comes from the program's source of ids, it is new,
// and nothing is put under it a second time. Keys are not made of the content: two
// documents with the same bytes would share a blob, so that deleting one would have to
// count the others, in all transactions that are under way, and whoever can list keys
// would learn who has the same file. Size and hash are kept in the record instead.
//
// Errors may be of any type. Those of package fault, and of contexts, are handed on; all
// others become Internal.
type BlobStore interface {
	// Info tells what the store is. It asks nobody and always says the same.
	Info() Info
	// Put reads the content to its end and keeps it. When it has returned nil, the
	// bytes outlive a crash, and Open finds them. When it fails, when the content
	// can't be read, and when the process dies, Open finds nothing: never a part.
	Put(ctx context.Context, t *storage.Tenant, key schema.ID, content io.Reader) error
	// Open returns the bytes that were put; NotFound, at once, where there are none.
	// The context holds for reading, too; so does a transaction of the handle.
	Open(ctx context.Context, t *storage.Tenant, key schema.ID) (io.ReadCloser, error)
	// Delete removes blobs, with what an interrupted Put left under their keys. Those
	// that are not there are passed over.
	Delete(ctx context.Context, t *storage.Tenant, keys ...schema.ID) error
	// List returns, in order of keys, the first blobs of the tenant whose keys are
	// greater than after, at most limit of them; a zero id begins with the first. A
	// key under which a Put was interrupted may be among them.
	List(ctx context.Context, t *storage.Tenant, after schema.ID, limit int) ([]Blob, error)
}

// Info describes a BlobStore.
type Info struct {
	// Joins says that Put and Delete are part of the handle's transaction: they last
	// when it commits, and have never been when it does not. Such a store is called in
	// a transaction to put, is given content that is in memory, and needs no sweeping.
	Joins bool
	// MaxSize is the greatest size of a blob in bytes; 0 is DefaultMaxSize. Larger
	// content is refused before it has been read.
	MaxSize int64
}

// DefaultMaxSize is the size of a blob, in bytes, to which a store is bounded that says
// no other: 32 MiB.
const DefaultMaxSize = 32 << 20

func (i Info) maxSize() int64 {
	if i.MaxSize > 0 {
		return i.MaxSize
	}
	return DefaultMaxSize
}

// Blob is what a store tells of the bytes under a key.
type Blob struct {
	Key schema.ID
	// At is the time of Put by the store's clock, as exact as it has it.
	At time.Time
}

// wrap makes an error of a store one of the library's.
func wrap(err error) error {
	var e *fault.Error
	if err == nil || errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &fault.Error{Code: fault.Internal, Message: "the store of blobs failed", Err: err}
}

func noBlob(key schema.ID) error {
	return &fault.Error{Code: fault.NotFound, ID: key.String(), Message: "there is no such blob"}
}
