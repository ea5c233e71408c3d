package vsraw

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/versus"
)

var (
	customersFlag = flag.Int("vsraw.customers", 2000, "number of customers in BenchmarkVsRaw")
	linesFlag     = flag.Int("vsraw.lines", 20_000, "number of order lines in BenchmarkVsRaw")
	roundsFlag    = flag.Int("vsraw.rounds", 3, "number of rounds in which BenchmarkVsRaw compares")
	turnFlag      = flag.Duration("vsraw.turn", 10*time.Millisecond, "how long each side runs in a round of BenchmarkVsRaw")
)

// Run compares storage with what is written by hand over the same database. open
// opens a store over one that is empty at first and stays the same; it closes
// nothing. settle are the statements after a large load, with which a database
// learns what is in it.
func Run(b *testing.B, open func() (*storage.Store, SQL), settle ...string) {
	b.Helper()
	// What a request has: a context that can end, which costs both sides alike.
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	m := &match{g: newGenerator(1)}
	for _, step := range []func(context.Context, *storage.Store, SQL) error{
		func(ctx context.Context, store *storage.Store, by SQL) error { return m.load(ctx, store, by, settle) },
		m.mark,
	} {
		store, by := open()
		defer func() {
			if err := store.Close(); err != nil {
				b.Error(err)
			}
		}()
		if err := step(ctx, store, by); err != nil {
			b.Fatal(err)
		}
	}
	if err := m.agree(ctx); err != nil {
		b.Fatal(err)
	}
	for _, op := range m.operations() {
		b.Run(op.name, func(b *testing.B) {
			race := versus.Race{Rounds: *roundsFlag, Turn: *turnFlag}
			for b.Loop() {
				result, err := race.Run(
					func(call int) error { return op.do(ctx, m.ours, call) },
					func(call int) error { return op.do(ctx, m.raw, call) })
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(result.Ratio(0, 1), "x-raw")
				b.ReportMetric(result.Micros(0), "us")
				b.ReportMetric(result.Micros(1), "us-raw")
				b.ReportMetric(result.Allocs(0), "allocs")
				b.ReportMetric(result.Allocs(1), "allocs-raw")
			}
			b.ReportMetric(0, "ns/op") // of all rounds together: says nothing
		})
	}
}

// match is the two contenders and the records that they work on.
type match struct {
	ours *ours
	raw  *raw
	g    generator
	// customers are some of the stock, and held those that each side updates:
	// it knows their versions.
	customers []schema.ID
	held      map[contender][]*Customer
	fresh     []schema.ID // customers for new lines
}

// bind opens our side.
func (m *match) bind(store *storage.Store, registry *schema.Registry) error {
	db := store.Bind(registry, storage.Options{})
	stock, err := db.Tenant("stock")
	if err != nil {
		return err
	}
	fresh, err := db.Tenant("fresh")
	m.ours = &ours{stock: stock, fresh: fresh}
	return err
}

func newRegistry() (*schema.Registry, error) {
	return schema.NewRegistry([]*schema.Kind{Customers.Kind, Lines.Kind})
}

// load makes the tables and stores what is there before the match.
func (m *match) load(ctx context.Context, store *storage.Store, by SQL, settle []string) error {
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	if err := errors.Join(store.Migrate(ctx, registry, nil), m.bind(store, registry)); err != nil {
		return err
	}
	if err := errors.Join(m.loadStock(ctx), m.loadFresh(ctx)); err != nil {
		return err
	}
	for _, text := range settle {
		if _, err := by.Write.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func (m *match) loadStock(ctx context.Context) error {
	for len(m.customers) < *customersFlag {
		batch := make([]*Customer, min(bulkSize, *customersFlag-len(m.customers)))
		for i := range batch {
			batch[i] = m.g.customer(len(m.customers))
			m.customers = append(m.customers, batch[i].ID)
		}
		if err := storage.Of(m.ours.stock, Customers).Insert(ctx, batch...); err != nil {
			return err
		}
	}
	for left := *linesFlag; left > 0; left -= bulkSize {
		lines := make([]*Line, min(bulkSize, left))
		for i := range lines {
			lines[i] = m.g.line(m.customers[m.g.IntN(len(m.customers))])
		}
		if err := storage.Of(m.ours.stock, Lines).Insert(ctx, lines...); err != nil {
			return err
		}
	}
	return nil
}

func (m *match) loadFresh(ctx context.Context) error {
	const few = 1000
	fresh := make([]*Customer, few)
	for i := range fresh {
		fresh[i] = m.g.customer(i)
		m.fresh = append(m.fresh, fresh[i].ID)
	}
	return storage.Of(m.ours.fresh, Customers).Insert(ctx, fresh...)
}

// mark opens both sides over what was loaded, notes where pages can begin, and gives
// each side customers of its own to update.
func (m *match) mark(ctx context.Context, store *storage.Store, by SQL) error {
	registry, err := newRegistry()
	if err != nil {
		return err
	}
	if err := m.bind(store, registry); err != nil {
		return err
	}
	if m.raw, err = newRaw(ctx, by, m.ours.stock.Name(), m.ours.fresh.Name()); err != nil {
		return err
	}
	m.held = map[contender][]*Customer{}
	q := query.Select{Sort: newestFirst, Limit: min(query.MaxLimit, pageSize*max(1, *customersFlag/1000))}
	for {
		page, err := storage.Of(m.ours.stock, Customers).Find(ctx, q)
		if err != nil || page.Next == "" {
			return err
		}
		q.Cursor = page.Next
		m.ours.marks = append(m.ours.marks, page.Next)
		m.raw.marks = append(m.raw.marks, page.Items[len(page.Items)-1])
		for i := range min(10, len(page.Items)/2) {
			m.held[m.ours] = append(m.held[m.ours], &page.Items[2*i])
			m.held[m.raw] = append(m.held[m.raw], &page.Items[2*i+1])
		}
	}
}

// operation is one thing that is compared.
type operation struct {
	name string
	do   func(ctx context.Context, c contender, call int) error
}

func (m *match) operations() []operation {
	customer := func(call int) schema.ID { return m.customers[call*7919%len(m.customers)] }
	phone := func(call int) string { return fmt.Sprintf("139%08d", call) }
	held := func(c contender, call int) *Customer {
		v := m.held[c][call%len(m.held[c])]
		v.Phone = phone(call)
		return v
	}
	var lines []*Line
	return []operation{
		{"get", func(ctx context.Context, c contender, call int) error {
			_, err := c.get(ctx, customer(call))
			return err
		}},
		{"page", func(ctx context.Context, c contender, call int) error {
			_, err := c.page(ctx, call%len(m.ours.marks))
			return err
		}},
		{"insert", func(ctx context.Context, c contender, call int) error { return c.insert(ctx, m.g.customer(call)) }},
		{"change", func(ctx context.Context, c contender, call int) error { return c.change(ctx, held(c, call)) }},
		{"update", func(ctx context.Context, c contender, call int) error { return c.update(ctx, held(c, call)) }},
		{"months", func(ctx context.Context, c contender, _ int) error {
			_, err := c.months(ctx)
			return err
		}},
		{"top", func(ctx context.Context, c contender, _ int) error {
			_, err := c.top(ctx)
			return err
		}},
		{"values", func(ctx context.Context, c contender, _ int) error {
			_, err := c.values(ctx)
			return err
		}},
		// After this one the versions that are held are no longer right.
		{"edit", func(ctx context.Context, c contender, call int) error {
			return c.edit(ctx, m.held[c][call%len(m.held[c])].ID, phone(call))
		}},
		{"bulk", func(ctx context.Context, c contender, _ int) error {
			for len(lines) < bulkSize {
				lines = append(lines, m.g.line(m.fresh[len(lines)%len(m.fresh)]))
			}
			for _, l := range lines {
				l.ID = schema.NewID()
			}
			return c.bulk(ctx, lines)
		}},
	}
}

// agree looks whether both sides read the same, so that what is compared is the
// same.
func (m *match) agree(ctx context.Context) error {
	for name, read := range map[string]func(c contender) (any, error){
		"get":    func(c contender) (any, error) { return c.get(ctx, m.customers[len(m.customers)/2]) },
		"page":   func(c contender) (any, error) { return c.page(ctx, len(m.ours.marks)/2) },
		"months": func(c contender) (any, error) { return c.months(ctx) },
		"top":    func(c contender) (any, error) { return c.top(ctx) },
		"values": func(c contender) (any, error) {
			list, err := c.values(ctx)
			return len(list), err
		},
	} {
		var texts [2]string
		for i, c := range []contender{m.ours, m.raw} {
			v, err := read(c)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			text, err := json.Marshal(v)
			if err != nil {
				return err
			}
			texts[i] = string(text)
		}
		if texts[0] != texts[1] {
			return fmt.Errorf("%s: storage read %.200s, by hand it is %.200s", name, texts[0], texts[1])
		}
	}
	return nil
}
