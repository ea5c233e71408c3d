package exchange

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// found is what is stored under a value: the first record that the actor may read, what
// keeps them from the verb, and whether there are others.
type found struct {
	row     driver.Row
	verdict error
	more    bool
}

// look finds the records of a kind whose field has one of some values, in a query for each
// thousand of them.
func look(ctx context.Context, s *session.Session, v org.Verb, k *schema.Kind, f *schema.Field, values []any, within query.Expr) (map[string]*found, error) {
	out := map[string]*found{}
	for some := range slices.Chunk(values, query.MaxValues) {
		q := query.Select{Where: query.All(query.In(f.Name, some...), within), Sort: query.By("id"), Limit: query.MaxLimit}
		for {
			page, verdicts, err := s.Judged(ctx, v, k, q)
			if err != nil {
				return nil, err
			}
			for i, row := range page.Rows {
				key := keyText(row[f.Position])
				if known := out[key]; known != nil {
					known.more = true
					continue
				}
				out[key] = &found{row: row, verdict: verdicts[i]}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return out, nil
}

// keyText is a text or an id as the key of a map.
func keyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case schema.ID:
		return v.String()
	}
	return ""
}

// named finds the records of a kind that people call by some names, in a few queries.
func named(ctx context.Context, s *session.Session, k *schema.Kind, names []string) (map[string]*found, error) {
	out := map[string]*found{}
	rules, err := s.FieldRules(ctx, k)
	if err != nil {
		return nil, err
	}
	for _, f := range lookups(k) {
		if access, ruled := rules[f.Name]; ruled && !access.Shown() {
			continue
		}
		var values []any
		for _, name := range names {
			if out[name] != nil {
				continue
			}
			if v, err := f.Value(name); err == nil && v != nil {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			continue
		}
		here, err := look(ctx, s, org.Read, k, f, values, nil)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, here)
	}
	return out, nil
}

// refer finds the records that the lines name. One that is not there, or that there are
// two of, is a problem of the line.
func (f *form) refer(ctx context.Context, s *session.Session, list []*entry) error {
	wanted := map[string]map[string]bool{} // names by kind
	for _, e := range list {
		for _, part := range e.parts {
			for _, r := range part.refs {
				if wanted[r.field.Refers] == nil {
					wanted[r.field.Refers] = map[string]bool{}
				}
				wanted[r.field.Refers][r.text] = true
			}
		}
	}
	there := map[string]map[string]*found{}
	for _, kind := range slices.Sorted(maps.Keys(wanted)) {
		var err error
		if there[kind], err = named(ctx, s, s.Registry().Kind(kind), slices.Sorted(maps.Keys(wanted[kind]))); err != nil {
			return err
		}
	}
	for _, e := range list {
		for i := range e.parts {
			for _, r := range e.parts[i].refs {
				id, problem := idOf(s, r, there[r.field.Refers])
				if problem != "" {
					f.problem(e, r.field.Name, "reference", problem)
					continue
				}
				e.parts[i].sets = append(e.parts[i].sets, set{r.field.column, id})
			}
		}
	}
	return nil
}

// idOf returns the id of the record that a cell names, or what is wrong with it.
func idOf(s *session.Session, r ref, there map[string]*found) (schema.ID, string) {
	hit := there[r.text]
	switch {
	case hit == nil:
		return schema.ID{}, "there is no such " + r.field.Refers
	case hit.more:
		return schema.ID{}, "there are several such " + r.field.Refers + "s"
	}
	return hit.row[s.Registry().Kind(r.field.Refers).ID().Position].(schema.ID), ""
}

// faultOf returns an error as one of ours.
func faultOf(err error) *fault.Error {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e
	}
	return &fault.Error{Code: fault.Internal, Message: "something went wrong", Err: err}
}
