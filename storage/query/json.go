package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kehucrm/kehu/storage/fault"
)

// The JSON form, for saved views, sharing rules and report cells:
//
//	{"op":"and","of":[{"op":"eq","field":"state","value":"open"},
//	                  {"op":"not","of":[{"op":"null","field":"amount"}]},
//	                  {"op":"in","field":"customer.industry","values":["retail"]},
//	                  {"op":"contains","field":"name","value":"华为"},
//	                  {"op":"has","relation":"contacts","where":{…}}]}
//
// Values are strings, numbers and booleans; what they mean is decided by the
// field when the query is resolved.
type node struct {
	Op       string            `json:"op"`
	Of       []json.RawMessage `json:"of,omitempty"`
	Field    string            `json:"field,omitempty"`
	Value    any               `json:"value,omitempty"`
	Values   []any             `json:"values,omitempty"`
	Relation string            `json:"relation,omitempty"`
	Where    json.RawMessage   `json:"where,omitempty"`
}

var cmpNames = []string{OpEq: "eq", OpNe: "ne", OpLt: "lt", OpLe: "le", OpGt: "gt", OpGe: "ge"}
var howNames = []string{Prefix: "prefix", Contains: "contains"}

// MarshalExpr returns the JSON form of a condition; nil is null.
func MarshalExpr(e Expr) ([]byte, error) {
	n := node{}
	parts := func(list ...Expr) error {
		n.Of = make([]json.RawMessage, 0, len(list))
		for _, part := range list {
			raw, err := MarshalExpr(part)
			if err != nil {
				return err
			}
			n.Of = append(n.Of, raw)
		}
		return nil
	}
	var err error
	switch e := e.(type) {
	case nil:
		return []byte("null"), nil
	case And:
		n.Op, err = "and", parts(e...)
	case Or:
		n.Op, err = "or", parts(e...)
	case Not:
		n.Op, err = "not", parts(e.Expr)
	case Cmp:
		if e.Op < OpEq || e.Op > OpGe {
			return nil, fault.New(fault.Invalid, "%s: unknown comparison", e.Path.Name)
		}
		n.Op, n.Field, n.Value = cmpNames[e.Op], e.Path.Name, wireValue(e.Value)
	case OneOf:
		n.Op, n.Field, n.Values = "in", e.Path.Name, wireValues(e.Values)
	case IsNull:
		n.Op, n.Field = "null", e.Path.Name
	case Match:
		if e.How != Prefix && e.How != Contains {
			return nil, fault.New(fault.Invalid, "%s: unknown way of matching", e.Path.Name)
		}
		n.Op, n.Field, n.Value = howNames[e.How], e.Path.Name, e.Text
	case Exists:
		n.Op, n.Relation = "has", e.Relation
		if e.Where != nil {
			n.Where, err = MarshalExpr(e.Where)
		}
	default:
		err = fault.New(fault.Invalid, "a condition of type %T is none of this package", e)
	}
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, &fault.Error{Code: fault.Invalid, Message: "a value of the condition can't be written as JSON", Err: err}
	}
	return raw, nil
}

// ended reports whether nothing stands behind what was decoded.
func ended(dec *json.Decoder) bool {
	_, err := dec.Token()
	return errors.Is(err, io.EOF)
}

// wireValue gives times all their digits; every other driver value writes itself.
func wireValue(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return v
}

func wireValues(list []any) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = wireValue(v)
	}
	return out
}

// ParseExpr reads the JSON form of a condition; null is nil. It returns Invalid
// for what is none, and does not look at fields: that is for resolving.
func ParseExpr(raw []byte) (Expr, error) {
	if len(raw) > 1<<20 {
		return nil, fault.New(fault.Invalid, "a condition has at most 1 MiB of JSON")
	}
	return parseExpr(raw, 0)
}

func parseExpr(raw []byte, depth int) (Expr, error) {
	if depth > MaxDepth {
		return nil, fault.New(fault.Invalid, "a condition has at most %d levels", MaxDepth)
	}
	if string(bytes.TrimSpace(raw)) == "null" || len(raw) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	var n node
	if err := dec.Decode(&n); err != nil || !ended(dec) {
		return nil, fault.New(fault.Invalid, "a condition is a JSON object with op and its operands")
	}
	parts := make([]Expr, 0, len(n.Of))
	for _, part := range n.Of {
		e, err := parseExpr(part, depth+1)
		if err != nil {
			return nil, err
		}
		if e != nil {
			parts = append(parts, e)
		}
	}
	p := P(n.Field)
	switch n.Op {
	case "and":
		return And(parts), nil
	case "or":
		return Or(parts), nil
	case "not":
		switch {
		case len(n.Of) != 1:
			return nil, fault.New(fault.Invalid, "not takes one condition")
		case len(parts) == 0:
			return Not{}, nil // of null, which is always true
		}
		return Not{parts[0]}, nil
	case "in":
		return OneOf{p, n.Values}, nil
	case "null":
		return IsNull{p}, nil
	case "has":
		where, err := parseExpr(n.Where, depth+1)
		return Exists{Relation: n.Relation, Where: where}, err
	}
	for op, name := range cmpNames {
		if name == n.Op && name != "" {
			return Cmp{p, Op(op), n.Value}, nil
		}
	}
	for how, name := range howNames {
		if text, ok := n.Value.(string); ok && name == n.Op && name != "" {
			return Match{Path: p, How: How(how), Text: text}, nil
		}
	}
	return nil, fault.New(fault.Invalid, "unknown op %.40q", n.Op)
}

type selectWire struct {
	Where  json.RawMessage `json:"where,omitempty"`
	Sort   []string        `json:"sort,omitempty"`
	Limit  int             `json:"limit,omitempty"`
	Cursor string          `json:"cursor,omitempty"`
}

type aggregateWire struct {
	Where    json.RawMessage `json:"where,omitempty"`
	Keys     []keyWire       `json:"keys,omitempty"`
	Measures []measureWire   `json:"measures,omitempty"`
	Sort     []string        `json:"sort,omitempty"`
	Limit    int             `json:"limit,omitempty"`
}

type keyWire struct {
	Name  string `json:"name,omitempty"`
	Field string `json:"field"`
	Edges []any  `json:"edges,omitempty"`
}

type measureWire struct {
	Name  string          `json:"name,omitempty"`
	Fn    string          `json:"fn"`
	Field string          `json:"field,omitempty"`
	Where json.RawMessage `json:"where,omitempty"`
}

// MarshalJSON returns the query as a saved view keeps it: condition, sort, limit
// and cursor; who asks, and for which tenant, is not part of it.
func (q Select) MarshalJSON() ([]byte, error) {
	where, err := marshalWhere(q.Where)
	if err != nil {
		return nil, err
	}
	return json.Marshal(selectWire{where, sortNames(q.Sort), q.Limit, q.Cursor})
}

// UnmarshalJSON reads what MarshalJSON writes. The sort is By of the names.
func (q *Select) UnmarshalJSON(raw []byte) error {
	var w selectWire
	if err := strict(raw, &w); err != nil {
		return err
	}
	where, err := ParseExpr(w.Where)
	if err != nil {
		return err
	}
	*q = Select{Where: where, Sort: By(w.Sort...), Limit: w.Limit, Cursor: w.Cursor}
	return nil
}

// MarshalJSON returns the aggregation without tenant and scope.
func (a Aggregate) MarshalJSON() ([]byte, error) {
	where, err := marshalWhere(a.Where)
	if err != nil {
		return nil, err
	}
	w := aggregateWire{Where: where, Sort: sortNames(a.Sort), Limit: a.Limit}
	for _, k := range a.Keys {
		w.Keys = append(w.Keys, keyWire{k.Name, k.Path.Name, wireValues(k.Edges)})
	}
	for _, m := range a.Measures {
		where, err := marshalWhere(m.Where)
		if err != nil {
			return nil, err
		}
		w.Measures = append(w.Measures, measureWire{m.Name, m.Fn.String(), m.Path.Name, where})
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Aggregate) UnmarshalJSON(raw []byte) error {
	var w aggregateWire
	if err := strict(raw, &w); err != nil {
		return err
	}
	out := Aggregate{Sort: By(w.Sort...), Limit: w.Limit}
	var err error
	if out.Where, err = ParseExpr(w.Where); err != nil {
		return err
	}
	for _, k := range w.Keys {
		out.Keys = append(out.Keys, Key{k.Name, P(k.Field), k.Edges})
	}
	for _, m := range w.Measures {
		where, err := ParseExpr(m.Where)
		if err != nil {
			return err
		}
		measure := Measure{Name: m.Name, Path: P(m.Field), Where: where}
		for fn, name := range fnNames {
			if name == m.Fn {
				measure.Fn = fn
			}
		}
		if measure.Fn == 0 {
			return fault.New(fault.Invalid, "unknown measure %.40q", m.Fn)
		}
		out.Measures = append(out.Measures, measure)
	}
	*a = out
	return nil
}

func strict(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil && !ended(dec) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return &fault.Error{Code: fault.Invalid, Message: "the JSON of a query has another form", Err: err}
	}
	return nil
}

func marshalWhere(e Expr) (json.RawMessage, error) {
	if e == nil {
		return nil, nil
	}
	return MarshalExpr(e)
}

func sortNames(keys []Sort) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.Path.Name
		if key.Desc {
			names[i] = "-" + names[i]
		}
	}
	return names
}

// String returns the condition's JSON form, for logs and messages of tests. It
// contains the values.
func String(e Expr) string {
	raw, err := MarshalExpr(e)
	if err != nil {
		return fmt.Sprintf("!(%v)", err)
	}
	return strings.TrimSpace(string(raw))
}
