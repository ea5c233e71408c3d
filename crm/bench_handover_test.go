package crm_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

var (
	handoverRecords = flag.Int("handover.records", 2000, "number of customers handed over in BenchmarkHandover")
	handoverRounds  = flag.Int("handover.rounds", 3, "number of rounds in which BenchmarkHandover compares")
)

// BenchmarkHandover executes a handover of customers, beside the batch statements that
// write the same rows by hand: the customers, journal, outbox and moves, a thousand in a
// transaction. x-hand is the median ratio of the times of a round.
//
//	go test -run '^$' -bench Handover -benchtime 1x ./crm -handover.records 100000 -handover.rounds 5
func BenchmarkHandover(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			ctx := b.Context()
			c := newCompany()
			p := d.settled(ctx, b, c, 1000)
			manager := p.as(ctx, b, c.manager) // directly above the agents, and so may assign what is theirs
			ours, hers := [2]schema.ID{c.agents[1].ID, c.agents[2].ID}, [2]schema.ID{c.agents[3].ID, c.agents[4].ID}
			for b.Loop() {
				for _, owner := range []schema.ID{ours[0], hers[0]} {
					require.NoError(b, give(ctx, manager.Tenant(), owner, *handoverRecords))
				}
				var ratios, mine []float64
				for round := range *handoverRounds {
					from, to := round%2, 1-round%2
					job, told := previewed(ctx, b, manager, ours[from], ours[to]), previewed(ctx, b, manager, hers[from], hers[to])
					took := timed(b, func() error { _, err := manager.Admin.ExecuteHandover(ctx, job); return err })
					byHand := timed(b, func() error { return p.handOver(ctx, told, c.manager, hers[from], hers[to]) })
					for _, owner := range []schema.ID{ours[to], hers[to]} {
						require.GreaterOrEqual(b, ownedBy(ctx, b, manager.Tenant(), owner), int64(*handoverRecords), "what is compared must have been done")
					}
					mine, ratios = append(mine, took), append(ratios, took/byHand)
				}
				slices.Sort(ratios)
				slices.Sort(mine)
				b.ReportMetric(ratios[len(ratios)/2], "x-hand")
				b.ReportMetric(float64(*handoverRecords)/mine[len(mine)/2], "rows/s")
			}
			b.ReportMetric(0, "ns/op") // of all rounds together: says nothing
		})
	}
}

// give stores customers of somebody.
func give(ctx context.Context, t *storage.Tenant, owner schema.ID, n int) error {
	list := make([]*customer.Customer, n)
	for i := range list {
		list[i] = &customer.Customer{Meta: fresh(epoch.Add(time.Duration(i) * time.Second)), Owned: record.Owned{OwnerID: owner},
			Name: fmt.Sprintf("Customer %d of 东方印刷", i), Status: customer.Potential, Type: customer.Direct, Standing: customer.Normal, Industry: "printing", Phone: phoneOf(i)}
	}
	return storage.Of(t, customer.Customers).Insert(ctx, list...)
}

// ownedBy counts the customers of somebody.
func ownedBy(ctx context.Context, b *testing.B, t *storage.Tenant, owner schema.ID) int64 {
	b.Helper()
	groups, err := t.Aggregate(ctx, t.Registry().Kind("customer"), query.Aggregate{Where: query.Eq("owner_id", owner), Measures: []query.Measure{{Fn: query.Count}}}, nil)
	require.NoError(b, err)
	return groups.Rows[0][0].(int64)
}

func previewed(ctx context.Context, b *testing.B, s *crm.Session, from, to schema.ID) schema.ID {
	b.Helper()
	job, err := s.Admin.PlanHandover(ctx, &admin.Handover{FromID: from, Reason: "leaves"}, &admin.HandoverLine{Kind: "customer", ToID: to})
	require.NoError(b, err)
	_, err = s.Admin.PreviewHandover(ctx, job.ID)
	require.NoError(b, err)
	return job.ID
}

func timed(b *testing.B, do func() error) (seconds float64) {
	b.Helper()
	start := time.Now()
	require.NoError(b, do())
	return time.Since(start).Seconds()
}

// handOver gives all customers of one person to another, page by page, and tells it as
// the doing of a job of one line.
func (p *place) handOver(ctx context.Context, job, actor, from, to schema.ID) error {
	line := schema.NameID("handover_line", job.String(), "1")
	changes, err := json.Marshal([]field{{"owner_id", from, to}, {"quiet_since", nil, schema.DateOf(time.Now())}})
	if err != nil {
		return err
	}
	for {
		tx, err := p.write.BeginTx(ctx, p.tx)
		if err != nil {
			return err
		}
		n, err := p.handOverPage(ctx, tx, handed{actor.String(), from.String(), to.String(), job.String(), line.String(), string(changes)})
		if err != nil {
			_ = tx.Rollback() // the first error tells
			return err
		}
		if err := tx.Commit(); err != nil || n < 1000 {
			return err
		}
	}
}

// handed is who hands over what.
type handed struct{ actor, from, to, job, line, changes string }

func (p *place) handOverPage(ctx context.Context, tx *sql.Tx, h handed) (int, error) {
	rows, err := tx.QueryContext(ctx, p.Spell(`SELECT `+customerColumns+` FROM {customer} WHERE tenant_id = ?1 AND owner_id = ?2 ORDER BY created_at, id LIMIT 1000`),
		crm.DefaultTenant, h.from)
	if err != nil {
		return 0, err
	}
	var ids []string
	var versions []int64
	err = byhand.Each(rows, func() error {
		var c customer.Customer
		err := scan(rows, &c)
		ids, versions = append(ids, c.ID.String()), append(versions, c.Version+1)
		return err
	})
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	entries, moves := make([]string, len(ids)), make([]string, len(ids))
	for i := range ids {
		entries[i], moves[i] = schema.NewID().String(), schema.NewID().String()
	}
	now := p.Time(time.Now())
	list := any(ids)
	one := `= ANY(?6::uuid[])`
	if !p.Numbered {
		raw, err := json.Marshal(ids)
		if err != nil {
			return 0, err
		}
		list, one = string(raw), `IN (SELECT value FROM json_each(?6))`
	}
	if _, err := tx.ExecContext(ctx, p.Spell(`UPDATE {customer} SET owner_id = ?1, updated_at = ?2, updated_by = ?3, version = version + 1
		, quiet_since = ?7 WHERE tenant_id = ?4 AND owner_id = ?5 AND id `+one), h.to, now, h.actor, crm.DefaultTenant, h.from, list, p.Date(schema.DateOf(time.Now()))); err != nil {
		return 0, err
	}
	const (
		entry   = `INSERT INTO {journal_entry} (tenant_id, at, actor_id, actor, kind, event, changes, id, record_id, record_version, subject_id) `
		pending = `INSERT INTO {outbox} (tenant_id, kind, id, record_id, version) `
		move    = `INSERT INTO {owner_change} (tenant_id, at, handover_id, line_id, actor_id, kind, from_id, to_id, maker, undo, event, reason, effective_on, version, updated_at, updated_by, id, record_id, record_version, was_id) `
	)
	told, waiting, moved := []any{crm.DefaultTenant, now, h.actor, "", "customer", "customer.handed_over", h.changes}, []any{crm.DefaultTenant, "customer"},
		[]any{crm.DefaultTenant, now, h.job, h.line, h.actor, "customer", h.from, h.to, false, false, "customer.handed_over", "leaves", p.Date(schema.DateOf(time.Now())), 1, now, h.actor}
	if p.Numbered {
		const from = ` FROM unnest(?%d::uuid[], ?%d::uuid[], ?%d::bigint[]) AS r(a, b, c)`
		return len(ids), p.each(
			func() error {
				return p.exec(ctx, tx, entry+`SELECT ?1, ?2::timestamptz, ?3::uuid, ?4, ?5, ?6, ?7::jsonb, r.a, r.b, r.c, r.b`+fmt.Sprintf(from, 8, 9, 10), append(told, entries, ids, versions)...)
			},
			func() error {
				return p.exec(ctx, tx, pending+`SELECT ?1, ?2, r.a, r.b, r.c`+fmt.Sprintf(from, 3, 4, 5), append(waiting, entries, ids, versions)...)
			},
			func() error {
				return p.exec(ctx, tx, move+`SELECT ?1, ?2::timestamptz, ?3::uuid, ?4::uuid, ?5::uuid, ?6, ?7::uuid, ?8::uuid, ?9::boolean, ?10::boolean, ?11, ?12, ?13::date, ?14::bigint, ?15::timestamptz, ?16::uuid, r.a, r.b, r.c, r.b`+fmt.Sprintf(from, 17, 18, 19), append(moved, moves, ids, versions)...)
			})
	}
	return len(ids), p.each(
		func() error { return p.repeat(ctx, tx, entry, told, entries, ids, versions, len(told)+2) },
		func() error { return p.repeat(ctx, tx, pending, waiting, entries, ids, versions) },
		func() error { return p.repeat(ctx, tx, move, moved, moves, ids, versions, len(moved)+2) })
}

func (*place) each(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) exec(ctx context.Context, tx *sql.Tx, text string, args ...any) error {
	_, err := tx.ExecContext(ctx, p.Spell(text), args...)
	return err
}

// repeat runs one prepared statement for each row, which is what SQLite is fastest with.
// again are the numbers of arguments that stand once more behind them.
func (p *place) repeat(ctx context.Context, tx *sql.Tx, text string, same []any, own, ids []string, versions []int64, again ...int) error {
	values := `VALUES (?`
	for range len(same) + 2 {
		values += `, ?`
	}
	for _, n := range again {
		values += fmt.Sprintf(`, ?%d`, n)
	}
	stmt, err := tx.PrepareContext(ctx, p.Spell(text+values+`)`))
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // with the transaction
	for i := range ids {
		if _, err := stmt.ExecContext(ctx, append(slices.Clip(same), own[i], ids[i], versions[i])...); err != nil {
			return err
		}
	}
	return nil
}
