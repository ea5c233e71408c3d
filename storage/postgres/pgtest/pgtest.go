package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// patience bounds each command sent to a server and each wait for one.
const patience = time.Minute

// errNone says that the machine has no PostgreSQL that tests could use.
var errNone = errors.New("pgtest: no PostgreSQL: install one or set KEHU_POSTGRES to the DSN of a server")

// DSN returns the DSN of a fresh, empty database, encoded in UTF-8, whose role may do anything in it. The database is
// dropped when the test ends, with whatever connections are then still open to it.
//
// Commits are not durable on the server that pgtest starts (see [Server] for one where they are). Where there is no
// PostgreSQL the test is skipped, or fails if the environment says CI=true.
func DSN(t testing.TB) string {
	t.Helper()

	admin, err := shared()
	if err != nil {
		giveUp(t, err)
	}
	name, dsn, err := createDatabase(admin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dropDatabase(admin, name); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// createDatabase makes an empty database.
func createDatabase(admin string) (name, dsn string, err error) {
	name = "kehu_test_" + strings.ToLower(rand.Text())
	if dsn, err = withDatabase(admin, name); err != nil {
		return "", "", err
	}
	return name, dsn, execute(admin, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'")
}

// dropDatabase drops one with whatever connections are still open to it.
func dropDatabase(admin, name string) error {
	return execute(admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// shared returns the DSN under which databases are created, starting the server where needed.
var shared = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv("KEHU_POSTGRES"); dsn != "" {
		return dsn, nil
	}
	c, err := startShared()
	if err != nil {
		return "", err
	}
	return c.dsn("postgres"), nil
})

// giveUp ends a test that has no server to run against.
func giveUp(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNone) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// withDatabase returns dsn, a URL or a list of key=value, with another database in it.
func withDatabase(dsn, name string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " dbname=" + name, nil // the last of several values counts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", fmt.Errorf("pgtest: KEHU_POSTGRES: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// execute runs one statement on a connection of its own.
func execute(dsn, statement string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()

	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("pgtest: %s: %w", statement, err)
	}
	return nil
}
