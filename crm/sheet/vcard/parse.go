package vcard

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/internal/text"
	"github.com/kehucrm/kehu/storage/fault"
)

// parser makes a card of its lines.
type parser struct {
	file    string
	unicode bool              // the lines are UTF-8 for sure
	guess   encoding.Encoding // of values that name no charset
	labels  map[string]string // by group, a person's own word for its value, if any
	card    Card
}

// most is how many problems of one card are told.
const most = 10

// problemf adds one to the card's error.
func (p *parser) problemf(number int, property, code, format string, args ...any) {
	e := sheet.At(p.file, number, property, code, format, args...)
	if all, ok := errors.AsType[*fault.Error](p.card.Err); ok {
		if len(all.Fields) < most {
			all.Fields = append(all.Fields, e.Fields...)
			all.Message += "; " + strings.TrimPrefix(e.Message, p.file+", ")
		}
		return
	}
	p.card.Err = e
}

func (p *parser) parse(lines []text.Line) {
	properties := unfold(lines)
	p.prepare(properties)
	for _, l := range properties {
		switch _, labelled := p.labels[l.Group]; {
		case l.broken:
			p.problemf(l.number, "", "property", "a line that is no property")
		case l.Name == "X-ABLABEL" && labelled:
		default:
			if l, ok := p.decode(l); ok {
				p.add(l)
			}
		}
	}
}

// prepare looks at the properties together: at the encoding of those that don't say,
// and at the labels of groups whose property can hold one.
func (p *parser) prepare(properties []line) {
	var sample []byte
	p.labels = map[string]string{}
	for _, l := range properties {
		if l.encoding() == "" && l.param("CHARSET") == "" {
			sample = append(sample, l.Value...)
		}
		if l.Group != "" && slices.Contains([]string{"TEL", "EMAIL", "ADR", "URL"}, l.Name) {
			p.labels[l.Group] = ""
		}
	}
	if !p.unicode {
		p.guess = text.Guess(sample)
	}
	for _, l := range properties {
		if _, labelled := p.labels[l.Group]; labelled && l.Name == "X-ABLABEL" {
			if l, ok := p.decode(l); ok {
				p.labels[l.Group] = label(l.Text())
			}
		}
	}
}

// label returns the word that stands in a label of Apple's: the name of a standard one
// is in brackets, as in _$!<HomePage>!$_.
func label(s string) string {
	if inner, ok := strings.CutPrefix(s, "_$!<"); ok {
		return strings.ToLower(strings.TrimSuffix(inner, ">!$_"))
	}
	return s
}

// decode returns a property with its value and its parameters as text. What said how a
// value was encoded is taken away, but from a picture and the like, whose value stays
// in base64. Bytes that are no text are told, and U+FFFD. It is false, and told, when
// there is nothing to be had.
func (p *parser) decode(l line) (line, bool) {
	encoding := l.encoding()
	if encoding == "B" {
		l.Value = strings.Join(strings.Fields(l.Value), "")
	}
	raw := []byte(l.Value)
	switch {
	case encoding == "Q":
		raw = unquote(l.Value)
	case encoding == "B" && !isBinary(l.Name):
		var ok bool
		if raw, ok = fromBase64(l.Value); !ok {
			p.problemf(l.number, l.Name, "base64", "no base64")
			return l, false
		}
	}
	value, ok := text.Decode(raw, p.charset(l, raw))
	if !ok && utf8.Valid(raw) {
		value, ok = string(raw), true // the charset is not what it says
	}
	l.Value = strings.TrimSpace(lineEnds.Replace(value))
	var params []Param
	for _, param := range l.Params {
		if param.Name == "CHARSET" || param.Name == "ENCODING" && !isBinary(l.Name) {
			continue
		}
		values := slices.Clone(param.Values)
		for i, v := range values {
			var valid bool
			values[i], valid = text.Decode([]byte(v), p.guess)
			ok = ok && valid
		}
		params = append(params, Param{Name: param.Name, Values: values})
	}
	l.Params = params
	if !ok {
		p.problemf(l.number, l.Name, "encoding", "bytes that are no text")
	}
	return l, true
}

// lineEnds make LF of every line end in a value.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// charset returns the encoding of a value.
func (p *parser) charset(l line, raw []byte) encoding.Encoding {
	encoded := l.encoding() != ""
	if p.unicode && !encoded {
		return nil
	}
	if name := l.param("CHARSET"); name != "" {
		if enc, ok := text.Named(name); ok {
			return enc
		}
		p.problemf(l.number, l.Name, "charset", "a charset that is not known")
	}
	if encoded {
		return text.Guess(raw)
	}
	return p.guess
}

// isBinary reports whether a property's value in base64 is no text.
func isBinary(name string) bool {
	return slices.Contains([]string{"PHOTO", "LOGO", "SOUND", "KEY"}, name)
}

// unquote decodes quoted-printable without its line breaks. An = that begins no code
// is left as it is.
func unquote(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if high, low := hex(s[i+1]), hex(s[i+2]); high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func hex(c byte) int { return strings.IndexByte("0123456789ABCDEF", upper(c)) }

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// fromBase64 decodes base64 with or without its padding.
func fromBase64(s string) ([]byte, bool) {
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	return b, err == nil
}
