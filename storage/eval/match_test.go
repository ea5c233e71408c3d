package eval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/eval"
	. "github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// companies is the data of the table tests: 1 has every value, 2 other ones, 3
// only what can't be null, 4 hangs below 1.
func companies(t testing.TB, w world) *eval.Tables {
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
		where Expr
		want  []int
	}{
		"nil":                        {nil, all},
		"empty and":                  {And{}, all},
		"empty or":                   {Or{}, none},
		"not nothing":                {Not{}, none},
		"and":                        {All(Eq("employees", 10), Eq("active", true)), []int{1}},
		"or":                         {Any(Eq("code", "B"), Eq("code", "C")), []int{2, 3}},
		"eq int":                     {Eq("employees", 10), []int{1, 4}},
		"ne is true for null":        {Ne("employees", 10), []int{2, 3}},
		"not eq is true for null":    {Not{Expr: Eq("employees", 10)}, []int{2, 3}},
		"not ne":                     {Not{Expr: Ne("employees", 10)}, []int{1, 4}},
		"lt leaves null out":         {Lt("employees", 10), []int{2}},
		"not lt takes null in":       {Not{Expr: Lt("employees", 10)}, []int{1, 3, 4}},
		"le":                         {Le("employees", 10), []int{1, 2, 4}},
		"gt":                         {Gt("employees", -3), []int{1, 4}},
		"ge":                         {Ge("employees", -3), []int{1, 2, 4}},
		"eq nil asks for null":       {Eq("employees", nil), []int{3}},
		"ne nil asks for a value":    {Ne("employees", nil), []int{1, 2, 4}},
		"empty text is not null":     {Null("region"), []int{3}},
		"eq empty text":              {Eq("region", ""), []int{2}},
		"text is bytewise":           {Gt("region", "north"), []int{4}},
		"text upper before lower":    {Lt("name", "a"), []int{3}},
		"decimal equal in value":     {Eq("revenue", dec("12.5000")), []int{1, 4}},
		"decimal order":              {Lt("revenue", dec("0")), []int{2}},
		"float":                      {Gt("weight", 0.0), []int{1}},
		"false before true":          {Lt("active", true), []int{2, 3, 4}},
		"date":                       {Lt("founded", day("2000-01-01")), []int{1}},
		"time to the microsecond":    {Gt("created_at", at("2026-01-01T00:00:00.000001Z")), []int{2}},
		"zero date asks for null":    {Eq("founded", schema.Date{}), []int{3, 4}},
		"zero time asks for null":    {Eq("created_at", time.Time{}), []int{3, 4}},
		"bytes null":                 {Null("logo"), []int{2, 3, 4}},
		"json null":                  {Null("custom"), []int{3, 4}},
		"in":                         {In("code", "A", "C", "A"), []int{1, 3}},
		"in of nothing":              {In[string]("code"), none},
		"not in takes null in":       {Not{Expr: In("employees", 10)}, []int{2, 3}},
		"id":                         {Eq("id", num(3)), []int{3}},
		"ids":                        {In("id", num(4), num(2), num(9), num(2)), []int{2, 4}},
		"ids and more":               {All(In("id", num(4), num(2)), Eq("code", "D")), []int{4}},
		"two values at once":         {All(Eq("code", "A"), Eq("code", "B")), none},
		"prefix is folded":           {HasPrefix("name", "ACME"), []int{1, 4}},
		"contains runs spaces":       {HasText("name", "acme   G"), []int{1}},
		"contains nothing is all":    {HasText("name", ""), all},
		"percent is no wildcard":     {HasText("name", "%"), none},
		"path":                       {Eq("parent.code", "A"), []int{4}},
		"path over null ne":          {Ne("parent.code", "A"), []int{1, 2, 3}},
		"path over null is null":     {Null("parent.code"), []int{1, 2, 3}},
		"path to text match":         {HasPrefix("parent.name", "acme"), []int{4}},
		"path to custom":             {Eq("parent.custom.colour", "red"), []int{4}},
		"has one":                    {Has("parent", nil), []int{4}},
		"has one such":               {Has("parent", Eq("code", "B")), none},
		"has many":                   {Has("contacts", nil), []int{1, 4}},
		"has many such":              {Has("contacts", Eq("name", "Bob")), []int{1}},
		"has none":                   {Not{Expr: Has("contacts", nil)}, []int{2, 3}},
		"has children with contacts": {Has("children", Has("contacts", Eq("name", "Cy"))), []int{1}},
		"has polymorphic":            {Has("notes", Eq("text", "call")), []int{2}},
		"custom bool":                {Eq("custom.vip", true), []int{1}},
		"custom int":                 {Ge("custom.stars", 5), []int{1}},
		"custom indexed":             {Eq("custom.stars", 5), []int{1}},
		"custom decimal":             {Eq("custom.budget", "12.5"), []int{1}},
		"custom text":                {Eq("custom.colour", "red"), []int{1}},
		"custom date":                {Gt("custom.due", day("2026-01-31")), []int{1}},
		"custom time":                {Gt("custom.visited", at("2026-01-01T00:00:00.499999Z")), []int{1}},
		"custom id":                  {Eq("custom.rival", num(2)), []int{1}},
		"custom text is null int":    {Null("custom.budget"), []int{2, 3, 4}},
		"custom fraction is no int":  {Null("custom.stars"), []int{2, 3, 4}},
		"custom text is no bool":     {Null("custom.vip"), []int{2, 3, 4}},
		"custom number is no text":   {Null("custom.colour"), []int{2, 3, 4}},
		"custom malformed date":      {Null("custom.due"), []int{2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, ask(t, tables, w.company, Select{Where: c.where}), "by index")
			require.Equal(t, c.want, ask(t, plain{tables}, w.company, Select{Where: c.where}), "by scan")
			got := []int{}
			where, err := ResolveExpr(w.company, c.where)
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
	require.Equal(t, []int{}, ask(t, tables, w.company, Select{Where: Has("contacts", Eq("name", "Eve"))}))
	ok, err := eval.Match(tables, "acme2", w.contact, other, Exists{Relation: "company", Rel: w.contact.Relation("company")})
	require.NoError(t, err)
	require.False(t, ok, "a reference leads to no other tenant")
}

func TestMatchRefusesWhatIsNotResolved(t *testing.T) {
	w := testWorld(t)
	row := rowOf(w.company, vals{"id": num(1)})
	for _, e := range []Expr{Eq("code", "A"), In("code", "A"), Null("code"), HasText("name", "a"), Has("contacts", nil), Not{Expr: Eq("code", "A")}} {
		_, err := eval.Match(eval.NewTables(), tenant, w.company, row, e)
		require.Error(t, err)
	}
}
