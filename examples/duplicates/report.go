package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/kehucrm/kehu/customer/match"
)

// table is text in columns.
type table [][]string

func (t table) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range t {
		line := make([]string, len(cells))
		for i, cell := range cells {
			line[i] = strings.Join(strings.Fields(cell), " ") // a tab in a value begins no column
		}
		fmt.Fprintln(out, "  "+strings.Join(line, "\t"))
	}
	fmt.Fprintln(out) // tables stand apart
	return out.Flush()
}

// printClusters prints the first clusters: who is in them, and what holds them together.
func printClusters(w io.Writer, scan *match.Scan, list []person, show int) error {
	byID := map[string]person{}
	for _, p := range list {
		byID[p.id] = p
	}
	n := 0
	for c := range scan.Clusters() {
		if n++; show >= 0 && n > show {
			continue
		}
		fmt.Fprintf(w, "Cluster %d\n\n", n)
		t := table{{"Record", "Given name", "Surname", "Address", "Born"}}
		for _, id := range c.Members {
			p := byID[id]
			t = append(t, []string{p.id, p.given, p.surname, address(p), p.birth})
		}
		if err := t.print(w); err != nil {
			return err
		}
		why := table{{"Record", "is", "Because", "Reasons"}}
		for _, e := range c.Edges {
			why = append(why, []string{e.A, e.B, e.Verdict.Rule, reasons(e.Verdict)})
		}
		if err := why.print(w); err != nil {
			return err
		}
	}
	if show >= 0 && n > show {
		fmt.Fprintf(w, "… and %d clusters more\n\n", n-show)
	}
	return nil
}

func address(p person) string {
	var parts []string
	for _, part := range []string{strings.TrimSpace(p.number + " " + p.line1), p.line2, p.suburb, strings.TrimSpace(p.postcode + " " + p.state)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func reasons(v match.Verdict) string {
	texts := make([]string, len(v.Reasons))
	for i, r := range v.Reasons {
		texts[i] = r.String()
	}
	return strings.Join(texts, "; ")
}

// measure counts the clusters and the pairs that a scan found, and how many of them
// are true, when that is known.
func measure(scan *match.Scan, truth pairs) []string {
	clusters := 0
	var inCluster, byRule tally
	for c := range scan.Clusters() {
		clusters++
		for i, a := range c.Members {
			for _, b := range c.Members[:i] {
				inCluster.add(truth.has(a, b))
			}
		}
		for _, e := range c.Edges {
			byRule.add(truth.has(e.A, e.B))
		}
	}
	return append(append([]string{count(clusters)}, inCluster.cells(truth)...), byRule.cells(truth)...)
}

// tally counts pairs that were found.
type tally struct{ found, right int }

func (t *tally) add(right bool) {
	t.found++
	if right {
		t.right++
	}
}

// cells returns the number of pairs, precision and recall.
func (t tally) cells(truth pairs) []string {
	return []string{count(t.found), share(t.right, t.found, truth), share(t.right, len(truth), truth)}
}

func count(n int) string { return strconv.Itoa(n) }

// share shows a ratio; one over nothing, or of what is not known, is no number.
func share(n, of int, truth pairs) string {
	if of == 0 || truth == nil {
		return "-"
	}
	return strconv.FormatFloat(float64(n)/float64(of), 'f', 4, 64)
}
