package postgres

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest"
)

func pairs(n int) *driver.Insert {
	in := &driver.Insert{Tenant: "acme"}
	for range n {
		in.Rows = append(in.Rows, driver.Row{schema.NewID(), schema.NewID(), schema.NewID(), int64(0)})
	}
	return in
}

// TestJoinWithoutAHandle keeps records in the host's transaction alone, in single
// rows and in numbers that COPY would take on a connection of ours.
func TestJoinWithoutAHandle(t *testing.T) {
	dsn := pgtest.DSN(t)
	owner := openDSN(t, dsn)
	r := storagetest.Registry()
	require.NoError(t, owner.Migrate(t.Context(), r, nil))
	host, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = host.Close() })

	store, err := New[*sql.DB](nil)
	require.NoError(t, err)
	require.Nil(t, store.Driver().Conn())
	_, err = store.Driver().Begin(t.Context(), driver.TxOptions{})
	require.ErrorIs(t, err, fault.ErrPrecondition)

	tx, err := host.Begin()
	require.NoError(t, err)
	_, err = Join(store, tx)
	require.NoError(t, err)
	joined := store.Driver().(*backend).DB.Join(tx)
	for _, n := range []int{1, 37, 730} {
		require.NoError(t, joined.Insert(t.Context(), r.Kind("reach"), pairs(n)))
	}
	var count int
	require.NoError(t, tx.QueryRow(`SELECT count(*) FROM crm.reach`).Scan(&count))
	require.Equal(t, 768, count)
	require.NoError(t, joined.Commit(t.Context()))
	require.NoError(t, tx.Rollback(), "our Commit must not have ended it")

	err = joined.Insert(t.Context(), r.Kind("reach"), pairs(1))
	require.Error(t, err, "the transaction has ended")
	require.Equal(t, fault.Precondition, owner.Classify(err).Code)
}

// TestCopy stores numbers of rows on either side of the one where COPY begins,
// outside and inside a transaction, and meets a duplicate among them.
func TestCopy(t *testing.T) {
	b := openDSN(t, pgtest.DSN(t))
	r := storagetest.Registry()
	require.NoError(t, b.Migrate(t.Context(), r, nil))
	k := r.Kind("reach")
	for _, n := range []int{99, 100, 5000} {
		require.NoError(t, b.Conn().Insert(t.Context(), k, pairs(n)))
	}
	tx, err := b.Begin(t.Context(), driver.TxOptions{})
	require.NoError(t, err)
	require.NoError(t, tx.Insert(t.Context(), k, pairs(200)))
	require.NoError(t, tx.Rollback(t.Context()))
	twice := pairs(200)
	twice.Rows[199] = twice.Rows[0]
	err = b.Conn().Insert(t.Context(), k, twice)
	require.Error(t, err)
	require.Equal(t, driver.Fault{Code: fault.Exists}, b.Classify(err))
	var count int
	require.NoError(t, b.own.QueryRow(`SELECT count(*) FROM crm.reach`).Scan(&count))
	require.Equal(t, 5199, count)
}

func TestRefuses(t *testing.T) {
	_, err := Join(memory.Open(), nil)
	require.ErrorIs(t, err, fault.ErrPrecondition)
	store, err := New[*sql.DB](nil)
	require.NoError(t, err)
	_, err = Join(store, nil)
	require.ErrorIs(t, err, fault.ErrPrecondition)
	_, err = New[*sql.DB](nil, WithSchema(`x"; DROP SCHEMA crm`))
	require.ErrorIs(t, err, fault.ErrInvalid)
	_, err = Open(t.Context(), "host=/nowhere user=nobody connect_timeout=1")
	require.ErrorIs(t, err, fault.ErrInternal)
	_, err = Open(t.Context(), "://")
	require.ErrorIs(t, err, fault.ErrInvalid)
}

// TestLostConnection ends the connections behind the pool's back.
func TestLostConnection(t *testing.T) {
	dsn := pgtest.DSN(t)
	b := openDSN(t, dsn)
	r := storagetest.Registry()
	require.NoError(t, b.Migrate(t.Context(), r, nil))
	tx, err := b.Begin(t.Context(), driver.TxOptions{})
	require.NoError(t, err)
	require.NoError(t, tx.Insert(t.Context(), r.Kind("reach"), pairs(1)))
	other := openDSN(t, dsn)
	_, err = other.own.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	err = tx.Insert(t.Context(), r.Kind("reach"), pairs(1))
	require.Error(t, err)
	require.Equal(t, fault.Internal, b.Classify(err).Code)
	require.NoError(t, tx.Rollback(t.Context()))
	for range 10 {
		if err = b.Conn().Insert(t.Context(), r.Kind("reach"), pairs(1)); err == nil {
			break
		}
	}
	require.NoError(t, err, "the pool recovers")
}

// TestANewTenantIsKnown stores a second tenant's first records when the statistics know
// only the first one: they know of none until Analyze.
func TestANewTenantIsKnown(t *testing.T) {
	dsn := pgtest.DSN(t)
	b := openDSN(t, dsn)
	r := storagetest.Registry()
	require.NoError(t, b.Migrate(t.Context(), r, nil))
	old, fresh := pairs(100), pairs(5000)
	fresh.Tenant = "new"
	require.NoError(t, b.Conn().Insert(t.Context(), r.Kind("reach"), old))
	require.NoError(t, b.Analyze(t.Context(), r))
	require.NoError(t, b.Conn().Insert(t.Context(), r.Kind("reach"), fresh))
	known := func() (rows float64) {
		require.NoError(t, b.own.QueryRow(`SELECT reltuples * (SELECT coalesce(sum(freq), 0) FROM pg_stats s, unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS v (name, freq)
			WHERE s.schemaname = 'crm' AND s.tablename = 'reach' AND s.attname = 'tenant_id' AND v.name = 'new') FROM pg_class WHERE oid = 'crm.reach'::regclass`).Scan(&rows))
		return rows
	}
	if known() > 100 {
		t.Skip("somebody else has refreshed the statistics already")
	}
	require.NoError(t, b.Analyze(t.Context(), r))
	require.InDelta(t, 5000, known(), 500)
}

// TestARestartIsNotNoticed ends the server while the pool's connections are idle, in each way it can end. The
// calls that come when it is back don't fail for that.
func TestARestartIsNotNoticed(t *testing.T) {
	server := pgtest.Server(t)
	for name, end := range map[string]func(){
		"killed":          server.Kill,
		"stopped":         func() { server.Stop(pgtest.Fast) },
		"stopped at once": func() { server.Stop(pgtest.Immediate) },
	} {
		t.Run(name, func(t *testing.T) {
			b := openDSN(t, server.DSN())
			call := func(c interface {
				QueryRowContext(context.Context, string, ...any) *sql.Row
			}) {
				var one int
				require.NoError(t, c.QueryRowContext(t.Context(), "SELECT 1").Scan(&one))
			}
			for range 2 { // pgx asks a new connection for a sign of life the first time
				var idle []*sql.Conn
				for range 4 {
					c, err := b.own.Conn(t.Context())
					require.NoError(t, err)
					call(c)
					idle = append(idle, c)
				}
				for _, c := range idle {
					require.NoError(t, c.Close())
				}
			}
			end()
			server.Start()
			for range 4 {
				call(b.own)
			}
		})
	}
}
