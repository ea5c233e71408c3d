package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

func TestUpdateAndDelete(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	table := storage.Of(tn, accounts)
	mine := account{ID: num(1), Version: 1, Name: "Acme"}
	require.NoError(t, table.Insert(ctx, &mine))
	theirs, err := table.Get(ctx, num(1))
	require.NoError(t, err)
	require.Equal(t, mine, theirs)

	theirs.Name = "Théirs"
	require.NoError(t, table.Update(ctx, &theirs))
	require.Equal(t, int64(1), theirs.Version, "the record in hand is not touched")
	theirs.Version = 2
	mine.Name = "Mine"
	require.ErrorIs(t, table.Update(ctx, &mine), fault.ErrConflict, "no update is lost")
	require.Equal(t, int64(1), mine.Version, "unchanged")
	got, err := table.Get(ctx, num(1))
	require.NoError(t, err)
	require.Equal(t, theirs, got)
	page, err := table.Find(ctx, query.Select{Where: query.HasText("name", "THEIRS")})
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "the search column followed")

	require.ErrorIs(t, table.Update(ctx, &account{ID: num(2), Version: 1}), fault.ErrNotFound)
	err = table.Update(ctx, &account{ID: num(1)})
	require.Equal(t, map[string]string{"version": "version"}, fieldCodes(t, err))
	require.ErrorIs(t, table.Update(ctx, nil), fault.ErrInvalid)
	require.ErrorIs(t, table.Insert(ctx, &account{ID: num(3)}, nil), fault.ErrInvalid)
	require.NoError(t, table.Insert(ctx), "nothing is nothing")

	require.ErrorIs(t, table.Delete(ctx, num(1), 1), fault.ErrConflict)
	require.ErrorIs(t, table.Delete(ctx, num(2), 0), fault.ErrNotFound)
	require.NoError(t, table.Delete(ctx, num(1), 2))
	_, err = table.Get(ctx, num(1))
	require.EqualError(t, err, "not found: account "+num(1).String()+": there is no such record")
	_, err = table.Get(ctx, schema.ID{})
	require.ErrorIs(t, err, fault.ErrNotFound)

	free := storage.Of(tn, contacts) // a kind without versions
	require.NoError(t, free.Insert(ctx, &contact{ID: num(1), Name: "a"}))
	require.NoError(t, free.Update(ctx, &contact{ID: num(1), Name: "b"}))
	require.NoError(t, free.Delete(ctx, num(1), 0))
}

// TestExplained holds what a broken unique or reference says: kind, fields, and
// never a value.
func TestExplained(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	table, people := storage.Of(tn, accounts), storage.Of(tn, contacts)
	require.NoError(t, table.Insert(ctx, &account{ID: num(1), Version: 1, Code: "s3cret", Region: "north", Rank: 7}, &account{ID: num(2), Version: 1, ParentID: num(1)}))
	require.NoError(t, people.Insert(ctx, &contact{ID: num(1), AccountID: num(2)}))
	for _, c := range []struct {
		name   string
		err    error
		text   string
		fields map[string]string
	}{
		{"the same id", table.Insert(ctx, &account{ID: num(1), Version: 1}), "exists: account: there is such a record already", map[string]string{}},
		{"a unique", table.Insert(ctx, &account{ID: num(3), Code: "s3cret"}), "exists: account: there is such a record already", map[string]string{"code": "unique"}},
		{"a unique of two fields", table.Insert(ctx, &account{ID: num(3), Region: "north", Rank: 7}), "exists: account: there is such a record already", map[string]string{"region": "unique", "rank": "unique"}},
		{"a unique in an update", table.Update(ctx, &account{ID: num(2), Version: 1, Code: "s3cret"}), "exists: account: there is such a record already", map[string]string{"code": "unique"}},
		{"a reference", people.Insert(ctx, &contact{ID: num(2), AccountID: num(9)}), "referenced: contact: account_id: there is no such account", map[string]string{"account_id": "reference"}},
		{"a reference in an update", table.Update(ctx, &account{ID: num(2), Version: 1, ParentID: num(9)}), "referenced: account: parent_id: there is no such account", map[string]string{"parent_id": "reference"}},
		{"a deletion of what others refer to", table.Delete(ctx, num(2), 0), "referenced: account: others still refer to it", map[string]string{}},
		{"a deletion of a parent", table.Delete(ctx, num(1), 0), "referenced: account: others still refer to it", map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.EqualError(t, c.err, c.text)
			require.Equal(t, c.fields, fieldCodes(t, c.err))
		})
	}
	_, err := tn.UpdateWhere(ctx, table.Kind(), nil, nil, []driver.Assign{{Field: table.Kind().Field("code"), Value: "same"}})
	require.ErrorIs(t, err, fault.ErrExists)
	require.Equal(t, map[string]string{"code": "unique"}, fieldCodes(t, err))
}

func TestFindAndAll(t *testing.T) {
	ctx, tn := t.Context(), open(t)
	table := storage.Of(tn, accounts)
	require.NoError(t, insert(ctx, tn, 1, 2, 3, 4, 5, 6, 7))
	q := query.Select{Where: query.Gt("rank", 2), Sort: query.By("-rank"), Limit: 2}
	var got []int64
	for a, err := range table.All(ctx, q) {
		require.NoError(t, err)
		got = append(got, a.Rank)
	}
	require.Equal(t, []int64{7, 6, 5, 4, 3}, got)
	got = nil
	for a, err := range table.All(ctx, q) {
		require.NoError(t, err)
		if got = append(got, a.Rank); len(got) == 3 {
			break
		}
	}
	require.Equal(t, []int64{7, 6, 5}, got, "a loop may end early")

	page, err := table.Find(ctx, query.Select{Where: query.Gt("rank", 99)})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	require.Empty(t, page.Next)
	page, err = table.Find(ctx, query.Select{Limit: 7})
	require.NoError(t, err)
	require.Len(t, page.Items, 7)
	require.Empty(t, page.Next, "a full page may be the last")

	rounds := 0
	for _, err := range table.All(ctx, query.Select{Where: query.Eq("nope", 1)}) {
		require.ErrorIs(t, err, fault.ErrInvalid)
		rounds++
	}
	require.Equal(t, 1, rounds, "an error ends the sequence")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = table.Find(cancelled, q)
	require.Equal(t, context.Canceled, err, "context errors pass unchanged")
}

func TestTenantsAreApart(t *testing.T) {
	ctx := t.Context()
	db := memory.Open().Bind(registry(t), storage.Options{})
	acme, other := tenant(t, db, "acme"), tenant(t, db, "Acme")
	require.NoError(t, insert(ctx, acme, 1))
	_, err := storage.Of(other, accounts).Get(ctx, num(1))
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.ErrorIs(t, storage.Of(other, accounts).Delete(ctx, num(1), 0), fault.ErrNotFound)
	require.ErrorIs(t, storage.Of(other, contacts).Insert(ctx, &contact{ID: num(1), AccountID: num(1)}), fault.ErrReferenced)
	require.NoError(t, insert(ctx, other, 1), "the same id in another tenant")
	requireCount(t, acme, 1, "its own")

	for _, name := range []string{"", "a\x00", "\xff", string(make([]byte, storage.MaxTenant+1))} {
		_, err := db.Tenant(name)
		require.Equal(t, map[string]string{"tenant": "tenant"}, fieldCodes(t, err))
	}
	require.Equal(t, "Acme", other.Name())
	require.Same(t, db, other.DB())
}

// TestUnknownKind: every method says so, and none panics.
func TestUnknownKind(t *testing.T) {
	ctx, table := t.Context(), storage.Of(open(t), unknown)
	require.Nil(t, table.Kind())
	row := driver.Row{num(1)}
	record := struct{ ID schema.ID }{num(1)}
	for name, call := range map[string]func() error{
		"insert": func() error { return table.Insert(ctx, &record) },
		"update": func() error { return table.Update(ctx, &record) },
		"delete": func() error { return table.Delete(ctx, num(1), 0) },
		"get":    func() error { _, err := table.Get(ctx, num(1)); return err },
		"find":   func() error { _, err := table.Find(ctx, query.Select{}); return err },
		"aggregate": func() error {
			_, err := table.Aggregate(ctx, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}})
			return err
		},
		"encode":      func() error { _, err := table.Encode(&record); return err },
		"decode":      func() error { _, err := table.Decode(row); return err },
		"decode into": func() error { return table.DecodeInto(row, &record) },
		"all": func() (err error) {
			for _, each := range table.All(ctx, query.Select{}) {
				err = errors.Join(err, each)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.NotPanics(t, func() { require.ErrorIs(t, call(), fault.ErrInvalid) })
		})
	}
}
