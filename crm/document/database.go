package document

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Database is the BlobStore that keeps bytes in the database of the records, in the same
// transaction. It suits files of some megabytes, and needs no care of its own: a backup of
// the database is one of the documents.
type Database struct {
	// MaxSize is the greatest size of a blob in bytes; 0 is DefaultMaxSize. While it
	// is being put, a blob is in memory.
	MaxSize int64
}

// Chunk is a piece of a blob. It carries no record.Meta, so that no session has a
// collection of chunks: they are reached through documents only.
type Chunk struct {
	ID     schema.ID // from BlobID and Seq, so that it is found without being searched for
	BlobID schema.ID `crm:"blob_id,required"`
	Seq    int64     // from 0
	PutAt  time.Time `crm:"put_at,required"`
	// Data has chunkSize bytes; in the last chunk, and in no other, it has fewer,
	// perhaps none.
	Data []byte `crm:"data,max=1048576"`
}

// chunkSize is the Max of Chunk.Data.
const chunkSize = 1 << 20

// Chunks is the kind of Chunk.
var Chunks = schema.Define[Chunk]("document_chunk", schema.Unique("blob_id", "seq"))

func chunkID(blob schema.ID, seq int64) schema.ID {
	return schema.NameID("chunk", blob.String(), strconv.FormatInt(seq, 10))
}

// Info implements BlobStore.
func (d Database) Info() Info { return Info{Joins: true, MaxSize: d.MaxSize} }

// Put implements BlobStore. It is Precondition outside of a transaction, which alone
// makes several chunks one blob.
func (Database) Put(ctx context.Context, t *storage.Tenant, key schema.ID, content io.Reader) error {
	if !t.InTx() {
		return fault.New(fault.Precondition, "a blob is put into the database in a transaction")
	}
	return t.Whole(ctx, func(ctx context.Context, t *storage.Tenant) error {
		chunks := storage.Of(t, Chunks)
		for seq := int64(0); ; seq++ {
			data := make([]byte, chunkSize) // a new one each time: a store in memory keeps it
			n, err := io.ReadFull(content, data)
			last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if err != nil && !last {
				return err
			}
			err = chunks.Insert(ctx, &Chunk{ID: chunkID(key, seq), BlobID: key, Seq: seq, PutAt: t.Now(), Data: slices.Clip(data[:n])})
			if err != nil || last {
				return err
			}
		}
	})
}

// Open implements BlobStore. It reads one chunk at a time.
func (Database) Open(ctx context.Context, t *storage.Tenant, key schema.ID) (io.ReadCloser, error) {
	r := &chunkReader{ctx: ctx, chunks: storage.Of(t, Chunks), key: key}
	err := r.next()
	if errors.Is(err, storage.ErrNotFound) {
		return nil, noBlob(key)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// chunkReader reads the chunks of a blob in their order.
type chunkReader struct {
	ctx    context.Context //nolint:containedctx // Read is given none
	chunks storage.Table[Chunk]
	key    schema.ID
	seq    int64 // of the next chunk
	data   bytes.Reader
	last   bool // data is of the last chunk
}

func (r *chunkReader) next() error {
	chunk, err := r.chunks.Get(r.ctx, chunkID(r.key, r.seq))
	if err != nil {
		return err
	}
	r.data.Reset(chunk.Data)
	r.last = len(chunk.Data) < chunkSize
	r.seq++
	return nil
}

// Read implements io.Reader.
func (r *chunkReader) Read(p []byte) (int, error) {
	for r.data.Len() == 0 && !r.last {
		err := r.next()
		if errors.Is(err, storage.ErrNotFound) {
			return 0, &fault.Error{Code: fault.Internal, ID: r.key.String(), Message: "a part of the blob is not there any more", Err: err}
		}
		if err != nil {
			return 0, err
		}
	}
	return r.data.Read(p)
}

// Close implements io.Closer.
func (r *chunkReader) Close() error { return nil }

// Delete implements BlobStore.
func (Database) Delete(ctx context.Context, t *storage.Tenant, keys ...schema.ID) error {
	chunks := storage.Of(t, Chunks)
	var gone []driver.Mutation
	for some := range slices.Chunk(keys, query.MaxValues) {
		// Counted, not read: their data is not wanted.
		groups, err := chunks.Aggregate(ctx, query.Aggregate{Where: query.In("blob_id", some...),
			Keys: []query.Key{{Path: query.P("blob_id")}}, Measures: []query.Measure{{Fn: query.Count}}})
		if err != nil {
			return err
		}
		for _, row := range groups.Rows {
			for seq := range row[1].(int64) {
				gone = append(gone, driver.Mutation{Kind: chunks.Kind(), Delete: &driver.Delete{ID: chunkID(row[0].(schema.ID), seq)}})
			}
		}
	}
	return t.Write(ctx, gone...)
}

// List implements BlobStore.
func (Database) List(ctx context.Context, t *storage.Tenant, after schema.ID, limit int) ([]Blob, error) {
	where := query.Eq("seq", 0)
	if !after.IsZero() {
		where = query.All(where, query.Gt("blob_id", after))
	}
	groups, err := storage.Of(t, Chunks).Aggregate(ctx, query.Aggregate{Where: where, Limit: limit,
		Keys: []query.Key{{Path: query.P("blob_id")}, {Path: query.P("put_at")}}, Measures: []query.Measure{{Fn: query.Count}}})
	if err != nil {
		return nil, err
	}
	blobs := make([]Blob, len(groups.Rows))
	for i, row := range groups.Rows {
		blobs[i] = Blob{row[0].(schema.ID), row[1].(time.Time)}
	}
	return blobs, nil
}
