package crm_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// A test that needs a second process runs its own binary again, with a job to do on a
// store instead of tests.
const (
	jobVariable   = "KEHU_TEST_JOB"
	storeVariable = "KEHU_TEST_STORE"
	asVariable    = "KEHU_TEST_AS"
)

// jobs are what a child can do where a database is. They print lines to the standard
// output.
var jobs = map[string]func(ctx context.Context, where string) error{
	"deep":    onApp(askDeep),
	"write":   onApp(writeUntilKilled),
	"act":     onApp(actOnEachLine),
	"relay":   onApp(relayUntilKilled),
	"migrate": migrateWhenTold,
	"hang":    migrateUntilKilled,
}

// onApp is the job that does what it is given on the application over the database.
func onApp(job func(ctx context.Context, app *crm.App) error) func(ctx context.Context, where string) error {
	return func(ctx context.Context, where string) error {
		store, err := openAt(ctx, where)
		if err != nil {
			return err
		}
		app, err := crm.Open(ctx, store)
		if err != nil {
			return err
		}
		return job(ctx, app)
	}
}

func TestMain(m *testing.M) {
	job := os.Getenv(jobVariable)
	if job == "" {
		// A check builds a company in a database: twenty are many. The flag still asks for more.
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	if err := jobs[job](context.Background(), os.Getenv(storeVariable)); err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(1)
	}
}

// openAt opens the database of a DSN, or of a path.
func openAt(ctx context.Context, where string) (*storage.Store, error) {
	if strings.HasPrefix(where, "postgres") {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

// process is a child that runs.
type process struct {
	cmd   *exec.Cmd
	in    *os.File
	lines *bufio.Reader
	err   transcript
}

// transcript keeps what a child complains about. It is safe for concurrent use.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// spawn starts a child. It ends with the test at the latest.
func spawn(t *testing.T, job, where, as string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	p.cmd.Env = append(os.Environ(), jobVariable+"="+job, storeVariable+"="+where, asVariable+"="+as)
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	read, write, err := os.Pipe()
	require.NoError(t, err)
	p.cmd.Stdin, p.cmd.Stderr, p.in, p.lines = read, &p.err, write, bufio.NewReader(out)
	require.NoError(t, p.cmd.Start())
	require.NoError(t, read.Close())
	return p
}

// line returns the next whole line; false at the end.
func (p *process) line() (string, bool) {
	line, err := p.lines.ReadString('\n')
	return strings.TrimSpace(line), err == nil
}

// kill ends the child with SIGKILL and returns what it had still printed.
func (p *process) kill(t *testing.T) []string {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill(), p.err.String())
	var rest []string
	for line, ok := p.line(); ok; line, ok = p.line() {
		rest = append(rest, line)
	}
	_ = p.cmd.Wait() // "signal: killed"
	require.NoError(t, p.in.Close())
	require.Empty(t, p.err.String())
	return rest
}
