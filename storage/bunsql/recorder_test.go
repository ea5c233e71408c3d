package bunsql_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"
)

// recorder is a database that notes each statement and has no rows. It stands in
// for both databases, so that their SQL can be read without one.
type recorder struct {
	texts []string
	// many has it say that many records have the tokens of a search, and not one.
	many bool
}

func (r *recorder) open() *sql.DB { return sql.OpenDB(r) }

func (r *recorder) Connect(context.Context) (driver.Conn, error) { return recorded{r}, nil }
func (r *recorder) Driver() driver.Driver                        { return nil }

type recorded struct{ *recorder }

func (c recorded) Prepare(text string) (driver.Stmt, error) { return statement{c.recorder, text}, nil }
func (c recorded) Close() error                             { return nil }
func (c recorded) Begin() (driver.Tx, error)                { return c, nil }
func (c recorded) Commit() error                            { return nil }
func (c recorded) Rollback() error                          { return nil }
func (c recorded) CheckNamedValue(*driver.NamedValue) error { return nil }

func (c recorded) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return c, nil }

type statement struct {
	*recorder
	text string
}

func (s statement) Close() error  { return nil }
func (s statement) NumInput() int { return -1 }

func (s statement) Exec([]driver.Value) (driver.Result, error) {
	s.texts = append(s.texts, s.text)
	return driver.RowsAffected(1), nil
}

func (s statement) Query([]driver.Value) (driver.Rows, error) {
	s.texts = append(s.texts, s.text)
	n := int64(1)
	if s.many {
		n = 1_000_000
	}
	switch {
	case strings.Contains(s.text, "MATCH") && strings.HasPrefix(s.text, "SELECT count(*)"):
		return &single{value: n}, nil
	case strings.HasPrefix(s.text, "EXPLAIN"):
		return &single{value: fmt.Sprintf(`[{"Plan": {"Plan Rows": %d}}]`, n)}, nil
	}
	return none{}, nil
}

func (s statement) CheckNamedValue(*driver.NamedValue) error { return nil }

// single is one row of one value.
type single struct {
	none
	value any
	read  bool
}

func (s *single) Columns() []string { return []string{"value"} }

func (s *single) Next(dest []driver.Value) error {
	if s.read {
		return io.EOF
	}
	s.read, dest[0] = true, s.value
	return nil
}

type none struct{}

func (none) Columns() []string         { return nil }
func (none) Close() error              { return nil }
func (none) Next([]driver.Value) error { return io.EOF }
