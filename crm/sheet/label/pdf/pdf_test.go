package pdf_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/crm/sheet/label/pdf"
	"github.com/kehucrm/kehu/storage/fault"
)

// wenkai is where Debian's package fonts-lxgw-wenkai puts a font with Chinese letters.
const wenkai = "/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf"

func chineseFont(t testing.TB) []byte {
	font, err := os.ReadFile(wenkai)
	if err != nil {
		t.Skip("no font to print Chinese with: install fonts-lxgw-wenkai")
	}
	return font
}

// contents returns what is drawn, page after page.
func contents(t testing.TB, file []byte) []string {
	var pages []string
	for {
		_, rest, found := bytes.Cut(file, []byte("stream\n"))
		if !found {
			return pages
		}
		stream, after, _ := bytes.Cut(rest, []byte("\nendstream"))
		file = after
		if r, err := zlib.NewReader(bytes.NewReader(stream)); err == nil {
			content, err := io.ReadAll(r)
			require.NoError(t, err)
			if bytes.Contains(content, []byte("BT")) {
				pages = append(pages, string(content))
			}
		}
	}
}

// shown is how a page draws a text: in UTF-16, as the font is asked for it.
func shown(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.Write([]byte{byte(u >> 8), byte(u)})
	}
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`).Replace(b.String()) + ") Tj"
}

func TestDocument(t *testing.T) {
	layout := label.A4(8, 3)
	layout.Skip = []int{1, 2}
	options := pdf.Options{Font: chineseFont(t), Title: "标签", Created: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}
	printed := func() []byte {
		doc, err := pdf.New(layout, options)
		require.NoError(t, err)
		require.ErrorIs(t, doc.Write(io.Discard), fault.ErrPrecondition)
		for i := range 23 {
			l := doc.Add(label.Address{Postcode: "518129", Address: "广东省深圳市龙岗区坂田街道华为基地", Name: "华为 (技术) 有限公司", Contact: "Jürgen Größe"}.Lines())
			require.NoError(t, l.Err)
			require.Equal(t, i/22+1, l.Sheet)
		}
		var b bytes.Buffer
		require.NoError(t, doc.Write(&b))
		require.ErrorIs(t, doc.Write(&b), fault.ErrPrecondition)
		require.ErrorIs(t, doc.Add([]string{"late"}).Err, fault.ErrPrecondition)
		return b.Bytes()
	}
	file := printed()
	require.True(t, bytes.HasPrefix(file, []byte("%PDF-")))
	require.Less(t, len(file), 100_000, "only the letters that are used")
	require.Equal(t, 2, strings.Count(string(file), "D:20260305000000"), "when it was made and changed")
	pages := contents(t, file)
	require.Len(t, pages, 2)
	for _, line := range []string{"518129", "广东省深圳市龙岗区坂田街道华为基地", "华为 (技术) 有限公司", "Jürgen Größe"} {
		require.Equal(t, 22, strings.Count(pages[0], shown(line)), line)
		require.Equal(t, 1, strings.Count(pages[1], shown(line)), line)
	}
	require.Equal(t, file, printed(), "the same labels are the same file")
}

// What the font does not have is shown by a sign, and told.
func TestMissingLetters(t *testing.T) {
	doc, err := pdf.New(label.A4(1, 1), pdf.Options{Font: chineseFont(t), Frames: true})
	require.NoError(t, err)
	l := doc.Add([]string{"𠮷野\u200b\uFE0F", "😀"})
	require.EqualError(t, l.Err, "invalid: lines: 2 characters that the font does not have")
	l = doc.Add(slices.Repeat([]string{"😀"}, 100))
	var e *fault.Error
	require.ErrorAs(t, l.Err, &e)
	require.Equal(t, []string{"overflow", "font"}, []string{e.Fields[0].Code, e.Fields[1].Code})
	require.ErrorIs(t, doc.Add(nil).Err, fault.ErrInvalid)
	var b bytes.Buffer
	require.NoError(t, doc.Write(&b))
	require.Contains(t, contents(t, b.Bytes())[0], shown("〓野"))
}

func TestNewFails(t *testing.T) {
	_, err := pdf.New(label.Layout{}, pdf.Options{})
	require.ErrorIs(t, err, fault.ErrInvalid)
	for name, font := range map[string][]byte{
		"none": nil, "text": []byte("no font at all"), "collection": []byte("ttcf\x00\x01\x00\x00"), "PostScript": []byte("OTTO\x00\x01\x00\x00"), "empty": []byte("\x00\x01\x00\x00\x00\x00"),
	} {
		_, err := pdf.New(label.A4(8, 3), pdf.Options{Font: font})
		require.ErrorIs(t, err, fault.ErrInvalid, name)
		require.Contains(t, err.Error(), "invalid: font: ", name)
	}
	font := chineseFont(t)
	for n := 1; n < len(font); n *= 4 {
		_, err := pdf.New(label.A4(8, 3), pdf.Options{Font: font[:n]})
		require.ErrorIs(t, err, fault.ErrInvalid)
	}
}

func TestWriteFails(t *testing.T) {
	doc, err := pdf.New(label.A4(8, 3), pdf.Options{Font: chineseFont(t)})
	require.NoError(t, err)
	doc.Add([]string{"x"})
	full := errors.New("disk full")
	err = doc.Write(failing{full})
	require.ErrorIs(t, err, full)
	require.EqualError(t, err, "internal: the labels cannot be written")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
