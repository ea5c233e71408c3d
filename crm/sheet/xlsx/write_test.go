package xlsx_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/xlsx"
	"github.com/kehucrm/kehu/storage/fault"
)

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	sink := xlsx.Write(&b, xlsx.Format{Sheet: "客户"})
	require.NoError(t, sink.Header([]sheet.Column{{Name: "=name"}, {Name: "n", Kind: sheet.Number}, {Name: "d", Kind: sheet.Date}, {Name: "t", Kind: sheet.Time}}))
	lines := [][]string{
		{"=1+1", "-12.50", "2026-03-05", "2026-03-05 14:30:59"},
		{"+86 755", "1234567890123456", "1899-12-31", "0001-01-01 00:00:00"},
		{"010010", "=1+1", "tomorrow", "2026-03-05"},
		{"", "", "", ""},
		{"a\nb", "1e5", "1900-03-01", "9999-12-31 23:59:59"},
	}
	for _, line := range lines {
		require.NoError(t, sink.Write(line))
	}
	require.NoError(t, sink.Close())

	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, []string{"客户"}, f.GetSheetList())
	for cell, want := range map[string]excelize.CellType{
		"A1": excelize.CellTypeInlineString, "A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeUnset, "D2": excelize.CellTypeUnset,
		"A3": excelize.CellTypeInlineString, "B3": excelize.CellTypeInlineString, "C3": excelize.CellTypeInlineString, "D3": excelize.CellTypeInlineString,
		"B4": excelize.CellTypeInlineString, "C4": excelize.CellTypeInlineString, "D4": excelize.CellTypeInlineString, "C6": excelize.CellTypeUnset, "D6": excelize.CellTypeUnset,
	} {
		got, err := f.GetCellType("客户", cell)
		require.NoError(t, err)
		require.Equal(t, want, got, cell)
		formula, err := f.GetCellFormula("客户", cell)
		require.NoError(t, err)
		require.Empty(t, formula, cell)
	}
	require.NoError(t, f.Close())

	got, bad, end := read(t, b.Bytes(), xlsx.Options{})
	require.NoError(t, end)
	require.Empty(t, bad)
	lines[0][1] = "-12.5"
	require.Equal(t, append(lines[:3:3], lines[4]), got)
}

func TestWriteFails(t *testing.T) {
	var b bytes.Buffer
	for _, name := range []string{"a/b", "'a", strings.Repeat("客", 32)} {
		err := xlsx.Write(&b, xlsx.Format{Sheet: name}).Header([]sheet.Column{{Name: "a"}})
		require.EqualError(t, err, "invalid: sheet: no name of a sheet", name)
	}
	require.ErrorIs(t, xlsx.Write(&b, xlsx.Format{}).Header(make([]sheet.Column, 20_000)), fault.ErrInvalid)
	require.ErrorIs(t, xlsx.Write(&b, xlsx.Format{}).Header([]sheet.Column{{Name: strings.Repeat("x", 40_000)}}), fault.ErrInvalid)

	sink := xlsx.Write(&b, xlsx.Format{})
	require.NoError(t, sink.Header([]sheet.Column{{Name: "a"}, {Name: "b"}}))
	require.EqualError(t, sink.Write([]string{"", strings.Repeat("客", sheet.MaxCell+1)}), "invalid: b: longer than 32767 characters")
	require.NoError(t, sink.Write([]string{"1", strings.Repeat("客", sheet.MaxCell)}))
	require.NoError(t, sink.Close())
	lines, _, end := read(t, b.Bytes(), xlsx.Options{})
	require.NoError(t, end)
	require.Len(t, lines, 1, "what could not be written is left out")
	require.Len(t, []rune(lines[0][1]), sheet.MaxCell)

	full := errors.New("disk full")
	sink = xlsx.Write(failing{full}, xlsx.Format{})
	require.NoError(t, sink.Header([]sheet.Column{{Name: "a"}}))
	require.ErrorIs(t, sink.Close(), full)

	b.Reset()
	require.NoError(t, xlsx.Write(&b, xlsx.Format{}).Close())
	_, _, err := read(t, b.Bytes(), xlsx.Options{})
	require.EqualError(t, err, "invalid: workbook: no names of columns", "a list without a header is empty")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A large list is kept in a file meanwhile, which is gone in the end.
func TestWriteUnpacked(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	sink := xlsx.Write(&b, xlsx.Format{TempDir: dir})
	require.NoError(t, sink.Header([]sheet.Column{{Name: "a"}}))
	for range 1000 {
		require.NoError(t, sink.Write([]string{strings.Repeat("long ", 4000)}))
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.NoError(t, sink.Close())
	files, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

// What is written comes back: text as it was, numbers with the same value.
func TestComesBack(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=1", "_x000D_", "\r\n", " ", "1E+20", "<&>", "𠮷", "007", "TRUE", "'"})).
		Filter(func(s string) bool { return !strings.ContainsFunc(s, notXML) && !strings.HasPrefix(s, "#") })
	number := rapid.Custom(func(t *rapid.T) string {
		return decimal.New(rapid.Int64().Draw(t, "unscaled"), -rapid.Int32Range(0, 18).Draw(t, "scale")).String()
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []string {
			return []string{"x" + text.Draw(t, "text"), number.Draw(t, "number")}
		}), 0, 5).Draw(t, "lines")
		var b bytes.Buffer
		sink := xlsx.Write(&b, xlsx.Format{})
		require.NoError(t, sink.Header([]sheet.Column{{Name: "text"}, {Name: "number", Kind: sheet.Number}}))
		for _, line := range lines {
			require.NoError(t, sink.Write(line))
		}
		require.NoError(t, sink.Close())
		src, err := xlsx.Read(&b, xlsx.Options{})
		require.NoError(t, err)
		i := 0
		for line, err := range src.Lines() {
			require.NoError(t, err)
			require.NoError(t, line.Err)
			require.Equal(t, lines[i][0], line.Cells[0])
			require.True(t, decimal.RequireFromString(lines[i][1]).Equal(decimal.RequireFromString(line.Cells[1])), "%s %s", lines[i][1], line.Cells[1])
			i++
		}
		require.Len(t, lines, i)
		require.NoError(t, src.Close())
	})
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == 0xFFFD
}

func BenchmarkWrite(b *testing.B) {
	columns := make([]sheet.Column, 10)
	line := make([]string, 10)
	for i := range columns {
		columns[i].Name, line[i] = "name", "华为技术有限公司"
		if i%2 == 1 {
			columns[i].Kind, line[i] = sheet.Number, "12345.67"
		}
	}
	for b.Loop() {
		var file bytes.Buffer
		sink := xlsx.Write(&file, xlsx.Format{})
		require.NoError(b, sink.Header(columns))
		for range 100_000 {
			if err := sink.Write(line); err != nil {
				b.Fatal(err)
			}
		}
		require.NoError(b, sink.Close())
	}
}
