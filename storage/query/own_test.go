package query_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/query"
)

func TestValues(t *testing.T) {
	for want, e := range map[int]query.Expr{
		0: nil,
		1: query.Not{Expr: query.Eq("name", "a")},
		2: query.And{query.Null("name"), query.HasText("name", "a"), query.Gt("name", "b")},
		4: query.Or{query.In("name", "a", "b", "c"), query.Exists{Relation: "parts", Where: query.Ne("name", "d")}},
	} {
		require.Equal(t, want, query.Values(e), "%v", e)
	}
}
