package label_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet/label"
	"github.com/kehucrm/kehu/storage/fault"
)

// l7160 is a sheet with margins and a gap: three columns of seven labels, 63.5 by 38.1 mm.
func l7160() label.Layout {
	return label.Layout{Width: 210, Height: 297, Top: 15.15, Bottom: 15.15, Left: 7.25, Right: 7.25, Rows: 7, Columns: 3, ColumnGap: 2, Padding: 3, FontSize: 9}
}

func TestLayout(t *testing.T) {
	width, height := l7160().LabelSize()
	require.InDelta(t, 63.833, width, 0.001)
	require.InDelta(t, 38.1, height, 0.001)
	require.InDelta(t, 9*25.4/72*1.3, l7160().LineHeight(), 1e-9)
	require.Equal(t, 7, l7160().Fit())
	exact := label.Layout{Width: 100, Height: 100, Rows: 10, Columns: 1, FontSize: 72, Leading: 10 / 25.4}
	require.Equal(t, 1, exact.Fit(), "what fits exactly fits")
	require.NoError(t, exact.Validate())

	b, err := json.Marshal(l7160())
	require.NoError(t, err)
	var again label.Layout
	require.NoError(t, json.Unmarshal(b, &again))
	require.Equal(t, l7160(), again, "it is data")
	require.Contains(t, string(b), `"column_gap":2`)
}

func TestLayoutValidate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(l *label.Layout)
		fields []string
	}{
		{"good", func(*label.Layout) {}, nil},
		{"empty", func(l *label.Layout) { *l = label.Layout{} }, []string{"width", "height", "font_size", "rows"}},
		{"negative", func(l *label.Layout) { l.Top, l.RowGap = -1, -1 }, []string{"top", "row_gap"}},
		{"no number", func(l *label.Layout) { l.Left, l.Width = math.NaN(), math.Inf(1) }, []string{"width", "left"}},
		{"too many", func(l *label.Layout) { l.Rows, l.Columns = math.MaxInt, math.MaxInt }, []string{"rows"}},
		{"many", func(l *label.Layout) { l.Rows, l.Columns = 101, 100 }, []string{"rows"}},
		{"margins as large as the sheet", func(l *label.Layout) { l.Left, l.Bottom = 300, 300 }, []string{"width", "height"}},
		{"narrow", func(l *label.Layout) { l.Padding = 31 }, []string{"width", "height"}},
		{"low", func(l *label.Layout) { l.Rows = 40 }, []string{"height"}},
		{"skip off the sheet", func(l *label.Layout) { l.Skip = []int{1, 22} }, []string{"skip"}},
		{"skip zero", func(l *label.Layout) { l.Skip = []int{0} }, []string{"skip"}},
		{"skip twice", func(l *label.Layout) { l.Skip = []int{3, 3} }, []string{"skip"}},
		{"skip all", func(l *label.Layout) { l.Rows, l.Columns, l.Skip = 1, 2, []int{2, 1} }, []string{"skip"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := l7160()
			c.change(&l)
			err := l.Validate()
			if c.fields == nil {
				require.NoError(t, err)
				return
			}
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, fault.Invalid, e.Code)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Name)
			}
			require.Equal(t, c.fields, fields)
			_, err = label.NewRun(l, nil)
			require.ErrorIs(t, err, fault.ErrInvalid)
		})
	}
}

func TestPlaces(t *testing.T) {
	l := label.Layout{Width: 110, Height: 100, Top: 10, Left: 5, Right: 5, Rows: 2, Columns: 2, RowGap: 10, ColumnGap: 20, FontSize: 10, Skip: []int{4, 1}}
	run, err := label.NewRun(l, nil)
	require.NoError(t, err)
	l.Skip[0] = 2 // the run has its own
	type place struct {
		sheet, position int
		x, y            float64
	}
	var got []place
	for range 5 {
		label := run.Add([]string{"x"})
		require.NoError(t, label.Err)
		require.InDelta(t, 40, label.Width, 1e-9)
		require.InDelta(t, 40, label.Height, 1e-9)
		got = append(got, place{label.Sheet, label.Position, label.X, label.Y})
	}
	require.Equal(t, []place{{1, 2, 65, 10}, {1, 3, 5, 60}, {2, 1, 5, 10}, {2, 2, 65, 10}, {2, 3, 5, 60}}, got)
}

func TestAddress(t *testing.T) {
	a := label.Address{Postcode: " 518129 ", Address: "深圳\r\n\n坂田\t街道", Name: "华为", Department: "\x00", Contact: "王\xFF"}
	require.Equal(t, []string{"518129", "深圳", "坂田 街道", "华为", "王\uFFFD"}, a.Lines())
	require.Empty(t, label.Address{Name: " \n"}.Lines())
}

func TestWrap(t *testing.T) {
	// Twelve letters of East Asia are as wide as a label, or twenty-four others.
	l := label.Layout{Width: 12.01 * 72 * 25.4 / 72, Height: 1000, Rows: 1, Columns: 1, FontSize: 72}
	for _, c := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"short", []string{"a", "", " b  c "}, []string{"a", "b c"}},
		{"exactly", []string{"一二三四五六七八九十一二"}, []string{"一二三四五六七八九十一二"}},
		{"Chinese", []string{"一二三四五六七八九十一二三"}, []string{"一二三四五六七八九十一二", "三"}},
		{"no comma at a beginning", []string{"一二三四五六七八九十一二，三"}, []string{"一二三四五六七八九十一", "二，三"}},
		{"words", []string{"the quick brown fox jumps over the lazy dog"}, []string{"the quick brown fox", "jumps over the lazy dog"}},
		{"a word that is too long", []string{"a Donaudampfschifffahrtsgesellschaftskapitän b"}, []string{"a", "Donaudampfschifffahrtsge", "sellschaftskapitän b"}},
		{"both", []string{"坂田街道华为基地 Building A1, 总部办公楼"}, []string{"坂田街道华为基地", "Building A1, 总部办公楼"}},
		{"letters of several signs", []string{strings.Repeat("👨‍👩‍👧", 13)}, []string{strings.Repeat("👨‍👩‍👧", 12), "👨‍👩‍👧"}},
		{"line ends", []string{"a\nb\u2028c"}, []string{"a b c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run, err := label.NewRun(l, nil)
			require.NoError(t, err)
			got := run.Add(c.lines)
			require.NoError(t, got.Err)
			require.Equal(t, c.want, got.Lines)
		})
	}
}

// What does not fit is told, and what has no text takes no place.
func TestOverflow(t *testing.T) {
	l := label.Layout{Width: 100, Height: 2.5 * 72 * 25.4 / 72 * 1.3, Rows: 1, Columns: 1, FontSize: 72}
	run, err := label.NewRun(l, nil)
	require.NoError(t, err)
	fits := run.Add([]string{"a", "b"})
	require.NoError(t, fits.Err)
	over := run.Add([]string{"a", "b", "c"})
	require.EqualError(t, over.Err, "invalid: lines: more than the 2 lines that fit")
	require.Equal(t, []string{"a", "b"}, over.Lines)
	require.Equal(t, 2, over.Sheet)
	huge := run.Add([]string{strings.Repeat("x", 1_000_000)})
	require.ErrorIs(t, huge.Err, fault.ErrInvalid)
	require.Len(t, huge.Lines, 2)
	for _, lines := range [][]string{nil, {""}, {" ", "\n\x00"}} {
		none := run.Add(lines)
		require.EqualError(t, none.Err, "invalid: lines: the record has no text")
		require.Zero(t, none.Sheet)
	}
	require.Equal(t, 4, run.Add([]string{"a"}).Sheet)
}

// Labels lie on their sheet and on no other label; no letter is lost and no line is
// wider than its label, unless it is told or a letter alone is.
func TestRunProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		length := func(name string, most float64) float64 { return rapid.Float64Range(0, most).Draw(t, name) }
		l := label.Layout{
			Width: 50 + length("width", 400), Height: 50 + length("height", 400), Top: length("top", 10), Right: length("right", 10), Bottom: length("bottom", 10), Left: length("left", 10),
			Rows: rapid.IntRange(1, 5).Draw(t, "rows"), Columns: rapid.IntRange(1, 5).Draw(t, "columns"), RowGap: length("row gap", 3), ColumnGap: length("column gap", 3),
			Padding: length("padding", 3), FontSize: 5 + length("font", 20),
		}
		l.Skip = rapid.SliceOfNDistinct(rapid.IntRange(1, l.Rows*l.Columns), 0, l.Rows*l.Columns-1, rapid.ID).Draw(t, "skip")
		if l.Validate() != nil {
			t.Skip("nothing fits")
		}
		run, err := label.NewRun(l, nil)
		require.NoError(t, err)
		measure := label.Estimate(l)
		var before []label.Label
		for range rapid.IntRange(1, 12).Draw(t, "labels") {
			lines := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("华为技术，a b-")))), 1, 4).Draw(t, "lines")
			got := run.Add(lines)
			if got.Sheet == 0 {
				require.Empty(t, letters(lines...))
				continue
			}
			require.False(t, got.Sheet == 1 && slices.Contains(l.Skip, got.Position))
			require.LessOrEqual(t, got.X+got.Width, l.Width-l.Right+1e-6)
			require.LessOrEqual(t, got.Y+got.Height, l.Height-l.Bottom+1e-6)
			require.GreaterOrEqual(t, got.X, l.Left)
			require.GreaterOrEqual(t, got.Y, l.Top)
			for _, other := range before {
				require.True(t, other.Sheet != got.Sheet || apart(other.X, got.X, got.Width) || apart(other.Y, got.Y, got.Height))
			}
			before = append(before, got)
			require.LessOrEqual(t, len(got.Lines), l.Fit())
			for _, line := range got.Lines {
				require.True(t, measure(line) <= got.Width-2*l.Padding || len([]rune(line)) < 8, "%q", line)
			}
			if got.Err == nil {
				require.Equal(t, letters(lines...), letters(got.Lines...))
			} else {
				require.True(t, strings.HasPrefix(letters(lines...), letters(got.Lines...)))
			}
		}
	})
}

func apart(a, b, size float64) bool { return math.Abs(a-b) > size-1e-6 }

func letters(lines ...string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(strings.Join(lines, ""), "\uFFFD"))
}
