package bunsql

import (
	"github.com/uptrace/bun"

	"github.com/kehucrm/kehu/storage/query"
)

// A page after a position is one range of an index, unless null comes into it:
// then it is two, the nulls and the rest, and no single condition would be read
// as a range. Such a page is read in two parts, the second only when the first is
// short.

// part is what of a page is read.
type part byte

const (
	partWhole part = iota
	partNear       // in the range of the position
	partFar        // in the range behind it
)

// splits reports whether a page has two parts: downward from a value, where null
// comes last, and upward from null.
func splits(q *query.Select) bool {
	if len(q.Sort) != 2 || q.After == nil || !nullable(q.Sort[0].Path) || nullable(q.Sort[1].Path) ||
		q.Sort[0].Desc != q.Sort[1].Desc || q.After[1] == nil {
		return false
	}
	return q.Sort[0].Desc == (q.After[0] != nil)
}

// after notes the position: which of its values are null is part of the shape.
func (s *shape) after(q *query.Select, p part) {
	if q.After == nil {
		s.mark('-')
		return
	}
	s.mark('>')
	for i, key := range q.Sort {
		if q.After[i] == nil {
			s.mark('n')
			continue
		}
		s.mark('v')
		if p != partFar {
			s.arg(key.Path.Field, q.After[i])
		}
	}
}

// after returns the condition that a record stands behind the position, nil
// without one; columns stand for the sort keys.
func (l *level) after(q *query.Select, p part, columns []bun.Safe) fragment {
	if q.After == nil {
		return nil
	}
	if p == partFar {
		if q.Sort[0].Desc {
			return sqlf("(? IS NULL)", columns[0])
		}
		return sqlf("(? IS NOT NULL)", columns[0])
	}
	keys := make([]boundary, len(q.Sort))
	for i, key := range q.Sort {
		keys[i] = boundary{column: columns[i], desc: key.Desc, nullable: nullable(key.Path)}
		if q.After[i] != nil {
			keys[i].value = l.c.arg()
		}
	}
	if p == partNear {
		return near(keys)
	}
	return behind(keys)
}

// boundary is one sort key of a position; a nil value is null.
type boundary struct {
	column         bun.Safe
	value          fragment
	desc, nullable bool
}

// near returns the range of a position in a page of two parts.
func near(keys []boundary) fragment {
	if keys[0].value == nil {
		return sqlf("(? AND ?)", keys[0].equal(), keys[1].past())
	}
	return row(keys)
}

// behind returns the condition as one row comparison where SQL orders rows as we
// do, else the same written out.
func behind(keys []boundary) fragment {
	if oneRow(keys) {
		return row(keys)
	}
	key := keys[0]
	if len(keys) == 1 {
		return key.past()
	}
	rest := sqlf("(? AND ?)", key.equal(), behind(keys[1:]))
	if key.value == nil && key.desc {
		return rest
	}
	return sqlf("(? OR ?)", key.past(), rest)
}

// oneRow reports whether a row comparison means the same. Upward, null sorts
// first and a comparison with it leaves it out, which agrees; downward it does
// not.
func oneRow(keys []boundary) bool {
	for _, key := range keys {
		if key.value == nil || key.desc != keys[0].desc || key.desc && key.nullable {
			return false
		}
	}
	return true
}

func row(keys []boundary) fragment {
	columns, values := make([]fragment, len(keys)), make([]fragment, len(keys))
	for i, key := range keys {
		columns[i], values[i] = safe(key.column), key.value
	}
	op := ">"
	if keys[0].desc {
		op = "<"
	}
	return sqlf("((?) "+op+" (?))", join(", ", columns), join(", ", values))
}

// past returns the condition that a key alone stands behind the position.
func (k boundary) past() fragment {
	switch {
	case k.value == nil && k.desc:
		return safe(never)
	case k.value == nil:
		return sqlf("(? IS NOT NULL)", k.column)
	case k.desc && k.nullable:
		return sqlf("(? < ? OR ? IS NULL)", k.column, k.value, k.column)
	case k.desc:
		return sqlf("(? < ?)", k.column, k.value)
	}
	return sqlf("(? > ?)", k.column, k.value)
}

func (k boundary) equal() fragment {
	if k.value == nil {
		return sqlf("(? IS NULL)", k.column)
	}
	return sqlf("(? = ?)", k.column, k.value)
}
