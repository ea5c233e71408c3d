package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Prepared returns the DSN of a database that holds what prepare makes in it and nothing
// else: tables, and a few rows. Tests of one process that give the same key have databases
// one after the other, since to empty one takes a tenth of the time of making it: when a test
// ends, what it has stored is deleted, and the next one finds its database as prepare left it.
// One in which a test has made, changed or dropped a table, or in which the number of rows
// that prepare has stored is another, is dropped instead.
//
// So it is on the server that pgtest starts. On one that is given, whose role may be no
// superuser, each test has a database of its own.
func Prepared(t testing.TB, key string, prepare func(dsn string) error) string {
	t.Helper()
	if os.Getenv("KEHU_POSTGRES") != "" {
		dsn := DSN(t)
		if err := prepare(dsn); err != nil {
			t.Fatal(err)
		}
		return dsn
	}
	admin, err := shared()
	if err != nil {
		giveUp(t, err)
	}
	p := waiting.take(key)
	if p == nil {
		if p, err = newPrepared(admin, prepare); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if p.empty() == nil {
			waiting.put(key, p)
		} else if err := dropDatabase(admin, p.name); err != nil {
			t.Error(err)
		}
	})
	return p.dsn
}

// waiting are the databases of this process that no test has now, by key. They go with the
// server.
var waiting pool

type pool struct {
	mu   sync.Mutex
	free map[string][]*prepared
}

func (p *pool) take(key string) *prepared {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free[key])
	if n == 0 {
		return nil
	}
	last := p.free[key][n-1]
	p.free[key] = p.free[key][:n-1]
	return last
}

func (p *pool) put(key string, one *prepared) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == nil {
		p.free = map[string][]*prepared{}
	}
	p.free[key] = append(p.free[key], one)
}

// prepared is a database as it was made.
type prepared struct {
	name, dsn string
	tables    string   // tells one state of all tables from another
	list      []string // their names
	kept      map[string]int64
}

func newPrepared(admin string, prepare func(dsn string) error) (*prepared, error) {
	name, dsn, err := createDatabase(admin)
	if err != nil {
		return nil, err
	}
	p := &prepared{name: name, dsn: dsn, kept: map[string]int64{}}
	err = prepare(dsn)
	if err == nil {
		err = p.within(p.note)
	}
	if err != nil {
		return nil, errors.Join(err, dropDatabase(admin, name))
	}
	return p, nil
}

// note remembers what a database holds.
func (p *prepared) note(ctx context.Context, tx *sql.Tx) (err error) {
	if p.tables, err = stateOf(ctx, tx); err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return err
		}
		p.list = append(p.list, table)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	filled, err := p.filled(ctx, tx)
	for _, table := range filled {
		if err == nil {
			p.kept[table], err = count(ctx, tx, table)
		}
	}
	return err
}

// empty deletes what is not as it was made; it is an error where that can't be done.
func (p *prepared) empty() error {
	return p.within(func(ctx context.Context, tx *sql.Tx) error {
		// Whoever is still connected may be in the middle of something.
		if _, err := tx.ExecContext(ctx, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			return err
		}
		tables, err := stateOf(ctx, tx)
		if err != nil {
			return err
		}
		if tables != p.tables {
			return errors.New("the tables are others")
		}
		filled, err := p.filled(ctx, tx)
		if err != nil {
			return err
		}
		statements := []string{"SET LOCAL session_replication_role = replica"} // deletes in any order, whatever points there
		for _, table := range filled {
			if p.kept[table] == 0 {
				statements = append(statements, "DELETE FROM "+table)
			}
		}
		if _, err := tx.ExecContext(ctx, strings.Join(statements, ";")); err != nil {
			return err
		}
		for table, n := range p.kept {
			if now, err := count(ctx, tx, table); err != nil || now != n {
				return errors.Join(err, fmt.Errorf("%s has %d rows, not %d", table, now, n))
			}
		}
		return nil
	})
}

// filled returns the tables that have a row.
func (p *prepared) filled(ctx context.Context, tx *sql.Tx) ([]string, error) {
	if len(p.list) == 0 {
		return nil, nil
	}
	asks := make([]string, len(p.list))
	for i, table := range p.list {
		asks[i] = "(SELECT '" + strings.ReplaceAll(table, "'", "''") + "' FROM " + table + " LIMIT 1)"
	}
	rows, err := tx.QueryContext(ctx, strings.Join(asks, " UNION ALL "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		list = append(list, table)
	}
	return slices.Sorted(slices.Values(list)), rows.Err()
}

func count(ctx context.Context, tx *sql.Tx, table string) (n int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n)
	return n, err
}

// stateOf tells of every table, index and sequence which one it is, and how many columns it
// has had.
func stateOf(ctx context.Context, tx *sql.Tx) (state string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(md5(string_agg(concat_ws(' ', c.oid, c.relname, c.relkind, c.relnatts, c.relchecks), ',' ORDER BY c.oid)), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'`).Scan(&state)
	return state, err
}

// within does something in a transaction on the database.
func (p *prepared) within(do func(ctx context.Context, tx *sql.Tx) error) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := sql.Open("pgx", p.dsn)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if err := do(ctx, tx); err != nil {
		return fmt.Errorf("pgtest: %s: %w", p.name, errors.Join(err, tx.Rollback()))
	}
	return tx.Commit()
}
