package bunsql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Plan implements driver.Migrator.
func (b Backend) Plan(ctx context.Context, r *schema.Registry, steps []driver.Step) (list []driver.Change, err error) {
	err = b.reading(ctx, func(tx *Tx) error {
		list, err = b.plan(ctx, tx, r, steps)
		return err
	})
	return list, err
}

func (b Backend) plan(ctx context.Context, tx *Tx, r *schema.Registry, steps []driver.Step) ([]driver.Change, error) {
	have, done, err := b.state(ctx, tx)
	if err != nil {
		return nil, err
	}
	var list []driver.Change
	for _, o := range b.DB.d.objects(b.DDL, r) {
		if have.needs(o) {
			list = append(list, driver.Change{SQL: o.SQL})
		}
	}
	if len(have.Columns) == 0 {
		list = append(before(b.DDL.Before), list...)
	}
	for _, step := range unfilled(r, done) {
		if have.Columns[step.kind.Name()] != nil {
			list = append(list, driver.Change{Step: &step.Step})
		}
	}
	for _, step := range pending(steps, done) {
		list = append(list, driver.Change{Step: &step})
	}
	return list, nil
}

func before(statements []string) []driver.Change {
	list := make([]driver.Change, len(statements))
	for i, text := range statements {
		list[i] = driver.Change{SQL: text}
	}
	return list
}

// Migrate implements driver.Migrator. The statements are one transaction; each
// step is another.
func (b Backend) Migrate(ctx context.Context, r *schema.Registry, steps []driver.Step) error {
	if err := check(r, steps); err != nil {
		return err
	}
	changed, err := b.build(ctx, r, steps)
	if err != nil {
		return err
	}
	for _, step := range sorted(steps) {
		ran, err := b.step(ctx, step)
		if err != nil {
			return err
		}
		changed = changed || ran
	}
	if !changed {
		return nil
	}
	return b.Analyze(ctx, r)
}

// Analyze implements driver.Analyzer.
func (b Backend) Analyze(ctx context.Context, r *schema.Registry) error {
	if b.DB.Conn() == nil {
		return nil
	}
	var tables []string
	for _, k := range r.Kinds() {
		tables = append(tables, b.DB.d.Table(k.Name()))
	}
	_, err := b.DB.write.db.ExecContext(ctx, b.DDL.Analyze(tables))
	return err
}

func execAll(ctx context.Context, tx *Tx, statements []string) error {
	for _, text := range statements {
		if _, err := tx.SQL().ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func check(r *schema.Registry, steps []driver.Step) error {
	if r.Kind(marks) != nil {
		return fault.New(fault.Invalid, "a kind can't be named %q", marks)
	}
	seen := map[int]bool{}
	for _, s := range steps {
		if s.Number <= 0 || seen[s.Number] {
			return fault.New(fault.Invalid, "step %d %q: numbers are positive and unique", s.Number, s.Name)
		}
		seen[s.Number] = true
	}
	return nil
}

func sorted(steps []driver.Step) []driver.Step {
	return slices.SortedFunc(slices.Values(steps), func(a, b driver.Step) int { return a.Number - b.Number })
}

func pending(steps []driver.Step, done map[int]string) []driver.Step {
	return slices.DeleteFunc(sorted(steps), func(s driver.Step) bool { _, ok := done[s.Number]; return ok })
}

// build makes what is missing. Where there were no records that a step could
// change, all steps are marked as done.
func (b Backend) build(ctx context.Context, r *schema.Registry, steps []driver.Step) (changed bool, err error) {
	err = b.locked(ctx, func(tx *Tx) error {
		have, done, err := b.state(ctx, tx)
		if err != nil {
			return err
		}
		if len(have.Columns) == 0 {
			if err := execAll(ctx, tx, b.DDL.Before); err != nil {
				return err
			}
		}
		for _, o := range b.DB.d.objects(b.DDL, r) {
			if !have.needs(o) {
				continue
			}
			changed = true
			if _, err := tx.SQL().ExecContext(ctx, o.SQL); err != nil {
				return fmt.Errorf("%s: %w", o, err)
			}
		}
		for _, step := range unfilled(r, done) {
			changed = true
			if err := b.fill(ctx, tx, step); err != nil {
				return err
			}
		}
		if records, err := b.records(ctx, tx, have); records || err != nil {
			return err
		}
		for _, step := range pending(steps, done) {
			if err := b.mark(ctx, tx, step); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// records reports whether one of the tables holds a row, of any tenant.
func (b Backend) records(ctx context.Context, tx *Tx, have *Catalog) (bool, error) {
	for table := range have.Columns {
		if table == marks {
			continue
		}
		var found bool
		text := "SELECT EXISTS (SELECT 1 FROM " + b.DB.d.Table(table) + ")"
		if err := tx.SQL().QueryRowContext(ctx, text).Scan(&found); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// step runs one step unless it is marked, and marks it in the same transaction.
func (b Backend) step(ctx context.Context, step driver.Step) (ran bool, err error) {
	err = b.locked(ctx, func(tx *Tx) error {
		done, err := b.applied(ctx, tx)
		if err != nil {
			return err
		}
		if _, ok := done[step.Number]; ok {
			return nil
		}
		if ran = true; step.Run != nil {
			if err := step.Run(ctx, tx); err != nil {
				return fmt.Errorf("step %d %s: %w", step.Number, step.Name, err)
			}
		}
		return b.mark(ctx, tx, step)
	})
	return ran, err
}

func (b Backend) mark(ctx context.Context, tx *Tx, step driver.Step) error {
	text := "INSERT INTO " + b.DB.d.Table(marks) + ` ("number", "name", "applied_at") VALUES (?, ?, ` + b.DDL.Now + ")"
	if b.DB.d.Numbered {
		text = "INSERT INTO " + b.DB.d.Table(marks) + ` ("number", "name", "applied_at") VALUES ($1, $2, ` + b.DDL.Now + ")"
	}
	_, err := tx.SQL().ExecContext(ctx, text, step.Number, step.Name)
	return err
}

// locked runs fn in a transaction that no other migration runs beside. It waits for that
// as long as ctx allows, though the database gives up after a busy or lock timeout: the
// step of another process may take longer.
func (b Backend) locked(ctx context.Context, fn func(tx *Tx) error) error {
	const pause = 10 * time.Millisecond // in case the timeout is none
	for {
		got := false
		err := b.inTx(ctx, nil, func(tx *Tx) error {
			if b.DDL.Lock != "" {
				if _, err := tx.SQL().ExecContext(ctx, b.DDL.Lock); err != nil {
					return err
				}
			}
			got = true
			return fn(tx)
		})
		if err == nil || got || ctx.Err() != nil || b.Classify(err).Code != fault.Retry {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b Backend) reading(ctx context.Context, fn func(tx *Tx) error) error {
	return b.inTx(ctx, &sql.TxOptions{ReadOnly: true}, fn)
}

func (b Backend) inTx(ctx context.Context, o *sql.TxOptions, fn func(tx *Tx) error) error {
	if b.DB.Conn() == nil {
		return fault.New(fault.Precondition, "a store without a database handle can't be migrated")
	}
	tx, err := b.DB.Begin(ctx, o)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// state reads the catalog and the marks of the steps done.
func (b Backend) state(ctx context.Context, tx *Tx) (*Catalog, map[int]string, error) {
	have, err := b.DDL.Catalog(ctx, tx.SQL())
	if err != nil {
		return nil, nil, err
	}
	if have.Columns[marks] == nil {
		return have, nil, nil
	}
	done, err := b.applied(ctx, tx)
	return have, done, err
}

// applied reads the marks of the steps done.
func (b Backend) applied(ctx context.Context, tx *Tx) (map[int]string, error) {
	rows, err := tx.SQL().QueryContext(ctx, `SELECT "number", "name" FROM `+b.DB.d.Table(marks))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	done := map[int]string{}
	for rows.Next() {
		var number int
		var name string
		if err := rows.Scan(&number, &name); err != nil {
			return nil, err
		}
		done[number] = name
	}
	return done, rows.Err()
}

// Status implements driver.Migrator.
func (b Backend) Status(ctx context.Context, r *schema.Registry, steps []driver.Step) (status driver.Status, err error) {
	err = b.reading(ctx, func(tx *Tx) error {
		have, done, err := b.state(ctx, tx)
		if err != nil {
			return err
		}
		for _, o := range b.DB.d.objects(b.DDL, r) {
			switch found := have.Columns[o.Table][o.Column]; {
			case have.needs(o), o.Column != "" && have.Columns[o.Table] == nil:
				status.Missing = append(status.Missing, o.String())
			case o.Column != "" && found != catalogType(o.Type):
				status.Mismatched = append(status.Mismatched, fmt.Sprintf("%s is %s, not %s", o, found, catalogType(o.Type)))
			}
		}
		known := map[int]bool{}
		for _, s := range steps {
			known[s.Number] = true
		}
		for _, s := range unfilled(r, done) {
			status.Missing = append(status.Missing, s.Name)
		}
		for _, s := range pending(steps, done) {
			status.Missing = append(status.Missing, stepName(s.Number, s.Name))
		}
		for number, name := range done {
			if !known[number] && number > 0 { // below are those of unfilled
				status.Unknown = append(status.Unknown, stepName(number, name))
			}
		}
		slices.Sort(status.Unknown)
		return nil
	})
	return status, err
}

func stepName(number int, name string) string { return "step " + strconv.Itoa(number) + " " + name }
