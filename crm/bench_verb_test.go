package crm_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/versus"
)

var (
	verbCustomers = flag.Int("verb.customers", 2000, "number of customers in BenchmarkVerb")
	verbRounds    = flag.Int("verb.rounds", 3, "number of rounds in which BenchmarkVerb compares")
	verbTurn      = flag.Duration("verb.turn", 10*time.Millisecond, "how long each side runs in a round of BenchmarkVerb")
)

// BenchmarkVerb compares what a person does through a session with the same written by
// hand over the same database, journal and outbox rows included: x-hand is the median
// ratio of the times. The hundredth page is the last one where there are fewer.
//
//	go test -run '^$' -bench Verb -benchtime 1x ./crm -verb.customers 100000 -verb.rounds 15 -verb.turn 40ms
func BenchmarkVerb(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			c := newCompany()
			p := d.settled(ctx, b, c, *verbCustomers)
			benchmarkWriting(ctx, b, p, c)
			benchmarkClaim(ctx, b, p, c)
			benchmarkLooking(ctx, b, p, c)
			for _, person := range []struct {
				name  string
				id    schema.ID
				reach reach
			}{{"agent", c.agent, own}, {"manager", c.manager, team}, {"director", c.director, wide}} {
				h, err := newHand(ctx, p, c, person.id, person.reach)
				require.NoError(b, err)
				benchmarkReading(ctx, b, person.name, p.as(ctx, b, person.id), h)
			}
		})
	}
}

func benchmarkWriting(ctx context.Context, b *testing.B, p *place, c *company) {
	b.Helper()
	s := p.as(ctx, b, c.agent)
	h, err := newHand(ctx, p, c, c.agent, own)
	require.NoError(b, err)

	given := func(call int) customer.Customer {
		staff := int64(call)
		return customer.Customer{Name: fmt.Sprintf("New customer %d", call), ShortName: "New", Industry: "printing", Country: "CN",
			Phone: phoneOf(call), AnnualRevenue: decimal.NewNullDecimal(decimal.New(1_234_500, -4)), Employees: &staff}
	}
	compare(b, "create",
		func(call int) error {
			v := given(call)
			_, err := s.Customers.Create(ctx, &v)
			return err
		},
		func(call int) error { return h.create(ctx, given(call)) })

	mine, err := s.Customers.Find(ctx, query.Select{Where: query.Eq("owner_id", c.agent), Limit: query.MaxLimit})
	require.NoError(b, err)
	compare(b, "edit",
		func(call int) error {
			_, err := s.Customers.Edit(ctx, mine.Items[call%len(mine.Items)].ID, func(v *customer.Customer) error {
				v.Phone = fmt.Sprintf("139%08d", 2*call)
				return nil
			})
			return err
		},
		func(call int) error {
			return h.edit(ctx, mine.Items[call%len(mine.Items)].ID, fmt.Sprintf("139%08d", 2*call+1))
		})
}

// benchmarkClaim claims a customer and gives it back.
func benchmarkClaim(ctx context.Context, b *testing.B, p *place, c *company) {
	b.Helper()
	sys, err := p.app.System("benchmark")
	require.NoError(b, err)
	pool, err := sys.Customers.Pools.Create(ctx, &customer.Pool{Name: "Benchmark", HoldLimit: 50})
	require.NoError(b, err)
	s := p.as(ctx, b, c.agent)
	h, err := newHand(ctx, p, c, c.agent, own)
	require.NoError(b, err)
	waiting := make([]schema.ID, 2)
	for i := range waiting {
		v, err := s.Customers.Create(ctx, &customer.Customer{Name: "Waiting"})
		require.NoError(b, err)
		require.NoError(b, s.Customers.Release(ctx, v.ID, pool.ID, "benchmark"))
		waiting[i] = v.ID
	}
	compare(b, "claim",
		func(int) error {
			if _, err := s.Customers.Claim(ctx, waiting[0]); err != nil {
				return err
			}
			return s.Customers.Release(ctx, waiting[0], pool.ID, "benchmark")
		},
		func(int) error {
			if err := h.claim(ctx, waiting[1]); err != nil {
				return err
			}
			return h.release(ctx, waiting[1], pool.ID, "benchmark")
		})
}

func benchmarkReading(ctx context.Context, b *testing.B, who string, s *crm.Session, h *hand) {
	b.Helper()
	cursor, last := hundredth(ctx, b, s)
	for _, at := range []struct {
		name   string
		cursor string
		after  *customer.Customer
	}{{name: "page1-"}, {"page100-", cursor, last}} {
		ours, err := page(ctx, s, at.cursor)
		require.NoError(b, err)
		theirs, err := h.page(ctx, at.after)
		require.NoError(b, err)
		require.Equal(b, idsOf(ours.Items), idsOf(theirs), "the pages that are compared must be the same")
		compare(b, at.name+who,
			func(int) error { _, err := page(ctx, s, at.cursor); return err },
			func(int) error { _, err := h.page(ctx, at.after); return err })
	}

	ours, err := status(ctx, s)
	require.NoError(b, err)
	theirs, err := h.status(ctx)
	require.NoError(b, err)
	require.Equal(b, fmt.Sprint(ours), fmt.Sprint(theirs))
	compare(b, "status-"+who,
		func(int) error { _, err := status(ctx, s); return err },
		func(int) error { _, err := h.status(ctx); return err })
}

var newestFirst = query.By("-created_at", "-id")

func page(ctx context.Context, s *crm.Session, cursor string) (storage.Page[customer.Customer], error) {
	return s.Customers.Find(ctx, query.Select{Sort: newestFirst, Limit: pageSize, Cursor: cursor})
}

// hundredth returns where the hundredth page begins, or the last one.
func hundredth(ctx context.Context, b *testing.B, s *crm.Session) (cursor string, last *customer.Customer) {
	b.Helper()
	for range 99 {
		p, err := page(ctx, s, cursor)
		require.NoError(b, err)
		if p.Next == "" {
			break
		}
		cursor, last = p.Next, &p.Items[len(p.Items)-1]
	}
	return cursor, last
}

func idsOf(list []customer.Customer) []schema.ID {
	ids := make([]schema.ID, len(list))
	for i, v := range list {
		ids[i] = v.ID
	}
	return ids
}

func status(ctx context.Context, s *crm.Session) ([]statusSum, error) {
	groups, err := s.Customers.Aggregate(ctx, query.Aggregate{Keys: []query.Key{{Path: query.P("status")}},
		Measures: []query.Measure{{Fn: query.Count}, {Fn: query.Sum, Path: query.P("annual_revenue")}}})
	list := make([]statusSum, len(groups.Rows))
	for i, row := range groups.Rows {
		list[i] = statusSum{row[0].(string), row[1].(int64), row[2].(decimal.Decimal)}
	}
	return list, err
}

// compare runs both ways as a benchmark of a name.
func compare(b *testing.B, name string, ours, byHand versus.Way) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			result, err := versus.Race{Rounds: *verbRounds, Turn: *verbTurn}.Run(ours, byHand)
			require.NoError(b, err)
			b.ReportMetric(result.Ratio(0, 1), "x-hand")
			b.ReportMetric(result.Micros(0), "us")
			b.ReportMetric(result.Micros(1), "us-hand")
			b.ReportMetric(result.Allocs(0), "allocs")
			b.ReportMetric(result.Allocs(1), "allocs-hand")
		}
		b.ReportMetric(0, "ns/op") // of all rounds together: says nothing
	})
}
