package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
)

// Content is the content of a revision while it is read. It is an io.ReadCloser for one
// goroutine.
//
// Read checks size and hash when it comes to the end. Where they are not those of the
// revision, it returns an Internal error and keeps the last piece back: whoever has read
// all Size bytes, or has met io.EOF, has what was stored.
type Content struct {
	Revision Revision

	from io.ReadCloser
	left int64
	sum  hash.Hash
	err  error // that has ended it
}

func openContent(ctx context.Context, m Module, rev Revision) (*Content, error) {
	from, err := m.blobs.Open(ctx, m.s.Tenant(), rev.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, broken(rev, "the bytes of the revision are not there", err)
	}
	if err != nil {
		return nil, wrap(err)
	}
	return &Content{Revision: rev, from: from, left: rev.Size, sum: sha256.New()}, nil
}

// Read implements io.Reader.
func (c *Content) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	c.sum.Write(p[:n])
	c.left -= int64(n)
	ended := errors.Is(err, io.EOF)
	switch {
	case err != nil && !ended:
		c.err = wrap(err)
	case c.left < 0, ended && c.left > 0, c.left == 0 && (n > 0 || ended) && hex.EncodeToString(c.sum.Sum(nil)) != c.Revision.SHA256:
		c.err = broken(c.Revision, "the bytes of the revision are not those that were stored", nil)
	case ended:
		c.err = io.EOF
		return n, io.EOF
	default:
		return n, nil
	}
	return 0, c.err
}

// Close implements io.Closer.
func (c *Content) Close() error { return wrap(c.from.Close()) }

func broken(rev Revision, how string, err error) error {
	return &fault.Error{Code: fault.Internal, Kind: Revisions.Name(), ID: rev.ID.String(), Message: how, Err: err}
}
