package bunsql

import (
	"encoding/binary"
	"encoding/json"
	"time"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// A request is one thing asked of the database. The two methods visit it in the
// same order: the n-th argument that collect adds is the n-th that compile takes.
type request interface {
	// kind is the kind the request is about.
	kind() *schema.Kind
	// collect notes the shape and the arguments.
	collect(s *shape)
	// compile returns the text, and the decoders of the columns it returns.
	compile(c *compiler) (fragment, []decoder)
}

// shape collects what a request looks like and what it carries. Two requests of
// one kind with the same key have the same text.
type shape struct {
	d    *Dialect
	key  []byte
	args []any
}

func newShape(d *Dialect, tenant string) *shape {
	return &shape{d: d, key: make([]byte, 0, 64), args: append(make([]any, 0, 8), tenant)}
}

func (s *shape) tenant() string { return s.args[0].(string) }

// mark adds to the key.
func (s *shape) mark(b ...byte) { s.key = append(s.key, b...) }

// name adds a name of the schema to the key; names hold no byte below '0'.
func (s *shape) name(n string) { s.key = append(append(s.key, n...), 0) }

// count adds a number to the key.
func (s *shape) count(n int) { s.key = binary.AppendUvarint(s.key, uint64(n)) }

// arg adds an argument of a field.
func (s *shape) arg(f *schema.Field, v any) { s.args = append(s.args, s.d.encode(f, v)) }

// raw adds an argument that is no driver value.
func (s *shape) raw(v any) { s.args = append(s.args, v) }

// list adds arguments for a list that is not empty.
func (s *shape) list(f *schema.Field, values []any) {
	inJSON := s.d.inJSON(f, len(values))
	if s.d.Arrays || inJSON {
		encoded := make([]any, len(values))
		for i, v := range values {
			encoded[i] = s.d.encode(f, v)
		}
		if inJSON {
			s.count(0) // no list is empty
			s.raw(jsonOf(encoded))
		} else {
			s.raw(arrayOf(encoded))
		}
		return
	}
	n := paddedSize(len(values))
	s.count(n)
	for i := range n {
		s.arg(f, values[min(i, len(values)-1)])
	}
}

// ids adds a list of ids.
func (s *shape) ids(f *schema.Field, ids []schema.ID) { s.list(f, idValues(ids)) }

func idValues(ids []schema.ID) []any {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	return values
}

// paddedSize returns the size to which a list is padded by repeating its last
// value, so that the texts stay few.
func paddedSize(n int) int {
	for _, size := range []int{1, 5, 20, 50, 100, 200, 500} {
		if n <= size {
			return size
		}
	}
	return (n + 999) / 1000 * 1000
}

// inJSON reports whether a list of n values of a field is an array in JSON. Floats are not, since
// a database may read one as its neighbour.
func (d *Dialect) inJSON(f *schema.Field, n int) bool {
	return d.LongList > 0 && n > d.LongList && f.Type != schema.TypeFloat
}

// jsonOf returns an array of what Encode made, which are texts and numbers.
func jsonOf(encoded []any) string {
	text, _ := json.Marshal(encoded) //nolint:errchkjson // texts and numbers can't fail
	return string(text)
}

// arrayOf returns a typed slice of what Encode made, as the Postgres driver
// wants it.
func arrayOf(encoded []any) any {
	switch encoded[0].(type) {
	case int64:
		return typed[int64](encoded)
	case float64:
		return typed[float64](encoded)
	case bool:
		return typed[bool](encoded)
	case string:
		return typed[string](encoded)
	case time.Time:
		return typed[time.Time](encoded)
	}
	return encoded
}

func typed[T any](list []any) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i], _ = v.(T)
	}
	return out
}

func (s *shape) path(p query.Path) {
	for _, hop := range p.Hops {
		s.name(hop.Name)
	}
	if p.Field.Custom { // two tenants may declare one name with different types
		s.mark('#', byte(p.Field.Type), byte(p.Field.Scale))
	}
	s.mark('.')
	s.name(p.Field.Name)
}

// expr notes a condition. A nil one is marked, so that what follows can't be
// taken for it.
func (s *shape) expr(e query.Expr) {
	switch e := e.(type) {
	case query.And:
		s.parts('&', e)
	case query.Or:
		s.parts('|', e)
	case query.Not:
		s.mark('!')
		s.expr(e.Expr)
	case query.Cmp:
		s.mark('c', byte(e.Op))
		s.path(e.Path)
		s.empty(e.Value)
		s.arg(e.Path.Field, e.Value)
	case query.OneOf:
		if len(e.Values) == 0 {
			s.mark('0')
			return
		}
		s.mark('i')
		s.path(e.Path)
		s.empty(e.Values...)
		s.list(e.Path.Field, e.Values)
	case query.IsNull:
		s.mark('n')
		s.path(e.Path)
	case query.Match:
		s.match(e)
	case query.Exists:
		s.mark('e')
		s.name(e.Rel.Name)
		if e.Rel.KindField != nil {
			s.arg(e.Rel.KindField, e.Rel.From.Name())
		}
		s.expr(e.Where)
		s.scope(e.Rel.To, e.Scope)
	default:
		s.mark('-')
	}
}

// empty notes whether a value is the empty text, which a unique index leaves out.
func (s *shape) empty(values ...any) {
	if hasEmpty(values...) {
		s.mark('0')
	}
}

func (s *shape) parts(mark byte, list []query.Expr) {
	s.mark(mark)
	s.count(len(list))
	for _, part := range list {
		s.expr(part)
	}
}

func (s *shape) match(e query.Match) {
	form := matchForm(e)
	s.mark('m', byte(form))
	s.path(e.Path)
	if form == matchLine {
		s.arg(e.Path.Field, e.Line)
	}
	switch form {
	case matchRange:
		upper, _ := successor(e.Text)
		s.arg(e.Path.Field, e.Text)
		s.arg(e.Path.Field, upper)
	case matchStart, matchInside, matchLine:
		s.arg(e.Path.Field, e.Text)
	}
}
