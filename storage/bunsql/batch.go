package bunsql

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/schema"
)

// Batch implements driver.Batcher.
func (c *Conn) Batch(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if c.db.d.OneStatement && independent(list) {
		return c.batchAsOne(ctx, list)
	}
	if c.write.tx != nil {
		return c.batchEach(ctx, list) // the caller rolls back when it fails
	}
	var matched []int64
	err := c.atomic(ctx, func(c *Conn) (err error) {
		matched, err = c.batchEach(ctx, list)
		return err
	})
	return matched, err
}

func (c *Conn) batchEach(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	matched := make([]int64, len(list))
	for i, m := range list {
		var err error
		if matched[i], err = c.mutate(ctx, m); err != nil {
			return nil, err
		}
	}
	return matched, nil
}

func (c *Conn) mutate(ctx context.Context, m driver.Mutation) (int64, error) {
	switch {
	case m.Insert != nil:
		return int64(len(m.Insert.Rows)), c.Insert(ctx, m.Kind, m.Insert)
	case m.Update != nil:
		return c.Update(ctx, m.Kind, m.Update)
	}
	return c.Delete(ctx, m.Kind, m.Delete)
}

// maxBatchRows is the number of rows of one insert inside a single statement; more
// come faster by statements of their own.
const maxBatchRows = 10

// independent reports whether no change can see another, so that one statement, whose
// parts all see the state before it, does the same. References are checked at the end
// of a statement.
func independent(list []driver.Mutation) bool {
	for i, m := range list {
		if tenantOf(m) != tenantOf(list[0]) || m.Insert != nil && len(m.Insert.Rows) > maxBatchRows {
			return false
		}
		for _, earlier := range list[:i] {
			if !apart(earlier, m) {
				return false
			}
		}
	}
	return true
}

// apart reports whether two changes meet neither in a record nor in a unique value.
func apart(a, b driver.Mutation) bool {
	if a.Kind != b.Kind || a.Insert != nil && b.Insert != nil {
		return true
	}
	if a.Delete != nil || b.Delete != nil {
		return false
	}
	for _, m := range []driver.Mutation{a, b} {
		if m.Update != nil && slices.ContainsFunc(m.Update.Set, func(s driver.Assign) bool { return unique(m.Kind, s.Field) }) {
			return false
		}
	}
	if b.Update == nil {
		a, b = b, a
	}
	if a.Update != nil {
		return a.Update.ID != b.Update.ID
	}
	return !slices.ContainsFunc(a.Insert.Rows, func(row driver.Row) bool { return row[a.Kind.ID().Position] == b.Update.ID })
}

func unique(k *schema.Kind, f *schema.Field) bool {
	return slices.ContainsFunc(k.Indexes(), func(x *schema.Index) bool { return x.Unique && slices.Contains(x.Fields, f) })
}

func tenantOf(m driver.Mutation) string {
	switch {
	case m.Insert != nil:
		return m.Insert.Tenant
	case m.Update != nil:
		return m.Update.Tenant
	}
	return m.Delete.Tenant
}

func (c *Conn) batchAsOne(ctx context.Context, list []driver.Mutation) ([]int64, error) {
	rows, err := c.write.query(ctx, batch{list}, tenantOf(list[0]), len(list), 1)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, fmt.Errorf("bunsql: a batch returned %d rows of counts", len(rows))
	}
	matched := make([]int64, len(list))
	for i := range matched {
		matched[i], _ = rows[0][i].(int64)
	}
	return matched, nil
}

// batch is the request of several changes in one statement.
type batch struct{ list []driver.Mutation }

func (r batch) kind() *schema.Kind { return r.list[0].Kind }

func (r batch) collect(s *shape) {
	s.mark('B')
	s.count(len(r.list))
	for _, m := range r.list {
		s.name(m.Kind.Name())
		requestOf(m).collect(s)
	}
}

func requestOf(m driver.Mutation) request {
	switch {
	case m.Insert != nil:
		return inserting{m.Kind, m.Insert.Rows}
	case m.Update != nil:
		return updating{m.Kind, m.Update}
	}
	return deleting{m.Kind, m.Delete}
}

func (r batch) compile(c *compiler) (fragment, []decoder) {
	parts, counts := make([]fragment, len(r.list)), make([]fragment, len(r.list))
	decoders := make([]decoder, len(r.list))
	for i, m := range r.list {
		name := bun.Safe("m" + strconv.Itoa(i))
		text, _ := requestOf(m).compile(c)
		parts[i] = sqlf("? AS (? RETURNING 1)", name, text)
		counts[i] = sqlf("(SELECT count(*) FROM ?)", name)
		decoders[i] = decoder{decode: decodeInt}
	}
	return sqlf("WITH ? SELECT ?", join(", ", parts), join(", ", counts)), decoders
}
