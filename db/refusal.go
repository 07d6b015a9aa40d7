package db

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// IsRefusal reports whether PostgreSQL would not have the data of a statement (SQLSTATE classes 22 and 23), rather than being unable
// to do its work.
func IsRefusal(err error) bool {
	code := RefusalCode(err)
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23")
}

// RefusalCode is the SQLSTATE of an error of PostgreSQL, "" for any other. Its message and details may repeat values, and are not to be shown.
func RefusalCode(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
