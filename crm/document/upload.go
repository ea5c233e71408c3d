package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/fault"
)

// Upload is the content of a new revision, and what is to be known of it.
type Upload struct {
	// Content is read once, to its end. Where reading fails, nothing is stored, and the
	// error is Invalid with the reader's as its cause.
	Content io.Reader
	// Size, if not 0, is how many bytes there must be; any other number is Invalid. It
	// finds out an upload that was cut off.
	Size      int64
	FileName  string // as in File; a path is Invalid
	MediaType string // as in File
	Note      string // what is new in the revision; may be empty
}

// keep takes an upload in and runs write, in a transaction, with the revision that it
// makes. A write that has no use for the revision leaves its DocumentID zero.
func (m Module) keep(ctx context.Context, u Upload, write func(context.Context, *session.Session, *Revision) (*Document, error)) (*Document, error) {
	if u.Content == nil {
		return nil, fault.InvalidField("content", "required", "no content was given")
	}
	info, key := m.blobs.Info(), m.s.Tenant().NewID()
	in := &meter{ctx: ctx, from: u.Content, max: info.maxSize(), want: u.Size, sum: sha256.New()}
	var held bytes.Buffer
	var err error
	if info.Joins {
		_, err = held.ReadFrom(in)
	} else {
		err = m.blobs.Put(ctx, m.s.Tenant(), key, in)
	}
	if in.err != nil {
		err = in.err
	}
	if err != nil {
		return nil, wrap(err)
	}
	file := File{FileName: u.FileName, MediaType: u.MediaType, Size: in.size, SHA256: hex.EncodeToString(in.sum.Sum(nil))}
	var d *Document
	used := false
	err = m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		rev := &Revision{Meta: s.NewMeta(), File: file, Note: u.Note}
		rev.ID = key
		var err error
		if d, err = write(ctx, s, rev); err != nil {
			return err
		}
		if used = !rev.DocumentID.IsZero(); used && info.Joins {
			return wrap(m.blobs.Put(ctx, s.Tenant(), key, bytes.NewReader(held.Bytes())))
		}
		return nil
	})
	if !info.Joins && (err == nil && !used || undone(err)) {
		_ = m.blobs.Delete(context.WithoutCancel(ctx), m.s.Tenant(), key) // otherwise Sweep does it
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// undone reports whether an error says for certain that nothing was committed. A database
// that was lost in the commit may have done it before.
func undone(err error) bool {
	if err == nil {
		return false
	}
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.NotFound, fault.Exists, fault.Conflict, fault.Referenced, fault.Forbidden, fault.Precondition:
		return true
	}
	return false
}

// meter measures what is read through it, stops at what is too large, and remembers why
// reading failed.
type meter struct {
	ctx  context.Context //nolint:containedctx // Read is given none
	from io.Reader
	max  int64
	want int64 // 0 for any size
	size int64
	sum  hash.Hash
	err  error // other than io.EOF
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.err == nil {
		m.err = m.ctx.Err()
	}
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.from.Read(p)
	m.size += int64(n)
	m.sum.Write(p[:n])
	ended := errors.Is(err, io.EOF)
	switch {
	case m.size > m.max:
		m.err = fault.InvalidField("content", "max", "is larger than %d bytes", m.max)
	case err != nil && !ended:
		m.err = unreadable(err)
	case m.want != 0 && (m.size > m.want || ended && m.size < m.want):
		m.err = fault.InvalidField("content", "size", "has another size than the %d bytes that were announced", m.want)
	default:
		return n, err
	}
	return 0, m.err
}

func unreadable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := fault.InvalidField("content", "read", "can't be read to its end")
	e.Err = err
	return e
}
