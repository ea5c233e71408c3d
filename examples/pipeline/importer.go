package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

// id returns the id of what the files call by a key. It is always the same, so that
// a second run meets the records of the first.
func id(kind, key string) schema.ID { return schema.NameID("examples/pipeline", kind, key) }

// importer brings a source into the CRM, through the verbs that a program would use.
type importer struct {
	s        *crm.Session
	progress func(rows int)
	result
}

// result is what an import did.
type result struct {
	problems []problem
	// teams are the rows whose people are there now.
	teams []row[team]
	// created and unchanged count the opportunities.
	created, unchanged int
}

// importAll imports a source. It may be run again after it was stopped at any point,
// and when rows have been mended or added.
func importAll(ctx context.Context, s *crm.Session, src *source, progress func(rows int)) (result, error) {
	im := &importer{s: s, progress: progress, result: result{problems: slices.Clone(src.problems)}}
	err := im.run(ctx, src)
	slices.SortStableFunc(im.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	return im.result, err
}

func (im *importer) run(ctx context.Context, src *source) error {
	if err := im.importPeople(ctx, src.teams); err != nil {
		return err
	}
	products, err := each(ctx, im, src.products, createProduct)
	if err != nil {
		return err
	}
	accounts, err := im.importAccounts(ctx, src.accounts)
	if err != nil {
		return err
	}
	// The session reads the organisation here, once, and not in every transaction.
	if _, err := im.s.Directory(ctx); err != nil {
		return err
	}
	return im.importDeals(ctx, src.deals, newNames(im.teams, products, accounts))
}

// each does something with every row, all of it in one transaction, and returns the
// rows with which it went well. Every row has a transaction of its own within that
// one, so that a bad row is undone alone and becomes a problem.
func each[T any](ctx context.Context, im *importer, rows []row[T], do func(context.Context, *crm.Session, T) error) ([]row[T], error) {
	var good []row[T]
	var bad []problem
	err := im.s.Tx(ctx, func(ctx context.Context, s *crm.Session) error {
		good, bad = nil, nil // the database may ask to run this again
		for _, r := range rows {
			err := s.Tx(ctx, func(ctx context.Context, s *crm.Session) error { return do(ctx, s, r.data) })
			reason, refused := refusedBy(err)
			switch {
			case err == nil:
				good = append(good, r)
			case refused:
				bad = append(bad, problem{r.place, reason})
			default:
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	im.problems = append(im.problems, bad...)
	return good, nil
}

// refusedBy tells a row that breaks a rule, the importer's or the library's, from a
// failure that would hit every other row as well.
func refusedBy(err error) (refusal, bool) {
	if ours, ok := errors.AsType[refusal](err); ok {
		return ours, true
	}
	e, ok := errors.AsType[*crm.Error](err)
	if !ok {
		return "", false
	}
	switch e.Code {
	case storage.Invalid, storage.Referenced:
		var reasons []string
		for _, f := range e.Fields {
			reasons = append(reasons, f.Name+": "+f.Message)
		}
		return refusal(cmp.Or(strings.Join(reasons, ", "), e.Message)), true
	case storage.Exists:
		return refusal("the database has this " + e.Kind + " with other content"), true
	}
	return "", false
}

// parentsFirst orders rows so that each stands behind its parent, which is named by
// a key. stuck are those that have none among the rows, or stand in a circle.
func parentsFirst[T entry](rows []row[T], parent func(T) string) (ordered, stuck []row[T]) {
	placed := map[string]bool{"": true}
	for {
		stuck = nil
		for _, r := range rows {
			if !placed[parent(r.data)] {
				stuck = append(stuck, r)
				continue
			}
			placed[r.data.key()] = true
			ordered = append(ordered, r)
		}
		if len(stuck) == 0 || len(stuck) == len(rows) {
			return ordered, stuck
		}
		rows = stuck
	}
}
