package match

import "slices"

// Matcher finds out which subjects are the same. It does not change and is safe for
// concurrent use.
type Matcher struct {
	rules   []Rule
	options Options
}

// Options are what a Matcher needs besides its rules.
type Options struct {
	// Phones turns telephone numbers into one form; nil is Digits.
	Phones PhoneNormaliser
	// Region is where numbers without country code are dialled, as two letters; empty
	// when unknown.
	Region string
}

// New returns a Matcher. It returns Invalid, naming all offences, for rules that
// Validate refuses.
func New(rules []Rule, options Options) (*Matcher, error) {
	if err := Validate(rules); err != nil {
		return nil, err
	}
	if options.Phones == nil {
		options.Phones = Digits{}
	}
	return &Matcher{slices.Clone(rules), options}, nil
}

// Judge compares two subjects. The order of the two makes no difference. An
// organisation and a person are never the same.
func (m *Matcher) Judge(a, b Subject) Verdict { return m.judge(m.form(&a), m.form(&b)) }

// Blocks reports whether one of the rules blocks what it finds.
func (m *Matcher) Blocks() bool {
	return slices.ContainsFunc(m.rules, func(r Rule) bool { return r.Action == Block })
}
