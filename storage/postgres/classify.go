package postgres

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
)

func classify(err error) driver.Fault {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return driver.Fault{Code: fault.Internal}
	}
	switch e.Code {
	case "23505": // unique_violation
		return driver.Fault{Code: fault.Exists, Index: indexName(e.ConstraintName)}
	case "23503": // foreign_key_violation
		return driver.Fault{Code: fault.Referenced, Index: indexName(e.ConstraintName)}
	case "23502", "23514": // not_null_violation, check_violation
		return driver.Fault{Code: fault.Invalid}
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return driver.Fault{Code: fault.Retry}
	case "25006", "25P02": // read_only_sql_transaction, in_failed_sql_transaction
		return driver.Fault{Code: fault.Precondition}
	}
	if strings.HasPrefix(e.Code, "22") { // data_exception
		return driver.Fault{Code: fault.Invalid}
	}
	return driver.Fault{Code: fault.Internal}
}

// indexName returns the schema's name for a constraint of the database; the
// primary key has none.
func indexName(constraint string) string {
	name, ok := strings.CutPrefix(constraint, "crm_")
	if !ok || strings.HasSuffix(name, "_pkey") {
		return ""
	}
	return name
}
