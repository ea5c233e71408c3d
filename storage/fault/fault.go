// Package fault holds the one error type of the library. It stands alone so
// that every room below and above can return the same type; callers meet it as
// storage.Error and crm.Error.
//
// An [Error] says what kind of thing went wrong ([Code]), where (kind, id,
// field), and carries the cause once. Human text never decides anything:
// programs look at the code, or ask errors.Is with one of the sentinels.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code is the kind of a failure. The zero Code is Internal.
type Code uint8

// The codes, in the order in which a caller is likely to meet them.
const (
	// Internal is a failure that the caller can't mend: the database is gone,
	// a disk is full, a defect of ours.
	Internal Code = iota
	// Invalid is input that breaks a rule; Error.Fields lists every offence.
	Invalid
	// NotFound is a record that does not exist, or that the caller may not
	// see, or that belongs to another tenant: the three look the same.
	NotFound
	// Exists is a second record with the same id or the same unique value.
	Exists
	// Conflict is a record that somebody else changed in the meantime.
	Conflict
	// Referenced is a reference to a record that is not there, or the
	// deletion of one that others still point to.
	Referenced
	// Forbidden is a verb that the acting person may not do to a record that
	// they may see.
	Forbidden
	// Precondition is a record in a state that does not allow the verb, or a
	// call out of its order.
	Precondition
	// Retry is a transaction that the database asked us to repeat and that we
	// could not, or no longer wanted to.
	Retry
	// Unsupported is something that this adapter does not offer.
	Unsupported
)

var codeNames = [...]string{"internal", "invalid", "not found", "exists", "conflict", "referenced", "forbidden", "precondition", "retry", "unsupported"}

// String returns the code's name in English, such as "not found".
func (c Code) String() string {
	if int(c) < len(codeNames) {
		return codeNames[c]
	}
	return fmt.Sprintf("code(%d)", uint8(c))
}

// Sentinels for errors.Is. They match by code alone.
var (
	ErrInternal     error = &Error{Code: Internal}
	ErrInvalid      error = &Error{Code: Invalid}
	ErrNotFound     error = &Error{Code: NotFound}
	ErrExists       error = &Error{Code: Exists}
	ErrConflict     error = &Error{Code: Conflict}
	ErrReferenced   error = &Error{Code: Referenced}
	ErrForbidden    error = &Error{Code: Forbidden}
	ErrPrecondition error = &Error{Code: Precondition}
	ErrRetry        error = &Error{Code: Retry}
	ErrUnsupported  error = &Error{Code: Unsupported}
)

// Error is the only error type that the library returns, context errors
// (context.Canceled, context.DeadlineExceeded) excepted, which pass unchanged.
type Error struct {
	Code Code
	// Kind is the kind of record concerned, such as "customer"; empty when
	// the failure concerns none.
	Kind string
	// ID is the record concerned, in text form; empty when unknown.
	ID string
	// Message says what went wrong, for a developer, in English and without
	// the values that a person typed.
	Message string
	// Fields lists every offending field, for Invalid, Exists, Referenced and
	// Conflict; it may be empty.
	Fields []Field
	// Err is the cause, wrapped once; nil when there is none. It stays
	// reachable with errors.As, its text is not part of Error().
	Err error
}

// Field is one offence of one field.
type Field struct {
	// Name is the field's name as queries and JSON spell it: "short_name".
	Name string
	// Code is a stable word for the rule that was broken: "required", "max".
	Code string
	// Message is for a person, in the language of the session.
	Message string
	// Base, Theirs and Mine are set for a Conflict: the value both editors
	// started from, the one stored now, and the one refused.
	Base, Theirs, Mine any
}

// New returns an error of a code with a message made as by fmt.Sprintf.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField returns an Invalid error about one field.
func InvalidField(name, code, format string, args ...any) *Error {
	m := fmt.Sprintf(format, args...)
	return &Error{Code: Invalid, Message: name + ": " + m, Fields: []Field{{Name: name, Code: code, Message: m}}}
}

// Error returns "code: kind id: message". It never contains the cause's text,
// which may hold personal data or a database's inner names.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code.String())
	if e.Kind != "" {
		b.WriteString(": " + e.Kind)
		if e.ID != "" {
			b.WriteString(" " + e.ID)
		}
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	} else if len(e.Fields) > 0 {
		names := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			names[i] = f.Name
		}
		b.WriteString(": " + strings.Join(names, ", "))
	}
	return b.String()
}

// Unwrap returns the cause, nil when there is none.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error of the same code that names nothing
// more: so each sentinel matches all errors of its code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Kind == "" && t.ID == "" && t.Message == "" && t.Fields == nil && t.Err == nil
}

// CodeOf returns the code of the first *Error in err's chain, and Internal for
// any other error. It must not be asked about nil.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
