package sqlite

import (
	"errors"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

func classify(err error) driver.Fault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return driver.Fault{Code: fault.Internal}
	}
	switch e.Code() {
	case lib.SQLITE_CONSTRAINT_PRIMARYKEY, lib.SQLITE_CONSTRAINT_ROWID:
		return driver.Fault{Code: fault.Exists}
	case lib.SQLITE_CONSTRAINT_UNIQUE:
		return driver.Fault{Code: fault.Exists, Index: uniqueName(e.Error())}
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return driver.Fault{Code: fault.Referenced, Index: triggerName(e.Error())}
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_TOOBIG, lib.SQLITE_MISMATCH:
		return driver.Fault{Code: fault.Invalid}
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return driver.Fault{Code: fault.Retry}
	case lib.SQLITE_READONLY:
		return driver.Fault{Code: fault.Precondition}
	}
	return driver.Fault{Code: fault.Internal}
}

// uniqueName makes the index's name from the columns that SQLite tells instead:
// "… UNIQUE constraint failed: crm_customer.tenant_id, crm_customer.code (2067)".
func uniqueName(message string) string {
	_, list, _ := strings.Cut(message, "UNIQUE constraint failed: ")
	list, _, _ = strings.Cut(list, " (")
	var parts []string
	for column := range strings.SplitSeq(list, ", ") {
		table, name, ok := strings.Cut(strings.TrimPrefix(column, "crm_"), ".")
		switch {
		case !ok:
			return ""
		case len(parts) == 0:
			parts = append(parts, table)
		default: // the first one is the tenant
			parts = append(parts, name)
		}
	}
	return strings.Join(append(parts, "key"), "_")
}

// triggerName returns what a trigger raised: "… constraint failed: name (1811)".
func triggerName(message string) string {
	if at := strings.LastIndex(message, ": "); at >= 0 {
		message = message[at+len(": "):]
	}
	name, _, _ := strings.Cut(message, " (")
	return name
}
