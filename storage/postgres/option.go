package postgres

import (
	"regexp"
	"runtime"

	"github.com/kehucrm/kehu/storage/fault"
)

// Option changes a setting of Open or New.
type Option func(*settings)

type settings struct {
	schema   string
	maxConns int
	simple   bool
}

func newSettings(options []Option) (settings, error) {
	s := settings{schema: "crm", maxConns: max(8, 4*runtime.GOMAXPROCS(0))}
	for _, option := range options {
		option(&s)
	}
	if !schemaName.MatchString(s.schema) {
		return s, fault.New(fault.Invalid, "a schema's name is 1 to 63 of a-z, 0-9 and _, beginning with a letter")
	}
	return s, nil
}

var schemaName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// WithSchema puts all tables into another schema than crm. It is created by
// Migrate when it is not there.
func WithSchema(name string) Option { return func(s *settings) { s.schema = name } }

// WithMaxConns sets the greatest number of connections of Open's pool, which are
// kept open; the default is four for each processor, at least eight.
func WithMaxConns(n int) Option { return func(s *settings) { s.maxConns = max(2, n) } }

// WithSimpleProtocol makes Open prepare nothing on the server and send no
// settings at the start of a connection, as PgBouncer in transaction mode and its
// like want it. A lookup then takes about twice as long.
func WithSimpleProtocol() Option { return func(s *settings) { s.simple = true } }
