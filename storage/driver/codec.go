package driver

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// MarshalRow writes a row as JSON in which every value is marked with its type,
// so that UnmarshalRow gives back the same values. Cursors are made of it, and a
// key-value store may keep rows so.
func MarshalRow(row Row) ([]byte, error) {
	cells := make([][2]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
		case bool:
			cells[i] = [2]string{"b", strconv.FormatBool(v)}
		case int64:
			cells[i] = [2]string{"i", strconv.FormatInt(v, 10)}
		case float64:
			cells[i] = [2]string{"f", strconv.FormatFloat(v, 'g', -1, 64)}
		case string:
			cells[i] = [2]string{"s", v}
		case []byte:
			cells[i] = [2]string{"x", base64.StdEncoding.EncodeToString(v)}
		case time.Time:
			cells[i] = [2]string{"t", strconv.FormatInt(v.UnixMicro(), 10)}
		case schema.Date:
			cells[i] = [2]string{"d", v.String()}
		case decimal.Decimal:
			cells[i] = [2]string{"n", v.String()}
		case schema.JSON:
			cells[i] = [2]string{"j", string(v)}
		case schema.ID:
			cells[i] = [2]string{"u", v.String()}
		default:
			return nil, fault.New(fault.Internal, "%T is no driver value", v)
		}
	}
	return json.Marshal(cells)
}

// UnmarshalRow reads what MarshalRow wrote. It returns Invalid for anything else.
func UnmarshalRow(raw []byte) (Row, error) {
	var cells [][2]string
	if err := json.Unmarshal(raw, &cells); err != nil {
		return nil, fault.New(fault.Invalid, "is no row")
	}
	row := make(Row, len(cells))
	for i, cell := range cells {
		v, err := unmarshalCell(cell[0], cell[1])
		if err != nil {
			return nil, &fault.Error{Code: fault.Invalid, Message: "is no row", Err: err}
		}
		row[i] = v
	}
	return row, nil
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
		return strconv.ParseFloat(text, 64)
	case "s":
		return text, nil
	case "x":
		return base64.StdEncoding.DecodeString(text)
	case "t":
		n, err := strconv.ParseInt(text, 10, 64)
		return time.UnixMicro(n).UTC(), err
	case "d":
		return schema.ParseDate(text)
	case "n":
		if len(text) > 60 {
			return nil, fault.New(fault.Invalid, "is no decimal")
		}
		return decimal.NewFromString(text)
	case "j":
		return schema.JSON(text), nil
	case "u":
		return schema.ParseID(text)
	}
	return nil, fault.New(fault.Invalid, "unknown mark")
}
