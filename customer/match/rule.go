package match

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kehucrm/kehu/storage/fault"
)

// Action says what is done about a duplicate. The zero Action is None; the others are
// ordered by how far they go.
type Action uint8

// The actions.
const (
	None   Action = iota // no duplicate
	Report               // only a scan of the whole list tells of it (报告)
	Warn                 // whoever asks before saving is told, and may go on (提醒)
	Block                // is not saved (禁止)
)

var actionNames = []string{None: "none", Report: "report", Warn: "warn", Block: "block"}

// String returns the action's name in English, such as "warn".
func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return fmt.Sprintf("action(%d)", uint8(a))
}

// MarshalText implements encoding.TextMarshaler with the form of String; an action that
// is none of the constants is Invalid.
func (a Action) MarshalText() ([]byte, error) {
	if int(a) >= len(actionNames) {
		return nil, fault.InvalidField("action", "oneof", "unknown action %d", uint8(a))
	}
	return []byte(a.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler; it reads what MarshalText writes.
func (a *Action) UnmarshalText(text []byte) error {
	at := slices.Index(actionNames, string(text))
	if at < 0 {
		return fault.InvalidField("action", "oneof", "unknown action %.40q; there are %s", text, strings.Join(actionNames, ", "))
	}
	*a = Action(at)
	return nil
}

// Rule says when two subjects are taken for the same, and what is done then (查重规则).
type Rule struct {
	Name string
	// Kind is which subjects it is for; empty means all. It is never for an
	// organisation and a person.
	Kind   Kind
	Action Action
	When   Condition
}

// Verdict is what the rules say about two subjects. The zero Verdict says that they
// are not the same.
type Verdict struct {
	Action Action `json:"action"`
	Rule   string `json:"rule,omitempty"` // its name
	// Reasons are the comparisons of the rule that agree, in its order, each once.
	Reasons []Reason `json:"reasons,omitempty"`
}

// Reason is one comparison that agrees. It holds no value of a subject, so that it may be
// shown to those who must not see the other one.
type Reason struct {
	Field Field `json:"field"`
	How   How   `json:"how"`
	// Score is from 0 to 1; it is 1 for what is equal.
	Score float64 `json:"score"`
	// Swapped is set where it was compared with the field's twin.
	Swapped bool `json:"swapped,omitempty"`
}

// How is the way in which a field agrees.
type How string

// The ways.
const (
	ByEqual      How = "equal"
	ByPrefix     How = "prefix"
	BySimilarity How = "similar"
)

// String returns a text such as "family similar 0.95" or "given equal, swapped".
func (r Reason) String() string {
	text := string(r.Field)
	switch {
	case r.How != BySimilarity:
		text += " " + string(r.How)
	case r.Score == 1:
		text += " equal"
	default:
		text += fmt.Sprintf(" similar %.2f", r.Score)
	}
	if r.Swapped {
		text += ", swapped"
	}
	return text
}

// String returns a text such as "warn, same name: name equal"; "" for no duplicate.
func (v Verdict) String() string {
	if v.Action == None {
		return ""
	}
	texts := make([]string, len(v.Reasons))
	for i, r := range v.Reasons {
		texts[i] = r.String()
	}
	return v.Action.String() + ", " + v.Rule + ": " + strings.Join(texts, "; ")
}

// judge returns the verdict of the rule that goes farthest; the first of equals.
func (m *Matcher) judge(a, b *form) (v Verdict) {
	if a.kind != b.kind {
		return v
	}
	p := pairOf(a, b)
	for i := range m.rules {
		r := &m.rules[i]
		if r.Action <= v.Action || r.Kind != "" && r.Kind != a.kind {
			continue
		}
		if reasons, holds := p.holds(r.When, nil); holds {
			v = Verdict{Action: r.Action, Rule: r.Name, Reasons: once(reasons)}
		}
	}
	return v
}

// once leaves out what two conditions of a rule have both found.
func once(reasons []Reason) []Reason {
	var out []Reason
	for _, r := range reasons {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
