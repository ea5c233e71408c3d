package exchange

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/sheet"
)

// Report is what an import would do.
type Report struct {
	// Lines are those of the list: each would be Created, Updated, Unchanged, Skipped or
	// Refused.
	Lines, Created, Updated, Unchanged, Skipped, Refused int64
	// Unlinked counts the lines whose record would not lead to what the line says.
	Unlinked int64
}

// Check tells what an import of a list would do (预检), and each problem with line and
// field, in order of the lines; nil tells none. The header of the list is the plan's, if it
// has none of its own. An error of tell ends it.
//
// It does what Apply does, in batches, and takes each of them back, so that no rule is left out:
// hooks run, and numbers that are given out from memory are gone. So a batch does not find what
// one before it would have stored; what counts of it is remembered, at a few dozen bytes for each
// line: the keys, the values that stand only once and the names that others lead to. All that can
// be missed between lines that stand far from each other is a duplicate that only likeness tells,
// or a breach of a host's own rule.
func (m Module) Check(ctx context.Context, p Plan, src sheet.Source, tell func(Problem) error) (*Report, error) {
	if p.Columns == nil {
		p.Columns = src.Header()
	}
	if !slices.Equal(src.Header(), p.Columns) {
		return nil, otherList("its header is another")
	}
	f, err := m.form(ctx, m.s, p)
	if err != nil {
		return nil, err
	}
	if tell == nil {
		tell = func(Problem) error { return nil }
	}
	c := &checker{form: f, keys: map[digest]digest{}, uniques: map[digest]holder{}, names: map[digest]bool{}}
	l := f.lines(src)
	defer l.stop()
	var job Import
	for {
		list, err := l.batch()
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			break
		}
		b, err := m.try(ctx, c, list)
		if err != nil {
			return nil, err
		}
		for _, e := range b.list {
			c.point(e)
			c.note(e)
			job.Lines++
			job.count(e.outcome)
			for _, problem := range e.problems {
				if err := tell(problem); err != nil {
					return nil, err
				}
			}
		}
	}
	lost, err := c.unlinked(ctx, m.s)
	if err != nil {
		return nil, err
	}
	for _, problem := range lost {
		if err := tell(problem); err != nil {
			return nil, err
		}
	}
	return &Report{job.Lines, job.Created, job.Updated, job.Unchanged, job.Skipped, job.Refused, int64(len(lost))}, nil
}

// errTaken takes a transaction back that has done what it should.
var errTaken = errors.New("taken back")

// try does lines and takes it back.
func (m Module) try(ctx context.Context, c *checker, list []numbered) (*batch, error) {
	return careful(func(careful bool) (*batch, error) {
		var b *batch
		err := m.s.Tx(ctx, func(ctx context.Context, s *session.Session) error {
			b = &batch{form: c.form, check: c}
			for _, line := range list {
				b.list = append(b.list, c.read(line.Line))
			}
			if err := b.run(ctx, s, careful); err != nil {
				return err
			}
			return errTaken
		})
		if errors.Is(err, errTaken) {
			err = nil
		}
		return b, err
	})
}

// checker remembers of the lines of a list what those further down must not repeat, or may
// lead to.
type checker struct {
	*form
	keys    map[digest]digest // the content of the last line with a key
	uniques map[digest]holder // where a unique value stands
	names   map[digest]bool   // what records of the list are called
	waiting []waiting
}

// holder is the first line with a unique value, and the key of its record, empty for none.
type holder struct {
	line int
	key  digest
}

type digest [16]byte

func digestOf(parts ...string) digest {
	var d digest
	sum := fingerprint{}.and(parts)
	copy(d[:], sum[:])
	return d
}

// waiting is a reference to a record of the list.
type waiting struct {
	line  int
	field *Field
	text  string
}

// before reports whether a line is about a record that a line above it has brought, and
// then says what becomes of it; or it repeats a value that stands only once.
func (c *checker) before(e *entry) bool {
	for x, value := range c.once(e) {
		if line := c.taken(e, value); line > 0 {
			c.problem(e, x.Name, "unique", already(line))
		}
	}
	if len(e.problems) > 0 || e.key == "" {
		return len(e.problems) > 0
	}
	last, known := c.keys[digestOf(e.key)]
	if known {
		if e.result = Updated; last == c.content(e) {
			e.result = unchanged
		}
		c.hold(e)
	}
	return known
}

// once are the values of a line that stand only once, by their fields.
func (c *checker) once(e *entry) iter.Seq2[*Field, digest] {
	return func(yield func(*Field, digest) bool) {
		for _, x := range c.fields {
			if x == nil || !x.Unique || x == c.key {
				continue
			}
			if text := keyText(valueOf(e.parts[x.part].sets, x.column)); text != "" && !yield(x, digestOf(x.Name, text)) {
				return
			}
		}
	}
}

// taken returns the line in which another record has a value that stands only once, 0 for
// none.
func (c *checker) taken(e *entry, value digest) int {
	if at := c.uniques[value]; e.key == "" || at.key != digestOf(e.key) {
		return at.line
	}
	return 0
}

func already(line int) string { return fmt.Sprintf("stands in line %d already", line) }

// point says of a value that the store has refused in which line it stands.
func (c *checker) point(e *entry) {
	for x, value := range c.once(e) {
		for i, p := range e.problems {
			if line := c.taken(e, value); line > 0 && p.Field == x.Name && p.Code == "unique" {
				e.problems[i].Message = already(line)
			}
		}
	}
}

// content is that of the columns that count.
func (c *checker) content(e *entry) digest {
	var cells []string
	for i, x := range c.fields {
		if x != nil {
			cells = append(cells, strings.TrimSpace(e.Cells[i]))
		}
	}
	return digestOf(cells...)
}

// note remembers a line that is done.
func (c *checker) note(e *entry) {
	if e.result == "" || e.result == skipped {
		return
	}
	c.hold(e)
	names := lookups(c.kinds[0])
	for i, x := range c.fields {
		if x != nil && c.links() && x.part == 0 && slices.Contains(names, x.column) {
			c.names[digestOf(strings.TrimSpace(e.Cells[i]))] = true
		}
	}
	for _, x := range c.fields {
		if x != nil && e.links[x.Name] != "" {
			c.waiting = append(c.waiting, waiting{e.Number, x, e.links[x.Name]})
		}
	}
}

// hold remembers the keys of a line.
func (c *checker) hold(e *entry) {
	var key digest
	if e.key != "" {
		key = digestOf(e.key)
		c.keys[key] = c.content(e)
	}
	for _, value := range c.once(e) {
		if c.uniques[value].line == 0 {
			c.uniques[value] = holder{e.Number, key}
		}
	}
}

// amends keeps of the problems of lines about a record that is there by then those of fields
// that the line fills in: what it leaves out, the record has.
func (f *form) amends(list []unreadable) {
	for _, u := range list {
		if u.result != Updated {
			continue
		}
		u.problems = slices.DeleteFunc(u.problems, func(p Problem) bool {
			return !slices.ContainsFunc(f.fields, func(x *Field) bool {
				return x != nil && x.Name == p.Field && slices.ContainsFunc(u.parts[x.part].sets, func(v set) bool { return v.field == x.column })
			})
		})
		if len(u.problems) > 0 {
			u.result = ""
		}
	}
}

// unlinked returns the references to records that are neither in the list nor stored.
func (c *checker) unlinked(ctx context.Context, s *session.Session) ([]Problem, error) {
	var list []Problem
	for some := range slices.Chunk(c.waiting, batchLines) {
		asked := map[string]bool{}
		for _, w := range some {
			if !c.names[digestOf(w.text)] {
				asked[w.text] = true
			}
		}
		there, err := named(ctx, s, c.kinds[0], slices.Sorted(maps.Keys(asked)))
		if err != nil {
			return nil, err
		}
		for _, w := range some {
			if asked[w.text] && there[w.text] == nil {
				list = append(list, Problem{w.line, c.column(w.field.Name), w.field.Name, "reference", "there is no such " + w.field.Refers})
			}
		}
	}
	return list, nil
}
