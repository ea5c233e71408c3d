package schema_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

// of makes a kind of a struct with an id and one field more.
func of[F any](options ...schema.Option) *schema.Kind {
	return schema.Define[struct {
		ID schema.ID
		F  F
	}]("kind", options...).Kind
}

// plain is a kind for mistakes in options.
func plain(options ...schema.Option) *schema.Kind {
	return schema.Define[struct {
		ID       schema.ID
		OtherID  schema.ID
		Name     string
		Long     string `crm:"long,max=1001"`
		Notes    schema.JSON
		Verylong string `crm:"a_name_that_is_almost_40_characters_long"`
	}]("kind", options...).Kind
}

type (
	code     string
	embedded struct{ Name string }
	pointed  struct{ Name string }
)

func TestMistakesInFields(t *testing.T) {
	for _, c := range []struct {
		name string
		kind *schema.Kind
		says string
	}{
		{"no struct", schema.Define[int]("kind").Kind, "no struct"},
		{"an interface", schema.Define[any]("kind").Kind, "no struct"},
		{"a pointer", schema.Define[*embedded]("kind").Kind, "no struct"},
		{"no id", schema.Define[embedded]("kind").Kind, `"id"`},
		{"an id of text", schema.Define[struct{ ID string }]("kind").Kind, `"id"`},
		{"a pointer to an id", schema.Define[struct{ ID *schema.ID }]("kind").Kind, `ID`},
		{"a version of text", schema.Define[struct {
			ID      schema.ID
			Version string
		}]("kind").Kind, `"version"`},
		{"a version that may be null", schema.Define[struct {
			ID      schema.ID
			Version *int64
		}]("kind").Kind, `"version"`},
		{"custom fields that are no Values", schema.Define[struct {
			ID     schema.ID
			Custom json.RawMessage
		}]("kind").Kind, `"custom"`},
		{"a map without json", of[map[string]string](), "F: Go type"},
		{"a struct without json", of[embedded](), "F: Go type"},
		{"a slice without json", of[[]string](), "F: Go type"},
		{"an array", of[[4]byte](), "F: Go type"},
		{"a func", of[func()](), "F: Go type"},
		{"a channel", of[chan int](), "F: Go type"},
		{"an interface field", of[any](), "F: Go type"},
		{"uint64", of[uint64](), "F: Go type"},
		{"uint", of[uint](), "F: Go type"},
		{"complex", of[complex128](), "F: Go type"},
		{"a pointer to a pointer", of[**string](), "F: Go type"},
		{"a pointer to a time", of[*time.Time](), "F: Go type"},
		{"a pointer to bytes", of[*[]byte](), "F: Go type"},
		{"an unknown option", schema.Define[struct {
			ID   schema.ID
			Name string `crm:"name,unique"`
		}]("kind").Kind, `Name: tag option "unique"`},
		{"an option with a space", schema.Define[struct {
			ID   schema.ID
			Name string `crm:"name, search"`
		}]("kind").Kind, `Name: tag option " search"`},
		{"scale without a number", schema.Define[struct {
			ID schema.ID
			F  string `crm:",scale"`
		}]("kind").Kind, "F: scale"},
		{"scale of 13", schema.Define[struct {
			ID schema.ID
			F  string `crm:",scale=13"`
		}]("kind").Kind, "F: scale"},
		{"scale below 0", schema.Define[struct {
			ID schema.ID
			F  string `crm:",scale=-1"`
		}]("kind").Kind, "F: scale"},
		{"required and personal", schema.Define[struct {
			ID schema.ID
			F  schema.Date `crm:",required,personal"`
		}]("kind").Kind, "F: what is personal"},
		{"max of 0", schema.Define[struct {
			ID schema.ID
			F  string `crm:",max=0"`
		}]("kind").Kind, "F: max"},
		{"max beyond the largest", schema.Define[struct {
			ID schema.ID
			F  string `crm:",max=16777217"`
		}]("kind").Kind, "F: max"},
		{"max of a word", schema.Define[struct {
			ID schema.ID
			F  string `crm:",max=x"`
		}]("kind").Kind, "F: max"},
		{"search in a pointer", schema.Define[struct {
			ID schema.ID
			F  *string `crm:",search"`
		}]("kind").Kind, "F: only a text field"},
		{"search in a number", schema.Define[struct {
			ID schema.ID
			F  int `crm:",search"`
		}]("kind").Kind, "F: only a text field"},
		{"a name in capitals", schema.Define[struct {
			ID schema.ID
			F  int `crm:"Name"`
		}]("kind").Kind, `"Name"`},
		{"a name that begins with a digit", schema.Define[struct {
			ID schema.ID
			F  int `crm:"1st"`
		}]("kind").Kind, `"1st"`},
		{"a name with a quote", schema.Define[struct {
			ID schema.ID
			F  int `crm:"a'b"`
		}]("kind").Kind, `"a'b"`},
		{"a name of 41 bytes", schema.Define[struct {
			ID schema.ID
			F  int `crm:"a2345678901234567890123456789012345678901"`
		}]("kind").Kind, `"a2345678901234567890123456789012345678901"`},
		{"the tenant", schema.Define[struct {
			ID       schema.ID
			TenantID string
		}]("kind").Kind, `"tenant_id" is reserved`},
		{"a name twice", schema.Define[struct {
			ID schema.ID
			A  int `crm:"same"`
			B  int `crm:"same"`
		}]("kind").Kind, `"same" stands twice`},
		{"a name twice through embedding", schema.Define[struct {
			embedded
			ID   schema.ID
			Name string
		}]("kind").Kind, `"name" stands twice`},
		{"a name that a search column has", schema.Define[struct {
			ID       schema.ID
			Name     string `crm:",search"`
			NameFold string
		}]("kind").Kind, `"name_fold" stands twice`},
		{"an embedded pointer", schema.Define[struct {
			*pointed
			ID schema.ID
		}]("kind").Kind, "pointed"},
		{"an embedded time", schema.Define[struct {
			time.Time
			ID schema.ID
		}]("kind").Kind, "Time"},
		{"an embedded field that is not exported", schema.Define[struct {
			code
			ID schema.ID
		}]("kind").Kind, "code"},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ErrorContains(t, c.kind.Err(), `kind "kind": `)
			require.ErrorContains(t, c.kind.Err(), c.says)
			_, err := schema.NewRegistry([]*schema.Kind{c.kind})
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestMistakesInOptions(t *testing.T) {
	belongs := schema.BelongsTo("other", "other", "other_id", schema.Part())
	for _, c := range []struct {
		name   string
		option schema.Option
		says   string
	}{
		{"belongs to by no field", schema.BelongsTo("to", "other", "nope"), `relation "to": field "nope" is no id`},
		{"belongs to by a text", schema.BelongsTo("to", "other", "name"), `relation "to": field "name" is no id`},
		{"two relations by one field", schema.BelongsTo("to", "other", "other_id"), `field "other_id" is relation "other" already`},
		{"a relation's name twice", schema.HasMany("other", "x", "y"), `relation "other": the name is taken`},
		{"a relation named like a field", schema.HasMany("name", "x", "y"), `relation "name": the name is taken`},
		{"a relation named custom", schema.HasMany("custom", "x", "y"), `relation "custom": the name is taken`},
		{"a relation with a dot", schema.HasMany("a.b", "x", "y"), `name "a.b"`},
		{"a second whole", schema.BelongsTo("whole", "other", "id", schema.Part()), "whole already"},
		{"a polymorphic reference by no field", schema.PolymorphicRef("subject", "nope", "other_id"), `no field "nope"`},
		{"a polymorphic reference of other types", schema.PolymorphicRef("subject", "other_id", "name"), `reference "subject" needs a text and an id`},
		{"a polymorphic reference with a bad name", schema.PolymorphicRef("a.b", "name", "other_id"), `"a.b"`},
		{"a polymorphic reference with a relation's name", schema.PolymorphicRef("other", "name", "other_id"), `"other"`},
		{"unique over no field", schema.Unique("nope"), `no field "nope"`},
		{"unique over nothing", schema.Unique(), "an index needs a field"},
		{"index over nothing", schema.IndexOn(), "an index needs a field"},
		{"index over JSON", schema.IndexOn("notes"), `field "notes" of type json`},
		{"index over a long text", schema.IndexOn("long"), `field "long" of type text, at most 1001 bytes`},
		{"an index with a long name", schema.IndexOn("a_name_that_is_almost_40_characters_long", "other_id", "name"), "longer than 58 bytes"},
		{"owned by no field", schema.OwnedBy("nope", "other_id"), `no field "nope"`},
		{"owned by a text", schema.OwnedBy("other_id", "name"), "owner and department are ids"},
		{"sort by no field", schema.SortKeys("nope"), `no field "nope"`},
		{"sort by JSON", schema.SortKeys("notes"), `field "notes" of type json`},
		{"reach by no field", schema.KeepsReach("id", "other_id", "nope"), `no field "nope"`},
		{"reach by texts", schema.KeepsReach("id", "other_id", "name"), `"name"`},
		{"shares by no field", schema.KeepsShares("name", "id", "nope", "other_id", "nope", "nope"), `no field "nope"`},
		{"shares by texts", schema.KeepsShares("name", "id", "name", "other_id", "name", "name"), `"name"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := plain(belongs, c.option).Err()
			require.ErrorContains(t, err, `kind "kind": `)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestKindNames(t *testing.T) {
	type record struct{ ID schema.ID }
	for _, name := range []string{"", "Customer", "1st", "a-b", "a b", "客户", strings.Repeat("a", 41)} {
		require.ErrorContains(t, schema.Define[record](name).Err(), "name")
	}
	for _, name := range []string{"a", "customer", "order_line2", strings.Repeat("a", 40)} {
		require.NoError(t, schema.Define[record](name).Err())
	}
}

// TestEveryMistakeIsTold shows that one run tells all that is wrong.
func TestEveryMistakeIsTold(t *testing.T) {
	err := schema.Define[struct {
		A map[string]int
		B uint64
	}]("Kind", schema.Unique("x"), schema.IndexOn("y")).Err()
	for _, says := range []string{`name "Kind"`, "A: Go type", "B: Go type", `no field "id"`, `no field "x"`, `no field "y"`} {
		require.ErrorContains(t, err, says)
	}
}

// TestIndexesOfOneName shows that two indexes never become one because their
// names come out the same.
func TestIndexesOfOneName(t *testing.T) {
	k := schema.Define[struct {
		ID schema.ID
		A  string
		B  string
		AB string `crm:"a_b"`
	}]("kind", schema.Unique("a", "b"), schema.Unique("a_b")).Kind
	if k.Err() == nil {
		require.Len(t, k.Indexes(), 2, "both or a mistake")
	}
}
