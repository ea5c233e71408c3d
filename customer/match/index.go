package match

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// index finds the subjects that share a key. They are known by their places in forms.
type index struct {
	forms  []*form
	window int
	// postings are all keys of all subjects, by key and subject; a block is those of
	// one key, where it has two and more.
	postings []posting
	blocks   []block
	// blocksOf are the blocks of each subject, as places in blocks.
	blocksOf [][]int32
	// orders are the large blocks by their places in blocks, sorted in each of the ways.
	orders map[int32]orders
}

type posting struct {
	key uint64
	at  int32
}

type block struct{ from, to int }

// orders are the members of a large block, sorted by name and by address.
type orders [len(ways)][]int32

// ways are the orders in which neighbours are sought.
var ways = [...]func(a, b *form) int{byName, byAddress}

func byName(a, b *form) int { return slices.Compare(a.names, b.names) }

func byAddress(a, b *form) int {
	return cmp.Or(cmp.Compare(a.street, b.street), cmp.Compare(a.number, b.number), cmp.Compare(a.place, b.place))
}

func newIndex(forms []*form, options ScanOptions) *index {
	x := &index{forms: forms, window: options.Window, blocksOf: make([][]int32, len(forms)), orders: map[int32]orders{}}
	for i, f := range forms {
		for _, key := range f.keys() {
			x.postings = append(x.postings, posting{numberOf(key), int32(i)})
		}
	}
	slices.SortFunc(x.postings, func(a, b posting) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at)) })
	for from := 0; from < len(x.postings); {
		to := from + 1
		for to < len(x.postings) && x.postings[to].key == x.postings[from].key {
			to++
		}
		if to-from > 1 {
			x.add(block{from, to}, options.MaxBlock)
		}
		from = to
	}
	return x
}

// numberOf stands for a key. Two keys with one number would only be compared for nothing.
func numberOf(k Key) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(string(k.Kind) + "\x00" + k.Value)) // a hash takes everything
	return h.Sum64()
}

func (x *index) add(b block, most int) {
	n := int32(len(x.blocks))
	x.blocks = append(x.blocks, b)
	members := x.postings[b.from:b.to]
	for _, p := range members {
		x.blocksOf[p.at] = append(x.blocksOf[p.at], n)
	}
	if len(members) <= most {
		return
	}
	var sorted orders
	for way := range ways {
		for _, p := range members {
			sorted[way] = append(sorted[way], p.at)
		}
		slices.SortFunc(sorted[way], func(a, b int32) int { return x.compare(way, a, b) })
	}
	x.orders[n] = sorted
}

func (x *index) compare(way int, a, b int32) int {
	return cmp.Or(ways[way](x.forms[a], x.forms[b]), cmp.Compare(a, b))
}

// others appends the subjects behind i that i is to be compared with, each once, in
// their order.
func (x *index) others(i int32, to []int32) []int32 {
	for _, n := range x.blocksOf[i] {
		large, found := x.orders[n]
		if !found {
			for _, p := range x.postings[x.blocks[n].from:x.blocks[n].to] {
				to = append(to, p.at)
			}
			continue
		}
		for way, members := range large {
			at, _ := slices.BinarySearchFunc(members, i, func(a, b int32) int { return x.compare(way, a, b) })
			to = append(to, members[max(0, at-x.window):min(len(members), at+x.window+1)]...)
		}
	}
	to = slices.DeleteFunc(to, func(j int32) bool { return j <= i })
	slices.Sort(to)
	return slices.Compact(to)
}

// largest returns the largest of the large blocks, by their size and key.
func (x *index) largest() []SharedKey {
	var list []SharedKey
	for n := range x.orders {
		b := x.blocks[n]
		first := x.postings[b.from]
		for _, key := range x.forms[first.at].keys() {
			if numberOf(key) == first.key {
				list = append(list, SharedKey{key, b.to - b.from})
			}
		}
	}
	slices.SortFunc(list, func(a, b SharedKey) int {
		return cmp.Or(cmp.Compare(b.Subjects, a.Subjects), cmp.Compare(a.Key.Kind, b.Key.Kind), cmp.Compare(a.Key.Value, b.Key.Value))
	})
	return list[:min(len(list), 100)]
}
