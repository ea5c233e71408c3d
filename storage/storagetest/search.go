package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
)

// search returns what an adapter finds, by its index or as storage does without.
func (t *tenant) search(kind string, q query.Search) ([]driver.Row, error) {
	k := t.kind(kind)
	resolved, err := query.ResolveSearch(k, q)
	if err != nil {
		panic(err)
	}
	resolved.Tenant, resolved.Scope = t.name, q.Scope
	if s, ok := t.conn.(driver.Searcher); ok {
		return s.Search(t.ctx, k, &resolved)
	}
	return eval.Search(t.ctx, t.conn, k, &resolved)
}

// hits returns what a search finds as numbers, see goldenSearch.
func (t *tenant) hits(kind string, q query.Search) string {
	t.Helper()
	rows, err := t.search(kind, q)
	require.NoError(t, err, "search %s for %q", kind, q.Text)
	return showHits(t.kind(kind), rows)
}

func showHits(k *schema.Kind, rows []driver.Row) string {
	list := make([]string, len(rows))
	for i, row := range rows {
		if list[i] = numbers(k, rows[i:i+1]); len(row) != len(k.Columns())+1 || row[len(row)-1] == true {
			list[i] = "^" + list[i]
		}
	}
	return strings.Join(list, " ")
}

func (t *tenant) checkSearches(list []goldenSearch) {
	t.Helper()
	for _, g := range list {
		kind := g.kind
		if kind == "" {
			kind = "thing"
		}
		scopes := []query.Scope{{All: true}}
		if g.scope.scope.Reach != nil || g.scope.scope.Departments != nil || g.scope.scope.Owners != nil || g.scope.held != nil || g.scope.whole != nil {
			scopes = plans(g.scope.scopeFor(t.r))
		}
		for _, scope := range scopes {
			if got := t.hits(kind, query.Search{Text: g.text, Fields: g.fields, Where: g.where, Limit: g.limit, Scope: &scope}); got != g.want {
				t.Errorf("%s %q in %v where %s: found %q, want %q, for %s", kind, g.text, g.fields, query.String(g.where), got, g.want, showScope(&scope))
			}
		}
	}
}

func searches(s *suite) {
	s.test("golden", func(t *tenant) {
		t.insertGolden()
		insertDecoys(t.sibling())
		t.checkSearches(goldenSearches)
	})
	s.test("in a transaction", func(t *tenant) {
		t.insertGolden()
		t.on(t.begin(readOnly)).checkSearches(goldenSearches)
	})
	s.test("follows every change", searchFollows)
	s.test("many records", searchMany)
	s.run("a kind that is searched from now on", func(t runner) { searchFromNowOn(s, t) })
}

// find is hits of things by a text.
func (t *tenant) find(text string) string {
	t.Helper()
	return t.hits("thing", query.Search{Text: text})
}

// rename changes what a record is searched by, as storage does: with its search text.
func (t *tenant) rename(kind string, id schema.ID, set record) int64 {
	t.Helper()
	n, err := t.conn.Update(t.ctx, t.kind(kind), &driver.Update{Tenant: t.name, ID: id, Set: t.renaming(kind, id, set)})
	require.NoError(t, err)
	return n
}

func (t *tenant) renaming(kind string, id schema.ID, set record) []driver.Assign {
	t.Helper()
	k, list := t.kind(kind), t.assigns(kind, set)
	row := slices.Clone(t.get(kind, id))
	if row == nil {
		row = rowOf(k, record{"id": id})
	}
	for _, a := range list {
		row[a.Field.Position] = a.Value
	}
	text := k.Search().Text
	return append(list, driver.Assign{Field: text, Value: search.Text(k.Search(), row)})
}

func searchFollows(t *tenant) {
	other := t.sibling()
	t.insert("thing", record{"id": num(1), "name": "华为技术", "region": "138 0013 8000"}, record{"id": num(2), "name": "万科企业"})
	other.insert("thing", record{"id": num(1), "name": "华为技术"}, record{"id": num(3), "name": "万科企业"})
	require.Equal(t, "^1", t.find("华为"))
	require.Equal(t, "1", t.find("0013"))
	require.Equal(t, "^1", t.find("hwj"))

	t.rename("thing", num(1), record{"name": "小米科技"})
	require.Empty(t, t.find("华为"))
	require.Equal(t, "^1", t.find("小米"))
	require.Equal(t, "1", t.find("0013"), "what was not changed")
	require.Equal(t, "^1", other.find("华为"), "another tenant's")
	t.update("thing", num(1), record{"label_n": "x"})
	require.Equal(t, "^1", t.find("小米"), "after a change of something else")
	require.Zero(t, t.rename("thing", num(9), record{"name": "联想"}), "nothing there")
	require.Empty(t, t.find("联想"))

	t.delete("thing", num(1))
	require.Empty(t, t.find("小米"))
	t.insert("thing", record{"id": num(1), "name": "联想集团"})
	require.Equal(t, "^1", t.find("联想"), "inserted again")
	require.Empty(t, t.find("小米"))

	tx := t.begin(driver.TxOptions{})
	in := t.on(tx)
	in.insert("thing", record{"id": num(4), "name": "中兴通讯"})
	in.rename("thing", num(2), record{"name": "格力电器"})
	in.delete("thing", num(1))
	require.Equal(t, "^4", in.find("中兴"), "its own")
	require.Equal(t, "^2", in.find("格力"))
	require.Empty(t, in.find("联想"))
	sp, err := tx.Savepoint(t.ctx)
	require.NoError(t, err)
	t.on(sp).rename("thing", num(4), record{"name": "大疆创新"})
	require.Equal(t, "^4", t.on(sp).find("大疆"))
	require.NoError(t, sp.Rollback(t.ctx))
	require.Equal(t, "^4", in.find("中兴"), "after a savepoint that was rolled back")
	require.Empty(t, in.find("大疆"))
	require.NoError(t, tx.Rollback(t.ctx))
	require.Equal(t, "^1 ^2|||", t.find("联想")+" "+t.find("万科")+"|"+t.find("中兴")+"|"+t.find("格力")+"|")

	require.ErrorIs(t, t.asFault(t.tryInsert("thing", record{"id": num(5), "name": "比亚迪"}, record{"id": num(1), "name": "比亚迪"})), fault.ErrExists)
	require.Empty(t, t.find("比亚"), "of an insert that failed")
	if b, ok := t.conn.(driver.Batcher); ok {
		_, err := b.Batch(t.ctx, []driver.Mutation{t.inserting("thing", record{"id": num(5), "name": "比亚迪"}), t.inserting("part", record{"id": num(1), "name": "电池"})})
		require.NoError(t, err)
		require.Equal(t, "^5", t.find("byd"))
		require.Equal(t, "^1", t.hits("part", query.Search{Text: "dianchi"}))
		t.inTx(func(in *tenant) {
			_, err := in.conn.(driver.Batcher).Batch(t.ctx, []driver.Mutation{
				{Kind: t.kind("thing"), Update: &driver.Update{Tenant: t.name, ID: num(5), Set: in.renaming("thing", num(5), record{"name": "宁德时代"})}}, in.deleting("thing", num(2), 0)})
			require.NoError(t, err)
		})
		require.Equal(t, "^5||", t.find("宁德")+"|"+t.find("byd")+"|"+t.find("万科"))
	}
}

// asFault returns an error as storage would.
func (t *tenant) asFault(err error) error {
	if err == nil {
		return nil
	}
	return &fault.Error{Code: t.classify(err).Code}
}

// searchMany has more records than any plan tests one by one, of which some have the text
// in front, and compares with package eval for scopes of all sizes.
func searchMany(t *tenant) {
	n, owners := 2_400, 12
	if _, ok := t.conn.(driver.Searcher); !ok {
		n = 200 // there are no plans
	}
	oracle := t.on(eval.NewConn(eval.NewTables()))
	var chain, things, parts, shares []record
	for i := range owners {
		for j := i; j < owners; j++ {
			chain = append(chain, record{"id": num(len(chain)), "ancestor_id": num(100 + i), "descendant_id": num(100 + j), "depth": j - i})
		}
	}
	for i := range n {
		r := record{"id": num(i), "name": fmt.Sprintf("上海%d科技有限公司", i), "region": fmt.Sprintf("138%05d", i), "owner_id": num(100 + i*7%owners), "department_id": num(200 + i%5)}
		if i%3 == 0 {
			r["name"] = fmt.Sprintf("科技%d有限公司", i)
		}
		if i%4 != 0 {
			r["created_at"] = at("2026-01-01T00:00:00Z").AddDate(0, 0, i*31%900)
		}
		things = append(things, r)
		parts = append(parts, record{"id": num(i), "name": r["name"], "thing_id": num(i), "quantity": i * 37 % 1000})
		if i%50 == 0 {
			shares = append(shares, record{"id": num(i), "kind": "thing", "record_id": num(i), "created_at": r["created_at"], "principal_id": num(102), "level": 1})
		}
	}
	for _, to := range []*tenant{t, oracle} {
		to.insert("reach", chain...)
		to.insert("thing", things...)
		to.insert("part", parts...)
		to.insert("share", shares...)
	}
	t.analyze()
	for _, scope := range []query.Scope{{All: true}, {}, {Reach: reachOf(100, -1), Departments: nums(203)}, {Reach: reachOf(111, 0, 111), Shared: sharedTo(1, 102)}, {Departments: nums(201)}} {
		for _, text := range []string{"科技", "有限公司", "上", "shanghai", "1380", "00", "技有", "科技 上海", "科技 199"} {
			for i, plan := range plans(scope) {
				if i%5 > 0 { // small and large reaches, with ids and without
					continue
				}
				for _, kind := range []string{"thing", "part"} {
					q := query.Search{Text: text, Scope: &plan, Limit: 25}
					if kind == "part" && text == "科技" {
						q.Where = query.Ne("thing.region", "13800009")
					}
					if kind == "part" && !plan.All {
						part := plan
						part.Whole = []*schema.Relation{t.kind("part").Relation("thing")}
						q.Scope = &part
					}
					want, got := oracle.hits(kind, q), t.hits(kind, q)
					if got != want {
						t.Errorf("%s %q: found\n\t%s\nwant\n\t%s\nfor %s", kind, text, got, want, showScope(q.Scope))
					}
				}
			}
		}
	}
}

// searchFromNowOn takes a kind with records through releases that search it by more and
// more.
func searchFromNowOn(s *suite, t runner) {
	if _, ok := driver.Find[driver.Migrator](s.b); !ok {
		t.Skip("the adapter has no Migrator")
	}
	type gadget struct {
		ID   schema.ID
		Name string
		Tel  string
		Rank int64
	}
	release := func(options ...schema.Option) *schema.Registry {
		return registryOf([]*schema.Kind{schema.Define[gadget]("gadget", options...).Kind})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	first := release()
	b := s.h.Open(t, first)
	old := s.tenantOf(ctx, t, b)
	old.r = first
	const many = 2_500 // more than a page
	var list []record
	for i := range many {
		list = append(list, record{"id": num(i), "name": fmt.Sprintf("大螺丝%d", i), "tel": fmt.Sprint(1_000_000 + i), "rank": i})
	}
	old.insert("gadget", list...)
	other := old.sibling()
	other.insert("gadget", list[:3]...)

	migrate := func(options ...schema.Option) (*tenant, *tenant) {
		r := release(options...)
		m, _ := driver.Find[driver.Migrator](b)
		plan, err := m.Plan(ctx, r, nil)
		require.NoError(t, err)
		require.NotEmpty(t, plan)
		status, err := m.Status(ctx, r, nil)
		require.NoError(t, err)
		require.NotEmpty(t, status.Missing)
		errs := make(chan error)
		for range 3 { // at once
			go func() { errs <- m.Migrate(ctx, r, nil) }()
		}
		for range 3 {
			require.NoError(t, <-errs)
		}
		old.fits(m, r, nil)
		now, also := *old, *other
		now.r, also.r = r, r
		return &now, &also
	}
	now, also := migrate(schema.SortKeys("rank"), schema.Search("rank", schema.Words("name")))
	require.Equal(t, "2499 2498", now.hits("gadget", query.Search{Text: "螺丝24", Limit: 2}))
	require.Equal(t, "^2 ^1 ^0", also.hits("gadget", query.Search{Text: "dls"}))
	require.Empty(t, now.hits("gadget", query.Search{Text: "1002000"}))
	now.insert("gadget", record{"id": num(9000), "name": "大螺丝24", "rank": 9000})
	require.Equal(t, "9000 2499", now.hits("gadget", query.Search{Text: "螺丝24", Limit: 2}))

	now, also = migrate(schema.SortKeys("rank"), schema.Search("rank", schema.Words("name"), schema.Digits("tel")))
	require.Equal(t, "^2000", now.hits("gadget", query.Search{Text: "1002000"}))
	require.Equal(t, "^2", also.hits("gadget", query.Search{Text: "1000002"}))
	require.Equal(t, "9000 2499", now.hits("gadget", query.Search{Text: "螺丝24", Limit: 2}))
	now.delete("gadget", num(2000))
	require.Empty(t, now.hits("gadget", query.Search{Text: "1002000"}))
}

// searches compares with package eval what random searches find, while the records change.
func (p *pair) searches() {
	texts := append(slices.Clone(someTexts), "abc", "ab", "中文", "zhongwen", "zw", "zhong", "00", "文", "a b", "A_B 中", "100%x")
	for i := range *roundsFlag {
		kind := []string{"thing", "thing", "part"}[p.gen.IntN(3)]
		k := p.kind(kind)
		if i%3 == 0 {
			id := num(p.gen.IntN(someParts))
			set := record{"name": pick(p.gen, texts) + pick(p.gen, texts)}
			switch p.gen.IntN(4) {
			case 0:
				for _, t := range []*tenant{p.tenant, p.oracle} {
					if _, err := t.tryDelete(kind, id, 0); err != nil {
						continue // something refers to it, in both
					}
				}
			case 1:
				if kind == "thing" {
					set["label"] = pick(p.gen, texts)
				}
				fallthrough
			default:
				want, got := p.oracle.rename(kind, id, set), p.tenant.rename(kind, id, set)
				require.Equal(p, want, got)
			}
		}
		q := query.Search{Text: pick(p.gen, texts), Limit: 1 + p.gen.IntN(30)}
		if p.gen.one(3) {
			q.Text += pick(p.gen, texts)
		}
		if p.gen.one(2) {
			scope := p.gen.scope(k)
			q.Scope = &scope
		}
		if p.gen.one(4) {
			q.Where = p.gen.expr(k, 1)
		}
		if p.gen.one(4) {
			q.Fields = []string{"name"}
			if kind == "thing" && p.gen.one(2) {
				q.Fields = []string{"label", "region"}
			}
		}
		if want, got := p.oracle.hits(kind, q), p.tenant.hits(kind, q); want != got {
			p.differf(fmt.Sprintf("search %s for %q in %v where %s %s", kind, q.Text, q.Fields, query.String(q.Where), showScope(q.Scope)), "finds %q, eval says %q", got, want)
		}
	}
}
