package text

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// window is how many bytes are looked at before an encoding is chosen.
const window = 64 << 10

// Named returns the encoding that a file or a person calls so: "gbk", "Big5",
// "ISO-8859-1" (which stands for windows-1252, as in browsers). It is nil for
// UTF-8, and for ASCII, which is part of it; ok is false for a name that nobody uses.
func Named(charset string) (enc encoding.Encoding, ok bool) {
	charset = strings.ToLower(strings.TrimSpace(charset))
	if charset == "us-ascii" || charset == "ascii" {
		return nil, true
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, false
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "utf-8":
		return nil, true
	case "gbk", "gb2312":
		return simplifiedchinese.GB18030, true // holds them both
	case "replacement", "x-user-defined":
		return nil, false
	}
	return enc, true
}

// Guess returns the encoding of text that is not in UTF-16: nil for UTF-8,
// GB18030, or windows-1252. The end of b may cut a character in two.
//
// What is no valid UTF-8 is taken for Chinese when most bytes beyond ASCII stand in
// pairs that GB2312 knows, and for a western language otherwise, where such bytes
// mostly stand alone.
func Guess(b []byte) encoding.Encoding {
	if utf8.Valid(trimPartial(b)) {
		return nil
	}
	pairs, others := 0, 0
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] < utf8.RuneSelf:
		case i+1 == len(b):
		case isGB2312(b[i], b[i+1]):
			pairs++
			i++
		default:
			others++
		}
	}
	if pairs > others {
		return simplifiedchinese.GB18030
	}
	return charmap.Windows1252
}

// isGB2312 reports whether two bytes are a character of GB2312: rows 1 to 9 hold
// punctuation and foreign letters, rows 16 to 87 the Chinese ones.
func isGB2312(lead, trail byte) bool {
	return trail >= 0xA1 && trail <= 0xFE && (lead >= 0xA1 && lead <= 0xA9 || lead >= 0xB0 && lead <= 0xF7)
}

// trimPartial leaves out a character at the end of which bytes are still to come.
func trimPartial(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// Decode returns b in UTF-8; ok is false when b is no text in the encoding, and the
// text has U+FFFD where it is not. A nil encoding is UTF-8.
func Decode(b []byte, enc encoding.Encoding) (decoded string, ok bool) {
	if enc != nil {
		b, _, _ = transform.Bytes(strict{enc.NewDecoder()}, b)
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), utf8.Valid(b)
}

// strict is a decoder whose output is no valid UTF-8 where its input is no text:
// U+FFFD in its place could not be told from one that somebody has written.
type strict struct{ transform.Transformer }

func (s strict) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	nDst, nSrc, err = s.Transformer.Transform(dst, src, atEOF)
	const replacement = "\uFFFD"
	out := dst[:0]
	for rest := dst[:nDst]; len(rest) > 0; {
		i := bytes.Index(rest, []byte(replacement))
		if i < 0 {
			out = append(out, rest...)
			break
		}
		out = append(append(out, rest[:i]...), 0xFF)
		rest = rest[i+len(replacement):]
	}
	return len(out), nSrc, err
}

// Unicode returns what r holds in UTF-8, and true, when r begins with a byte order
// mark or is plainly UTF-16 without one, and r's bytes as they stand otherwise. The
// mark is not part of what is returned.
func Unicode(r io.Reader) (decoded io.Reader, ok bool) {
	br := bufio.NewReaderSize(r, window)
	if decoded, ok := marked(br); ok {
		return decoded, true
	}
	head, _ := br.Peek(window) // what fails here fails again when it is read
	order, ok := utf16Order(head)
	if !ok {
		return br, false
	}
	return decoder(br, unicode.UTF16(order, unicode.IgnoreBOM)), true
}

// marked returns what a reader holds in UTF-8 when it begins with a byte order mark.
func marked(br *bufio.Reader) (decoded io.Reader, ok bool) {
	head, _ := br.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, _ = br.Discard(3)
		return br, true
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return decoder(br, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)), true
	}
	return br, false
}

func decoder(r io.Reader, enc encoding.Encoding) io.Reader {
	return transform.NewReader(r, strict{enc.NewDecoder()})
}

// utf16Order finds UTF-16 by its zero bytes: the upper halves of digits, separators
// and line ends, which stand at even places or at odd ones. Half of western text is
// such bytes, and five in a hundred is less than any list or card has.
func utf16Order(head []byte) (order unicode.Endianness, ok bool) {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch n := zeros[0] + zeros[1]; {
	case len(head) < 2 || n*20 < len(head):
		return unicode.BigEndian, false
	case zeros[0]*10 > n*9:
		return unicode.BigEndian, true
	case zeros[1]*10 > n*9:
		return unicode.LittleEndian, true
	}
	return unicode.BigEndian, false
}

// UTF8 returns what r holds in UTF-8. With a charset, that is what r is in, unless it
// begins with a byte order mark; when charset is "", it is found: as [Unicode] does,
// then, at the first byte beyond ASCII, as [Guess] does by what follows there. Where
// bytes are no text in the encoding, what is returned is no valid UTF-8. It returns
// false for a charset that is not known.
func UTF8(r io.Reader, charset string) (io.Reader, bool) {
	if charset == "" {
		decoded, sure := Unicode(r)
		if !sure {
			decoded = &guesser{r: bufio.NewReaderSize(decoded, window)}
		}
		return decoded, true
	}
	enc, ok := Named(charset)
	if !ok {
		return nil, false
	}
	br := bufio.NewReaderSize(r, window)
	decoded, isMarked := marked(br)
	if !isMarked && enc != nil {
		decoded = decoder(br, enc)
	}
	return decoded, true
}

// guesser reads ASCII until there is something to guess an encoding by.
type guesser struct {
	r       *bufio.Reader
	decided io.Reader
}

func (g *guesser) Read(p []byte) (int, error) {
	if g.decided != nil {
		return g.decided.Read(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if _, err := g.r.Peek(1); err != nil {
		return 0, err
	}
	ahead, _ := g.r.Peek(g.r.Buffered())
	n := 0
	for n < len(ahead) && ahead[n] < utf8.RuneSelf {
		n++
	}
	if n > 0 {
		return g.r.Read(p[:min(n, len(p))])
	}
	ahead, _ = g.r.Peek(window)
	g.decided = g.r
	if enc := Guess(ahead); enc != nil {
		g.decided = decoder(g.r, enc)
	}
	return g.decided.Read(p)
}
