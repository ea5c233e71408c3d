package crm_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/versus"
)

var (
	growthSizes  = flag.String("growth.sizes", "2000,20000", "numbers of customers in BenchmarkGrowth, ascending")
	growthRounds = flag.Int("growth.rounds", 3, "number of rounds in which BenchmarkGrowth compares")
	growthTurn   = flag.Duration("growth.turn", 10*time.Millisecond, "how long each size runs in a round of BenchmarkGrowth")
)

// BenchmarkGrowth does the same in companies with ever more customers, all of them
// open at once and taking turns: us@n is the time with n customers, x-growth the
// median ratio of the largest to the smallest.
//
//	go test -run '^$' -bench Growth -benchtime 1x -timeout 1h ./crm -growth.sizes 10000,100000,1000000 -growth.rounds 15 -growth.turn 40ms
func BenchmarkGrowth(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			var list []*grown
			for text := range strings.SplitSeq(*growthSizes, ",") {
				size, err := strconv.Atoi(text)
				require.NoError(b, err)
				list = append(list, newGrown(ctx, b, d, size))
			}
			for _, op := range []struct {
				name string
				do   func(*grown, context.Context, int) error
			}{
				{"get", (*grown).get}, {"page-agent", (*grown).pageAgent}, {"page-manager", (*grown).pageManager},
				{"page-director", (*grown).pageDirector}, {"phone", (*grown).phone}, {"create", (*grown).create},
				{"search-agent", (*grown).searchAgent}, {"search-manager", (*grown).searchManager}, {"search-director", (*grown).searchDirector},
				{"page-shared", (*grown).pageShared}, {"why", (*grown).why}, {"duplicates", (*grown).duplicates},
			} {
				b.Run(op.name, func(b *testing.B) { race(ctx, b, list, op.do) })
			}
		})
	}
}

func race(ctx context.Context, b *testing.B, list []*grown, do func(*grown, context.Context, int) error) {
	b.Helper()
	ways := make([]versus.Way, len(list))
	for i, g := range list {
		ways[i] = func(call int) error { return do(g, ctx, call) }
	}
	for b.Loop() {
		result, err := versus.Race{Rounds: *growthRounds, Turn: *growthTurn}.Run(ways...)
		require.NoError(b, err)
		for i, g := range list {
			b.ReportMetric(result.Micros(i), fmt.Sprintf("us@%d", g.size))
		}
		b.ReportMetric(result.Ratio(len(list)-1, 0), "x-growth")
	}
	b.ReportMetric(0, "ns/op") // of all rounds together: says nothing
}

// grown is a company with a number of customers.
type grown struct {
	size                     int
	agent, manager, director *crm.Session
	matching                 *crm.Session        // of a program with a matcher
	mine                     []customer.Customer // the agent's
}

func newGrown(ctx context.Context, b *testing.B, d database, size int) *grown {
	b.Helper()
	c := newCompany()
	p := d.settled(ctx, b, c, size)
	g := &grown{size: size, agent: p.as(ctx, b, c.agent), manager: p.as(ctx, b, c.manager), director: p.as(ctx, b, c.director)}
	mine, err := g.agent.Customers.Find(ctx, query.Select{Where: query.Eq("owner_id", c.agent), Limit: query.MaxLimit})
	require.NoError(b, err)
	g.mine = mine.Items
	app, err := crm.Open(ctx, p.store, reporting(b))
	require.NoError(b, err)
	g.matching, err = app.System("benchmark")
	require.NoError(b, err)
	rebuild(ctx, b, g.matching)
	return g
}

func (g *grown) any(call int) *customer.Customer { return &g.mine[call%len(g.mine)] }

func (g *grown) get(ctx context.Context, call int) error {
	_, err := g.agent.Customers.Get(ctx, g.any(call).ID)
	return err
}

func (g *grown) pageAgent(ctx context.Context, _ int) error {
	_, err := page(ctx, g.agent, "")
	return err
}

func (g *grown) pageManager(ctx context.Context, _ int) error {
	_, err := page(ctx, g.manager, "")
	return err
}

func (g *grown) pageDirector(ctx context.Context, _ int) error {
	_, err := page(ctx, g.director, "")
	return err
}

// phone finds the customer who is calling.
func (g *grown) phone(ctx context.Context, call int) error {
	found, err := g.agent.Customers.Find(ctx, query.Select{Where: query.Eq("phone", g.any(call).Phone)})
	if err == nil && len(found.Items) == 0 {
		return fmt.Errorf("nobody has the phone %s", g.any(call).Phone)
	}
	return err
}

// reporting returns a matcher that tells of duplicates and blocks none.
func reporting(b *testing.B) crm.Option {
	b.Helper()
	m, err := match.New(match.DefaultRules(), match.Options{Region: "CN"})
	require.NoError(b, err)
	return crm.WithMatcher(m)
}

// pageShared is the page of what others have shared to the agent.
func (g *grown) pageShared(ctx context.Context, _ int) error {
	_, err := g.agent.Customers.Find(ctx, query.Select{Where: query.Ne("owner_id", g.mine[0].OwnerID), Sort: newestFirst, Limit: pageSize})
	return err
}

// why asks why the agent may change a customer.
func (g *grown) why(ctx context.Context, call int) error {
	why, err := g.agent.Why(ctx, org.Update, record.Ref{Kind: "customer", ID: g.any(call).ID})
	if err == nil && !why.Allowed {
		return fmt.Errorf("%s is the agent's and can't be changed", g.any(call).ID)
	}
	return err
}

// duplicates looks for those of a customer that is typed once more.
func (g *grown) duplicates(ctx context.Context, call int) error {
	again := g.any(call)
	found, err := g.matching.Customers.Duplicates(ctx, &customer.Customer{Name: again.Name, Phone: again.Phone})
	if err == nil && found.Action() == match.None && len(found.Dropped) == 0 {
		return fmt.Errorf("%s is not found again", again.ID)
	}
	return err
}

func (g *grown) create(ctx context.Context, call int) error {
	_, err := g.agent.Customers.Create(ctx, &customer.Customer{Name: fmt.Sprintf("New customer %s", schema.NewID()), Phone: phoneOf(call)})
	return err
}
