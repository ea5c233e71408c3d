package eval_test

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type company struct {
	ID        schema.ID
	Version   int64
	CreatedAt time.Time
	Name      string `crm:"name,search"`
	Code      string
	Region    *string
	Employees *int64
	Revenue   decimal.NullDecimal
	Weight    *float64
	Active    bool
	Founded   schema.Date
	Logo      []byte
	Custom    schema.Values
	ParentID  schema.ID
	OwnerID   schema.ID
	DeptID    schema.ID
}

type contact struct {
	ID        schema.ID
	Name      string
	CompanyID schema.ID
}

type deal struct {
	ID        schema.ID
	CompanyID schema.ID
	OwnerID   schema.ID
	DeptID    schema.ID
	CreatedAt time.Time
}

type note struct {
	ID          schema.ID
	SubjectKind string
	SubjectID   schema.ID
	Text        string
}

type closure struct {
	ID         schema.ID
	Ancestor   schema.ID
	Descendant schema.ID
	Depth      int64
}

type share struct {
	ID        schema.ID
	Kind      string
	Record    schema.ID
	CreatedAt time.Time
	Principal schema.ID
	Level     int64
	Expires   time.Time
}

// world is a registry and its kinds.
type world struct {
	company, contact, deal, note, closure, share *schema.Kind
}

func newWorld() (world, error) {
	r, err := schema.NewRegistry([]*schema.Kind{
		schema.Define[company]("company",
			schema.BelongsTo("parent", "company", "parent_id"),
			schema.HasMany("children", "company", "parent"),
			schema.HasMany("contacts", "contact", "company"),
			schema.HasMany("notes", "note", "subject"),
			schema.Unique("code"),
			schema.Unique("region", "employees"),
			schema.OwnedBy("owner_id", "dept_id"),
			schema.SortKeys("created_at")).Kind,
		schema.Define[contact]("contact",
			schema.BelongsTo("company", "company", "company_id", schema.Part())).Kind,
		schema.Define[deal]("deal",
			schema.BelongsTo("company", "company", "company_id", schema.Holds()),
			schema.OwnedBy("owner_id", "dept_id")).Kind,
		schema.Define[note]("note",
			schema.PolymorphicRef("subject", "subject_kind", "subject_id")).Kind,
		schema.Define[closure]("closure", schema.KeepsReach("ancestor", "descendant", "depth")).Kind,
		schema.Define[share]("share",
			schema.KeepsShares("kind", "record", "created_at", "principal", "level", "expires")).Kind,
	}, schema.Extension{Kind: "company", Fields: []schema.CustomField{
		{Name: "vip", Type: schema.TypeBool},
		{Name: "stars", Type: schema.TypeInt, Indexed: true},
		{Name: "budget", Type: schema.TypeDecimal, Scale: 2},
		{Name: "colour", Type: schema.TypeText},
		{Name: "visited", Type: schema.TypeTime},
		{Name: "due", Type: schema.TypeDate},
		{Name: "rival", Type: schema.TypeID},
	}})
	if err != nil {
		return world{}, err
	}
	return world{r.Kind("company"), r.Kind("contact"), r.Kind("deal"), r.Kind("note"), r.Kind("closure"), r.Kind("share")}, nil
}

func testWorld(t testing.TB) world {
	t.Helper()
	w, err := newWorld()
	require.NoError(t, err)
	return w
}

const tenant = "acme"

// vals gives the columns of a row by name.
type vals map[string]any

// rowOf makes a row: columns that are not given are null, or zero where null is
// not allowed; folded columns are filled.
func rowOf(k *schema.Kind, v vals) driver.Row {
	zero := map[schema.Type]any{schema.TypeBool: false, schema.TypeInt: int64(0), schema.TypeText: "", schema.TypeDecimal: decimal.Decimal{}}
	row := make(driver.Row, len(k.Columns()))
	for i, f := range k.Columns() {
		given, ok := v[f.Name]
		switch {
		case ok:
			row[i] = given
		case f.Of != nil:
			text, _ := v[f.Of.Name].(string)
			row[i] = schema.Fold(text)
		case !f.Nullable:
			row[i] = zero[f.Type]
		}
	}
	return row
}

// num is an id that is easy to order and to read in a failure.
func num(n int) schema.ID { return schema.ID{14: byte(n >> 8), 15: byte(n)} }

func numOf(id schema.ID) int { return int(id[14])<<8 | int(id[15]) }

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func day(s string) schema.Date {
	d, err := schema.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func put(t testing.TB, m eval.Mutable, k *schema.Kind, list ...vals) {
	t.Helper()
	for _, v := range list {
		require.NoError(t, m.Put(k, tenant, rowOf(k, v)))
	}
}

// ask selects with names and returns the numbers of the ids found.
func ask(t testing.TB, src eval.Source, k *schema.Kind, q query.Select) []int {
	t.Helper()
	rows := selectRows(t, src, k, q)
	out := make([]int, len(rows))
	for i, row := range rows {
		out[i] = numOf(row[0].(schema.ID))
	}
	return out
}

func selectRows(t testing.TB, src eval.Source, k *schema.Kind, q query.Select) []driver.Row {
	t.Helper()
	resolved, err := query.ResolveSelect(k, q)
	require.NoError(t, err)
	resolved.Tenant = tenant
	rows, err := eval.Select(t.Context(), src, k, &resolved)
	require.NoError(t, err)
	return rows
}

// plain hides everything but the two methods that a source without indexes has,
// so that no answer can come from an index.
type plain struct{ src eval.Source }

func (p plain) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	return p.src.Get(k, tenant, id)
}

func (p plain) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return p.src.Scan(k, tenant)
}

func (p plain) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	return eval.FindByScan(p, k, tenant, x, key)
}

// text shows rows with their decimals and times in one form.
func text(list []driver.Row) []string {
	out := make([]string, len(list))
	for i, row := range list {
		for _, v := range row {
			if d, ok := v.(decimal.Decimal); ok {
				v = "#" + d.String()
			}
			out[i] += fmt.Sprintf("%v ", v)
		}
	}
	return out
}
