// Package documenttest proves that a store of blobs is right: ours, and a host's.
package documenttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

// Run checks that a store keeps the contract of document.BlobStore. The application gives
// the tenants and the transactions; a store outside of the database can take one over
// storage/memory. It must not hold blobs of these tenants before.
func Run(t *testing.T, app *crm.App, store document.BlobStore) {
	t.Helper()
	s := suite{app, store}
	for name, test := range map[string]func(*testing.T, document.BlobStore){
		"sizes": s.sizes, "absence": s.absence, "failure": s.failure, "interruption": s.interruption, "deletion": s.deletion,
		"tenants": s.tenants, "listing": s.listing, "concurrency": s.concurrency, "cancelling": s.cancelling, "transactions": s.transactions,
	} {
		t.Run(name, func(t *testing.T) { test(t, store) })
	}
}

type suite struct {
	app   *crm.App
	store document.BlobStore
}

// tenant returns a session of the system in a tenant.
func (s suite) tenant(t *testing.T, name string) *crm.Session {
	t.Helper()
	return crmtest.System(t, s.app.Tenant(name))
}

// put puts content: in a transaction, if the store joins one.
func (s suite) put(ctx context.Context, in *crm.Session, key schema.ID, content io.Reader) error {
	if !s.store.Info().Joins {
		return s.store.Put(ctx, in.Tenant(), key, content)
	}
	return in.Tx(ctx, func(ctx context.Context, in *crm.Session) error { return s.store.Put(ctx, in.Tenant(), key, content) })
}

// read returns what is under a key.
func (s suite) read(in *crm.Session, key schema.ID) ([]byte, error) {
	r, err := s.store.Open(context.Background(), in.Tenant(), key)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	return content, errors.Join(err, r.Close())
}

func (s suite) requireAbsent(t *testing.T, in *crm.Session, key schema.ID) {
	t.Helper()
	_, err := s.read(in, key)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

// Pattern returns bytes in which every piece differs from every other.
func Pattern(size int) []byte {
	b := make([]byte, 0, size+8)
	for i := 0; len(b) < size; i++ {
		b = fmt.Appendf(b, "%07x ", i)
	}
	return b[:size]
}

func (s suite) sizes(t *testing.T, store document.BlobStore) {
	in := s.tenant(t, "sizes")
	for _, size := range []int{0, 1, 511, 1<<20 - 1, 1 << 20, 1<<20 + 1, 2 << 20, 5<<20 + 3} {
		key, content := schema.NewID(), Pattern(size)
		require.NoError(t, s.put(t.Context(), in, key, iotest.HalfReader(bytes.NewReader(content))))
		got, err := s.read(in, key)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, got), "%d bytes come back as %d", size, len(got))

		r, err := store.Open(t.Context(), in.Tenant(), key)
		require.NoError(t, err)
		require.NoError(t, r.Close(), "a reader is closed before its end")
		got, err = s.read(in, key)
		require.NoError(t, err)
		require.Len(t, got, size, "reading takes nothing away")
	}
}

func (s suite) absence(t *testing.T, store document.BlobStore) {
	in := s.tenant(t, "absence")
	_, err := store.Open(t.Context(), in.Tenant(), schema.NewID())
	require.ErrorIs(t, err, storage.ErrNotFound)
	require.NoError(t, store.Delete(t.Context(), in.Tenant(), schema.NewID()))
	require.NoError(t, store.Delete(t.Context(), in.Tenant()))
	blobs, err := store.List(t.Context(), in.Tenant(), schema.ID{}, 10)
	require.NoError(t, err)
	require.Empty(t, blobs)
}

// failure has content that can't be read to its end.
func (s suite) failure(t *testing.T, _ document.BlobStore) {
	in, broken := s.tenant(t, "failure"), errors.New("the line was cut")
	for _, after := range []int{0, 1, 1 << 20, 3 << 20} {
		key := schema.NewID()
		err := s.put(t.Context(), in, key, io.MultiReader(bytes.NewReader(Pattern(after)), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken, "after %d bytes", after)
		s.requireAbsent(t, in, key)
		require.NoError(t, s.put(t.Context(), in, key, strings.NewReader("whole")), "the key is free")
		got, err := s.read(in, key)
		require.NoError(t, err)
		require.Equal(t, "whole", string(got))
	}
}

// interruption looks for a blob that is still being put.
func (s suite) interruption(t *testing.T, store document.BlobStore) {
	if store.Info().Joins {
		t.Skip("its content is in memory when it is put")
	}
	in, key := s.tenant(t, "interruption"), schema.NewID()
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- store.Put(t.Context(), in.Tenant(), key, r) }()
	_, err := w.Write(Pattern(2 << 20))
	require.NoError(t, err)
	s.requireAbsent(t, in, key)
	require.NoError(t, w.Close())
	require.NoError(t, <-done)
	got, err := s.read(in, key)
	require.NoError(t, err)
	require.Len(t, got, 2<<20)
}

func (s suite) deletion(t *testing.T, store document.BlobStore) {
	in := s.tenant(t, "deletion")
	keys := make([]schema.ID, 5)
	for i := range keys {
		keys[i] = schema.NewID()
		require.NoError(t, s.put(t.Context(), in, keys[i], bytes.NewReader(Pattern(i<<20))))
	}
	for range 2 { // the second finds nothing
		require.NoError(t, store.Delete(t.Context(), in.Tenant(), append([]schema.ID{schema.NewID()}, keys[:4]...)...))
	}
	for _, key := range keys[:4] {
		s.requireAbsent(t, in, key)
	}
	got, err := s.read(in, keys[4])
	require.NoError(t, err)
	require.Len(t, got, 4<<20)
}

// names are tenants that no file system would keep apart, or take.
var names = []string{"main", "Main", "MAIN", "..", "../main", "a/b", `a\b`, "/", "CON", "nul", "a:b", "trailing.", "trailing ", "客户", "\u00e9", "e\u0301", "*?", strings.Repeat("x", 100), "a\nb"}

func (s suite) tenants(t *testing.T, store document.BlobStore) {
	key := schema.NewID()
	for _, name := range names {
		s.requireAbsent(t, s.tenant(t, name), key)
		require.NoError(t, s.put(t.Context(), s.tenant(t, name), key, strings.NewReader(name)))
	}
	for _, name := range names {
		in := s.tenant(t, name)
		got, err := s.read(in, key)
		require.NoError(t, err)
		require.Equal(t, name, string(got))
		blobs, err := store.List(t.Context(), in.Tenant(), schema.ID{}, 10)
		require.NoError(t, err)
		require.Len(t, blobs, 1)
		require.NoError(t, store.Delete(t.Context(), in.Tenant(), key))
		s.requireAbsent(t, in, key)
	}
}

func (s suite) listing(t *testing.T, store document.BlobStore) {
	in := s.tenant(t, "listing")
	var want []schema.ID
	for i := range 9 {
		key := schema.NewID()
		if i%3 == 0 { // ids need not ascend
			key = schema.NameID("listing", fmt.Sprint(i))
		}
		want = append(want, key)
		require.NoError(t, s.put(t.Context(), in, key, bytes.NewReader(Pattern(i<<18))))
	}
	slices.SortFunc(want, schema.ID.Compare)
	for _, limit := range []int{1, 2, 9, 100} {
		var got []schema.ID
		for after := (schema.ID{}); ; {
			blobs, err := store.List(t.Context(), in.Tenant(), after, limit)
			require.NoError(t, err)
			require.LessOrEqual(t, len(blobs), limit)
			for _, b := range blobs {
				got = append(got, b.Key)
				require.WithinDuration(t, time.Now(), b.At, time.Hour)
			}
			if len(blobs) < limit {
				break
			}
			after = blobs[limit-1].Key
		}
		require.Equal(t, want, got, "in pages of %d", limit)
	}
}

func (s suite) concurrency(t *testing.T, _ document.BlobStore) {
	var wg sync.WaitGroup
	const many = 8
	errs := make([]error, many)
	for i := range many {
		in := s.tenant(t, "concurrency") // a session is for one goroutine
		wg.Go(func() {
			key, content := schema.NewID(), Pattern(i<<17)
			if errs[i] = s.put(t.Context(), in, key, bytes.NewReader(content)); errs[i] != nil {
				return
			}
			got, err := s.read(in, key)
			if errs[i] = err; err == nil && !bytes.Equal(content, got) {
				errs[i] = errors.New("other bytes came back")
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
}

func (s suite) cancelling(t *testing.T, store document.BlobStore) {
	in, key := s.tenant(t, "cancelling"), schema.NewID()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.put(ctx, in, key, strings.NewReader("x")), context.Canceled)
	s.requireAbsent(t, in, key)
	require.NoError(t, s.put(t.Context(), in, key, strings.NewReader("x")))
	_, err := store.Open(ctx, in.Tenant(), key)
	require.ErrorIs(t, err, context.Canceled)
}

// transactions roll back what a store says it joins, and commit it.
func (s suite) transactions(t *testing.T, store document.BlobStore) {
	if !store.Info().Joins {
		t.Skip("the store is outside of the database")
	}
	in, kept, undone, enough := s.tenant(t, "transactions"), schema.NewID(), schema.NewID(), errors.New("enough")
	require.NoError(t, in.Tx(t.Context(), func(ctx context.Context, in *crm.Session) error {
		if err := store.Put(ctx, in.Tenant(), kept, bytes.NewReader(Pattern(3<<20))); err != nil {
			return err
		}
		r, err := store.Open(ctx, in.Tenant(), kept)
		if err != nil {
			return err
		}
		got, err := io.ReadAll(r)
		require.Len(t, got, 3<<20, "it is there in the transaction")
		return errors.Join(err, r.Close())
	}))
	err := in.Tx(t.Context(), func(ctx context.Context, in *crm.Session) error {
		err := errors.Join(store.Put(ctx, in.Tenant(), undone, bytes.NewReader(Pattern(3<<20))), store.Delete(ctx, in.Tenant(), kept))
		require.NoError(t, err)
		return enough
	})
	require.ErrorIs(t, err, enough)
	s.requireAbsent(t, in, undone)
	got, err := s.read(in, kept)
	require.NoError(t, err)
	require.True(t, bytes.Equal(Pattern(3<<20), got), "deleting was undone")
}
