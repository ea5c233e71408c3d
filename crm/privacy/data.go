package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Data writes everything that is kept about a person (个人信息导出), as one JSON object:
//
//	{"kind": "contact", "id": "…", "at": "…",
//	 "records": [{"kind": "contact", "record": {"id": "…", "name": "…"}}, …],
//	 "journal": [{"at": "…", "event": "contact.created", "changes": […]}, …],
//	 "withheld": {"opportunity": 2}}
//
// First stand the person's record, their parts and what says something about them, then what
// else points at one of these, such as deals and documents (their metadata), each kind in
// order of the registry and of ids; then the journal of the former, of what is gone as well. The id
// of a record that was merged into another stands for that one, to which the story of the other belongs.
// Fields without a value are left out.
//
// What the actor may not read is left out and counted by kind, and so are fields that they
// may not see, without a count. The actor needs the right to read and to export the person's
// record, and the journal tells that it went out. It is Invalid for what is no person. It is read and written page by page: what
// somebody changes meanwhile is told as it was or as it is, and after an error of the writer or
// the store what was written is half of the object.
func (m Module) Data(ctx context.Context, person record.Ref, w io.Writer) error {
	s := m.s
	_, id, err := m.rules.find(ctx, s, org.Export, person)
	if err != nil {
		return err
	}
	k := s.Registry().Kind(person.Kind)
	c, err := m.rules.draw(ctx, s, k, id)
	if err != nil {
		return err
	}
	if err := s.Exported(ctx, k, 1); err != nil {
		return err
	}
	out := &telling{circle: c, s: s, w: w, withheld: map[string]int64{}}
	out.text(`{"kind":`, k.Name(), `,"id":`, id, `,"at":`, s.Now(), `,"records":[`)
	for _, write := range []func(context.Context) error{out.records, out.others} {
		if err := write(ctx); err != nil {
			return err
		}
	}
	out.text("\n],\"journal\":[")
	if err := out.journal(ctx); err != nil {
		return err
	}
	out.text("\n],\"withheld\":", out.withheld, "}\n")
	return out.err
}

// telling is the handing out of one person's data.
type telling struct {
	*circle
	s *session.Session
	w io.Writer
	// err is what the writer said, after which nothing is written.
	err error
	// lines counts those of the list that is being written.
	lines    int
	withheld map[string]int64
	// read are the records of the circle, by group, that the actor may read, and those that are gone.
	read [][]schema.ID
}

// text writes pieces, those with an even number as they are and the others as JSON.
func (t *telling) text(pieces ...any) {
	for i, piece := range pieces {
		text, _ := piece.(string)
		raw := []byte(text)
		if i%2 == 1 {
			var err error
			if raw, err = json.Marshal(piece); err != nil && t.err == nil {
				t.err = err
			}
		}
		if t.err == nil {
			_, t.err = t.w.Write(raw)
		}
	}
	t.lines = 0
}

// line writes an element of a list.
func (t *telling) line(v any) {
	var b bytes.Buffer
	if t.lines++; t.lines > 1 {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
	raw, err := json.Marshal(v)
	b.Write(raw)
	if t.err == nil {
		t.err = err
	}
	if t.err == nil {
		_, t.err = t.w.Write(b.Bytes())
	}
}

// records writes the circle.
func (t *telling) records(ctx context.Context) error {
	for _, g := range t.groups {
		var read []schema.ID
		for some := range slices.Chunk(g.ids, query.MaxValues) {
			seen, hidden, err := t.page(ctx, g.kind, query.In("id", some...), false)
			if err != nil {
				return err
			}
			read = append(read, slices.DeleteFunc(slices.Clone(some), func(id schema.ID) bool { return hidden[id] })...)
			if err := t.show(g.kind, seen); err != nil {
				return err
			}
		}
		t.read = append(t.read, read)
	}
	return t.err
}

// others writes what else points at the circle.
func (t *telling) others(ctx context.Context) error {
	told := map[schema.ID]bool{}
	for _, g := range t.groups {
		for _, id := range g.ids {
			told[id] = true
		}
	}
	for _, from := range t.s.Registry().Kinds() {
		if from.Version() == nil || from.Field("created_at") == nil { // what is kept beside the records, and histories
			continue
		}
		for i, g := range t.groups {
			for _, way := range pointers(from, g.kind) {
				if from.Name() == document.Documents.Name() { // who may read the subject may read the file
					if err := t.pointing(ctx, from, g.kind, way, t.read[i], told, true); err != nil {
						return err
					}
				}
				if err := t.pointing(ctx, from, g.kind, way, g.ids, told, false); err != nil {
					return err
				}
			}
		}
	}
	return t.err
}

// pointing writes the records of a kind that point at some of a group and were not told yet.
func (t *telling) pointing(ctx context.Context, from, to *schema.Kind, way pointer, ids []schema.ID, told map[schema.ID]bool, open bool) error {
	for some := range slices.Chunk(ids, query.MaxValues) {
		err := eachPage(ctx, t.s, from, way.where(to, some), func(page storage.Rows) error {
			var fresh []schema.ID
			for _, row := range page.Rows {
				if id := row[from.ID().Position].(schema.ID); !told[id] {
					told[id], fresh = true, append(fresh, id)
				}
			}
			if len(fresh) == 0 {
				return nil
			}
			seen, _, err := t.page(ctx, from, query.In("id", fresh...), open)
			if err != nil {
				return err
			}
			return t.show(from, seen)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// page returns the records, at most query.MaxLimit, that a condition finds and the actor may
// read, and counts the others. Where it is open, the actor may read all, if they may read
// records of the kind.
func (t *telling) page(ctx context.Context, k *schema.Kind, where query.Expr, open bool) ([]driver.Row, map[schema.ID]bool, error) {
	q := query.Select{Where: where, Sort: query.By("id"), Limit: query.MaxLimit}
	all, err := t.s.Tenant().Select(ctx, k, q, nil)
	if err != nil {
		return nil, nil, err
	}
	seen, err := t.seen(ctx, k, q, all, open)
	if err != nil {
		return nil, nil, err
	}
	hidden := make(map[schema.ID]bool, len(all.Rows))
	for _, row := range all.Rows {
		hidden[row[k.ID().Position].(schema.ID)] = true
	}
	for _, row := range seen.Rows {
		delete(hidden, row[k.ID().Position].(schema.ID))
	}
	if len(hidden) > 0 {
		t.withheld[k.Name()] += int64(len(hidden))
	}
	return seen.Rows, hidden, nil
}

func (t *telling) seen(ctx context.Context, k *schema.Kind, q query.Select, all storage.Rows, open bool) (storage.Rows, error) {
	if open {
		able, err := t.s.Can(ctx, org.Read, k)
		if err != nil {
			return storage.Rows{}, err
		}
		rules, err := t.s.FieldRules(ctx, k)
		if err != nil || able && len(rules) == 0 {
			return all, err
		}
	}
	seen, err := t.s.Seen(ctx, org.Read, k, q)
	if errors.Is(err, storage.ErrForbidden) {
		return storage.Rows{}, nil
	}
	return seen, err
}

// show writes records.
func (t *telling) show(k *schema.Kind, rows []driver.Row) error {
	for _, row := range rows {
		values := make(map[string]json.RawMessage, len(row))
		for _, f := range k.Columns() {
			if v := row[f.Position]; f.Of == nil && v != nil && v != "" {
				values[f.Name] = journal.Wire(v)
			}
		}
		t.line(struct {
			Kind   string                     `json:"kind"`
			Record map[string]json.RawMessage `json:"record"`
		}{k.Name(), values})
	}
	return t.err
}

// journal writes what happened to the records of the circle.
func (t *telling) journal(ctx context.Context) error {
	for i, g := range t.groups {
		able, err := t.s.Can(ctx, org.Read, g.kind)
		if err != nil {
			return err
		}
		if !able {
			continue
		}
		for some := range slices.Chunk(t.read[i], query.MaxValues) {
			q := query.Select{Where: query.In("record_id", some...), Sort: query.By("record_id", "record_version"), Limit: query.MaxLimit}
			for {
				page, err := t.s.Told(ctx, g.kind, q)
				if err != nil {
					return err
				}
				for _, e := range page.Items {
					t.entry(e)
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
		}
	}
	return t.err
}

func (t *telling) entry(e journal.Entry) {
	told := map[string]any{"at": e.At, "event": e.Event, "kind": e.Kind, "id": e.RecordID, "version": e.RecordVersion, "changes": e.Changes}
	if e.ActorID.IsZero() {
		told["job"] = e.Actor
	} else {
		told["actor"] = e.ActorID
	}
	t.line(told)
}
