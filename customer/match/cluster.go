package match

// clusters are disjoint sets of places (union-find with path halving); the root of a set
// is its smallest member.
type clusters []int32

func newClusters(n int) clusters {
	c := make(clusters, n)
	for i := range c {
		c[i] = int32(i)
	}
	return c
}

func (c clusters) root(i int32) int32 {
	for c[i] != i {
		c[i] = c[c[i]]
		i = c[i]
	}
	return i
}

func (c clusters) unite(i, j int32) {
	i, j = c.root(i), c.root(j)
	c[max(i, j)] = min(i, j)
}

// settle lets every member know its root.
func (c clusters) settle() {
	for i := range c {
		c[i] = c.root(int32(i))
	}
}

// groups returns the sets of two and more, by their first member, each in order, when
// they are settled.
func (c clusters) groups() [][]int32 {
	groups := make([][]int32, len(c))
	for i, root := range c {
		groups[root] = append(groups[root], int32(i))
	}
	out := groups[:0]
	for _, g := range groups {
		if len(g) > 1 {
			out = append(out, g)
		}
	}
	return out
}
