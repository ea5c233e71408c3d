package text_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet/internal/text"
)

func TestNamed(t *testing.T) {
	for name, want := range map[string]encoding.Encoding{
		"utf-8": nil, "UTF8": nil, "us-ascii": nil, "ASCII": nil, "GBK": simplifiedchinese.GB18030,
		"gb2312": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030, "ISO-8859-1": charmap.Windows1252,
	} {
		enc, ok := text.Named(name)
		require.True(t, ok, name)
		require.Equal(t, want, enc, name)
	}
	for _, name := range []string{"", "klingon", "utf-7", "x-user-defined", "iso-2022-kr"} {
		_, ok := text.Named(name)
		require.False(t, ok, name)
	}
}

func TestGuess(t *testing.T) {
	gbk := func(s string) string {
		b, err := simplifiedchinese.GBK.NewEncoder().String(s)
		require.NoError(t, err)
		return b
	}
	latin := func(s string) string {
		b, err := charmap.Windows1252.NewEncoder().String(s)
		require.NoError(t, err)
		return b
	}
	for _, c := range []struct {
		name, bytes string
		want        encoding.Encoding
	}{
		{"ASCII", "abc", nil},
		{"nothing", "", nil},
		{"UTF-8", "客户", nil},
		{"UTF-8, cut in a character", "客户"[:5], nil},
		{"Chinese", gbk("客户名称"), simplifiedchinese.GB18030},
		{"Chinese, cut in a character", gbk("客户")[:3], simplifiedchinese.GB18030},
		{"Chinese with rare letters", gbk("陶喆和朱镕基"), simplifiedchinese.GB18030},
		{"German", latin("Müller & Söhne, Größe"), charmap.Windows1252},
		{"French", latin("créée à Genève, le déjà vu"), charmap.Windows1252},
		{"quotes of Word", latin("“Größe” – €5"), charmap.Windows1252},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, text.Guess([]byte(c.bytes))) })
	}
}

func TestDecode(t *testing.T) {
	s, ok := text.Decode([]byte("\xBF\xCD\xBB\xA7"), simplifiedchinese.GB18030)
	require.True(t, ok)
	require.Equal(t, "客户", s)
	s, ok = text.Decode([]byte("a\x81 \xFFb"), simplifiedchinese.GB18030)
	require.False(t, ok)
	require.Contains(t, s, "\uFFFD")
	s, ok = text.Decode([]byte("a\uFFFDb"), nil)
	require.True(t, ok, "somebody wrote it")
	require.Equal(t, "a\uFFFDb", s)
	s, ok = text.Decode([]byte("a\xFFb"), nil)
	require.False(t, ok)
	require.Equal(t, "a\uFFFDb", s)
}

func lines(t testing.TB, r io.Reader, limit int) []text.Line {
	var out []text.Line
	for l := text.NewLines(r, limit); ; {
		line, err := l.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, line)
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		file string
		want []text.Line
	}{
		{"", nil},
		{"\n", []text.Line{{Number: 1}}},
		{"a", []text.Line{{Number: 1, Text: "a"}}},
		{"a\nb\r\nc\rd\r\r\ne\n", []text.Line{{Number: 1, Text: "a"}, {Number: 2, Text: "b"}, {Number: 3, Text: "c"}, {Number: 4, Text: "d"}, {Number: 5, Text: "e"}}},
		{"\r\r\r", []text.Line{{Number: 1}, {Number: 2}, {Number: 3}}},
		{"12345\n123456\n1", []text.Line{{Number: 1, Text: "12345"}, {Number: 2, Text: "12345", Long: true}, {Number: 3, Text: "1"}}},
	} {
		require.Equal(t, c.want, lines(t, strings.NewReader(c.file), 5), "%q", c.file)
		require.Equal(t, c.want, lines(t, iotest.OneByteReader(strings.NewReader(c.file)), 5), "%q", c.file)
	}
	long := strings.Repeat("x", 200_000)
	require.Equal(t, []text.Line{{Number: 1, Text: long}, {Number: 2, Text: "y"}}, lines(t, strings.NewReader(long+"\r\ny"), 1<<20))

	broken := errors.New("wire cut")
	_, err := text.NewLines(io.MultiReader(strings.NewReader("half a li"), iotest.ErrReader(broken)), 5).Next()
	require.ErrorIs(t, err, broken)
}

// What is read does not depend on how the reader beneath hands it over, and it is
// text, unless the encoding says that it is none.
func TestUTF8Properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.OneOf(
			rapid.SliceOf(rapid.Byte()),
			rapid.SliceOf(rapid.SampledFrom([]byte("ab\n\xBF\xCD\xBB\xA7\xE5\xAE\x00\xFF\xFE"))),
		).Draw(t, "file")
		charset := rapid.SampledFrom([]string{"", "gbk", "utf-8", "big5", "utf-16le"}).Draw(t, "charset")
		var all [3][]byte
		for i, r := range []io.Reader{bytes.NewReader(file), iotest.OneByteReader(bytes.NewReader(file)), iotest.DataErrReader(bytes.NewReader(file))} {
			decoded, ok := text.UTF8(r, charset)
			require.True(t, ok)
			var err error
			all[i], err = io.ReadAll(decoded)
			require.NoError(t, err)
		}
		require.Equal(t, all[0], all[1])
		require.Equal(t, all[0], all[2])
	})
}
