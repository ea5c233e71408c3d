package vsraw

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// SQL is what a hand-written program knows of its database.
type SQL struct {
	// Read and Write are the pools of the store itself.
	Read, Write *sql.DB
	// Prefix stands before the name of a table, an opening quote included.
	Prefix string
	// Numbered says that placeholders are $1, $2.
	Numbered bool
	// Scaled says that amounts and times are integers.
	Scaled bool
	// Tx are the options of a transaction that writes.
	Tx *sql.TxOptions
	// Bulk inserts lines in the database's own fastest way; nil repeats a
	// prepared statement.
	Bulk func(ctx context.Context, tenant string, lines []*Line) error
}

// raw is written by hand.
type raw struct {
	SQL

	stock, fresh                                          string // the tenants
	getOne, insertOne, updateOne, changeOne, insertLine   *sql.Stmt
	pageAfter, sumByMonth, sumByCustomer, valueOfCustomer *sql.Stmt
	getInTx                                               *sql.Stmt
	marks                                                 []Customer
}

const (
	customerColumns = `id, version, created_at, updated_at, created_by, updated_by, owner_id, department_id, name, short_name, code,
		parent_id, status, industry, country, phone, annual_revenue, employees`
	getCustomer    = `SELECT ` + customerColumns + ` FROM {customer} WHERE tenant_id = ? AND id = ?`
	insertCustomer = `INSERT INTO {customer} (tenant_id, ` + customerColumns + `, name_fold)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateCustomer = `UPDATE {customer} SET version = ?, created_at = ?, updated_at = ?, created_by = ?, updated_by = ?, owner_id = ?,
		department_id = ?, name = ?, short_name = ?, code = ?, parent_id = ?, status = ?, industry = ?, country = ?, phone = ?,
		annual_revenue = ?, employees = ?, name_fold = ? WHERE tenant_id = ? AND id = ? AND version = ?`
	changePhone   = `UPDATE {customer} SET phone = ?, version = ? WHERE tenant_id = ? AND id = ? AND version = ?`
	pageOfNewest  = `SELECT ` + customerColumns + ` FROM {customer} WHERE tenant_id = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT 51`
	insertOneLine = `INSERT INTO {line} (tenant_id, id, customer_id, ordered_at, month, quantity, amount) VALUES (?, ?, ?, ?, ?, ?, ?)`
	sumsByMonth   = `SELECT month, sum(amount) FROM {line} WHERE tenant_id = ? GROUP BY month ORDER BY month`
	topCustomers  = `SELECT customer_id, sum(amount) FROM {line} WHERE tenant_id = ? GROUP BY customer_id ORDER BY 2 DESC, 1 LIMIT 20`
	valuesOfAll   = `SELECT customer_id, max(ordered_at), count(*), sum(amount) FROM {line} WHERE tenant_id = ? GROUP BY customer_id`
)

func newRaw(ctx context.Context, db SQL, stock, fresh string) (*raw, error) {
	r := &raw{SQL: db, stock: stock, fresh: fresh}
	for _, s := range []struct {
		to   **sql.Stmt
		pool *sql.DB
		text string
	}{
		{&r.getOne, db.Read, getCustomer}, {&r.insertOne, db.Write, insertCustomer}, {&r.updateOne, db.Write, updateCustomer},
		{&r.changeOne, db.Write, changePhone}, {&r.pageAfter, db.Read, pageOfNewest}, {&r.insertLine, db.Write, insertOneLine},
		{&r.sumByMonth, db.Read, sumsByMonth}, {&r.sumByCustomer, db.Read, topCustomers}, {&r.valueOfCustomer, db.Read, valuesOfAll},
		{&r.getInTx, db.Write, getCustomer},
	} {
		var err error
		if *s.to, err = s.pool.PrepareContext(ctx, db.spell(s.text)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// spell puts the names of tables and the placeholders as the database wants them.
func (db SQL) spell(text string) string {
	text = strings.NewReplacer("{", db.Prefix, "}", `"`).Replace(text)
	if !db.Numbered {
		return text
	}
	var b strings.Builder
	for n, part := range strings.Split(text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
	}
	return b.String()
}

func (db SQL) time(t time.Time) any {
	if db.Scaled {
		return t.UnixMicro()
	}
	return t
}

func (db SQL) money(d decimal.Decimal) any {
	if db.Scaled {
		return d.Shift(schema.DefaultScale).IntPart()
	}
	return d.String()
}

func (db SQL) amount(d decimal.NullDecimal) any {
	if !d.Valid {
		return nil
	}
	return db.money(d.Decimal)
}

func id(v schema.ID) any {
	if v.IsZero() {
		return nil
	}
	return v.String()
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func places(c *Customer) []any {
	return []any{(*scanID)(&c.ID), &c.Version, (*scanTime)(&c.CreatedAt), (*scanTime)(&c.UpdatedAt), (*scanID)(&c.CreatedBy), (*scanID)(&c.UpdatedBy),
		(*scanID)(&c.OwnerID), (*scanID)(&c.DepartmentID), &c.Name, &c.ShortName, &c.Code, (*scanID)(&c.ParentID), &c.Status, &c.Industry,
		&c.Country, &c.Phone, (*scanAmount)(&c.AnnualRevenue), &c.Employees}
}

func (r *raw) get(ctx context.Context, want schema.ID) (c Customer, err error) {
	err = r.getOne.QueryRowContext(ctx, r.stock, want.String()).Scan(places(&c)...)
	return c, err
}

func (r *raw) insert(ctx context.Context, c *Customer) error {
	_, err := r.insertOne.ExecContext(ctx, r.fresh, id(c.ID), c.Version, r.time(c.CreatedAt), r.time(c.UpdatedAt), id(c.CreatedBy), id(c.UpdatedBy),
		id(c.OwnerID), id(c.DepartmentID), c.Name, c.ShortName, c.Code, id(c.ParentID), c.Status, c.Industry, c.Country, c.Phone,
		r.amount(c.AnnualRevenue), number(c.Employees), schema.Fold(c.Name))
	return err
}

func (r *raw) update(ctx context.Context, c *Customer) error { return r.updateBy(ctx, r.updateOne, c) }

func (r *raw) updateBy(ctx context.Context, stmt *sql.Stmt, c *Customer) error {
	return r.raise(c)(stmt.ExecContext(ctx, c.Version+1, r.time(c.CreatedAt), r.time(c.UpdatedAt), id(c.CreatedBy), id(c.UpdatedBy),
		id(c.OwnerID), id(c.DepartmentID), c.Name, c.ShortName, c.Code, id(c.ParentID), c.Status, c.Industry, c.Country, c.Phone,
		r.amount(c.AnnualRevenue), number(c.Employees), schema.Fold(c.Name), r.stock, id(c.ID), c.Version))
}

// raise looks whether the version still was that of c.
func (*raw) raise(c *Customer) func(sql.Result, error) error {
	return func(res sql.Result, err error) error {
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("somebody else changed %s: %w", c.ID, err)
		}
		c.Version++
		return nil
	}
}

func (r *raw) change(ctx context.Context, c *Customer) error {
	return r.raise(c)(r.changeOne.ExecContext(ctx, c.Phone, c.Version+1, r.stock, id(c.ID), c.Version))
}

func (r *raw) page(ctx context.Context, mark int) ([]Customer, error) {
	after := r.marks[mark]
	// One more than the page tells whether there is a next one. (Limits are literals:
	// a bound LIMIT makes SQLite prepare the statement anew each time.)
	rows, err := r.pageAfter.QueryContext(ctx, r.stock, r.time(after.CreatedAt), id(after.ID))
	if err != nil {
		return nil, err
	}
	list := make([]Customer, 0, pageSize+1)
	err = each(rows, func() error {
		list = append(list, Customer{})
		return rows.Scan(places(&list[len(list)-1])...)
	})
	return list[:min(len(list), pageSize)], err
}

// each reads all rows and closes them.
func each(rows *sql.Rows, read func() error) error {
	defer func() { _ = rows.Close() }() // Err tells
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *raw) edit(ctx context.Context, want schema.ID, phone string) error {
	tx, err := r.Write.BeginTx(ctx, r.Tx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after the commit
	var c Customer
	if err := tx.StmtContext(ctx, r.getInTx).QueryRowContext(ctx, r.stock, want.String()).Scan(places(&c)...); err != nil {
		return err
	}
	c.Phone = phone
	if err := r.updateBy(ctx, tx.StmtContext(ctx, r.updateOne), &c); err != nil {
		return err
	}
	return tx.Commit()
}

func (r *raw) bulk(ctx context.Context, lines []*Line) error {
	if r.Bulk != nil {
		return r.Bulk(ctx, r.fresh, lines)
	}
	tx, err := r.Write.BeginTx(ctx, r.Tx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after the commit
	stmt := tx.StmtContext(ctx, r.insertLine)
	for _, l := range lines {
		if _, err := stmt.ExecContext(ctx, r.fresh, id(l.ID), id(l.CustomerID), r.time(l.OrderedAt), l.Month, l.Quantity, r.money(l.Amount)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (r *raw) months(ctx context.Context) (list []monthSum, err error) {
	rows, err := r.sumByMonth.QueryContext(ctx, r.stock)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		list = append(list, monthSum{})
		v := &list[len(list)-1]
		return rows.Scan(&v.Month, (*scanMoney)(&v.Sum))
	})
	return list, err
}

func (r *raw) top(ctx context.Context) (list []customerSum, err error) {
	rows, err := r.sumByCustomer.QueryContext(ctx, r.stock)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		list = append(list, customerSum{})
		v := &list[len(list)-1]
		return rows.Scan((*scanID)(&v.CustomerID), (*scanMoney)(&v.Sum))
	})
	return list, err
}

func (r *raw) values(ctx context.Context) (list []value, err error) {
	rows, err := r.valueOfCustomer.QueryContext(ctx, r.stock)
	if err != nil {
		return nil, err
	}
	err = each(rows, func() error {
		list = append(list, value{})
		v := &list[len(list)-1]
		return rows.Scan((*scanID)(&v.CustomerID), (*scanTime)(&v.Last), &v.Lines, (*scanMoney)(&v.Sum))
	})
	return list, err
}
