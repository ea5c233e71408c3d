package text

import (
	"bufio"
	"bytes"
	"io"
)

// Line is a line of a file without its end.
type Line struct {
	Number int // from 1
	Text   string
	Long   bool // Text is the beginning only: the rest was more than fits
}

// Lines reads lines that end with LF, CR LF or CR.
type Lines struct {
	r      *bufio.Reader
	limit  int
	number int
	buf    []byte
}

// NewLines returns a reader of r's lines that keeps limit bytes of each.
func NewLines(r io.Reader, limit int) *Lines {
	return &Lines{r: bufio.NewReaderSize(r, window), limit: limit}
}

// Next returns the next line, io.EOF after the last one, or the error of the reader.
// A file that ends with a line's end has no empty line after it.
func (l *Lines) Next() (Line, error) {
	l.number++
	line := Line{Number: l.number}
	l.buf = l.buf[:0]
	for begun := false; ; begun = true {
		if _, err := l.r.Peek(1); err != nil {
			if err == io.EOF && begun {
				break
			}
			return Line{}, err
		}
		ahead, _ := l.r.Peek(l.r.Buffered())
		n, found := lineEnd(ahead)
		if room := l.limit - len(l.buf); n > room {
			line.Long = true
			l.buf = append(l.buf, ahead[:room]...)
		} else {
			l.buf = append(l.buf, ahead[:n]...)
		}
		_, _ = l.r.Discard(n)
		if found {
			l.discardEnd()
			break
		}
	}
	line.Text = string(l.buf)
	return line, nil
}

func lineEnd(b []byte) (n int, found bool) {
	n = bytes.IndexByte(b, '\n')
	if n < 0 {
		n = len(b)
	}
	if cr := bytes.IndexByte(b[:n], '\r'); cr >= 0 {
		n = cr
	}
	return n, n < len(b)
}

// discardEnd reads over the end of a line: also over the one with a CR too many, which
// is left where a program translated line ends twice.
func (l *Lines) discardEnd() {
	if c, _ := l.r.ReadByte(); c == '\n' {
		return
	}
	for _, rest := range []string{"\n", "\r\n"} {
		if next, _ := l.r.Peek(len(rest)); string(next) == rest {
			_, _ = l.r.Discard(len(rest))
			return
		}
	}
}
