package storage

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/storage/fault"
)

// Error is the library's error type; see package fault for its parts.
type Error = fault.Error

// FieldError is one offence of one field.
type FieldError = fault.Field

// Code is the kind of a failure.
type Code = fault.Code

// The codes and their sentinels for errors.Is, as package fault defines them.
const (
	Internal     = fault.Internal
	Invalid      = fault.Invalid
	NotFound     = fault.NotFound
	Exists       = fault.Exists
	Conflict     = fault.Conflict
	Referenced   = fault.Referenced
	Forbidden    = fault.Forbidden
	Precondition = fault.Precondition
	Retry        = fault.Retry
	Unsupported  = fault.Unsupported
)

// The sentinels, one for each code.
var (
	ErrInternal     = fault.ErrInternal
	ErrInvalid      = fault.ErrInvalid
	ErrNotFound     = fault.ErrNotFound
	ErrExists       = fault.ErrExists
	ErrConflict     = fault.ErrConflict
	ErrReferenced   = fault.ErrReferenced
	ErrForbidden    = fault.ErrForbidden
	ErrPrecondition = fault.ErrPrecondition
	ErrRetry        = fault.ErrRetry
	ErrUnsupported  = fault.ErrUnsupported
)

// messages are what an error of the database says to a developer; its own text
// stays behind Unwrap.
var messages = map[fault.Code]string{
	fault.Internal:     "the database failed",
	fault.Invalid:      "the database refused a value",
	fault.NotFound:     "there is no such record",
	fault.Exists:       "there is such a record already",
	fault.Conflict:     "somebody else changed the record",
	fault.Referenced:   "a reference stands in the way",
	fault.Precondition: "the state does not allow it",
	fault.Retry:        "the database was busy with other transactions",
	fault.Unsupported:  "this adapter does not offer it",
}

// passes reports whether an error is not the database's: it is a context's, or
// one of ours already.
func passes(err error) bool {
	var e *fault.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e)
}
