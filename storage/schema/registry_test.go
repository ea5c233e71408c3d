package schema_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

type company struct {
	ID       schema.ID
	ParentID schema.ID
	Code     string
	OwnerID  schema.ID
	DeptID   schema.ID
	Founded  schema.Date
	Custom   schema.Values
}

type person struct {
	ID        schema.ID
	CompanyID schema.ID
	Name      string
}

type memo struct {
	ID          schema.ID
	SubjectKind string
	SubjectID   schema.ID
}

func companies(options ...schema.Option) *schema.Kind {
	return schema.Define[company]("company", append([]schema.Option{schema.BelongsTo("parent", "company", "parent_id"), schema.Unique("code")}, options...)...).Kind
}

func people(options ...schema.RelationOption) *schema.Kind {
	return schema.Define[person]("person", schema.BelongsTo("company", "company", "company_id", options...)).Kind
}

func memos(kinds ...string) *schema.Kind {
	return schema.Define[memo]("memo", schema.PolymorphicRef("subject", "subject_kind", "subject_id", kinds...)).Kind
}

func TestRegistryResolves(t *testing.T) {
	given := []*schema.Kind{
		companies(schema.HasMany("children", "company", "parent"), schema.HasMany("memos", "memo", "subject"),
			schema.OwnedBy("owner_id", "dept_id"), schema.SortKeys("founded")),
		people(schema.Part(), schema.Inverse("people")), memos(),
	}
	r, err := schema.NewRegistry(given)
	require.NoError(t, err)
	co, pe, me := r.Kind("company"), r.Kind("person"), r.Kind("memo")
	require.Equal(t, []*schema.Kind{co, pe, me}, r.Kinds())
	require.Nil(t, r.Kind("nope"))
	require.Same(t, co, r.Of(given[0]))
	require.Nil(t, r.Of(schema.Define[person]("company").Kind), "the same name of another type")
	require.Same(t, r, co.Registry())
	require.Nil(t, given[0].Registry())

	up := pe.Relation("company")
	require.Same(t, pe, up.From)
	require.Same(t, co, up.To)
	require.Same(t, pe.Field("company_id"), up.Field)
	require.True(t, up.Part && !up.Many)
	require.Same(t, up, pe.Whole())
	require.Nil(t, co.Whole())

	down := co.Relation("people")
	require.Same(t, pe, down.To)
	require.Same(t, pe.Field("company_id"), down.Field)
	require.True(t, down.Many)
	require.Nil(t, down.KindField)

	children := co.Relation("children")
	require.Same(t, co, children.To)
	require.Same(t, co.Field("parent_id"), children.Field)

	notes := co.Relation("memos")
	require.Same(t, me.Field("subject_id"), notes.Field)
	require.Same(t, me.Field("subject_kind"), notes.KindField)

	require.Equal(t, []*schema.Relation{co.Relation("parent"), up}, r.PointingAt(co))
	require.Empty(t, r.PointingAt(pe))
	require.Same(t, up, pe.Index("person_company_id_idx").Reference)
	require.Nil(t, given[1].Relation("company").To, "what was given is as it was")
	require.Nil(t, given[0].Relation("people"))

	require.Same(t, co.Field("owner_id"), co.Owner())
	require.Same(t, co.Field("dept_id"), co.Department())
	require.True(t, co.IsSortKey(co.Field("founded")))
	require.False(t, co.IsSortKey(co.Field("code")))
	walk := co.Index("company_founded_idx")
	require.Equal(t, []*schema.Field{co.Owner(), co.Department()}, walk.Include)
	require.NotNil(t, co.Index("company_owner_id_founded_idx"))
	require.NotNil(t, co.Index("company_dept_id_founded_idx"))
	require.Nil(t, co.Index("nope"))
}

func TestRegistryMistakes(t *testing.T) {
	custom := func(kind string, fields ...schema.CustomField) schema.Extension {
		return schema.Extension{Kind: kind, Fields: fields}
	}
	type pair struct {
		ID schema.ID
		BC string `crm:"b_c"`
	}
	type single struct {
		ID schema.ID
		C  string
	}
	type closure struct {
		ID, Above, Below schema.ID
		Depth            int
	}
	reach := schema.KeepsReach("above", "below", "depth")
	for _, c := range []struct {
		name   string
		kinds  []*schema.Kind
		extend []schema.Extension
		says   []string
	}{
		{"a kind twice", []*schema.Kind{companies(), companies()}, nil, []string{`kind "company" stands twice`}},
		{"a relation to nowhere", []*schema.Kind{people()}, nil, []string{`kind "person"`, `relation "company"`, `kind "company", which is not there`}},
		{"the inverse of a relation to nowhere", []*schema.Kind{people(schema.Inverse("people"))}, nil, []string{`kind "company", which is not there`}},
		{"an inverse whose name is taken", []*schema.Kind{companies(), people(schema.Inverse("code"))}, nil, []string{`"company"`, `relation "code": the name is taken`}},
		{"the way back of nothing", []*schema.Kind{companies(schema.HasMany("people", "person", "nope")), people()}, nil, []string{`kind "company": relation "people"`, `no reference "nope"`}},
		{"the way back of a relation elsewhere", []*schema.Kind{companies(), people(), schema.Define[person]("other", schema.HasMany("people", "person", "company")).Kind}, nil,
			[]string{`kind "other": relation "people"`}},
		{"the way back of a reference that does not come here", []*schema.Kind{companies(schema.HasMany("memos", "memo", "subject")), people(), memos("person")}, nil,
			[]string{`kind "company": relation "memos"`}},
		{"a polymorphic reference to nowhere", []*schema.Kind{memos("nope")}, nil, []string{`"memo"`, `"nope"`}},
		{"an index name of two kinds", []*schema.Kind{schema.Define[pair]("a", schema.IndexOn("b_c")).Kind, schema.Define[single]("a_b", schema.IndexOn("c")).Kind}, nil,
			[]string{`"a_b_c_idx"`, `"a"`, `"a_b"`}},
		{"two kinds keep the reach", []*schema.Kind{schema.Define[closure]("a", reach).Kind, schema.Define[closure]("b", reach).Kind}, nil, []string{`kind "b"`, "another does already"}},
		{"custom fields for nobody", nil, []schema.Extension{custom("nope")}, []string{`kind "nope", which is not there`}},
		{"custom fields without a column", []*schema.Kind{companies(), people()}, []schema.Extension{custom("person")}, []string{`kind "person"`, `no JSON column "custom"`}},
		{"a custom field twice", []*schema.Kind{companies()},
			[]schema.Extension{custom("company", schema.CustomField{Name: "x", Type: schema.TypeInt}), custom("company", schema.CustomField{Name: "x", Type: schema.TypeText})},
			[]string{`kind "company"`, `custom field "x" stands twice`}},
		{"a custom float", []*schema.Kind{companies()}, []schema.Extension{custom("company", schema.CustomField{Name: "x", Type: schema.TypeFloat})}, []string{`kind "company"`, `custom field "x": type float`}},
		{"a custom field without a type", []*schema.Kind{companies()}, []schema.Extension{custom("company", schema.CustomField{Name: "x"})}, []string{`custom field "x"`}},
		{"a custom scale", []*schema.Kind{companies()}, []schema.Extension{custom("company", schema.CustomField{Name: "x", Type: schema.TypeDecimal, Scale: 13})}, []string{`custom field "x": scale`}},
		{"a custom length", []*schema.Kind{companies()}, []schema.Extension{custom("company", schema.CustomField{Name: "x", Type: schema.TypeText, Max: -1})}, []string{`custom field "x": max`}},
		{"a custom name", []*schema.Kind{companies()}, []schema.Extension{custom("company", schema.CustomField{Name: "a.b", Type: schema.TypeInt})}, []string{`kind "company"`, `"a.b"`}},
		{"an indexed custom text that is too long", []*schema.Kind{companies()},
			[]schema.Extension{custom("company", schema.CustomField{Name: "x", Type: schema.TypeText, Max: 1001, Indexed: true})}, []string{`kind "company"`, `field "x"`}},
		{"all of them", []*schema.Kind{people(), memos(), memos()}, []schema.Extension{custom("nope")}, []string{`"company"`, `"memo" stands twice`, `"nope"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := schema.NewRegistry(c.kinds, c.extend...)
			require.Nil(t, r)
			for _, says := range c.says {
				require.ErrorContains(t, err, says)
			}
		})
	}
}

// TestDefinitionsAreShared: one definition serves many registries, each with
// fields of its own.
func TestDefinitionsAreShared(t *testing.T) {
	k := companies()
	indexes, relations := len(k.Indexes()), len(k.Relations())
	make1 := func(fields ...schema.CustomField) *schema.Kind {
		r, err := schema.NewRegistry([]*schema.Kind{k, people(schema.Inverse("people"))}, schema.Extension{Kind: "company", Fields: fields})
		require.NoError(t, err)
		return r.Kind("company")
	}
	first := make1(schema.CustomField{Name: "colour", Type: schema.TypeText, Indexed: true}, schema.CustomField{Name: "stars", Type: schema.TypeDecimal, Scale: 2})
	second := make1(schema.CustomField{Name: "colour", Type: schema.TypeInt})
	third := make1()

	f := first.CustomField("colour")
	require.Equal(t, schema.Field{Name: "colour", Type: schema.TypeText, Nullable: true, Max: schema.DefaultMax, Custom: true, Position: -1}, *f)
	require.Equal(t, int32(2), first.CustomField("stars").Scale)
	require.Equal(t, []*schema.Field{f}, first.Index("company_colour_custom_idx").Fields)
	require.Len(t, first.CustomFields(), 2)
	require.Equal(t, schema.TypeInt, second.CustomField("colour").Type)
	require.Nil(t, second.Index("company_colour_custom_idx"))
	require.Empty(t, third.CustomFields())
	require.Nil(t, third.CustomField("colour"))

	require.Empty(t, k.CustomFields())
	require.Len(t, k.Indexes(), indexes)
	require.Len(t, k.Relations(), relations)
	require.Nil(t, k.Relation("parent").To)
	require.Nil(t, k.Index("company_parent_id_idx").Reference.To)
}

func TestIndexesOnce(t *testing.T) {
	k := people()
	require.Len(t, k.Indexes(), 1)
	again := schema.Define[person]("person", schema.IndexOn("company_id"), schema.BelongsTo("company", "company", "company_id"), schema.IndexOn("company_id")).Kind
	require.NoError(t, again.Err())
	require.Len(t, again.Indexes(), 1, "the same fields are indexed once")
	require.NotNil(t, again.Indexes()[0].Reference)
	both := schema.Define[person]("person", schema.Unique("name"), schema.IndexOn("name"), schema.Unique("company_id", "name"), schema.Unique("name", "company_id")).Kind
	require.NoError(t, both.Err())
	require.Len(t, both.Indexes(), 4)
	require.True(t, both.Index("person_name_company_id_key").Unique)
}

func TestRoles(t *testing.T) {
	type closure struct {
		ID, Above, Below schema.ID
		Depth            int
	}
	type share struct {
		ID                schema.ID
		Kind              string
		Record, Principal schema.ID
		Created           time.Time
		Level             int
		Ends              time.Time
	}
	r, err := schema.NewRegistry([]*schema.Kind{
		schema.Define[closure]("closure", schema.KeepsReach("above", "below", "depth")).Kind,
		schema.Define[share]("share", schema.KeepsShares("kind", "record", "created", "principal", "level", "ends")).Kind,
	})
	require.NoError(t, err)
	k, reach := r.Reach()
	require.Equal(t, "closure", k.Name())
	require.Equal(t, schema.ReachRole{Ancestor: k.Field("above"), Descendant: k.Field("below"), Depth: k.Field("depth")}, *reach)
	require.True(t, k.Index("closure_above_below_key").Unique)
	k, shares := r.Shares()
	require.Equal(t, "share", k.Name())
	require.Same(t, k.Field("ends"), shares.Expires)
	require.Same(t, k.Field("principal"), shares.Principal)

	none, err := schema.NewRegistry(nil)
	require.NoError(t, err)
	k, reach = none.Reach()
	require.Nil(t, k)
	require.Nil(t, reach)
	k, shares = none.Shares()
	require.Nil(t, k)
	require.Nil(t, shares)
}
