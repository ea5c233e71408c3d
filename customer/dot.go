package customer

import (
	"strconv"
	"strings"
	"unicode"
)

// dot collects the lines of a graph for Graphviz.
type dot struct {
	lines  strings.Builder
	indent string
	// groups counts the clusters.
	groups int
}

// node draws a box with lines of text; attributes are given as they stand in DOT.
func (d *dot) node(id string, lines []string, attributes ...string) {
	d.line(quoted(id) + labelled(lines, attributes))
}

// edge draws an arrow.
func (d *dot) edge(from, to string, lines []string, attributes ...string) {
	d.line(quoted(from) + " -> " + quoted(to) + labelled(lines, attributes))
}

// group draws a frame around what draw draws.
func (d *dot) group(label string, draw func()) {
	d.line("subgraph cluster_" + strconv.Itoa(d.groups) + " {")
	d.groups++
	d.indent += "\t"
	d.line("label=" + quoted(label))
	draw()
	d.indent = d.indent[1:]
	d.line("}")
}

func (d *dot) line(text string) { d.lines.WriteString("\t" + d.indent + text + "\n") }

// String returns the graph under a name.
func (d *dot) String(name string) string {
	return "digraph " + quoted(name) + " {\n\tnode [shape=box]\n" + d.lines.String() + "}\n"
}

func labelled(lines, attributes []string) string {
	return " [" + strings.Join(append([]string{"label=" + quoted(lines...)}, attributes...), ", ") + "]"
}

// quoted returns lines as a text that DOT shows letter by letter: it knows quotes, escapes
// that begin with a backslash, and entities of HTML.
func quoted(lines ...string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`)
	shown := make([]string, len(lines))
	for i, line := range lines {
		shown[i] = escape.Replace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, line))
	}
	return `"` + strings.Join(shown, `\n`) + `"`
}
