package eval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// companies is the data of the table tests: 1 has every value, 2 other ones, 3
// only what can't be null, 4 hangs below 1.
func companies(t testing.TB, w world) *eval.Tables {
	t.Helper()
	tables := eval.NewTables()
	put(t, tables, w.company,
		vals{"id": num(1), "name": "Ａcmé  GmbH", "code": "A", "region": "north", "employees": int64(10), "revenue": dec("12.5"),
			"weight": 1.5, "active": true, "founded": day("1999-12-31"), "created_at": at("2026-01-01T00:00:00.000001Z"),
			"logo": []byte{1}, "custom": schema.JSON(`{"budget":1250,"colour":"red","due":"2026-02-01","rival":"00000000-0000-0000-0000-000000000002","stars":5,"vip":true,"visited":"2026-01-01T00:00:00.500000Z"}`)},
		vals{"id": num(2), "name": "beta", "code": "B", "region": "", "employees": int64(-3), "revenue": dec("-1"),
			"weight": -2.0, "founded": day("2000-01-01"), "created_at": at("2026-01-01T00:00:00.000002Z"),
			"custom": schema.JSON(`{"budget":"1250","colour":7,"due":"no date","stars":1.5,"vip":"true"}`)},
		vals{"id": num(3), "name": "Zebra", "code": "C"},
		vals{"id": num(4), "name": "acme north", "code": "D", "region": "Über", "employees": int64(10), "revenue": dec("12.50"), "parent_id": num(1)},
	)
	put(t, tables, w.contact,
		vals{"id": num(21), "name": "Ann", "company_id": num(1)},
		vals{"id": num(22), "name": "Bob", "company_id": num(1)},
		vals{"id": num(23), "name": "Cy", "company_id": num(4)},
		vals{"id": num(24), "name": "Dee"})
	put(t, tables, w.note,
		vals{"id": num(31), "subject_kind": "company", "subject_id": num(2), "text": "call"},
		vals{"id": num(32), "subject_kind": "contact", "subject_id": num(3), "text": "call"})
	return tables
}

func TestMatchCompanies(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	none, all := []int{}, []int{1, 2, 3, 4}
	for name, c := range map[string]struct {
		where query.Expr
		want  []int
	}{
		"nil":                        {nil, all},
		"empty and":                  {query.And{}, all},
		"empty or":                   {query.Or{}, none},
		"not nothing":                {query.Not{}, none},
		"and":                        {query.All(query.Eq("employees", 10), query.Eq("active", true)), []int{1}},
		"or":                         {query.Any(query.Eq("code", "B"), query.Eq("code", "C")), []int{2, 3}},
		"eq int":                     {query.Eq("employees", 10), []int{1, 4}},
		"ne is true for null":        {query.Ne("employees", 10), []int{2, 3}},
		"not eq is true for null":    {query.Not{Expr: query.Eq("employees", 10)}, []int{2, 3}},
		"not ne":                     {query.Not{Expr: query.Ne("employees", 10)}, []int{1, 4}},
		"lt leaves null out":         {query.Lt("employees", 10), []int{2}},
		"not lt takes null in":       {query.Not{Expr: query.Lt("employees", 10)}, []int{1, 3, 4}},
		"le":                         {query.Le("employees", 10), []int{1, 2, 4}},
		"gt":                         {query.Gt("employees", -3), []int{1, 4}},
		"ge":                         {query.Ge("employees", -3), []int{1, 2, 4}},
		"eq nil asks for null":       {query.Eq("employees", nil), []int{3}},
		"ne nil asks for a value":    {query.Ne("employees", nil), []int{1, 2, 4}},
		"empty text is not null":     {query.Null("region"), []int{3}},
		"eq empty text":              {query.Eq("region", ""), []int{2}},
		"text is bytewise":           {query.Gt("region", "north"), []int{4}},
		"text upper before lower":    {query.Lt("name", "a"), []int{3}},
		"decimal equal in value":     {query.Eq("revenue", dec("12.5000")), []int{1, 4}},
		"decimal order":              {query.Lt("revenue", dec("0")), []int{2}},
		"float":                      {query.Gt("weight", 0.0), []int{1}},
		"false before true":          {query.Lt("active", true), []int{2, 3, 4}},
		"date":                       {query.Lt("founded", day("2000-01-01")), []int{1}},
		"time to the microsecond":    {query.Gt("created_at", at("2026-01-01T00:00:00.000001Z")), []int{2}},
		"zero date asks for null":    {query.Eq("founded", schema.Date{}), []int{3, 4}},
		"zero time asks for null":    {query.Eq("created_at", time.Time{}), []int{3, 4}},
		"bytes null":                 {query.Null("logo"), []int{2, 3, 4}},
		"json null":                  {query.Null("custom"), []int{3, 4}},
		"in":                         {query.In("code", "A", "C", "A"), []int{1, 3}},
		"in of nothing":              {query.In[string]("code"), none},
		"not in takes null in":       {query.Not{Expr: query.In("employees", 10)}, []int{2, 3}},
		"id":                         {query.Eq("id", num(3)), []int{3}},
		"ids":                        {query.In("id", num(4), num(2), num(9), num(2)), []int{2, 4}},
		"ids and more":               {query.All(query.In("id", num(4), num(2)), query.Eq("code", "D")), []int{4}},
		"two values at once":         {query.All(query.Eq("code", "A"), query.Eq("code", "B")), none},
		"prefix is folded":           {query.HasPrefix("name", "ACME"), []int{1, 4}},
		"contains runs spaces":       {query.HasText("name", "acme   G"), []int{1}},
		"contains nothing is all":    {query.HasText("name", ""), all},
		"percent is no wildcard":     {query.HasText("name", "%"), none},
		"path":                       {query.Eq("parent.code", "A"), []int{4}},
		"path over null ne":          {query.Ne("parent.code", "A"), []int{1, 2, 3}},
		"path over null is null":     {query.Null("parent.code"), []int{1, 2, 3}},
		"path to text match":         {query.HasPrefix("parent.name", "acme"), []int{4}},
		"path to custom":             {query.Eq("parent.custom.colour", "red"), []int{4}},
		"has one":                    {query.Has("parent", nil), []int{4}},
		"has one such":               {query.Has("parent", query.Eq("code", "B")), none},
		"has many":                   {query.Has("contacts", nil), []int{1, 4}},
		"has many such":              {query.Has("contacts", query.Eq("name", "Bob")), []int{1}},
		"has none":                   {query.Not{Expr: query.Has("contacts", nil)}, []int{2, 3}},
		"has children with contacts": {query.Has("children", query.Has("contacts", query.Eq("name", "Cy"))), []int{1}},
		"has polymorphic":            {query.Has("notes", query.Eq("text", "call")), []int{2}},
		"custom bool":                {query.Eq("custom.vip", true), []int{1}},
		"custom int":                 {query.Ge("custom.stars", 5), []int{1}},
		"custom indexed":             {query.Eq("custom.stars", 5), []int{1}},
		"custom decimal":             {query.Eq("custom.budget", "12.5"), []int{1}},
		"custom text":                {query.Eq("custom.colour", "red"), []int{1}},
		"custom date":                {query.Gt("custom.due", day("2026-01-31")), []int{1}},
		"custom time":                {query.Gt("custom.visited", at("2026-01-01T00:00:00.499999Z")), []int{1}},
		"custom id":                  {query.Eq("custom.rival", num(2)), []int{1}},
		"custom text is null int":    {query.Null("custom.budget"), []int{2, 3, 4}},
		"custom fraction is no int":  {query.Null("custom.stars"), []int{2, 3, 4}},
		"custom text is no bool":     {query.Null("custom.vip"), []int{2, 3, 4}},
		"custom number is no text":   {query.Null("custom.colour"), []int{2, 3, 4}},
		"custom malformed date":      {query.Null("custom.due"), []int{2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ask(t, tables, w.company, query.Select{Where: c.where}), "by index")
			require.Equal(t, c.want, ask(t, plain{tables}, w.company, query.Select{Where: c.where}), "by scan")
			got := []int{}
			where, err := query.ResolveExpr(w.company, c.where)
			require.NoError(t, err)
			for row, err := range tables.Scan(w.company, tenant) {
				require.NoError(t, err)
				ok, err := eval.Match(tables, tenant, w.company, row, where)
				require.NoError(t, err)
				if ok {
					got = append(got, numOf(row[0].(schema.ID)))
				}
			}
			require.Equal(t, c.want, got, "by Match")
		})
	}
}

func TestMatchSeesOneTenant(t *testing.T) {
	w := testWorld(t)
	tables := companies(t, w)
	other := rowOf(w.contact, vals{"id": num(25), "name": "Eve", "company_id": num(2)})
	require.NoError(t, tables.Put(w.contact, "acme2", other))
	require.Equal(t, []int{}, ask(t, tables, w.company, query.Select{Where: query.Has("contacts", query.Eq("name", "Eve"))}))
	ok, err := eval.Match(tables, "acme2", w.contact, other, query.Exists{Relation: "company", Rel: w.contact.Relation("company")})
	require.NoError(t, err)
	require.False(t, ok, "a reference leads to no other tenant")
}

func TestMatchRefusesWhatIsNotResolved(t *testing.T) {
	w := testWorld(t)
	row := rowOf(w.company, vals{"id": num(1)})
	for _, e := range []query.Expr{query.Eq("code", "A"), query.In("code", "A"), query.Null("code"), query.HasText("name", "a"), query.Has("contacts", nil), query.Not{Expr: query.Eq("code", "A")}} {
		_, err := eval.Match(eval.NewTables(), tenant, w.company, row, e)
		require.Error(t, err)
	}
}
