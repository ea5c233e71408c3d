package vcard

import (
	"slices"
	"strings"

	"github.com/kehucrm/kehu/crm/sheet/internal/text"
)

// line is a property as it stands in a file: unfolded, and in the file's bytes.
type line struct {
	number int
	Property
	broken bool // it has no name
}

// unfold puts the lines of a card together to properties.
func unfold(lines []text.Line) []line {
	var out []line
	for i := 0; i < len(lines); {
		l := line{number: lines[i].Number}
		start := lines[i].Text
		for i++; i < len(lines) && indexOutside(start, ':') < 0 && isFolded(lines[i].Text); i++ {
			start += lines[i].Text[1:]
		}
		if isEmpty(start) {
			continue
		}
		var body string
		l.Property, body, l.broken = head(start)
		parts := []string{body}
		for ; i < len(lines) && goesOn(parts[len(parts)-1], lines[i].Text, l.encoding()); i++ {
			parts = append(parts, lines[i].Text)
		}
		l.Value = join(parts, l.encoding())
		out = append(out, l)
	}
	return out
}

func isFolded(s string) bool { return strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t") }

// isSoft reports whether a part of a quoted-printable value ends in a soft line break.
func isSoft(part string) bool { return strings.HasSuffix(strings.TrimRight(part, " \t"), "=") }

// goesOn reports whether a line goes on with the value of which part is the last part.
// Without an indent it does behind a soft line break, and when it can be nothing but
// more of a picture.
func goesOn(part, next, encoding string) bool {
	switch {
	case isFolded(next):
		return true
	case encoding == "Q":
		return isSoft(part)
	case encoding == "B":
		return next != "" && !strings.ContainsFunc(next, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/' && r != '='
		})
	}
	return false
}

// join returns the value that stands in several lines.
//
// The space at the beginning of a line belongs to the folding; behind a soft line break
// it belongs to the text (RFC 2045, 6.7). There are programs that fold what they have
// broken softly before: with them, all lines of a value begin with such a space.
func join(parts []string, encoding string) string {
	if len(parts) == 1 && encoding != "Q" {
		return parts[0]
	}
	foldedTwice := true
	for i, part := range parts[1:] {
		foldedTwice = foldedTwice && isFolded(part) || !isSoft(parts[i])
	}
	var b strings.Builder
	soft := false
	for i, part := range parts {
		if i > 0 && isFolded(part) && (!soft || foldedTwice) {
			part = part[1:]
		}
		if soft = encoding == "Q" && isSoft(part); soft {
			part = strings.TrimSuffix(strings.TrimRight(part, " \t"), "=")
		}
		b.WriteString(part)
	}
	return b.String()
}

// head takes a property's name and parameters from its first line, and returns what
// comes behind the colon. It is broken when there is no name or no colon.
func head(s string) (p Property, body string, broken bool) {
	colon := indexOutside(s, ':')
	if colon < 0 {
		colon = strings.IndexByte(s, ':') // a quote is never closed
	}
	if colon < 0 {
		return Property{}, s, true
	}
	parts := splitOutside(s[:colon], ';')
	name := strings.TrimSpace(parts[0])
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		p.Group, name = name[:dot], name[dot+1:]
	}
	p.Name = strings.ToUpper(name)
	if !isToken(p.Name) || p.Group != "" && !isToken(p.Group) {
		return Property{}, s, true
	}
	for _, part := range parts[1:] {
		if param, ok := parseParam(part); ok {
			p.Params = append(p.Params, param)
		}
	}
	return p, s[colon+1:], false
}

// parseParam takes a parameter apart. What has no name is a type, or an encoding, as in
// version 2.1.
func parseParam(s string) (Param, bool) {
	name, value, named := strings.Cut(s, "=")
	name = strings.ToUpper(strings.TrimSpace(name))
	switch {
	case name == "":
		return Param{}, false
	case named:
		param := Param{Name: name}
		for _, v := range splitOutside(value, ',') {
			param.Values = append(param.Values, unquoteParam(strings.TrimSpace(v)))
		}
		return param, isToken(name)
	case slices.Contains([]string{"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"}, name):
		return Param{Name: "ENCODING", Values: []string{name}}, true
	}
	return Param{Name: "TYPE", Values: []string{strings.TrimSpace(s)}}, true
}

// paramSigns are what RFC 6868 writes within a parameter.
var paramSigns = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")

func unquoteParam(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	return paramSigns.Replace(s)
}

// isToken reports whether s can be the name of a property, a parameter or a group.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// indexOutside returns the first place of a byte that is not within quotes, or -1.
func indexOutside(s string, c byte) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == c && !quoted:
			return i
		}
	}
	return -1
}

func splitOutside(s string, c byte) []string {
	var parts []string
	for {
		i := indexOutside(s, c)
		if i < 0 {
			return append(parts, s)
		}
		parts = append(parts, s[:i])
		s = s[i+1:]
	}
}

// param returns the first value of a parameter, "" when there is none.
func (p Property) param(name string) string {
	for _, param := range p.Params {
		if param.Name == name && len(param.Values) > 0 {
			return param.Values[0]
		}
	}
	return ""
}

// encoding returns "Q" for a value in quoted-printable, "B" for one in base64, else "".
func (p Property) encoding() string {
	switch strings.ToUpper(p.param("ENCODING")) {
	case "QUOTED-PRINTABLE", "Q":
		return "Q"
	case "BASE64", "B":
		return "B"
	}
	return ""
}

// unescape returns a value without its escapes.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			switch c := s[i+1]; c {
			case 'n', 'N':
				b.WriteByte('\n')
				i++
				continue
			case '\\', ',', ';', ':':
				b.WriteByte(c)
				i++
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// split returns the parts of a value between separators that are not escaped, each
// without its escapes and without space around it.
func split(value string, separator byte) []string {
	var parts []string
	start := 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i == len(value) || value[i] == separator:
			parts = append(parts, strings.TrimSpace(unescape(value[start:i])))
			start = i + 1
		case value[i] == '\\':
			i = min(i+1, len(value)-1)
		}
	}
	return parts
}
