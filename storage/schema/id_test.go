package schema_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

var anyID = rapid.Custom(func(t *rapid.T) schema.ID {
	return schema.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
})

func TestIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(anyID, rapid.Just(schema.ID{})).Draw(t, "id")
		require.Equal(t, id.IsZero(), id.String() == "")
		require.Equal(t, strings.ToLower(id.String()), id.String())
		parsed, err := schema.ParseID(id.String())
		require.NoError(t, err)
		require.Equal(t, id, parsed)
		parsed, err = schema.ParseID(strings.ToUpper(id.String()))
		require.NoError(t, err)
		require.Equal(t, id, parsed)

		raw, err := json.Marshal(map[schema.ID]schema.ID{id: id})
		require.NoError(t, err)
		var back map[schema.ID]schema.ID
		require.NoError(t, json.Unmarshal(raw, &back))
		require.Equal(t, map[schema.ID]schema.ID{id: id}, back)
	})
}

func TestIDOrderIsThatOfItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyID.Draw(t, "a"), anyID.Draw(t, "b")
		require.Equal(t, strings.Compare(a.String(), b.String()), a.Compare(b))
		require.Equal(t, -b.Compare(a), a.Compare(b))
		require.Zero(t, a.Compare(a)) //nolint:gocritic // to be compared with itself is the point
	})
}

func TestParseIDRefuses(t *testing.T) {
	const good = "0190a0b0-0000-7000-8000-000000000001"
	for _, s := range []string{
		" ", "x", good[1:], good + "0", good[:35] + "g", "{" + good + "}", "urn:uuid:" + good, strings.ReplaceAll(good, "-", ""),
		strings.ReplaceAll(good, "-", "_"), " " + good[1:], "00000000\x00" + good[9:],
	} {
		_, err := schema.ParseID(s)
		require.ErrorIs(t, err, fault.ErrInvalid, "%q", s)
		id := schema.ID{1}
		require.ErrorIs(t, id.UnmarshalText([]byte(s)), fault.ErrInvalid)
		require.Equal(t, schema.ID{1}, id, "unchanged")
	}
	zero, err := schema.ParseID("00000000-0000-0000-0000-000000000000")
	require.NoError(t, err)
	require.True(t, zero.IsZero())
}

func TestNewIDAscends(t *testing.T) {
	ids := make([]schema.ID, 1000)
	for i := range ids {
		ids[i] = schema.NewID()
	}
	require.True(t, slices.IsSortedFunc(ids, schema.ID.Compare))
	require.Len(t, slices.Compact(ids), len(ids))
	require.Equal(t, uuid.Version(7), uuid.UUID(ids[0]).Version())
}

func TestNameID(t *testing.T) {
	require.Equal(t, schema.NameID("erp", "C-1"), schema.NameID("erp", "C-1"))
	require.Equal(t, uuid.Version(5), uuid.UUID(schema.NameID("erp")).Version())
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.String(), 1, 3)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		require.Equal(t, slices.Equal(a, b), schema.NameID(a...) == schema.NameID(b...), "other parts are another name")
	})
	require.NotEqual(t, schema.NameID("a", "b"), schema.NameID("a\x1fb"), "a part is not cut by what it contains")
}
