package schema

import (
	"bytes"
	"fmt"

	"github.com/google/uuid"

	"github.com/kehucrm/kehu/storage/fault"
)

// ID names a record within its tenant and kind: a UUID, by default of version
// 7, so that ids made later sort later. The zero ID names nothing and is
// stored as null. IDs order by their bytes, which is the order of their text.
type ID [16]byte

// NewID returns a new id of version 7. It is the default ID source; a host or a
// test gives another one where the store is opened.
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// NameID returns the id that belongs to a name made of parts: always the same
// one for the same parts (version 5, RFC 9562). Imports use it, so that a
// second run meets the records of the first.
func NameID(parts ...string) ID {
	name := []byte("kehu")
	for _, part := range parts {
		name = fmt.Appendf(name, ":%d:%s", len(part), part) // with its length, so that parts can't run into each other
	}
	return ID(uuid.NewSHA1(uuid.NameSpaceURL, name))
}

// ParseID reads the text form of an id. Empty text is the zero ID. Other text
// is refused with Invalid.
func ParseID(s string) (ID, error) {
	if s == "" {
		return ID{}, nil
	}
	if len(s) != 36 {
		return ID{}, fault.New(fault.Invalid, "an id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return ID{}, fault.New(fault.Invalid, "an id has the form xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
	}
	return ID(u), nil
}

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 36-character lower-case text form; the zero ID is "".
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return uuid.UUID(id).String()
}

// Compare orders ids by their bytes.
func (id ID) Compare(other ID) int { return bytes.Compare(id[:], other[:]) }

// MarshalText implements encoding.TextMarshaler with the form of String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; it reads what ParseID reads.
func (id *ID) UnmarshalText(b []byte) error {
	parsed, err := ParseID(string(b))
	if err == nil {
		*id = parsed
	}
	return err
}
