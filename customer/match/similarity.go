package match

// JaroWinkler says how alike two short texts are, from 0 to 1: names, where a letter
// was mistyped or two were exchanged. It is the similarity of Jaro (1989) with the
// bonus that Winkler (1990) gives to a common beginning: 0.1 for each of its first
// four characters. It counts characters and not bytes, is the same in both
// directions, 1 for equal texts and 0 where one is empty.
func JaroWinkler(a, b string) float64 {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	}
	var bufA, bufB [64]rune
	var usedA, usedB [64]bool
	x, y := runes(bufA[:0], a), runes(bufB[:0], b)
	inX, inY := flags(usedA[:], len(x)), flags(usedB[:], len(y))
	matches := float64(matchNear(x, y, inX, inY))
	if matches == 0 {
		return 0
	}
	moved, j := 0.0, 0
	for i, r := range x {
		if !inX[i] {
			continue
		}
		for !inY[j] {
			j++
		}
		if r != y[j] {
			moved++
		}
		j++
	}
	jaro := (matches/float64(len(x)) + matches/float64(len(y)) + (matches-moved/2)/matches) / 3
	prefix := 0
	for prefix < min(4, len(x), len(y)) && x[prefix] == y[prefix] {
		prefix++
	}
	return jaro + 0.1*float64(prefix)*(1-jaro)
}

// matchNear marks the characters that both texts have at about the same place, and
// returns how many they are.
func matchNear(x, y []rune, inX, inY []bool) (matches int) {
	window := max(len(x), len(y))/2 - 1
	for i, r := range x {
		for j := max(0, i-window); j < min(len(y), i+window+1); j++ {
			if !inY[j] && r == y[j] {
				inX[i], inY[j] = true, true
				matches++
				break
			}
		}
	}
	return matches
}

// Dice says how alike two longer texts are, from 0 to 1: twice the number of pairs of
// neighbouring characters that they share over the number they have (Dice 1945). The
// order of words hardly matters to it. It is the same in both directions, 1 for equal
// texts and 0 where one is empty.
func Dice(a, b string) float64 {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	}
	var bufA, bufB [64]rune
	x, y := runes(bufA[:0], a), runes(bufB[:0], b)
	if len(x) < 2 || len(y) < 2 {
		return 0
	}
	var used [64]bool
	taken := flags(used[:], len(y)-1)
	shared := 0
	for i := range len(x) - 1 {
		for j := range len(y) - 1 {
			if !taken[j] && x[i] == y[j] && x[i+1] == y[j+1] {
				taken[j] = true
				shared++
				break
			}
		}
	}
	return 2 * float64(shared) / float64(len(x)+len(y)-2)
}

// Edit says how alike two codes or numbers are, from 0 to 1: one less the share of
// characters that were mistyped, left out, added, or exchanged with their neighbour
// (the optimal string alignment distance over the longer length). It is the same in both
// directions, 1 for equal texts and 0 where one is empty.
func Edit(a, b string) float64 {
	switch {
	case a == "" || b == "":
		return 0
	case a == b:
		return 1
	}
	var bufA, bufB [64]rune
	x, y := runes(bufA[:0], a), runes(bufB[:0], b)
	var rows [3][65]int
	before, above, row := counts(rows[0][:], len(y)+1), counts(rows[1][:], len(y)+1), counts(rows[2][:], len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			change := above[j]
			if x[i] != y[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return 1 - float64(above[len(y)])/float64(max(len(x), len(y)))
}

// runes, flags and counts use a buffer of the caller's stack where it is large enough.

func runes(buf []rune, s string) []rune {
	for _, r := range s {
		buf = append(buf, r)
	}
	return buf
}

func flags(buf []bool, n int) []bool {
	if n > len(buf) {
		return make([]bool, n)
	}
	return buf[:n]
}

func counts(buf []int, n int) []int {
	if n > len(buf) {
		return make([]int, n)
	}
	return buf[:n]
}
