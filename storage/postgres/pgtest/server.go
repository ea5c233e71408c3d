package pgtest

import "testing"

// StopMode says how a server is shut down.
type StopMode string

// The ways to shut a server down, as pg_ctl names them.
const (
	Smart     StopMode = "smart"     // waits until all clients have gone
	Fast      StopMode = "fast"      // rolls back what is open and disconnects the clients
	Immediate StopMode = "immediate" // quits at once; the next start recovers
)

// ServerHandle is a server that belongs to one test. Its methods may be called from any goroutine, one at a time; what
// goes wrong in them fails the test without ending it.
type ServerHandle struct {
	t testing.TB
	c *cluster
}

// Server starts a server for this test alone, with fsync on, so that what was committed outlives [ServerHandle.Kill].
// It is ended and removed when the test ends, also if the test is killed. KEHU_POSTGRES has no influence on it;
// without an installed PostgreSQL the test is skipped, or fails if the environment says CI=true.
func Server(t testing.TB) *ServerHandle {
	t.Helper()

	c, err := newCluster()
	if err != nil {
		giveUp(t, err)
	}
	s := &ServerHandle{t: t, c: c}
	t.Cleanup(func() { s.check(c.remove()) })
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// DSN returns the DSN of the server's one database, empty at first. It stays the same over stops and starts.
func (s *ServerHandle) DSN() string { return s.c.dsn("postgres") }

// Stop shuts the server down and returns when it has ended.
func (s *ServerHandle) Stop(mode StopMode) {
	s.t.Helper()
	s.check(s.c.stop(mode))
}

// Start starts a server that was stopped or killed and returns when it accepts connections again.
func (s *ServerHandle) Start() {
	s.t.Helper()
	s.check(s.c.start())
}

// Kill ends all processes of the server with SIGKILL, as a crash of the machine would, and returns when they are gone.
func (s *ServerHandle) Kill() {
	s.t.Helper()
	s.check(s.c.kill())
}

func (s *ServerHandle) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Error(err)
	}
}
