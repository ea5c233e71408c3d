package exchange

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/schema"
)

// read returns the driver value that a cell gives to the field; the cell is not empty. A
// name of a value of a dictionary is turned into its code; what is none is left to the
// rules of the record.
func (f *Field) read(text string, loc *time.Location) (any, error) {
	switch f.column.Type {
	case schema.TypeText:
		return f.column.Value(f.code(text))
	case schema.TypeBool:
		if b, ok := yesOrNo(text); ok {
			return b, nil
		}
		return nil, sheet.At("", 0, f.Name, "bool", "is neither yes nor no")
	case schema.TypeInt, schema.TypeDecimal:
		return f.column.Value(json.Number(plainNumber(text)))
	case schema.TypeDate:
		if d, ok := day(text); ok {
			return d, nil
		}
	case schema.TypeTime:
		for _, layout := range []string{sheet.TimeLayout, "2006-01-02 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04"} {
			if t, err := time.ParseInLocation(layout, text, loc); err == nil {
				return f.column.Value(t)
			}
		}
		if d, ok := day(text); ok {
			return f.column.Value(d.Time(loc))
		}
	}
	return f.column.Value(text)
}

// code returns the code of the value that people call by a name.
func (f *Field) code(text string) string {
	folded := schema.Fold(text)
	for _, v := range f.values {
		if v.code == text {
			return text
		}
	}
	for _, v := range f.values {
		if v.label.EN != "" && schema.Fold(v.label.EN) == folded || v.label.ZH != "" && schema.Fold(v.label.ZH) == folded {
			return v.code
		}
	}
	return text
}

func yesOrNo(text string) (yes, ok bool) {
	switch strings.ToLower(norm.NFKC.String(text)) {
	case "true", "yes", "y", "1", "x", "是", "有", "√":
		return true, true
	case "false", "no", "n", "0", "否", "无":
		return false, true
	}
	return false, false
}

// plainNumber returns a number without the width of its digits and the commas between its
// thousands.
func plainNumber(text string) string {
	text = norm.NFKC.String(text)
	whole, fraction, point := strings.Cut(text, ".")
	groups := strings.Split(whole, ",")
	for i, group := range groups[1:] {
		if len(group) != 3 || i == 0 && strings.Trim(groups[0], "-") == "" {
			return text
		}
	}
	whole = strings.Join(groups, "")
	if point {
		return whole + "." + fraction
	}
	return whole
}

// day reads a date in the forms that lists have in China and where the year comes first;
// a midnight behind it is passed over.
func day(text string) (schema.Date, bool) {
	text = strings.TrimSuffix(strings.TrimSpace(norm.NFKC.String(text)), " 00:00:00")
	for _, layout := range []string{sheet.DateLayout, "2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"} {
		if t, err := time.Parse(layout, text); err == nil {
			return schema.DateOf(t), true
		}
	}
	return schema.Date{}, false
}

// write returns a value as read takes it. Codes become their labels in a language; an
// empty language leaves the codes.
func (f *Field) write(v any, loc *time.Location, language string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		switch {
		case language == "zh" && v:
			return "是"
		case language == "zh":
			return "否"
		case v:
			return "yes"
		}
		return "no"
	case int64:
		return strconv.FormatInt(v, 10)
	case decimal.Decimal:
		return v.String()
	case time.Time:
		return v.In(loc).Format(sheet.TimeLayout)
	case schema.Date:
		return v.String()
	case schema.ID:
		return v.String()
	case string:
		for _, known := range f.values {
			if known.code == v && language != "" && known.label.In(language) != "" {
				return known.label.In(language)
			}
		}
		return v
	}
	return ""
}

// kindOf tells a spreadsheet how to understand the cells of the field.
func (f *Field) kindOf() sheet.Kind {
	switch f.column.Type {
	case schema.TypeInt, schema.TypeDecimal:
		return sheet.Number
	case schema.TypeDate:
		return sheet.Date
	case schema.TypeTime:
		return sheet.Time
	}
	return sheet.Text
}

// valueIn returns the value of a column, or of a custom field, in a row of its kind.
func valueIn(k *schema.Kind, row driver.Row, f *schema.Field) any {
	if !f.Custom {
		return row[f.Position]
	}
	raw, _ := row[k.CustomColumn().Position].(schema.JSON)
	var custom map[string]json.RawMessage
	if json.Unmarshal(raw, &custom) != nil || custom[f.Name] == nil {
		return nil
	}
	return eval.CustomValue(f, custom[f.Name])
}
