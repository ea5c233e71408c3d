package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/fault"
)

// codes are all codes with the name and the sentinel that belong to them.
var codes = []struct {
	code     fault.Code
	name     string
	sentinel error
}{
	{fault.Internal, "internal", fault.ErrInternal},
	{fault.Invalid, "invalid", fault.ErrInvalid},
	{fault.NotFound, "not found", fault.ErrNotFound},
	{fault.Exists, "exists", fault.ErrExists},
	{fault.Conflict, "conflict", fault.ErrConflict},
	{fault.Referenced, "referenced", fault.ErrReferenced},
	{fault.Forbidden, "forbidden", fault.ErrForbidden},
	{fault.Precondition, "precondition", fault.ErrPrecondition},
	{fault.Retry, "retry", fault.ErrRetry},
	{fault.Unsupported, "unsupported", fault.ErrUnsupported},
}

func TestCodes(t *testing.T) {
	for _, c := range codes {
		require.Equal(t, c.name, c.code.String())
		require.Equal(t, c.code, fault.CodeOf(c.sentinel))
		for _, other := range codes {
			err := fmt.Errorf("outside: %w", &fault.Error{Code: c.code, Kind: "customer", ID: "1", Message: "m", Err: io.EOF})
			require.Equal(t, c.code == other.code, errors.Is(err, other.sentinel), "%s is %s", c.name, other.name)
		}
	}
	require.Equal(t, "code(200)", fault.Code(200).String(), "one that a newer version has")
}

func TestCodeOf(t *testing.T) {
	invalid := fault.New(fault.Invalid, "m")
	for _, c := range []struct {
		name string
		err  error
		want fault.Code
	}{
		{"our own", invalid, fault.Invalid},
		{"wrapped", fmt.Errorf("outside: %w", invalid), fault.Invalid},
		{"joined", errors.Join(io.EOF, invalid), fault.Invalid},
		{"the outer one of two", &fault.Error{Code: fault.Conflict, Err: invalid}, fault.Conflict},
		{"a stranger", io.EOF, fault.Internal},
		{"a context's", context.Canceled, fault.Internal},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, fault.CodeOf(c.err)) })
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		err  *fault.Error
		want string
	}{
		{&fault.Error{}, "internal"},
		{&fault.Error{Code: fault.NotFound, Kind: "customer"}, "not found: customer"},
		{&fault.Error{Code: fault.NotFound, Kind: "customer", ID: "42"}, "not found: customer 42"},
		{&fault.Error{Code: fault.Conflict, Kind: "customer", ID: "42", Message: "changed"}, "conflict: customer 42: changed"},
		{&fault.Error{Code: fault.Invalid, Fields: []fault.Field{{Name: "name"}, {Name: "code"}}}, "invalid: name, code"},
		{&fault.Error{Code: fault.Invalid, Message: "bad", Fields: []fault.Field{{Name: "name"}}}, "invalid: bad"},
		{fault.New(fault.Retry, "%d attempts", 3), "retry: 3 attempts"},
		{fault.InvalidField("code", "max", "is longer than %d bytes", 5), "invalid: code: is longer than 5 bytes"},
	} {
		require.EqualError(t, c.err, c.want)
	}
}

func TestInvalidField(t *testing.T) {
	err := fault.InvalidField("code", "max", "is longer than %d bytes", 5)
	require.ErrorIs(t, err, fault.ErrInvalid)
	require.Equal(t, []fault.Field{{Name: "code", Code: "max", Message: "is longer than 5 bytes"}}, err.Fields)
	require.NoError(t, errors.Unwrap(err), "there is no cause")
}

// TestTextIsSilent shows that neither the cause, which may hold a row of the
// database, nor the values of a conflict can reach a log through Error.
func TestTextIsSilent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := "S" + rapid.StringMatching(`[0-9]{12}`).Draw(t, "secret") + "S"
		word := rapid.StringMatching(`[a-z ]{0,12}`)
		err := &fault.Error{
			Code: fault.Code(rapid.Uint8().Draw(t, "code")), Kind: word.Draw(t, "kind"), ID: word.Draw(t, "id"), Message: word.Draw(t, "message"),
			Fields: []fault.Field{{Name: word.Draw(t, "name"), Message: secret, Base: secret, Theirs: secret, Mine: secret}},
			Err:    errors.New(secret),
		}
		require.NotContains(t, err.Error(), secret)
		require.NotContains(t, fmt.Sprintf("%v %s", err, err), secret)
	})
}

type databaseError struct{ table string }

func (databaseError) Error() string { return "duplicate key" }

func TestCauseStaysReachable(t *testing.T) {
	err := fmt.Errorf("outside: %w", &fault.Error{Code: fault.Exists, Err: databaseError{"customers"}})
	var cause databaseError
	require.ErrorAs(t, err, &cause)
	require.Equal(t, "customers", cause.table)
	require.ErrorIs(t, err, fault.ErrExists)
	require.NotErrorIs(t, &fault.Error{Code: fault.Exists}, databaseError{"customers"})
}

func TestOnlySentinelsMatchByCode(t *testing.T) {
	err := &fault.Error{Code: fault.Exists, Kind: "customer"}
	require.ErrorIs(t, err, err, "itself")
	for _, other := range []*fault.Error{
		{Code: fault.Exists, Kind: "customer"},
		{Code: fault.Exists, ID: "1"},
		{Code: fault.Exists, Message: "m"},
		{Code: fault.Exists, Fields: []fault.Field{{}}},
		{Code: fault.Exists, Err: io.EOF},
	} {
		require.NotErrorIs(t, err, other, "an error that names more is no sentinel")
	}
}
