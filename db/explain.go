package db

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// IsRefusal reports whether err says that PostgreSQL does not store this data, rather than that it is unable to
// do its work: without the data that it refuses it would go on.
func IsRefusal(err error) bool {
	code := RefusalCode(err)
	switch {
	case len(code) < 2:
		return false
	case code == "XX000": // an internal error, such as a value that needs more memory than one may have
		return true
	}
	switch code[:2] {
	case "21", // cardinality violations
		"22", // data exceptions
		"23", // violations of constraints
		"44", // violations of a view's check option
		"54", // limits of the program, such as the size of an index entry
		"P0": // what a trigger of the server's operator raises
		return true
	}
	return false
}

// Explain says in words for an operator what PostgreSQL says, or that there is no way to it; "" for an error that
// is not known to be the database's. It repeats nothing of the values in a statement, as PostgreSQL's own message may.
func Explain(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return inWords(refused)
	}
	if isConnectError(err) {
		return string(Gone)
	}
	return ""
}

// inWords says what an error of PostgreSQL means, and where it arose, as far as it says.
func inWords(refused *pgconn.PgError) string {
	text := meaning(refused.Code)
	if refused.TableName != "" {
		text += ", table " + refused.TableName
	}
	if refused.ConstraintName != "" {
		text += ", constraint " + refused.ConstraintName
	}
	return text + " (SQLSTATE " + refused.Code + ")"
}

// meaning is that of an SQLSTATE, or else of its class.
func meaning(code string) string {
	for _, known := range meanings() {
		if strings.HasPrefix(code, known.code) {
			return known.words
		}
	}
	return "the database refused the statement"
}

// meanings are those of SQLSTATEs and of their classes, which come after their members.
func meanings() []struct{ code, words string } {
	return []struct{ code, words string }{
		{"08", "the connection to the database broke"},
		{"22", "the database cannot store such a value"},
		{"23", "the data breaks a rule of the database"},
		{"25006", "the database accepts no changes: it is a standby or read-only"},
		{"28", "the database rejected the user or the password"},
		{"3D", "the database does not exist"},
		{"40", "transactions conflicted too often"},
		{"42501", "the user of the database lacks a privilege"},
		{"42", "the tables do not match this version of the program; run the command migrate"},
		{"53100", "the disk of the database is full; free some space"},
		{"53200", "the database server is out of memory"},
		{"53300", "the database server has no free connection; raise max_connections"},
		{"53", "the database server lacks resources"},
		{"54", "the value is larger than the database can store or index"},
		{"55P03", "a lock was not released in time"},
		{"57014", "the database cancelled a statement that took too long"},
		{"57P03", "the database is starting up or shutting down"},
		{"57P0", "the database was shut down or restarted"},
		{"58", "the database cannot read or write its files; check its log"},
		{"XX001", "the files of the database are damaged; check its log"},
		{"XX002", "an index of the database is damaged; check its log"},
		{"XX", "the database reports an internal error; check its log"},
		{"P0", "a trigger of the database rejected the data"},
	}
}
