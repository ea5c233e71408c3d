package match

import "slices"

// Hit is what a store of keys finds under one key: the IDs of up to MaxHits+1 subjects.
type Hit struct {
	Key Key
	IDs []string
}

// Candidates returns the IDs of the subjects that are worth judging, each once and in
// order, and the keys that were dropped because they are heuristic and have more than
// MaxHits subjects: what so many share says nothing about any of them. Of another key
// with more, the first MaxHits are taken. So a check loads at most MaxKeys times MaxHits
// subjects, however many there are.
func Candidates(hits []Hit) (ids []string, dropped []Key) {
	for _, h := range hits {
		if len(h.IDs) > MaxHits && h.Key.Kind.Heuristic() {
			dropped = append(dropped, h.Key)
			continue
		}
		ids = append(ids, h.IDs[:min(len(h.IDs), MaxHits)]...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), dropped
}
