package vsraw

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

// SQL is what a hand-written program knows of its database.
type SQL struct {
	byhand.SQL

	// Read and Write are the pools of the store itself.
	Read, Write *sql.DB
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
	pageOfNewest  = `SELECT ` + customerColumns + ` FROM {customer} WHERE tenant_id = ? AND (created_at, id) < (?, ?) ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 51`
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
		if *s.to, err = s.pool.PrepareContext(ctx, db.Spell(s.text)); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func places(c *Customer) []any {
	return []any{(*byhand.ID)(&c.ID), &c.Version, (*byhand.Time)(&c.CreatedAt), (*byhand.Time)(&c.UpdatedAt), (*byhand.ID)(&c.CreatedBy), (*byhand.ID)(&c.UpdatedBy),
		(*byhand.ID)(&c.OwnerID), (*byhand.ID)(&c.DepartmentID), &c.Name, &c.ShortName, &c.Code, (*byhand.ID)(&c.ParentID), &c.Status, &c.Industry,
		&c.Country, &c.Phone, (*byhand.Amount)(&c.AnnualRevenue), &c.Employees}
}

func (r *raw) get(ctx context.Context, want schema.ID) (c Customer, err error) {
	err = r.getOne.QueryRowContext(ctx, r.stock, want.String()).Scan(places(&c)...)
	return c, err
}

func (r *raw) insert(ctx context.Context, c *Customer) error {
	_, err := r.insertOne.ExecContext(ctx, r.fresh, byhand.Ref(c.ID), c.Version, r.Time(c.CreatedAt), r.Time(c.UpdatedAt), byhand.Ref(c.CreatedBy), byhand.Ref(c.UpdatedBy),
		byhand.Ref(c.OwnerID), byhand.Ref(c.DepartmentID), c.Name, c.ShortName, c.Code, byhand.Ref(c.ParentID), c.Status, c.Industry, c.Country, c.Phone,
		r.Amount(c.AnnualRevenue), byhand.Number(c.Employees), schema.Fold(c.Name))
	return err
}

func (r *raw) update(ctx context.Context, c *Customer) error { return r.updateBy(ctx, r.updateOne, c) }

func (r *raw) updateBy(ctx context.Context, stmt *sql.Stmt, c *Customer) error {
	return r.raise(c)(stmt.ExecContext(ctx, c.Version+1, r.Time(c.CreatedAt), r.Time(c.UpdatedAt), byhand.Ref(c.CreatedBy), byhand.Ref(c.UpdatedBy),
		byhand.Ref(c.OwnerID), byhand.Ref(c.DepartmentID), c.Name, c.ShortName, c.Code, byhand.Ref(c.ParentID), c.Status, c.Industry, c.Country, c.Phone,
		r.Amount(c.AnnualRevenue), byhand.Number(c.Employees), schema.Fold(c.Name), r.stock, byhand.Ref(c.ID), c.Version))
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
	return r.raise(c)(r.changeOne.ExecContext(ctx, c.Phone, c.Version+1, r.stock, byhand.Ref(c.ID), c.Version))
}

func (r *raw) page(ctx context.Context, mark int) ([]Customer, error) {
	after := r.marks[mark]
	// One more than the page tells whether there is a next one. (Limits are literals:
	// a bound LIMIT makes SQLite prepare the statement anew each time.)
	rows, err := r.pageAfter.QueryContext(ctx, r.stock, r.Time(after.CreatedAt), byhand.Ref(after.ID))
	if err != nil {
		return nil, err
	}
	list := make([]Customer, 0, pageSize+1)
	err = byhand.Each(rows, func() error {
		list = append(list, Customer{})
		return rows.Scan(places(&list[len(list)-1])...)
	})
	return list[:min(len(list), pageSize)], err
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
		if _, err := stmt.ExecContext(ctx, r.fresh, byhand.Ref(l.ID), byhand.Ref(l.CustomerID), r.Time(l.OrderedAt), l.Month, l.Quantity, r.Money(l.Amount)); err != nil {
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
	err = byhand.Each(rows, func() error {
		list = append(list, monthSum{})
		v := &list[len(list)-1]
		return rows.Scan(&v.Month, (*byhand.Money)(&v.Sum))
	})
	return list, err
}

func (r *raw) top(ctx context.Context) (list []customerSum, err error) {
	rows, err := r.sumByCustomer.QueryContext(ctx, r.stock)
	if err != nil {
		return nil, err
	}
	err = byhand.Each(rows, func() error {
		list = append(list, customerSum{})
		v := &list[len(list)-1]
		return rows.Scan((*byhand.ID)(&v.CustomerID), (*byhand.Money)(&v.Sum))
	})
	return list, err
}

func (r *raw) values(ctx context.Context) (list []value, err error) {
	rows, err := r.valueOfCustomer.QueryContext(ctx, r.stock)
	if err != nil {
		return nil, err
	}
	err = byhand.Each(rows, func() error {
		list = append(list, value{})
		v := &list[len(list)-1]
		return rows.Scan((*byhand.ID)(&v.CustomerID), (*byhand.Time)(&v.Last), &v.Lines, (*byhand.Money)(&v.Sum))
	})
	return list, err
}
