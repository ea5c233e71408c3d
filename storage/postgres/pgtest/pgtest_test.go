package pgtest_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/postgres/pgtest"
)

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

func scan[T any](t *testing.T, db *sql.DB, query string) (value T) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&value))
	return value
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
}

func TestDSN_GivesEachCallADatabaseOfItsOwn(t *testing.T) {
	first, second := open(t, pgtest.DSN(t)), open(t, pgtest.DSN(t))

	execute(t, first, "CREATE TABLE customer (name text)")

	assert.Equal(t, 1, scan[int](t, first, "SELECT count(*) FROM pg_tables WHERE tablename = 'customer'"))
	assert.Equal(t, 0, scan[int](t, second, "SELECT count(*) FROM pg_tables WHERE tablename = 'customer'"))
	assert.Equal(t, "UTF8", scan[string](t, first, "SHOW server_encoding"))
}

func TestDSN_DropsTheDatabaseUnderOpenConnections(t *testing.T) {
	var name string
	t.Run("user", func(t *testing.T) {
		db, err := sql.Open("pgx", pgtest.DSN(t))
		require.NoError(t, err)
		name = scan[string](t, db, "SELECT current_database()")
		// db stays open: a test that forgets to close must not keep its database alive.
	})
	db := open(t, pgtest.DSN(t))
	assert.Equal(t, 0, scan[int](t, db, "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"))
}

func TestPrepared_GivesADatabaseAgainAsItWasMade(t *testing.T) {
	if os.Getenv("KEHU_POSTGRES") != "" {
		t.Skip("on a server that is given, each test has its own")
	}
	made := 0
	prepare := func(dsn string) error {
		made++
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return err
		}
		for _, statement := range []string{"CREATE TABLE kind (name text PRIMARY KEY)", "INSERT INTO kind VALUES ('a')",
			"CREATE TABLE customer (name text, kind text REFERENCES kind)", "CREATE TABLE contact (customer text)"} {
			if _, err := db.Exec(statement); err != nil {
				return errors.Join(err, db.Close())
			}
		}
		return db.Close()
	}
	var name string
	use := func(what string, statements ...string) {
		t.Run(what, func(t *testing.T) {
			db, err := sql.Open("pgx", pgtest.Prepared(t, "shop", prepare)) // and never closed
			require.NoError(t, err)
			assert.Equal(t, 1, scan[int](t, db, "SELECT count(*) FROM kind"))
			assert.Equal(t, 0, scan[int](t, db, "SELECT count(*) FROM customer"))
			assert.Equal(t, 0, scan[int](t, db, "SELECT count(*) FROM contact"))
			assert.Equal(t, 0, scan[int](t, db, "SELECT count(*) FROM pg_tables WHERE tablename = 'more'"))
			assert.Equal(t, 0, scan[int](t, db, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'more'"))
			name = scan[string](t, db, "SELECT current_database()")
			for _, statement := range statements {
				execute(t, db, statement)
			}
		})
	}
	use("stores", "INSERT INTO customer VALUES ('Acme', 'a')", "INSERT INTO contact VALUES ('Acme')")
	first := name
	use("finds the same one empty")
	assert.Equal(t, first, name)
	t.Run("two at once", func(t *testing.T) {
		assert.NotEqual(t, pgtest.Prepared(t, "shop", prepare), pgtest.Prepared(t, "shop", prepare))
		assert.Equal(t, 2, made)
		pgtest.Prepared(t, "another", prepare)
		assert.Equal(t, 3, made)
	})
	made = 0
	for n, change := range []string{"CREATE TABLE more ()", "ALTER TABLE contact ADD more text", "DELETE FROM kind", "INSERT INTO kind VALUES ('b')", "CREATE INDEX ON contact (customer)"} {
		use(change, change)
		use("after it")
		assert.Equal(t, n, made, "of the two that waited the second is left, then there is none")
	}
}

// Two packages under one `go test` are two processes with one parent: here a shell takes the place of `go test`.
func TestDSN_SharesOneServerBetweenProcesses(t *testing.T) {
	if os.Getenv("KEHU_POSTGRES") != "" {
		t.Skip("the server is given")
	}
	pgtest.DSN(t) // skips where there is no PostgreSQL

	dir := t.TempDir()
	shell := exec.CommandContext(t.Context(), "sh", "-c",
		`for n in 1 2; do OUT=`+dir+`/$n "$0" -test.run='^TestHelperProcess$' & done; wait`, os.Args[0])
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", out)

	first, err := os.ReadFile(filepath.Join(dir, "1"))
	require.NoError(t, err)
	second, err := os.ReadFile(filepath.Join(dir, "2"))
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))

	// The shell has gone, and so must the server with all it had.
	server := filepath.Dir(string(first))
	assert.Eventually(t, func() bool {
		_, err := os.Stat(server)
		return os.IsNotExist(err)
	}, 20*time.Second, 50*time.Millisecond)
}

// TestHelperProcess is what the processes of the test above run.
func TestHelperProcess(t *testing.T) {
	out := os.Getenv("OUT")
	if out == "" {
		t.Skip("runs in a process of its own")
	}
	directory := scan[string](t, open(t, pgtest.DSN(t)), "SHOW data_directory")
	require.NoError(t, os.WriteFile(out, []byte(directory), 0o600))
}

func TestServer_KeepsWhatWasCommitted(t *testing.T) {
	server := pgtest.Server(t)
	db := open(t, server.DSN())
	assert.Equal(t, "on", scan[string](t, db, "SHOW fsync"))
	execute(t, db, "CREATE TABLE customer (name text)")

	for _, end := range []func(){
		server.Kill,
		func() { server.Stop(pgtest.Fast) },
		func() { server.Stop(pgtest.Immediate) },
		func() { require.NoError(t, db.Close()); server.Stop(pgtest.Smart) },
	} {
		execute(t, db, "INSERT INTO customer VALUES ('华为')")
		end()

		down, err := sql.Open("pgx", server.DSN())
		require.NoError(t, err)
		require.Error(t, down.PingContext(t.Context()))
		require.NoError(t, down.Close())

		server.Start()
		db = open(t, server.DSN())
	}
	assert.Equal(t, 4, scan[int](t, db, "SELECT count(*) FROM customer"))
}

func TestServer_KillEndsRunningStatements(t *testing.T) {
	server := pgtest.Server(t)
	db := open(t, server.DSN())
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(context.WithoutCancel(t.Context()), "SELECT 'needle', pg_sleep(600)")
		done <- err
	}()
	watch := open(t, server.DSN())
	require.Eventually(t, func() bool {
		return scan[int](t, watch, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%need'||'le%'") == 1
	}, 10*time.Second, 10*time.Millisecond)

	server.Kill()

	select {
	case err := <-done:
		require.Error(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the statement still runs")
	}
}

func TestServer_IsRemoved(t *testing.T) {
	var directory string
	t.Run("killed", func(t *testing.T) {
		server := pgtest.Server(t)
		directory = scan[string](t, open(t, server.DSN()), "SHOW data_directory")
		server.Kill()
	})
	assert.NoDirExists(t, strings.TrimSuffix(directory, "/data"))
}
