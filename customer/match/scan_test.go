package match_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/fault"
)

// clustersOf returns the clusters of a scan.
func clustersOf(s *match.Scan) []match.Cluster { return slices.Collect(s.Clusters()) }

func TestScanOfNothing(t *testing.T) {
	s := scan(t, defaults(t), nil)
	require.Zero(t, s.Subjects)
	require.Empty(t, clustersOf(s))
	s = scan(t, defaults(t), []match.Subject{{ID: "1"}, {ID: "2"}, {ID: "3", Kind: match.Person}})
	require.Equal(t, 3, s.Subjects)
	require.Zero(t, s.Compared)
	require.Empty(t, clustersOf(s))
}

// One that is like two others holds them together; a cluster of one is none.
func TestClusters(t *testing.T) {
	list := []match.Subject{
		{ID: "d", Names: []string{"Delta"}},
		{ID: "b", Names: []string{"Beta"}, Phones: []string{"222-3333"}},
		{ID: "c", Names: []string{"Gamma"}, Phones: []string{"222-3333"}, Emails: []string{"x@gamma.example"}},
		{ID: "e", Names: []string{"Epsilon"}},
		{ID: "a", Names: []string{"Alpha"}, Emails: []string{"x@gamma.example"}},
		{ID: "f", Names: []string{"Delta Inc."}},
	}
	m := matcher(t,
		match.Rule{Name: "name", Action: match.Warn, When: match.Equal{Field: match.Name}},
		match.Rule{Name: "reach", Action: match.Report, When: match.Or{match.Equal{Field: match.Phone}, match.Equal{Field: match.Email}}})
	reason := func(action match.Action, rule string, field match.Field) match.Verdict {
		return match.Verdict{Action: action, Rule: rule, Reasons: []match.Reason{{Field: field, How: match.ByEqual, Score: 1}}}
	}
	s := scan(t, m, list)
	want := []match.Cluster{
		{Members: []string{"a", "b", "c"}, Edges: []match.Edge{{A: "a", B: "c", Verdict: reason(match.Report, "reach", match.Email)}, {A: "b", B: "c", Verdict: reason(match.Report, "reach", match.Phone)}}},
		{Members: []string{"d", "f"}, Edges: []match.Edge{{A: "d", B: "f", Verdict: reason(match.Warn, "name", match.Name)}}},
	}
	require.Equal(t, want, clustersOf(s))
	for c := range s.Clusters() {
		require.Equal(t, want[0], c)
		break // whoever has seen enough may stop, and begin again
	}
	require.Equal(t, want, clustersOf(s))
}

// Clusters grow together in any way, and come in the order of their first member.
func TestClustersGrowTogether(t *testing.T) {
	mail := func(id string, addresses ...string) match.Subject {
		return match.Subject{ID: id, Emails: addresses}
	}
	m := matcher(t, match.Rule{Name: "mail", Action: match.Warn, When: match.Equal{Field: match.Email}})
	members := func(list ...match.Subject) (all [][]string) {
		for c := range scan(t, m, list).Clusters() {
			all = append(all, c.Members)
		}
		return all
	}
	require.Equal(t, [][]string{{"a", "b", "c", "d"}}, members(mail("a", "1@x.example"), mail("b", "2@x.example"), mail("c", "2@x.example", "3@x.example"), mail("d", "1@x.example", "3@x.example")))
	require.Equal(t, [][]string{{"a", "d"}, {"b", "c"}}, members(mail("c", "2@x.example"), mail("a", "1@x.example"), mail("d", "1@x.example"), mail("b", "2@x.example")))
}

// The result does not depend on the order of the subjects, clusters are disjoint and
// hold together, and every edge says what Judge says. Blocks are large here and there.
func TestScanProperties(t *testing.T) {
	m := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		list := people(rapid.IntRange(0, 60).Draw(t, "people"), rapid.Uint64().Draw(t, "seed"))
		options := match.ScanOptions{MaxBlock: rapid.IntRange(1, 20).Draw(t, "block"), Window: rapid.IntRange(1, 3).Draw(t, "window")}
		if rapid.Bool().Draw(t, "one town") {
			for i := range list {
				list[i].Address.City, list[i].Address.Place = "town", "place"
			}
		}
		s, err := m.Scan(t.Context(), each(list), options)
		require.NoError(t, err)
		clusters := clustersOf(s)

		shuffled, err := m.Scan(t.Context(), each(rapid.Permutation(list).Draw(t, "order")), options)
		require.NoError(t, err)
		require.Equal(t, clusters, clustersOf(shuffled))
		require.Equal(t, s.Compared, shuffled.Compared)
		require.Equal(t, s.Largest, shuffled.Largest)

		byID := map[string]match.Subject{}
		for _, subject := range list {
			byID[subject.ID] = subject
		}
		seen, before := map[string]bool{}, ""
		for _, c := range clusters {
			requireCluster(t, m, c, byID)
			require.Less(t, before, c.Members[0])
			before = c.Members[0]
			for _, id := range c.Members {
				require.False(t, seen[id], "%s is in two clusters", id)
				seen[id] = true
			}
		}
	})
}

func requireCluster(t require.TestingT, m *match.Matcher, c match.Cluster, byID map[string]match.Subject) {
	require.GreaterOrEqual(t, len(c.Members), 2)
	require.True(t, slices.IsSorted(c.Members))
	reached := map[string]bool{c.Members[0]: true}
	for range c.Members {
		for _, e := range c.Edges {
			if reached[e.A] || reached[e.B] {
				reached[e.A], reached[e.B] = true, true
			}
		}
	}
	require.Len(t, reached, len(c.Members), "the edges hold the cluster together")
	for i, e := range c.Edges {
		require.Less(t, e.A, e.B)
		require.Contains(t, c.Members, e.A)
		require.Contains(t, c.Members, e.B)
		require.Equal(t, m.Judge(byID[e.A], byID[e.B]), e.Verdict)
		if i > 0 {
			require.Less(t, c.Edges[i-1].A+" "+c.Edges[i-1].B, e.A+" "+e.B)
		}
	}
}

// With small blocks a scan finds every pair that shares a key and fulfils a rule: what
// a check of each subject against the store would find.
func TestScanIsComplete(t *testing.T) {
	m, list := defaults(t), people(300, 7)
	found := map[string]bool{}
	for c := range scan(t, m, list).Clusters() {
		for _, e := range c.Edges {
			found[e.A+" "+e.B] = true
		}
	}
	keys := map[string][]match.Key{}
	for _, s := range list {
		keys[s.ID] = m.Keys(s)
	}
	pairs := 0
	for _, a := range list {
		for _, b := range list {
			if a.ID >= b.ID {
				continue
			}
			shared := slices.ContainsFunc(keys[a.ID], func(k match.Key) bool { return slices.Contains(keys[b.ID], k) })
			want := shared && m.Judge(a, b).Action != match.None
			require.Equal(t, want, found[a.ID+" "+b.ID], "%v\n%v", a, b)
			if want {
				pairs++
			}
		}
	}
	require.Greater(t, pairs, 50)
}

// A block beyond the bound is told of, and neighbours are found nevertheless: those by
// name and those by address, whichever comes first in the list.
func TestLargeBlock(t *testing.T) {
	const n = 1000
	list := make([]match.Subject, n)
	for i := range list {
		// All share a phone. Two each have nearly one name or one street, and stand far
		// apart in the list; in every order one is right before the other.
		same, other, given := fmt.Sprint(i%(n/2)), fmt.Sprint(i*7919%n), "given"
		if i >= n/2 {
			given = "givem"
		}
		list[i] = match.Subject{ID: fmt.Sprintf("%04d", i), Kind: match.Person, Phones: []string{"0755-28780808"}}
		if i%2 == 0 {
			list[i].Given, list[i].Family, list[i].Address.Street = given+same, "family"+same, "street"+other
		} else {
			list[i].Given, list[i].Family, list[i].Address.Street = "given"+other, "family"+other, "s"+same+given
		}
	}
	m := matcher(t, match.Rule{Name: "r", Action: match.Warn, When: match.Or{
		match.And{match.Equal{Field: match.Family}, match.Equal{Field: match.Phone}},
		match.And{match.Similar{Field: match.Street, Min: 0.9}, match.Equal{Field: match.Phone}},
	}})
	found := map[string]bool{}
	s := scan(t, m, list)
	for c := range s.Clusters() {
		for _, e := range c.Edges {
			found[e.A+" "+e.B] = true
		}
	}
	for i := range n / 2 {
		require.True(t, found[fmt.Sprintf("%04d %04d", i, i+n/2)], i)
	}
	require.Equal(t, 2, s.LargeBlocks)
	require.Equal(t, []match.SharedKey{{Key: match.Key{Kind: match.KeyNameStart, Value: "fam|giv"}, Subjects: n}, {Key: match.Key{Kind: match.KeyPhone, Value: "075528780808"}, Subjects: n}}, s.Largest)
	require.Less(t, s.Compared, n*2*20)
}

// What is the same three thousand times is one cluster, and takes no square of the time.
func TestAllTheSame(t *testing.T) {
	list := make([]match.Subject, 3000)
	for i := range list {
		d := dice(1)
		list[i] = d.person(0)
		list[i].ID = fmt.Sprint(i)
	}
	s := scan(t, defaults(t), list)
	clusters := clustersOf(s)
	require.Len(t, clusters, 1)
	require.Len(t, clusters[0].Members, len(list))
	require.Less(t, s.Compared, 11*len(list))
}

// Large are blocks beyond the bound; all are counted, and the hundred largest are named.
func TestLargestBlocks(t *testing.T) {
	var list []match.Subject
	for i := range 400 {
		for j := range 3 + i%2 {
			list = append(list, match.Subject{ID: fmt.Sprintf("%d/%d", i, j), Phones: []string{fmt.Sprint(100000 + i)}})
		}
	}
	s, err := defaults(t).Scan(t.Context(), each(list), match.ScanOptions{MaxBlock: 3, Window: 1})
	require.NoError(t, err)
	require.Equal(t, 200, s.LargeBlocks)
	require.Len(t, s.Largest, 100)
	require.Equal(t, match.SharedKey{Key: match.Key{Kind: match.KeyPhone, Value: "100001"}, Subjects: 4}, s.Largest[0])
	require.Len(t, clustersOf(s), 400)
}

func TestScanThatCannotBeDone(t *testing.T) {
	m := defaults(t)
	for name, c := range map[string]struct {
		list    []match.Subject
		options match.ScanOptions
		want    string
	}{
		"no id":    {[]match.Subject{{ID: "1"}, {}}, match.ScanOptions{}, "a subject of a scan has an id"},
		"one id":   {[]match.Subject{{ID: "1"}, {ID: "2"}, {ID: "1"}}, match.ScanOptions{}, "two subjects of a scan have the same id"},
		"too many": {[]match.Subject{{ID: "1"}, {ID: "2"}}, match.ScanOptions{MaxSubjects: 1}, "a scan takes at most 1 subjects"},
		"subjects": {nil, match.ScanOptions{MaxSubjects: -1}, "the limits of a scan are not negative"},
		"block":    {nil, match.ScanOptions{MaxBlock: -1}, "the limits of a scan are not negative"},
		"window":   {nil, match.ScanOptions{Window: -1}, "the limits of a scan are not negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := m.Scan(t.Context(), each(c.list), c.options)
			require.ErrorIs(t, err, fault.ErrInvalid)
			require.ErrorContains(t, err, c.want)
		})
	}
	lost := errors.New("the database has gone")
	_, err := m.Scan(t.Context(), func(yield func(match.Subject, error) bool) {
		_ = yield(match.Subject{ID: "1"}, nil) && yield(match.Subject{}, lost)
	}, match.ScanOptions{})
	require.ErrorIs(t, err, lost)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = m.Scan(ctx, each([]match.Subject{{ID: "1"}}), match.ScanOptions{})
	require.ErrorIs(t, err, context.Canceled)
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	_, err = m.Scan(ctx, func(yield func(match.Subject, error) bool) {
		_ = yield(match.Subject{ID: "1"}, nil)
		cancel() // when all has been read
	}, match.ScanOptions{})
	require.ErrorIs(t, err, context.Canceled)
}

// Made-up persons are found, although a third of them are copies of copies, with several
// slips in each; the real lists are kinder.
func TestScanQuality(t *testing.T) {
	list := people(3000, 42)
	byCluster, byRule := measure(list, scan(t, defaults(t), list))
	t.Logf("pairs in one cluster: %+v, pairs that a rule found: %+v", byCluster, byRule)
	require.GreaterOrEqual(t, byCluster.precision, 0.995)
	require.GreaterOrEqual(t, byCluster.recall, 0.92)
	require.GreaterOrEqual(t, byRule.precision, 0.995)
	require.GreaterOrEqual(t, byRule.recall, 0.85)
}
