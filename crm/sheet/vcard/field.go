package vcard

import (
	"slices"
	"strings"
	"time"
)

// add puts a property into the card's fields, or among the others.
func (p *parser) add(l line) {
	c := &p.card
	switch l.Name {
	case "BEGIN", "END":
	case "VERSION":
		c.Version = l.Text()
	case "FN":
		p.set(&c.FormattedName, l)
	case "N":
		p.name(l)
	case "NICKNAME":
		c.Nicknames = append(c.Nicknames, nonEmpty(split(l.Value, ',')...)...)
	case "ORG":
		p.organization(l)
	case "TITLE":
		p.set(&c.Title, l)
	case "ROLE":
		p.set(&c.Role, l)
	case "UID":
		p.set(&c.UID, l)
	case "TEL":
		c.Phones = p.value(c.Phones, l, "tel:")
	case "EMAIL":
		c.Emails = p.value(c.Emails, l, "mailto:")
	case "URL":
		c.URLs = p.value(c.URLs, l, "")
	case "ADR":
		p.address(l)
	case "BDAY":
		l.Value = day(strings.TrimSpace(l.Text()), l.param("X-APPLE-OMIT-YEAR"))
		p.set(&c.Birthday, l)
	case "NOTE":
		c.Note = strings.Join(nonEmpty(c.Note, l.Text()), "\n\n")
	case "CATEGORIES":
		c.Categories = append(c.Categories, nonEmpty(split(l.Value, ',')...)...)
	case "PHOTO":
		p.photo(l)
	default:
		p.other(l)
	}
}

// other keeps a property that has no place of its own, if it says something.
func (p *parser) other(l line) {
	if l.Value == "" {
		return
	}
	l.Value = lineBreaks.Replace(l.Value)
	p.card.Other = append(p.card.Other, l.Property)
}

// set sets a field of which a card has one; a second value is another property.
func (p *parser) set(field *string, l line) {
	switch value := strings.TrimSpace(l.Text()); {
	case value == "":
	case *field != "":
		p.other(l)
	default:
		*field = value
	}
}

func (p *parser) name(l line) {
	parts := parts(l.Value, 5)
	name := Name{Family: parts[0], Given: parts[1], Additional: parts[2], Prefix: parts[3], Suffix: parts[4]}
	switch {
	case name == Name{}:
	case p.card.Name != Name{}:
		p.other(l)
	default:
		p.card.Name = name
	}
}

func (p *parser) organization(l line) {
	parts := nonEmpty(split(l.Value, ';')...)
	switch {
	case len(parts) == 0:
	case p.card.Organization != "":
		p.other(l)
	default:
		p.card.Organization, p.card.Units = parts[0], nonEmpty(parts[1:]...)
	}
}

func (p *parser) value(values []Value, l line, scheme string) []Value {
	value := strings.TrimSpace(l.Text())
	if len(value) >= len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	}
	if value == "" {
		return values
	}
	types, preferred := p.types(l)
	return append(values, Value{Value: value, Types: types, Preferred: preferred})
}

func (p *parser) address(l line) {
	parts := parts(l.Value, 7)
	a := Address{
		Box: parts[0], Extended: parts[1], Street: parts[2], City: parts[3],
		Region: parts[4], Postcode: parts[5], Country: parts[6],
	}
	if strings.Join(parts, "") == "" {
		return
	}
	a.Types, a.Preferred = p.types(l)
	p.card.Addresses = append(p.card.Addresses, a)
}

// types returns what a value is for: its types in small letters, and the word of the
// person who made the card. "internet" says nothing of an e-mail address.
func (p *parser) types(l line) (types []string, preferred bool) {
	for _, param := range l.Params {
		for _, v := range param.Values {
			switch param.Name {
			case "PREF":
				preferred = preferred || v == "1"
			case "TYPE":
				for t := range strings.SplitSeq(strings.ToLower(v), ",") {
					if t = strings.TrimSpace(t); t == "pref" {
						preferred = true
					} else if t != "" && t != "internet" && !slices.Contains(types, t) {
						types = append(types, t)
					}
				}
			}
		}
	}
	if word := p.labels[l.Group]; word != "" && !slices.Contains(types, word) {
		types = append(types, word)
	}
	return types, preferred
}

func (p *parser) photo(l line) {
	photo := Photo{Type: mediaType(l.param("MEDIATYPE"), l.param("TYPE"))}
	value := l.Value
	if media, data, ok := dataURL(value); ok {
		photo.Type, value = mediaType(media), data
	} else if l.encoding() != "B" {
		photo.URL = strings.TrimSpace(l.Text())
		if photo.URL != "" {
			p.card.Photos = append(p.card.Photos, photo)
		}
		return
	}
	var ok bool
	if photo.Data, ok = fromBase64(value); !ok {
		p.problemf(l.number, l.Name, "base64", "no base64")
		return
	}
	if len(photo.Data) > 0 {
		p.card.Photos = append(p.card.Photos, photo)
	}
}

// dataURL takes a data URL in base64 apart (RFC 2397).
func dataURL(value string) (media, data string, ok bool) {
	if len(value) < 5 || !strings.EqualFold(value[:5], "data:") {
		return "", "", false
	}
	media, data, ok = strings.Cut(unescape(value[5:]), ",")
	media, base64 := strings.CutSuffix(media, ";base64")
	return media, data, ok && base64
}

// mediaType returns the first media type that is given, in small letters: "JPEG" is one
// of a picture. A type that nobody else knows is none.
func mediaType(given ...string) string {
	for _, t := range given {
		t = strings.ToLower(t)
		switch t {
		case "":
		case "jpg":
			return "image/jpeg"
		case "jpeg", "png", "gif", "bmp", "tiff", "webp":
			return "image/" + t
		default:
			if strings.Contains(t, "/") {
				return t
			}
		}
	}
	return ""
}

// day returns a date as 1970-04-14, without its time of day, and as --04-14 when it has
// no year or one that stands for none; what is no date stays as it is.
func day(value, noYear string) string {
	for _, layout := range []string{
		"2006-01-02", "20060102", "2006-1-2", "2006/1/2",
		"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "20060102T150405", "20060102T150405Z0700",
	} {
		if t, err := time.Parse(layout, value); err == nil && t.Format("2006") != noYear {
			return t.Format("2006-01-02")
		} else if err == nil {
			return t.Format("--01-02")
		}
	}
	for _, layout := range []string{"--0102", "--01-02"} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.Format("--01-02")
		}
	}
	return value
}

// parts returns the first n parts of a value. What some programs write behind them says
// the same once more: a whole address as its label, a name in the parts of RFC 9554.
func parts(value string, n int) []string {
	all := split(value, ';')
	for len(all) < n {
		all = append(all, "")
	}
	return all[:n]
}
