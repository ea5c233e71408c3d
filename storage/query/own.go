package query

import "slices"

// Own reports whether a resolved condition asks for fields of the record alone, and for
// nothing of other records. A nil one does.
func Own(e Expr) bool {
	switch e := e.(type) {
	case And:
		return !slices.ContainsFunc(e, func(part Expr) bool { return !Own(part) })
	case Or:
		return !slices.ContainsFunc(e, func(part Expr) bool { return !Own(part) })
	case Not:
		return Own(e.Expr)
	case Cmp:
		return len(e.Path.Hops) == 0
	case OneOf:
		return len(e.Path.Hops) == 0
	case IsNull:
		return len(e.Path.Hops) == 0
	case Match:
		return len(e.Path.Hops) == 0
	}
	return e == nil
}

// Values returns how many values a condition compares records with, also those of other
// records. A nil one has none.
func Values(e Expr) int {
	n := 0
	switch e := e.(type) {
	case And:
		for _, part := range e {
			n += Values(part)
		}
	case Or:
		return Values(And(e))
	case Not:
		return Values(e.Expr)
	case Exists:
		return Values(e.Where)
	case Cmp, Match:
		return 1
	case OneOf:
		return len(e.Values)
	}
	return n
}
