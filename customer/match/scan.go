package match

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/kehucrm/kehu/storage/fault"
)

// ScanOptions bound the work of a scan. Zero fields have the defaults.
type ScanOptions struct {
	// MaxSubjects is how many subjects are taken, one million by default: about one
	// gigabyte.
	MaxSubjects int
	// MaxBlock is how many subjects may share a key to be compared each with each, 50 by
	// default.
	MaxBlock int
	// Window is with how many neighbours a subject of a larger block is compared, 10 by
	// default.
	Window int
}

func (o ScanOptions) withDefaults() (ScanOptions, error) {
	if o.MaxSubjects < 0 || o.MaxBlock < 0 || o.Window < 0 {
		return o, fault.New(fault.Invalid, "the limits of a scan are not negative")
	}
	return ScanOptions{cmp.Or(o.MaxSubjects, 1_000_000), cmp.Or(o.MaxBlock, 50), cmp.Or(o.Window, 10)}, nil
}

// Scan is what a batch scan found (批量查重).
type Scan struct {
	// Subjects is how many were scanned, Compared how many pairs were judged.
	Subjects, Compared int
	// LargeBlocks is how many keys were shared by more than MaxBlock subjects, which
	// were compared with their neighbours only. Largest are the largest of them, the
	// largest first, at most one hundred.
	LargeBlocks int
	Largest     []SharedKey

	matcher *Matcher
	forms   []*form
	edges   []edge // by a and b
	in      clusters
}

// SharedKey is a key and the number of subjects that share it.
type SharedKey struct {
	Key      Key
	Subjects int
}

// Cluster is subjects that are the same, directly or through others.
type Cluster struct {
	Members []string // their IDs, in order
	Edges   []Edge   // between two of them, by A and B
}

// Edge is two subjects that the rules take for the same, and why.
type Edge struct {
	A, B    string // IDs, A before B
	Verdict Verdict
}

// edge is an Edge by the places of its subjects. Its verdict is found again when it is
// wanted, which takes less than to keep it.
type edge struct{ a, b int32 }

// Scan compares all subjects that share a key and returns those that the rules take for
// the same. The result does not depend on the order of the subjects. Reading them, an
// error ends the scan and is returned, as is the context's; it returns Invalid for an
// empty ID, one that comes twice, and more subjects than MaxSubjects.
//
// Where at most MaxBlock subjects share a key, each is compared with each. A larger block
// is sorted, once by name and once by address, and each subject is compared with the
// Window that follow it (sorted neighbourhood, Hernández and Stolfo 1995); the result
// says so. No pair is judged twice. So a subject is compared with at most MaxKeys times
// MaxBlock others, or four times Window where that is more, however many there are.
//
// The subjects are read once. Memory: a subject takes half a kilobyte to one in normal form, which
// the result holds, and 20 bytes for each key while the scan runs; a pair that was found
// takes eight bytes.
func (m *Matcher) Scan(ctx context.Context, subjects iter.Seq2[Subject, error], options ScanOptions) (*Scan, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	forms, err := m.read(ctx, subjects, options.MaxSubjects)
	if err != nil {
		return nil, err
	}
	index := newIndex(forms, options)
	s := &Scan{Subjects: len(forms), LargeBlocks: len(index.orders), Largest: index.largest(), matcher: m, forms: forms, in: newClusters(len(forms))}
	var others []int32
	for i := range int32(len(forms)) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		others = index.others(i, others[:0])
		s.Compared += len(others)
		for _, j := range others {
			if m.judge(forms[i], forms[j]).Action != None {
				s.edges = append(s.edges, edge{i, j})
				s.in.unite(i, j)
			}
		}
	}
	s.in.settle()
	return s, nil
}

// read returns the subjects in normal form, ordered by their IDs.
func (m *Matcher) read(ctx context.Context, subjects iter.Seq2[Subject, error], most int) ([]*form, error) {
	var forms []*form
	for subject, err := range subjects {
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case subject.ID == "":
			return nil, fault.InvalidField("id", "required", "a subject of a scan has an id")
		case len(forms) == most:
			return nil, fault.New(fault.Invalid, "a scan takes at most %d subjects", most)
		}
		forms = append(forms, m.form(&subject))
	}
	slices.SortFunc(forms, func(a, b *form) int { return cmp.Compare(a.id, b.id) })
	for i := 1; i < len(forms); i++ {
		if forms[i].id == forms[i-1].id {
			return nil, fault.InvalidField("id", "unique", "two subjects of a scan have the same id")
		}
	}
	return forms, nil
}

// Clusters yields the clusters of two and more, in the order of their first member.
func (s *Scan) Clusters() iter.Seq[Cluster] {
	return func(yield func(Cluster) bool) {
		for _, members := range s.in.groups() {
			c := Cluster{Members: make([]string, len(members))}
			for i, at := range members {
				c.Members[i] = s.forms[at].id
				from, _ := slices.BinarySearchFunc(s.edges, at, func(e edge, at int32) int { return cmp.Compare(e.a, at) })
				for _, e := range s.edges[from:] {
					if e.a != at {
						break
					}
					a, b := s.forms[e.a], s.forms[e.b]
					c.Edges = append(c.Edges, Edge{a.id, b.id, s.matcher.judge(a, b)})
				}
			}
			if !yield(c) {
				return
			}
		}
	}
}
