package boltstore

import (
	"iter"

	bolt "go.etcd.io/bbolt"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// snapshot is one state of the file, in the eyes of package eval: a Source, and a
// Mutable that refuses to be changed, so that eval.NewConn takes it. The zero
// snapshot is what is left of a transaction that has ended.
type snapshot struct {
	tx *bolt.Tx
	// indexed holds the records among which a Find has searched, by kind and tenant.
	indexed map[string]*eval.Tables
}

// over reports whether there is nothing to read from any more; bolt would panic.
func (s snapshot) over() bool { return s.tx == nil || s.tx.DB() == nil }

// records returns the bucket of a kind's records of one tenant, nil when there is none
// yet. A tenant's name may hold any byte: as a bucket of its own it needs no escaping.
func (s snapshot) records(k *schema.Kind, tenant string) (*bolt.Bucket, error) {
	if s.over() {
		return nil, errOver()
	}
	kind := s.tx.Bucket([]byte(k.Name()))
	if kind == nil {
		return nil, nil
	}
	return kind.Bucket([]byte(tenant)), nil
}

// Get implements eval.Source. What bolt returns lies in the mapped file and is gone
// with the transaction; the row shares no memory with it.
func (s snapshot) Get(k *schema.Kind, tenant string, id schema.ID) (driver.Row, bool, error) {
	b, err := s.records(k, tenant)
	if b == nil {
		return nil, false, err
	}
	raw := b.Get(id[:])
	if raw == nil {
		return nil, false, nil
	}
	row, err := driver.UnmarshalRecord(k, raw)
	return row, err == nil, err
}

// Scan implements eval.Source. The order of ids, on which eval relies, is the order of
// bolt's keys.
func (s snapshot) Scan(k *schema.Kind, tenant string) iter.Seq2[driver.Row, error] {
	return func(yield func(driver.Row, error) bool) {
		b, err := s.records(k, tenant)
		if err != nil {
			yield(nil, err)
		}
		if b == nil {
			return
		}
		c := b.Cursor()
		for id, raw := c.First(); id != nil; id, raw = c.Next() {
			row, err := driver.UnmarshalRecord(k, raw)
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

// Find implements eval.Source for a store without indexes: the first call for a kind
// reads its records of the tenant into eval.Tables, which has all indexes; the others
// look them up. With eval.FindByScan, which is one line, each call would read them, and
// a query over relations makes one for every record.
func (s snapshot) Find(k *schema.Kind, tenant string, x *schema.Index, key []any) iter.Seq2[driver.Row, error] {
	at := k.Name() + " " + tenant // no kind has a space in its name
	if s.indexed[at] == nil {
		tables := eval.NewTables()
		for row, err := range s.Scan(k, tenant) {
			if err == nil {
				err = tables.Put(k, tenant, row)
			}
			if err != nil {
				return func(yield func(driver.Row, error) bool) { yield(nil, err) }
			}
		}
		s.indexed[at] = tables
	}
	return s.indexed[at].Find(k, tenant, x, key)
}

// Put implements eval.Mutable by refusing. It is reached in read-only transactions;
// those that write put an overlay above the snapshot.
func (s snapshot) Put(*schema.Kind, string, driver.Row) error { return errReadOnly() }

// Remove implements eval.Mutable by refusing.
func (s snapshot) Remove(*schema.Kind, string, schema.ID) error { return errReadOnly() }

func errOver() error { return fault.New(fault.Precondition, "the transaction has ended") }

func errReadOnly() error { return fault.New(fault.Precondition, "the transaction only reads") }
