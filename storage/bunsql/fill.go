package bunsql

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
	"github.com/kehucrm/kehu/storage/search/pinyin"
)

// A kind that is searched for the first time, or by other fields, or by another version of
// package search, has records without the right search text. Migrate makes them, in the
// transaction that makes the columns, and marks it in the table of steps: under a number
// below zero, and with what was searched as its name.

// filling is a search whose texts are to be made.
type filling struct {
	driver.Step
	kind *schema.Kind
}

// unfilled returns the searches of a registry that are not marked as they are now.
func unfilled(r *schema.Registry, done map[int]string) []filling {
	var list []filling
	for _, k := range r.Kinds() {
		if k.Search() == nil {
			continue
		}
		names := make([]string, len(k.Search().Fields))
		for i, f := range k.Search().Fields {
			if names[i] = f.Field.Name; f.Digits {
				names[i] += "#"
			}
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(k.Name()))
		step := driver.Step{Number: -1 - int(h.Sum32()), Name: fmt.Sprintf("search of %s by %s, version %d.%d", k.Name(), strings.Join(names, ", "), search.Version, pinyin.Version)}
		if done[step.Number] != step.Name {
			list = append(list, filling{step, k})
		}
	}
	return list
}

// fill makes the search text of every record of a kind, of all tenants, and marks it.
func (b Backend) fill(ctx context.Context, tx *Tx, s filling) error {
	d, role := b.DB.d, s.kind.Search()
	place := func(n int) string {
		if d.Numbered {
			return fmt.Sprintf("$%d", n)
		}
		return "?"
	}
	columns := []string{`"tenant_id"`, `"id"`}
	for _, f := range role.Fields {
		columns = append(columns, `"`+f.Field.Name+`"`)
	}
	read := "SELECT " + strings.Join(columns, ", ") + " FROM " + d.Table(s.kind.Name()) +
		` WHERE ("tenant_id", "id") > (` + place(1) + ", " + place(2) + `) ORDER BY "tenant_id", "id" LIMIT 1000`
	write := "UPDATE " + d.Table(s.kind.Name()) + ` SET "search_text" = ` + place(1) + ", " + string(tokensColumn) + " = " + place(2) +
		` WHERE "tenant_id" = ` + place(3) + ` AND "id" = ` + place(4)
	if d.TokenTable {
		table := d.Table(s.kind.Name())
		number := "UPDATE " + table + ` SET "search_no" = rowid + (SELECT coalesce(max("search_no"), 0) FROM ` + table + `) WHERE "search_no" IS NULL`
		if _, err := tx.SQL().ExecContext(ctx, number); err != nil {
			return err
		}
	}
	stmt, err := tx.SQL().PrepareContext(ctx, write)
	if err != nil {
		return err
	}
	defer func() { _ = stmt.Close() }() // with the transaction
	tenant, id := "", "00000000-0000-0000-0000-000000000000"
	for {
		page, err := b.texts(ctx, tx, s.kind, read, tenant, id)
		if err != nil {
			return err
		}
		for _, r := range page {
			tenant, id = r.tenant, r.id
			if _, err := stmt.ExecContext(ctx, r.text, search.Tokens(tenant, r.text), tenant, id); err != nil {
				return err
			}
		}
		if len(page) == 0 {
			break
		}
		if d.TokenTable {
			if err := tx.settle(ctx, s.kind, tenant); err != nil {
				return err
			}
		}
	}
	if _, err := tx.SQL().ExecContext(ctx, "DELETE FROM "+d.Table(marks)+` WHERE "number" = `+place(1), s.Number); err != nil {
		return err
	}
	return b.mark(ctx, tx, s.Step)
}

// textOf is the search text of one record.
type textOf struct{ tenant, id, text string }

// texts reads a page of records and returns their search texts.
func (b Backend) texts(ctx context.Context, tx *Tx, k *schema.Kind, read, tenant, id string) (page []textOf, err error) {
	role := k.Search()
	rows, err := tx.SQL().QueryContext(ctx, read, tenant, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := make([]string, len(role.Fields))
	row := make(driver.Row, len(k.Columns()))
	for rows.Next() {
		var r textOf
		places := []any{&r.tenant, &r.id}
		for i := range values {
			places = append(places, &values[i])
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		for i, f := range role.Fields {
			row[f.Field.Position] = values[i]
		}
		r.text = search.Text(role, row)
		page = append(page, r)
	}
	return page, rows.Err()
}
