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
