package storage

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A cursor is the sort values of the last record of a page, preceded by a sum
// over them, the tenant, the kind, the condition and the order. The sum is no
// secret: it keeps a cursor from being used with another query, not from being
// forged. A forged one can only begin the same query elsewhere, within the same
// tenant and scope.
const sumSize = 12

func cursorSum(tenant string, k *schema.Kind, q *query.Select, payload []byte) ([]byte, error) {
	bound, err := query.Select{Where: q.Where, Sort: q.Sort}.MarshalJSON()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, part := range [][]byte{[]byte(tenant), []byte(k.Name()), bound, payload} {
		n := sha256.Sum256(part) // of fixed length, so that parts can't run into each other
		h.Write(n[:])
	}
	return h.Sum(nil)[:sumSize], nil
}

// position returns the sort values of a record; value gives what it has at each of the
// query's columns.
func position(k *schema.Kind, q *query.Select, value func(column int) any) driver.Row {
	after := make(driver.Row, len(q.Sort))
	extra := len(k.Columns())
	for i, s := range q.Sort {
		if len(s.Path.Hops) > 0 || s.Path.Field.Custom {
			after[i] = value(extra)
			extra++
		} else {
			after[i] = value(s.Path.Field.Position)
		}
	}
	return after
}

// writeCursor returns the cursor that continues after a position.
func (t *Tenant) writeCursor(k *schema.Kind, q *query.Select, after driver.Row) (string, error) {
	payload, err := driver.MarshalRow(after)
	if err != nil {
		return "", err
	}
	sum, err := cursorSum(t.name, k, q, payload)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(sum, payload...)), nil
}

// readCursor returns the sort values to continue after, nil for an empty cursor.
func (t *Tenant) readCursor(k *schema.Kind, q *query.Select) ([]any, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	refused := fault.InvalidField("cursor", "cursor", "is not a cursor of this query")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(raw) <= sumSize || strings.ContainsAny(q.Cursor, "\r\n") { // which decoding passes over
		return nil, refused
	}
	sum, err := cursorSum(t.name, k, q, raw[sumSize:])
	if err != nil || string(sum) != string(raw[:sumSize]) {
		return nil, refused
	}
	after, err := driver.UnmarshalRow(raw[sumSize:])
	if err != nil || len(after) != len(q.Sort) {
		return nil, refused
	}
	for i, s := range q.Sort {
		if after[i], err = s.Path.Field.Comparable(after[i]); err != nil {
			return nil, refused
		}
	}
	return after, nil
}
