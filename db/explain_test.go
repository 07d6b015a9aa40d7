package db

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Words for an operator come for every class of error, with the place where PostgreSQL names it, and without
// what it says itself.
func TestExplain(t *testing.T) {
	t.Parallel()
	for code, row := range map[string]struct {
		words   string
		refusal bool
	}{
		"53100": {"the disk of the database is full; free some space", false},
		"53200": {"the database server is out of memory", false},
		"53000": {"the database server lacks resources", false},
		"54000": {"the value is larger than the database can store or index", true},
		"23505": {"the data breaks a rule of the database", true},
		"22P05": {"the database cannot store such a value", true},
		"57P01": {"the database was shut down or restarted", false},
		"57P03": {"the database is starting up or shutting down", false},
		"08006": {"the connection to the database broke", false},
		"25006": {"the database accepts no changes: it is a standby or read-only", false},
		"42501": {"the user of the database lacks a privilege", false},
		"42703": {"the tables do not match this version of the program; run the command migrate", false},
		"XX000": {"the database reports an internal error; check its log", true},
		"XX001": {"the files of the database are damaged; check its log", false},
		"F0000": {"the database refused the statement", false},
	} {
		err := fmt.Errorf("storing: %w", &pgconn.PgError{Code: code, Message: "value Ada", Detail: "Key (name)=(Ada)"})
		if got := Explain(err); got != row.words+" (SQLSTATE "+code+")" || IsRefusal(err) != row.refusal {
			t.Errorf("%s: %q, a refusal: %v", code, got, IsRefusal(err))
		}
	}
	placed := &pgconn.PgError{Code: "23514", TableName: "media_files", ConstraintName: "media_files_check"}
	if got := Explain(placed); !strings.Contains(got, ", table media_files, constraint media_files_check (SQLSTATE") {
		t.Error(got)
	}
	if got := Explain(errors.New("something else")); got != "" || Explain(nil) != "" || IsRefusal(nil) {
		t.Error(got)
	}
}
