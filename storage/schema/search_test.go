package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/schema"
)

type sought struct {
	ID      schema.ID
	OwnerID schema.ID
	DeptID  schema.ID
	Name    string `crm:"name,search"`
	Phone   string
	NoteP   *string
	UsedOn  schema.Date
	Rank    int64
}

func TestSearch(t *testing.T) {
	k := schema.Define[sought]("sought", schema.Search("used_on", schema.Words("name"), schema.Digits("phone")),
		schema.OwnedBy("owner_id", "dept_id"), schema.SortKeys("rank", "used_on"), schema.IndexOn("phone", "used_on")).Kind
	require.NoError(t, k.Err())
	role := k.Search()
	require.Equal(t, []schema.SearchField{{Field: k.Field("name")}, {Field: k.Field("phone"), Digits: true}}, role.Fields)
	require.Equal(t, k.Field("used_on"), role.Recent)
	require.Equal(t, k.Field(schema.SearchText), role.Text)
	require.True(t, role.Text.Derived())
	require.True(t, k.Field("name_fold").Derived())
	require.False(t, k.Field("name").Derived())
	require.True(t, role.Searches(k.Field("phone")))
	require.False(t, role.Searches(k.Field("rank")))
	require.False(t, (*schema.SearchRole)(nil).Searches(k.Field("phone")))
	for name, carries := range map[string]bool{"sought_used_on_idx": true, "sought_owner_id_used_on_idx": true, "sought_dept_id_used_on_idx": true, "sought_rank_idx": false, "sought_phone_used_on_idx": false} {
		require.Equal(t, carries, len(k.Index(name).Include) > 0 && k.Index(name).Include[len(k.Index(name).Include)-1] == role.Text, name)
	}
	require.Nil(t, of[string]().Search())
}

func TestMistakesInSearch(t *testing.T) {
	key := schema.SortKeys("rank")
	for want, options := range map[string][]schema.Option{
		`no field "gone"`:       {key, schema.Search("gone", schema.Words("name"))},
		`no field "lost"`:       {key, schema.Search("rank", schema.Words("lost"))},
		"is no sort key":        {schema.Search("rank", schema.Words("name"))},
		"1 to 20 fields":        {key, schema.Search("rank")},
		"is searched twice":     {key, schema.Search("rank", schema.Words("name"), schema.Digits("name"))},
		`"note_p": only a text`: {key, schema.Search("rank", schema.Words("note_p"))},
		`"name_fold": only a`:   {key, schema.Search("rank", schema.Words("name_fold"))},
		`"used_on": only a`:     {key, schema.Search("rank", schema.Words("used_on"))},
		"declared twice":        {key, schema.Search("rank", schema.Words("name")), schema.Search("rank", schema.Words("phone"))},
	} {
		require.ErrorContains(t, schema.Define[sought]("sought", options...).Err(), want)
	}
	type reserved struct {
		ID       schema.ID
		Name     string
		SearchNo int64
	}
	require.ErrorContains(t, schema.Define[reserved]("reserved", schema.SortKeys("name"), schema.Search("name", schema.Words("name"))).Err(), `"search_no" is reserved`)
}
