package eval

import (
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// ConstraintError is the error of a Conn that refused a change: what a database
// would have said. It holds no values.
type ConstraintError struct {
	driver.Fault
	// Reason says what was broken, for a developer.
	Reason string
}

// Error returns the code and the reason.
func (e *ConstraintError) Error() string { return e.Code.String() + ": " + e.Reason }

// Classify tells what an error of a Conn means. It is Backend.Classify for an
// adapter that is made of one.
func Classify(err error) driver.Fault {
	if broken, ok := errors.AsType[*ConstraintError](err); ok {
		return broken.Fault
	}
	return driver.Fault{Code: fault.CodeOf(err)}
}

func refuse(code fault.Code, index, reason string, args ...any) error {
	return &ConstraintError{driver.Fault{Code: code, Index: index}, fmt.Sprintf(reason, args...)}
}

func refuseValue(k *schema.Kind, f *schema.Field, reason string, args ...any) error {
	return refuse(fault.Invalid, "", "%s.%s: %s", k.Name(), f.Name, fmt.Sprintf(reason, args...))
}
