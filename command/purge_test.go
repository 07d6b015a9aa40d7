package command

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"qm-compliance/postgres/postgrestest"
)

// On a server that is not the program's own, purge names the files that a crash left, or says that it may not
// look, and does not end as if all were well.
func TestPurgeOfAGivenServer(t *testing.T) {
	t.Parallel()
	address := postgrestest.URL(t)
	i := open(t, sharedFlags{Database: address, MediaURL: filepath.Join(t.TempDir(), "media")})
	purge := func(as string) (int, string) {
		status, out, errors := command(t, "purge", "--database-url", as)
		return status, out + errors
	}
	if status, text := purge(address); status != 0 || strings.Contains(text, "crash of the server") {
		t.Errorf("nothing is left, and it ends with %d: %s", status, text)
	}
	var folder string
	const where = `SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database
		WHERE datname = current_database()`
	if err := i.pool.QueryRow(t.Context(), where).Scan(&folder); err != nil {
		t.Fatal(err)
	}
	leftover := filepath.Join(folder, "999999")
	// PostgreSQL itself writes it, whoever runs the tests.
	if _, err := i.pool.Exec(t.Context(), "COPY (SELECT 'left') TO '"+leftover+"'"); err != nil {
		t.Fatal(err)
	}
	if status, text := purge(address); status != 2 || !strings.Contains(text, "/999999\n") ||
		!strings.Contains(text, "(1, together 5 bytes)") {
		t.Errorf("a file is left, and it ends with %d: %s", status, text)
	}
	if _, err := os.Stat(leftover); err != nil {
		t.Errorf("the file of a server that is not the program's: %v", err)
	}
	if status, text := purge(i.ordinary(t, address)); status != 2 || !strings.Contains(text, "may not look for them") ||
		!strings.Contains(text, "pg_ls_dir") {
		t.Errorf("it may not look, and ends with %d: %s", status, text)
	}
}

// ordinary makes an account that owns the database's tables and may do nothing else, and returns its address.
func (i *installation) ordinary(t *testing.T, address string) string {
	t.Helper()
	name := i.pool.Config().ConnConfig.Database + "_owner"
	role := pgx.Identifier{name}.Sanitize()
	run := func(statements ...string) {
		for _, statement := range statements {
			if _, err := i.pool.Exec(t.Context(), statement); err != nil {
				t.Fatal(statement, err)
			}
		}
	}
	run("CREATE ROLE "+role+" LOGIN", "GRANT USAGE, CREATE ON SCHEMA public TO "+role, `DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
			EXECUTE format('ALTER TABLE %I OWNER TO `+role+`', t);
		END LOOP; END $$`)
	t.Cleanup(func() {
		for _, statement := range []string{"REASSIGN OWNED BY " + role + " TO CURRENT_USER", "DROP OWNED BY " + role,
			"DROP ROLE " + role} {
			if _, err := i.pool.Exec(context.Background(), statement); err != nil {
				t.Error(statement, err)
			}
		}
	})
	as, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	as.User = url.User(name)
	return as.String()
}
