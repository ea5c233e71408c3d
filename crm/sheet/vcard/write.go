package vcard

import (
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kehucrm/kehu/storage/fault"
)

// Write writes a card in version 3.0 with one call of w.Write: in UTF-8, with lines
// folded at 75 bytes. A card without any name is Invalid, and so is one with a text
// that is no valid UTF-8; Line, Err and Version are not looked at. Control characters
// other than the ends of lines and tabs become U+FFFD. A failure of w is Internal.
//
// Several cards in a file are written one after the other.
func Write(w io.Writer, c Card) error {
	if strings.TrimSpace(c.DisplayName()) == "" {
		return fault.InvalidField("formatted_name", "required", "a card needs a name")
	}
	e := encoder{}
	e.card(c)
	if e.invalid {
		return fault.New(fault.Invalid, "a card's text is no valid UTF-8")
	}
	if _, err := io.WriteString(w, e.String()); err != nil {
		return &fault.Error{Code: fault.Internal, Message: "the card cannot be written", Err: err}
	}
	return nil
}

// encoder writes the lines of a card.
type encoder struct {
	strings.Builder
	labels  int
	invalid bool // a text was no valid UTF-8
}

func (e *encoder) card(c Card) {
	e.line("BEGIN:VCARD")
	e.line("VERSION:3.0")
	e.line("FN:" + escape(c.DisplayName()))
	n := c.Name
	e.line("N:" + structured(n.Family, n.Given, n.Additional, n.Prefix, n.Suffix))
	e.list("NICKNAME", c.Nicknames)
	if c.Organization != "" || len(c.Units) > 0 {
		e.line("ORG:" + structured(append([]string{c.Organization}, c.Units...)...))
	}
	e.text("TITLE", c.Title)
	e.text("ROLE", c.Role)
	for _, v := range c.Phones {
		e.typed("TEL", escape(v.Value), v.Types, v.Preferred)
	}
	for _, v := range c.Emails {
		e.typed("EMAIL", escape(v.Value), v.Types, v.Preferred)
	}
	for _, a := range c.Addresses {
		e.typed("ADR", structured(a.Box, a.Extended, a.Street, a.City, a.Region, a.Postcode, a.Country), a.Types, a.Preferred)
	}
	for _, v := range c.URLs {
		e.typed("URL", uriEscapes.Replace(v.Value), v.Types, v.Preferred)
	}
	e.text("BDAY", c.Birthday)
	e.text("NOTE", c.Note)
	e.list("CATEGORIES", c.Categories)
	for _, p := range c.Photos {
		e.photo(p)
	}
	e.text("UID", c.UID)
	for _, p := range c.Other {
		e.other(p)
	}
	e.line("END:VCARD")
}

func (e *encoder) text(name, value string) {
	if value != "" {
		e.line(name + ":" + escape(value))
	}
}

func (e *encoder) list(name string, values []string) {
	escaped := make([]string, len(values))
	for i, v := range values {
		escaped[i] = escape(v)
	}
	if len(values) > 0 {
		e.line(name + ":" + strings.Join(escaped, ","))
	}
}

// typed writes a value with its types. A person's own word stands in a line of its
// own, in the way of Apple's address book, which others read as well.
func (e *encoder) typed(name, value string, types []string, preferred bool) {
	var tokens, words []string
	for _, t := range types {
		if isToken(t) && t == strings.ToLower(t) {
			tokens = append(tokens, t)
		} else {
			words = append(words, t)
		}
	}
	if preferred {
		tokens = append(tokens, "pref")
	}
	group := ""
	if len(words) > 0 {
		e.labels++
		group = fmt.Sprintf("label%d.", e.labels)
	}
	params := ""
	if len(tokens) > 0 {
		params = ";TYPE=" + strings.Join(tokens, ",")
	}
	e.line(group + name + params + ":" + value)
	if len(words) > 0 {
		e.line(group + "X-ABLabel:" + escape(strings.Join(words, ", ")))
	}
}

func (e *encoder) photo(p Photo) {
	kind, isImage := strings.CutPrefix(p.Type, "image/")
	params := ""
	if isImage && isToken(kind) {
		params = ";TYPE=" + strings.ToUpper(kind)
	}
	if len(p.Data) > 0 {
		e.line("PHOTO;ENCODING=b" + params + ":" + base64.StdEncoding.EncodeToString(p.Data))
	} else if p.URL != "" {
		e.line("PHOTO;VALUE=uri" + params + ":" + uriEscapes.Replace(p.URL))
	}
}

// other writes a property as it was read; one with a name that is none is left out, and
// so is what would begin or end a card.
func (e *encoder) other(p Property) {
	name := strings.ToUpper(p.Name)
	if !isToken(p.Name) || slices.Contains([]string{"BEGIN", "END", "VERSION"}, name) {
		return
	}
	var b strings.Builder
	if isToken(p.Group) {
		b.WriteString(p.Group + ".")
	}
	b.WriteString(name)
	for _, param := range p.Params {
		if !isToken(param.Name) {
			continue
		}
		values := make([]string, len(param.Values))
		for i, v := range param.Values {
			values[i] = quoteParam(v)
		}
		b.WriteString(";" + strings.ToUpper(param.Name) + "=" + strings.Join(values, ","))
	}
	e.line(b.String() + ":" + lineBreaks.Replace(p.Value))
}

// quoteParam writes a parameter's value as RFC 6868 and RFC 2426 have it.
func quoteParam(v string) string {
	if isToken(v) {
		return v
	}
	return `"` + strings.NewReplacer("^", "^^", "\r\n", "^n", "\n", "^n", "\r", "^n", `"`, "^'").Replace(v) + `"`
}

var (
	lineBreaks  = strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\n`)
	uriEscapes  = strings.NewReplacer(`\`, `\\`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)
	textEscapes = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)
)

func escape(s string) string { return textEscapes.Replace(s) }

func structured(parts ...string) string {
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return strings.Join(parts, ";")
}

// line writes a line, folded between characters so that no part has more than 75 bytes.
func (e *encoder) line(s string) {
	e.invalid = e.invalid || !utf8.ValidString(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7F {
			return utf8.RuneError
		}
		return r
	}, s)
	for room := 75; len(s) > room; room = 74 {
		n := room
		for n > room-utf8.UTFMax && !utf8.RuneStart(s[n]) {
			n--
		}
		_, _ = e.WriteString(s[:n] + "\r\n ")
		s = s[n:]
	}
	_, _ = e.WriteString(s + "\r\n")
}
