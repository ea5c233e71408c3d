package storagetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// random stores random records in the adapter and in tables of package eval, and
// asks both the same random questions.
func random(s *suite) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	s.Logf("-storagetest.seed=%d", seed)
	for _, part := range []struct {
		name string
		run  func(*pair)
	}{{"select", (*pair).selects}, {"read", (*pair).reads}, {"gather", (*pair).gathers}, {"aggregate", (*pair).aggregates}, {"scope", (*pair).scopes}, {"search", (*pair).searches}, {"update where", (*pair).updates}} {
		s.test(part.name, func(t *tenant) {
			g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), r: t.r}
			p := &pair{tenant: t, oracle: t.on(eval.NewConn(eval.NewTables())), gen: g, seed: seed}
			p.oracle.classify = eval.Classify
			p.fill()
			part.run(p)
		})
	}
}

// pair is an adapter and the oracle, with the same records.
type pair struct {
	*tenant
	oracle *tenant
	gen    *generator
	seed   uint64
	wrong  int
}

// fill stores the same random records in both, and others under the same ids in
// another tenant of the adapter.
func (p *pair) fill() {
	p.gen.records(p.tenant, p.oracle)
	p.gen.records(p.sibling())
	p.analyze()
}

// differf reports a difference; after a few it ends the test.
func (p *pair) differf(what, format string, args ...any) {
	p.Helper()
	p.Errorf("%s\n%s\n(again with -storagetest.seed=%d)", what, fmt.Sprintf(format, args...), p.seed)
	if p.wrong++; p.wrong == 3 {
		p.FailNow()
	}
}

// compare asks both for all pages of a query, up to a few.
func (p *pair) compare(kind string, q query.Select) {
	p.Helper()
	k := p.kind(kind)
	resolved := p.resolved(kind, q)
	for page := range 5 {
		want, err := p.oracle.conn.Select(p.ctx, k, resolved)
		require.NoError(p, err)
		got, err := p.conn.Select(p.ctx, k, resolved)
		text, _ := json.Marshal(q)
		if err != nil {
			p.differf(kind+" "+string(text), "fails: %v", err)
			return
		}
		if !sameRows(want, got) {
			p.differf(kind+" "+string(text)+" "+showScope(q.Scope), "page %d is %s, eval says %s%s", page, numbers(k, got), numbers(k, want), firstDifference(k, want, got))
			return
		}
		if len(want) < resolved.Limit {
			return
		}
		resolved.After = after(resolved, want[len(want)-1])
	}
}

// firstDifference tells cells apart when the ids are the same.
func firstDifference(k *schema.Kind, want, got []driver.Row) string {
	if numbers(k, want) != numbers(k, got) {
		return ""
	}
	for i, row := range want {
		for j, v := range row {
			if j >= len(got[i]) || !same(v, got[i][j]) {
				return fmt.Sprintf("\nrow %d, column %d: %s, want %s", i, j, showRow(got[i][min(j, len(got[i])):min(j+1, len(got[i]))]), show(v))
			}
		}
	}
	return ""
}

func (p *pair) selects() {
	for range *roundsFlag {
		kind := p.gen.kind()
		p.compare(kind, query.Select{Where: p.gen.expr(p.kind(kind), 0), Sort: p.gen.sort(p.kind(kind)), Limit: 1 + p.gen.IntN(40)})
	}
}

func (p *pair) scopes() {
	for range *roundsFlag {
		kind := []string{"thing", "thing", "part", "note"}[p.gen.IntN(4)]
		scope := p.gen.scope(p.kind(kind))
		q := query.Select{Scope: &scope, Sort: p.gen.sort(p.kind(kind)), Limit: 1 + p.gen.IntN(40)}
		if p.gen.one(2) {
			q.Sort = query.By("-created_at")
			if kind != "thing" {
				q.Sort = query.By("owner_id")
			}
		}
		if p.gen.one(2) {
			q.Where = p.gen.expr(p.kind(kind), 1)
		}
		p.compare(kind, q)
	}
}

func (p *pair) aggregates() {
	if _, ok := p.conn.(driver.Aggregator); !ok {
		p.Skip("the adapter leaves aggregating to package eval")
	}
	for range *roundsFlag {
		kind := p.gen.kind()
		a := p.gen.aggregate(p.kind(kind))
		if scoped := p.kind(kind).Owner() != nil; scoped && p.gen.one(3) {
			scope := p.gen.scope(p.kind(kind))
			a.Scope = &scope
		}
		want := p.oracle.aggregate(kind, a)
		got := p.tenant.aggregate(kind, a)
		if !sameRows(want, got) {
			text, _ := json.Marshal(a)
			p.differf(kind+" "+string(text)+" "+showScope(a.Scope), "is\n\t%s\neval says\n\t%s", cells(got), cells(want))
		}
	}
}

// updates changes random records in both, over and over, and compares all that is
// stored in the end.
func (p *pair) updates() {
	if _, ok := p.conn.(driver.BulkUpdater); !ok {
		p.Skip("the adapter has no BulkUpdater")
	}
	for range *roundsFlag / 5 {
		kind := p.gen.kind()
		k := p.kind(kind)
		where, scope := p.gen.expr(k, 0), (*query.Scope)(nil)
		if p.gen.one(3) {
			s := p.gen.scope(k)
			scope = &s
		}
		set := record{"version": p.gen.value(k.Version(), false)}
		switch kind { // nothing that is searched: storage changes that record by record
		case "thing":
			set["label_n"] = pick(p.gen, someTexts)
		case "part":
			set["quantity"] = pick(p.gen, someInts)
		}
		want := p.oracle.updateWhere(kind, where, scope, set)
		if got := p.tenant.updateWhere(kind, where, scope, set); got != want {
			p.differf("update "+kind+" where "+query.String(where)+" "+showScope(scope), "changes %d records, eval says %d", got, want)
		}
	}
	if want, got := p.oracle.dump(), p.tenant.dump(); !sameRows(want, got) {
		p.differf("after many updates", "the records differ from those of eval")
	}
}
