package merge

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Difference is a value of a loser that the winner has not got, as the actor would see both
// by reading the records: nothing of what is hidden from them, masked what is masked. It is
// not lost: the loser's last entry in the journal holds it.
type Difference struct {
	// Field is the field's name, "custom.NAME" for a custom one.
	Field string
	// LoserID is the record, Value what it held (a driver value) and Winner what the winner holds.
	LoserID       schema.ID
	Value, Winner any
}

// differences returns what the losers hold that the winner has not got, being merged.
func (p Policy[T]) differences(ctx context.Context, s *session.Session, m *merging, merged driver.Row) ([]Difference, error) {
	k := m.kind
	winner, err := s.ShownRow(ctx, k, merged)
	if err != nil {
		return nil, err
	}
	losers := make([]driver.Row, len(m.rows)-1)
	for i, row := range m.rows[1:] {
		if losers[i], err = s.ShownRow(ctx, k, row); err != nil {
			return nil, err
		}
	}
	var list []Difference
	for _, f := range k.Columns() {
		if !chooses(k, f) || slices.Contains(p.Keep, f.Name) {
			continue
		}
		for i, loser := range losers {
			if v := loser[f.Position]; !empty(v) && !journal.Same(v, winner[f.Position]) {
				list = append(list, Difference{f.Name, m.ids[i+1], v, winner[f.Position]})
			}
		}
	}
	if k.CustomColumn() == nil {
		return list, nil
	}
	has, err := customOf(k, winner)
	if err != nil {
		return nil, err
	}
	for i, loser := range losers {
		theirs, err := customOf(k, loser)
		if err != nil {
			return nil, err
		}
		for _, f := range k.CustomFields() {
			if value, there := theirs[f.Name]; there && !bytes.Equal(value, has[f.Name]) {
				list = append(list, Difference{"custom." + f.Name, m.ids[i+1], value, has[f.Name]})
			}
		}
	}
	return list, nil
}

// mayTake refuses choices in fields that are not the actor's to change.
func mayTake(ctx context.Context, s *session.Session, k *schema.Kind, take map[string]schema.ID) error {
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return err
	}
	refused := &fault.Error{Code: fault.Forbidden, Kind: k.Name(), Message: "a field that you may not change can't be chosen"}
	for name := range take {
		if _, ruled := rules[name]; ruled {
			refused.Fields = append(refused.Fields, fault.Field{Name: name, Code: "forbidden", Message: "the field may not be changed"})
		}
	}
	if len(refused.Fields) == 0 {
		return nil
	}
	slices.SortFunc(refused.Fields, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	return refused
}
