//go:build linux || darwin

package pgtest

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Settings of every server; they are appended to what initdb writes.
const settings = `
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 128MB
max_wal_size = 4GB
timezone = 'UTC'
log_timezone = 'UTC'
`

// Settings of the shared server, whose data need not outlive it.
const volatileSettings = `
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
`

// reaper is the shell script that ends a cluster after the process it was started for.
//
//go:embed reaper.sh
var reaper string

// cluster is a server's directory: the data, which hold the socket too, and the log.
type cluster struct {
	bin  string // of the PostgreSQL installation
	dir  string // short, since the path of a Unix socket is at most 103 bytes long
	user *syscall.Credential

	server *exec.Cmd // the postmaster, if this process started it
}

// startShared returns the server of this `go test`: the process which started this test binary and its siblings. The
// first of them to come starts the server, while the others wait.
func startShared() (*cluster, error) {
	parent := os.Getppid()
	c, err := describe("/tmp/kehu-pg-" + strconv.Itoa(os.Geteuid()) + "-" + strconv.Itoa(parent))
	if err != nil {
		return nil, err
	}
	if err := c.own(); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(c.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	defer func() { _ = lock.Close() }() // unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("pgtest: lock %s: %w", lock.Name(), err)
	}

	if execute(c.dsn("postgres"), "SELECT 1") == nil {
		return c, nil // a sibling has started it
	}
	if err := os.RemoveAll(c.data()); err != nil { // of a process with the same id, long ago
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	if err := c.reapAfter(parent); err != nil {
		return nil, err
	}
	if err := c.init(settings + volatileSettings); err != nil {
		return nil, err
	}
	return c, c.start()
}

// newCluster makes a cluster that lasts no longer than this process. It is not started.
func newCluster() (*cluster, error) {
	dir, err := os.MkdirTemp("/tmp", "kehu-pg-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	c, err := describe(dir)
	if err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	if err := c.own(); err != nil {
		return nil, err
	}
	if err := c.reapAfter(os.Getpid()); err != nil {
		return nil, err
	}
	return c, c.init(settings)
}

// describe says what a cluster in dir would be, or errNone.
func describe(dir string) (*cluster, error) {
	bin, err := installation()
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: dir}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		c.user, err = unprivileged()
	}
	return c, err
}

// installation returns the directory with PostgreSQL's programs: that on the PATH, else the newest there is.
func installation() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	var found []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin/initdb", // Debian
		"/usr/pgsql-*/bin/initdb",          // Red Hat
		"/opt/homebrew/opt/postgresql@*/bin/initdb",
		"/usr/local/opt/postgresql@*/bin/initdb",
	} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("pgtest: %w", err)
		}
		found = append(found, matches...)
	}
	if len(found) == 0 {
		return "", errNone
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(major(a), major(b)) })
	return filepath.Dir(newest), nil
}

var digits = regexp.MustCompile(`\d+`)

// major returns the first number in a path: the major version of PostgreSQL.
func major(path string) int {
	n, _ := strconv.Atoi(digits.FindString(path)) // 0 if there is none
	return n
}

// unprivileged returns the user to run a server under when the tests run as root.
func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("pgtest: no user to run PostgreSQL under: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("pgtest: user %s: %w", u.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// dsn returns the DSN of a database of this cluster.
func (c *cluster) dsn(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database}
	u.RawQuery = url.Values{"host": {c.data()}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// own makes the directory, unless it exists, and refuses one that another user has put there. The server's user may
// pass through it, but only enter its own part, the data.
func (c *cluster) own() error {
	if err := os.Mkdir(c.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("pgtest: %w", err)
	}
	info, err := os.Lstat(c.dir)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("pgtest: %s belongs to someone else", c.dir)
	}
	if err := os.Chmod(c.dir, 0o711); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// init fills the data directory.
func (c *cluster) init(conf string) error {
	if err := os.Mkdir(c.data(), 0o700); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if c.user != nil {
		if err := os.Chown(c.data(), int(c.user.Uid), int(c.user.Gid)); err != nil {
			return fmt.Errorf("pgtest: %w", err)
		}
	}
	initdb := func(locale string) error {
		return c.run("initdb", "--pgdata", c.data(), "--username", "postgres", "--auth", "trust",
			"--encoding", "UTF8", "--locale", locale, "--no-sync")
	}
	if initdb("C.UTF-8") != nil { // not every system has it
		if err := initdb("C"); err != nil {
			return err
		}
	}

	file, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	_, err = fmt.Fprintf(file, "%sunix_socket_directories = '%s'\n", conf, c.data())
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// start returns when the server accepts connections. The postmaster becomes a child of this process, for kill and stop
// to wait for: while a dead postmaster is not waited for, its process id keeps the next one from starting.
func (c *cluster) start() error {
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer func() { _ = log.Close() }() // the server has its own

	c.server = c.command("postgres", "-D", c.data())
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	deadline := time.Now().Add(patience)
	for {
		err := execute(c.dsn("postgres"), "SELECT 1")
		if err == nil {
			return nil
		}
		if !alive(c.server.Process.Pid) || time.Now().After(deadline) {
			text, _ := os.ReadFile(log.Name()) // the error is there already; this only tells more about it
			return fmt.Errorf("%w\n%s", err, text)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// stop returns when the server has ended.
func (c *cluster) stop(mode StopMode) error {
	err := c.run("pg_ctl", "stop", "--pgdata", c.data(), "--mode", string(mode), "--wait",
		"--timeout", strconv.Itoa(int(patience.Seconds())))
	if err != nil {
		return err
	}
	return c.ended()
}

// kill ends the server's processes at once. Only the postmaster is known by its process group, since each of its
// children leads one of its own; where they can't be listed (no /proc), they end when they notice its death.
func (c *cluster) kill() error {
	if c.server == nil {
		return errors.New("pgtest: kill: the server does not run")
	}
	postmaster := c.server.Process.Pid
	if err := syscall.Kill(postmaster, syscall.SIGSTOP); err != nil { // no further children
		return fmt.Errorf("pgtest: kill %d: %w", postmaster, err)
	}
	all := append(children(postmaster), postmaster)
	for _, pid := range all {
		if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgtest: kill %d: %w", pid, err)
		}
	}
	if err := c.ended(); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); slices.ContainsFunc(all, alive); {
		if time.Now().After(deadline) {
			return fmt.Errorf("pgtest: kill: processes are still there after %v", patience)
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// ended takes note of the postmaster's end, however it came about.
func (c *cluster) ended() error {
	err := c.server.Wait()
	c.server = nil
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("pgtest: %w", err)
	}
	return nil
}

// remove ends the server, if it runs, and deletes the directory.
func (c *cluster) remove() error {
	out, err := exec.Command("sh", "-c", reaper, "sh", c.dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pgtest: remove %s: %w\n%s", c.dir, err, out)
	}
	if c.server != nil {
		return c.ended()
	}
	return nil
}

// reapAfter makes sure that the cluster is removed once the process pid has gone, even if it was killed.
func (c *cluster) reapAfter(pid int) error {
	cmd := exec.Command("sh", "-c", reaper, "sh", c.dir, strconv.Itoa(pid))
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	return cmd.Process.Release()
}

// command is a call of one of PostgreSQL's programs as the server's user, in a session of its own (out of reach of
// Ctrl-C) and without the PG* variables of the environment.
func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, program), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.user}
	return cmd
}

// run calls one of PostgreSQL's programs and waits for it.
func (c *cluster) run(program string, args ...string) error {
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("pgtest: %s: %w\n%s", program, err, out)
	}
	return nil
}

// children returns the processes whose parent is pid, as far as /proc tells.
func children(pid int) []int {
	var found []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, stat := range stats {
		id, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if _, parent := state(id); parent == pid {
			found = append(found, id)
		}
	}
	return found
}

// alive reports whether a process is there and not merely waiting for its parent to take note of its end.
func alive(pid int) bool {
	s, _ := state(pid)
	return s != "Z" && syscall.Kill(pid, 0) == nil
}

// state returns a process's state and parent from /proc, or nothing.
func state(pid int) (state string, parent int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	// 4711 (name, perhaps with spaces) S 4710 …
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 {
		return "", 0
	}
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent
}
