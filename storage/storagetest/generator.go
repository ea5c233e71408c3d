package storagetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Numbers of random records. Values come from small pools, so that there are
// ties, matches and nulls everywhere.
const (
	someThings = 90
	someParts  = 110
	someNotes  = 60
	someShares = 70
	someOwners = 12 // 100 and up; departments 200 and up, principals 300 and up
)

// generator makes random records and questions. The same seed makes the same.
type generator struct {
	*rand.Rand
	r *schema.Registry
}

// one is true once in n times.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

var (
	someTexts = []string{"", "a", "A", "b", "ab", "Ab ", "é", "É", "e\u0301", "中", "中文", "%", "_", "a_b", "100%", "\\", "'", "ａ", "z", "ß", "😀"}
	someTimes = []time.Time{at("1969-12-31T23:59:59.999999Z"), at("2026-01-01T00:00:00Z"), at("2026-01-01T00:00:00.000001Z"), at("2026-01-01T00:00:00.001Z"), at("2026-02-01T00:00:00Z")}
	someInts  = []int64{-5, -1, 0, 1, 2, 3, 7, 10, 1<<53 + 1, -1 << 63, 1<<63 - 1}
)

// value returns a value for a field: null now and then where it may be.
func (g *generator) value(f *schema.Field, null bool) any {
	if null && f.Nullable && g.one(4) {
		return nil
	}
	switch f.Type {
	case schema.TypeBool:
		return g.one(2)
	case schema.TypeInt:
		return pick(g, someInts)
	case schema.TypeFloat:
		return pick(g, []float64{-1.5, 0, 0.1, 0.5, 2, 1e300})
	case schema.TypeText:
		return pick(g, someTexts)
	case schema.TypeBytes:
		return []byte(pick(g, someTexts))
	case schema.TypeTime:
		return pick(g, someTimes)
	case schema.TypeDate:
		return schema.NewDate(2026, 1, 28+g.IntN(6))
	case schema.TypeDecimal:
		return decimal.New(pick(g, []int64{-250, -1, 0, 1, 2, 100, 250, 1<<53 + 1, 1<<63 - 1, 1 - 1<<63}), -f.Scale)
	case schema.TypeJSON:
		return schema.JSON(pick(g, []string{`{}`, `[1,2.50]`, `{"b":1,"a":"x"}`}))
	}
	return num(g.IntN(someThings + 5))
}

// records stores random records in all of the tenants, the same in each.
func (g *generator) records(tenants ...*tenant) {
	var things, parts, notes, pairs, shares []record
	things = g.list("thing", someThings, func(i int, r record) {
		r["code"], r["region"] = "", ""
		if g.one(2) {
			r["code"], r["slot"], r["region"] = fmt.Sprint(i), i, pick(g, someTexts)
		}
		r["parent_id"], r["favourite_id"] = nil, nil
		if i > 0 && !g.one(4) {
			r["parent_id"] = num(g.IntN(i))
		}
		custom := schema.Values{}
		for _, f := range g.r.Kind("thing").CustomFields() {
			if v := g.value(f, true); v != nil && g.one(2) {
				custom[f.Name] = v
			}
		}
		r["custom"] = custom
	})
	parts = g.list("part", someParts, func(_ int, r record) {
		if r["thing_id"] = num(g.IntN(someThings)); g.one(8) {
			r["thing_id"] = nil
		}
	})
	notes = g.list("note", someNotes, func(_ int, r record) {
		r["subject_kind"] = pick(g, []string{"thing", "part", "thing", "part", "share", ""})
	})
	// Everyone but the first reports to somebody before.
	boss := make([]int, someOwners)
	for i := range boss {
		if i > 0 {
			boss[i] = g.IntN(i)
		}
		for above, depth := i, 0; ; above, depth = boss[above], depth+1 {
			pairs = append(pairs, record{"id": num(len(pairs)), "ancestor_id": num(100 + above), "descendant_id": num(100 + i), "depth": depth})
			if above == 0 {
				break
			}
		}
	}
	shares = g.list("share", someShares, func(_ int, r record) {
		record := g.IntN(someThings)
		r["kind"], r["record_id"] = pick(g, []string{"thing", "thing", "part", "note"}), num(record)
		if r["kind"] == "thing" {
			r["created_at"] = things[record]["created_at"] // a copy, as schema.ShareRole says
		}
		r["principal_id"], r["level"] = num(300+g.IntN(4)), 1+g.IntN(3)
	})
	var favourites []int
	for range someThings / 2 {
		favourites = append(favourites, g.IntN(someParts))
	}
	for _, t := range tenants {
		t.insert("thing", things...)
		t.insert("part", parts...)
		t.insert("note", notes...)
		t.insert("reach", pairs...)
		t.insert("share", shares...)
		for i, part := range favourites {
			t.update("thing", num(i*2), record{"favourite_id": num(part)})
		}
	}
}

// list makes n records of a kind; own then sets what is not left to chance.
func (g *generator) list(kind string, n int, own func(i int, r record)) []record {
	k := g.r.Kind(kind)
	list := make([]record, n)
	for i := range list {
		r := record{}
		for _, f := range k.Columns() {
			if !f.Derived() {
				r[f.Name] = g.value(f, true)
			}
		}
		r["id"] = num(i)
		if k.Owner() != nil {
			r["owner_id"], r["department_id"] = num(100+g.IntN(someOwners+1)), num(200+g.IntN(5))
			if g.one(10) {
				r["owner_id"], r["department_id"] = nil, nil
			}
		}
		own(i, r)
		list[i] = r
	}
	return list
}

func (g *generator) kind() string {
	return pick(g, []string{"thing", "thing", "thing", "part", "part", "note"})
}

// path returns a random path, and its field.
func (g *generator) path(k *schema.Kind) query.Path {
	var name strings.Builder
	for hops := 0; hops < 3 && g.one(4); hops++ {
		var toOne []*schema.Relation
		for _, rel := range k.Relations() {
			if !rel.Many {
				toOne = append(toOne, rel)
			}
		}
		if len(toOne) == 0 {
			break
		}
		rel := pick(g, toOne)
		name.WriteString(rel.Name + ".")
		k = rel.To
	}
	if custom := k.CustomFields(); len(custom) > 0 && g.one(4) {
		f := pick(g, custom)
		return query.Path{Name: name.String() + "custom." + f.Name, Field: f}
	}
	f := pick(g, k.Columns())
	for f.Derived() || !f.Type.Ordered() {
		f = pick(g, k.Columns())
	}
	return query.Path{Name: name.String() + f.Name, Field: f}
}

// expr returns a random condition, nil now and then.
func (g *generator) expr(k *schema.Kind, depth int) query.Expr {
	if depth == 0 && g.one(12) {
		return nil
	}
	if depth < 3 && g.one(2) {
		parts := make([]query.Expr, g.IntN(3)+g.IntN(2))
		for i := range parts {
			parts[i] = g.expr(k, depth+1)
		}
		switch g.IntN(4) {
		case 0:
			return query.And(parts)
		case 1:
			return query.Or(parts)
		case 2:
			return query.Not{Expr: g.expr(k, depth+1)}
		}
		if rel := pick(g, append(slices.Clone(k.Relations()), nil)); rel != nil {
			e := query.Exists{Relation: rel.Name, Scope: g.inner()}
			if !g.one(3) {
				e.Where = g.expr(rel.To, depth+1)
			}
			return e
		}
	}
	return g.leaf(k)
}

func (g *generator) leaf(k *schema.Kind) query.Expr {
	p := g.path(k)
	switch g.IntN(8) {
	case 0:
		return query.Null(p.Name)
	case 1:
		values := make([]any, g.IntN(4))
		for i := range values {
			values[i] = g.value(p.Field, false)
		}
		return query.In(p.Name, values...)
	case 2:
		if k.Name() == "note" {
			return query.HasText("body", pick(g, someTexts))
		}
		name := pick(g, []string{"name", "name", map[string]string{"thing": "parent.name", "part": "thing.name"}[k.Name()]})
		if slices.Contains([]string{"thing", "part"}, k.Name()) {
			return query.Match{Path: query.P(name), How: pick(g, []query.How{query.Prefix, query.Contains}), Text: pick(g, someTexts)}
		}
	}
	return query.Cmp{Path: query.P(p.Name), Op: query.Op(1 + g.IntN(int(query.OpGe))), Value: g.value(p.Field, false)}
}

func (g *generator) sort(k *schema.Kind) []query.Sort {
	keys := make([]query.Sort, g.IntN(4))
	for i := range keys {
		keys[i] = query.Sort{Path: query.P(g.path(k).Name), Desc: g.one(2)}
	}
	return keys
}

// scope returns a random scope of a kind with owners, of any branches.
func (g *generator) scope(k *schema.Kind) query.Scope {
	s := query.Scope{All: g.one(20)}
	if k.Name() == "part" && g.one(2) {
		s.Whole = []*schema.Relation{k.Relation("thing")}
	}
	if g.one(2) {
		n := pick(g, []int{0, 1, 3, 1000, 100_000})
		s.Reach = &query.Reach{Root: num(100 + g.IntN(someOwners+1)), MaxDepth: g.IntN(4) - 1, Size: n, Population: n * (1 + g.IntN(3))}
	}
	for range g.IntN(3) * g.IntN(2) {
		s.Departments = append(s.Departments, num(200+g.IntN(6)))
	}
	if g.one(3) {
		s.Shared = &query.Shared{MinLevel: int64(g.IntN(4)), Now: pick(g, someTimes)}
		for range g.IntN(4) {
			s.Shared.Principals = append(s.Shared.Principals, num(300+g.IntN(5)))
		}
	}
	for range g.IntN(3) * g.IntN(2) {
		s.Owners = append(s.Owners, num(100+g.IntN(someOwners+1)))
	}
	for range g.IntN(3) * g.IntN(2) {
		s.Matching = append(s.Matching, g.ownLeaf(s.Target(k)))
	}
	if g.one(4) {
		for range 1 + g.IntN(2) {
			also := g.inner()
			if also == nil {
				also = &query.Scope{Shared: &query.Shared{Principals: []schema.ID{num(300 + g.IntN(5))}, Now: pick(g, someTimes)}}
			}
			also.Whole = s.Whole
			s.Also = append(s.Also, also)
		}
	}
	holders := g.r.PointingAt(s.Target(k))
	for range g.IntN(3) * g.IntN(2) {
		if len(holders) > 0 {
			s.Held = append(s.Held, query.Held{Child: pick(g, holders), Scope: g.inner()})
		}
	}
	return s
}

// ownLeaf is a resolved condition on a field of the kind's own.
func (g *generator) ownLeaf(k *schema.Kind) query.Expr {
	for {
		e, err := query.ResolveExpr(k, g.leaf(k))
		if err != nil {
			continue
		}
		switch e := e.(type) {
		case query.Cmp:
			if len(e.Path.Hops) == 0 {
				return e
			}
		case query.OneOf:
			if len(e.Path.Hops) == 0 {
				return e
			}
		case query.Match:
			if len(e.Path.Hops) == 0 {
				return e
			}
		}
	}
}

// inner is a scope of related records: everything, or one branch.
func (g *generator) inner() *query.Scope {
	switch g.IntN(3) {
	case 0:
		return &query.Scope{Reach: &query.Reach{Root: num(100 + g.IntN(someOwners+1)), MaxDepth: g.IntN(4) - 1}}
	case 1:
		return &query.Scope{Departments: []schema.ID{num(200 + g.IntN(6))}}
	}
	return nil
}

func (g *generator) aggregate(k *schema.Kind) query.Aggregate {
	var a query.Aggregate
	for i := range g.IntN(3) {
		key := query.Key{Name: fmt.Sprintf("k%d", i)}
		p := g.path(k)
		key.Path = query.P(p.Name)
		switch p.Field.Type {
		case schema.TypeInt, schema.TypeDecimal, schema.TypeDate, schema.TypeTime:
			if g.one(2) {
				key.Edges = g.edges(p.Field)
			}
		}
		a.Keys = append(a.Keys, key)
	}
	for i := range 1 + g.IntN(3) {
		a.Measures = append(a.Measures, g.measure(k, i))
	}
	if g.one(2) {
		a.Where = g.expr(k, 1)
	}
	for range g.IntN(3) {
		column := pick(g, a.Measures).Name
		if len(a.Keys) > 0 && g.one(2) {
			column = pick(g, a.Keys).Name
		}
		a.Sort = append(a.Sort, query.Sort{Path: query.P(column), Desc: g.one(2)})
	}
	if g.one(3) {
		a.Limit = 1 + g.IntN(6)
	}
	return a
}

func (g *generator) edges(f *schema.Field) []any {
	var edges []any
	for range 1 + g.IntN(4) {
		v, err := f.Comparable(g.value(f, false))
		if err != nil {
			panic(err)
		}
		edges = append(edges, v)
	}
	slices.SortFunc(edges, query.CompareValues)
	return slices.CompactFunc(edges, func(a, b any) bool { return query.CompareValues(a, b) == 0 })
}

func (g *generator) measure(k *schema.Kind, i int) query.Measure {
	m := query.Measure{Name: fmt.Sprintf("m%d", i), Fn: query.Fn(1 + g.IntN(int(query.Max)))}
	if g.one(4) {
		m.Where = g.expr(k, 2)
	}
	for m.Fn != query.Count {
		p := g.path(k)
		t := p.Field.Type
		number := t == schema.TypeInt || t == schema.TypeDecimal
		if m.Fn == query.CountDistinct || m.Fn == query.Sum && number || m.Fn != query.Sum && t != schema.TypeBool && t != schema.TypeID {
			m.Path = query.P(p.Name)
			break
		}
	}
	return m
}
