package fault_test

import (
	"errors"
	"fmt"

	"github.com/kehucrm/kehu/storage/fault"
)

// A program asks for the code, with errors.Is or CodeOf, and shows the fields to
// whoever filled in the form. The text is for developers and logs: what the
// database said, which may hold personal data, is no part of it.
func Example() {
	err := fmt.Errorf("import: %w", &fault.Error{
		Code:   fault.Exists,
		Kind:   "customer",
		Fields: []fault.Field{{Name: "code", Code: "unique", Message: "another customer has the same value"}},
		Err:    errors.New(`duplicate key: (acme, "C-0042")`),
	})

	fmt.Println(err)
	fmt.Println(errors.Is(err, fault.ErrExists), fault.CodeOf(err))
	if e, ok := errors.AsType[*fault.Error](err); ok {
		for _, f := range e.Fields {
			fmt.Printf("%s: %s\n", f.Name, f.Message)
		}
	}
	// Output:
	// import: exists: customer: code
	// true exists
	// code: another customer has the same value
}
