package xlsx

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// shape is what a number format makes of the numbers it shows.
type shape uint8

const (
	plain   shape = iota // the numbers they are
	padded               // identifiers, such as 000000
	date                 // days
	instant              // days with a time
	clock                // times of a day
	span                 // hours, which may be more than a day has
)

// none is the id of no number format: the number is given as it is.
const none = -1

// canonical changes the number formats of a workbook that is in memory, so that its
// cells are given in one form however they are shown.
func canonical(f *excelize.File) error {
	if f.Styles == nil || f.Styles.CellXfs == nil {
		return nil
	}
	codes := map[int]string{}
	if f.Styles.NumFmts != nil {
		for _, format := range f.Styles.NumFmts.NumFmt {
			codes[format.NumFmtID] = format.FormatCode
		}
	}
	styles := f.Styles.CellXfs.Xf
	ids := map[shape]int{plain: none}
	for s, form := range map[shape]string{date: "yyyy-mm-dd", instant: "yyyy-mm-dd hh:mm:ss", clock: "hh:mm:ss", span: "[h]:mm:ss"} {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &form})
		if err != nil {
			return err
		}
		ids[s] = *f.Styles.CellXfs.Xf[style].NumFmtID
	}
	for i := range styles {
		style := &f.Styles.CellXfs.Xf[i]
		if style.NumFmtID == nil {
			continue
		}
		s := builtIn(*style.NumFmtID)
		if code, custom := codes[*style.NumFmtID]; custom {
			s = shapeOf(code)
		}
		if id, changes := ids[s]; changes {
			style.NumFmtID = &id
		}
	}
	return nil
}

// builtIn returns the shape of the formats that have an id and no code in a workbook
// (ECMA-376 part 1, 18.8.30), among them those of East Asia and of Thailand.
func builtIn(id int) shape {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58, id >= 71 && id <= 74:
		return date
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56, id >= 75 && id <= 78, id == 80:
		return clock
	case id == 22, id == 81:
		return instant
	case id == 46, id == 79:
		return span
	}
	return plain
}

// shapeOf returns the shape of a number format by its code.
func shapeOf(code string) shape {
	letters, hours := significant(code)
	day := strings.ContainsAny(letters, "ydgb") || strings.Contains(letters, "mmm") || strings.Contains(letters, "e") && !strings.ContainsAny(letters, "0#?")
	time := strings.ContainsAny(letters, "hs")
	switch {
	case strings.Contains(letters, "general"):
		return plain
	case hours:
		return span
	case day && time:
		return instant
	case day, strings.Contains(letters, "m") && !time:
		return date
	case time:
		return clock
	case strings.HasPrefix(letters, "00") && strings.Trim(letters, "0- ") == "":
		return padded
	}
	return plain
}

// significant returns what of a code's first section is no text, no colour and no
// condition, in small letters, and whether it counts hours beyond a day.
func significant(code string) (letters string, hours bool) {
	var b strings.Builder
	quoted, bracket := false, -1
	skip := false
	for i, r := range strings.ToLower(code) {
		switch {
		case skip:
			skip = false
		case quoted:
			quoted = r != '"'
		case bracket >= 0:
			if r == ']' {
				inside := strings.ToLower(code)[bracket:i]
				hours = hours || inside != "" && (strings.Trim(inside, "h") == "" || strings.Trim(inside, "m") == "" || strings.Trim(inside, "s") == "")
				bracket = -1
			}
		case r == '"':
			quoted = true
		case r == '[':
			bracket = i + 1
		case r == '\\' || r == '_' || r == '*':
			skip = true
		case r == ';':
			return b.String(), hours
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), hours
}
