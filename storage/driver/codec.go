package driver

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// MarshalRow writes a row as JSON in which every value is marked with its type,
// so that UnmarshalRow gives back the same values. Values are told apart by their
// position only: cursors are made of it, while a store keeps its records with
// MarshalRecord. It returns Internal for what is no driver value.
func MarshalRow(row Row) ([]byte, error) {
	cells := make([][2]string, len(row))
	for i, v := range row {
		mark, text, ok := marshalCell(v)
		if !ok {
			return nil, fault.New(fault.Internal, "%T is no driver value", v)
		}
		cells[i] = [2]string{mark, text}
	}
	return json.Marshal(cells)
}

// marks holds the mark of each type's values. Null has none.
var marks = [...]string{
	schema.TypeBool: "b", schema.TypeInt: "i", schema.TypeFloat: "f", schema.TypeText: "s", schema.TypeBytes: "x",
	schema.TypeTime: "t", schema.TypeDate: "d", schema.TypeDecimal: "n", schema.TypeJSON: "j", schema.TypeID: "u",
}

func marshalCell(v any) (mark, text string, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", "", true
	case bool:
		return "b", strconv.FormatBool(v), true
	case int64:
		return "i", strconv.FormatInt(v, 10), true
	case float64:
		return "f", strconv.FormatFloat(v, 'g', -1, 64), true
	case string:
		return "s", v, true
	case []byte:
		return "x", base64.StdEncoding.EncodeToString(v), true
	case time.Time:
		return "t", strconv.FormatInt(v.UnixMicro(), 10), true
	case schema.Date:
		return "d", v.String(), true
	case decimal.Decimal:
		return "n", v.String(), true
	case schema.JSON:
		return "j", string(v), true
	case schema.ID:
		return "u", v.String(), true
	}
	return "", "", false
}

// UnmarshalRow reads what MarshalRow wrote. It returns Invalid for anything else.
func UnmarshalRow(raw []byte) (Row, error) {
	var cells [][]string
	if err := json.Unmarshal(raw, &cells); err != nil || cells == nil {
		return nil, fault.New(fault.Invalid, "is no row")
	}
	row := make(Row, len(cells))
	for i, cell := range cells {
		v, err := readCell(cell)
		if err != nil {
			return nil, &fault.Error{Code: fault.Invalid, Message: "is no row", Err: err}
		}
		row[i] = v
	}
	return row, nil
}

// readCell reads a mark and a text, and nothing but what marshalCell makes.
func readCell(cell []string) (any, error) {
	if len(cell) != 2 {
		return nil, strconv.ErrSyntax
	}
	v, err := unmarshalCell(cell[0], cell[1])
	if err != nil {
		return nil, err
	}
	// There is one way to write a value: 05 is no 5.
	if _, text, _ := marshalCell(v); text != cell[1] {
		return nil, strconv.ErrSyntax
	}
	return v, nil
}

func unmarshalCell(mark, text string) (any, error) {
	switch mark {
	case "":
		return nil, nil
	case "b":
		return strconv.ParseBool(text)
	case "i":
		return strconv.ParseInt(text, 10, 64)
	case "f":
		n, err := strconv.ParseFloat(text, 64)
		if err == nil && (math.IsNaN(n) || math.IsInf(n, 0)) {
			err = strconv.ErrRange
		}
		return n, err
	case "s":
		return text, nil
	case "x":
		return base64.StdEncoding.DecodeString(text)
	case "t":
		n, err := strconv.ParseInt(text, 10, 64)
		t := time.UnixMicro(n).UTC()
		if err == nil && (t.Year() < 1 || t.Year() > 9999) {
			err = strconv.ErrRange
		}
		return t, err
	case "d":
		return schema.ParseDate(text)
	case "n":
		if len(text) > 60 {
			return nil, strconv.ErrRange
		}
		d, err := decimal.NewFromString(text)
		if err == nil && (d.Exponent() > 60 || d.Exponent() < -60) {
			err = strconv.ErrRange
		}
		return d, err
	case "j":
		if !json.Valid([]byte(text)) {
			return nil, strconv.ErrSyntax
		}
		return schema.JSON(text), nil
	case "u":
		return schema.ParseID(text)
	}
	return nil, fault.New(fault.Invalid, "unknown mark")
}
