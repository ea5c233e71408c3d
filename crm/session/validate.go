package session

import (
	"errors"
	"reflect"
	"strings"

	"github.com/go-playground/locales"
	enlocale "github.com/go-playground/locales/en"
	zhlocale "github.com/go-playground/locales/zh"
	ut "github.com/go-playground/universal-translator"
	"github.com/go-playground/validator/v10"
	en "github.com/go-playground/validator/v10/translations/en"
	zh "github.com/go-playground/validator/v10/translations/zh"
	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// Language is a language in which the library speaks to people.
type Language string

// The languages.
const (
	English Language = "en"
	Chinese Language = "zh"
)

// Checker is implemented by records with rules that no tag can say. Check returns
// every offence; it must not change the record.
type Checker interface{ Check() []fault.Field }

// validation checks records by their validate tags and by Check.
type validation struct {
	validate   *validator.Validate
	translator ut.Translator
}

func newValidation(l Language) (*validation, error) {
	v := &validation{validate: validator.New(validator.WithRequiredStructEnabled())}
	v.validate.RegisterTagNameFunc(schema.FieldName)
	v.validate.RegisterCustomTypeFunc(func(f reflect.Value) any {
		switch d := f.Interface().(type) {
		case decimal.Decimal:
			return d.InexactFloat64()
		case decimal.NullDecimal:
			if d.Valid {
				return d.Decimal.InexactFloat64()
			}
		}
		return nil
	}, decimal.Decimal{}, decimal.NullDecimal{})

	var locale locales.Translator
	var register func(*validator.Validate, ut.Translator) error
	switch l {
	case English:
		locale, register = enlocale.New(), en.RegisterDefaultTranslations
	case Chinese:
		locale, register = zhlocale.New(), zh.RegisterDefaultTranslations
	default:
		return nil, fault.InvalidField("language", "language", "is none of en, zh")
	}
	v.translator, _ = ut.New(locale, locale).GetTranslator(locale.Locale())
	return v, register(v.validate, v.translator)
}

// check returns Invalid with every offence of the record, or nil.
func (v *validation) check(kind string, record any) error {
	var offences []fault.Field
	var found validator.ValidationErrors
	if err := v.validate.Struct(record); errors.As(err, &found) {
		for _, f := range found {
			// The namespace is Type.field or Type.Embedded.field…: only the last part is ours.
			name := f.Namespace()
			name = name[strings.LastIndexByte(name, '.')+1:]
			offences = append(offences, fault.Field{Name: name, Code: f.Tag(), Message: f.Translate(v.translator)})
		}
	} else if err != nil {
		return &fault.Error{Code: fault.Invalid, Kind: kind, Message: "the record can't be validated", Err: err}
	}
	if c, ok := record.(Checker); ok {
		offences = append(offences, c.Check()...)
	}
	if len(offences) == 0 {
		return nil
	}
	return &fault.Error{Code: fault.Invalid, Kind: kind, Fields: offences}
}
