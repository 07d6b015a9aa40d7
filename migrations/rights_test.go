package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

// connect opens a database as long as the test runs.
func connect(t *testing.T, address string) *bun.DB {
	t.Helper()
	pool, opened, err := db.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close(); pool.Close() })
	return opened
}

// newRole makes a role of the test's own, which is gone with it.
func newRole(t *testing.T, owner *bun.DB, attributes string) string {
	t.Helper()
	name := strings.ToLower(fmt.Sprintf("qm \"%s\" %d", t.Name(), os.Getpid()))
	if len(name) > 63 {
		t.Fatal("the name is too long for PostgreSQL")
	}
	do(t, owner, "CREATE ROLE ? "+attributes, bun.Ident(name))
	t.Cleanup(func() {
		for _, statement := range []string{"DROP OWNED BY ?", "DROP ROLE ?"} {
			if _, err := owner.ExecContext(context.Background(), statement, bun.Ident(name)); err != nil {
				t.Error(err)
			}
		}
	})
	return name
}

func do(t *testing.T, database *bun.DB, statement string, arguments ...any) {
	t.Helper()
	if _, err := database.ExecContext(t.Context(), statement, arguments...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// asServer is the migrated database, as its owner and as a role that the rights of a server were granted to.
func asServer(t *testing.T) (owner, server *bun.DB) {
	t.Helper()
	address := postgrestest.EmptyURL(t)
	owner = connect(t, address)
	if _, err := migrations.Run(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Grant(t.Context(), owner, postgrestest.ServerRole); err != nil {
		t.Fatal(err)
	}
	return owner, connect(t, postgrestest.AsServer(address))
}

// appendOnly are the tables of the audit log. That they are all is what TestTheAuditLogIsItsTables holds.
func appendOnly() []string { return []string{"audit_events", "audit_operations", "audit_totals"} }

// Every table whose name says that it is of the audit log refuses changes, and no other does.
func TestTheAuditLogIsItsTables(t *testing.T) {
	t.Parallel()
	owner, _ := asServer(t)
	var named, guarded []string
	if err := owner.NewRaw(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'audit\_%'
		ORDER BY 1`).Scan(t.Context(), &named); err != nil {
		t.Fatal(err)
	}
	if err := owner.NewRaw(`SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgfoid = 'refuse_change'::regproc
		ORDER BY 1`).Scan(t.Context(), &guarded); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(named, appendOnly()) || !slices.Equal(guarded, appendOnly()) {
		t.Errorf("named %v, guarded %v", named, guarded)
	}
}

// A server's role may add to the audit log, and change nothing about it: neither rows nor what guards them.
// PostgreSQL refuses for want of a right, before any trigger is asked.
func TestAServerCannotChangeTheAuditLog(t *testing.T) {
	t.Parallel()
	owner, server := asServer(t)
	do(t, server, "INSERT INTO audit_operations VALUES (gen_random_uuid(), now(), '', '', 'ACCESS_DENIED')")
	const event = `INSERT INTO audit_events (id, operation_id, occurred_at, actor_id, actor_name, activity, result, encoding)
		SELECT gen_random_uuid(), id, now(), '', '', 'ACCESS_DENIED', 'FAILURE', 'x' FROM audit_operations`
	do(t, server, event)
	do(t, server, "INSERT INTO audit_totals SELECT id, 'denied', 1 FROM audit_operations")
	statements := []string{
		"SET session_replication_role = replica", "TRUNCATE audit_operations CASCADE", "DROP TABLE audit_operations CASCADE",
		"ALTER FUNCTION refuse_change() RENAME TO refuse_nothing", "DROP FUNCTION refuse_change() CASCADE",
		"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
		"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "CREATE TABLE mine ()",
		"ALTER DOMAIN audit_activity DROP CONSTRAINT audit_activity_check", "DROP DOMAIN audit_activity CASCADE",
		"ALTER SCHEMA public RENAME TO old", "DROP SCHEMA public CASCADE", "SET ROLE pg_write_all_data",
		"CREATE ROLE qm_mine", "DELETE FROM bun_migrations", "UPDATE river_migration SET version = 0",
		"INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (id) DO UPDATE SET actor_name = 'x'",
		"INSERT INTO audit_operations SELECT * FROM audit_operations ON CONFLICT (id) DO UPDATE SET actor_name = 'x'",
		"SET SESSION AUTHORIZATION pg_monitor", "CREATE TEMP TABLE audit_events () INHERITS (public.audit_events)",
	}
	for _, table := range appendOnly() {
		var column string
		if err := owner.NewRaw("SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum = 1",
			table).Scan(t.Context(), &column); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"UPDATE %[1]s SET %[2]s = %[2]s", "DELETE FROM %[1]s", "TRUNCATE %[1]s", "TRUNCATE %[1]s CASCADE",
			"SELECT * FROM %[1]s FOR UPDATE", "SELECT * FROM %[1]s FOR KEY SHARE", "DO 'BEGIN LOCK TABLE %[1]s IN EXCLUSIVE MODE; END'",
			"MERGE INTO %[1]s AS old USING %[1]s AS new ON false WHEN MATCHED THEN DELETE",
			"ALTER TABLE %[1]s DISABLE TRIGGER ALL", "ALTER TABLE %[1]s DISABLE TRIGGER %[1]s_append_only",
			"DROP TRIGGER %[1]s_append_only ON %[1]s", "ALTER TRIGGER %[1]s_append_only ON %[1]s RENAME TO x",
			"CREATE TRIGGER x BEFORE INSERT ON %[1]s FOR EACH ROW EXECUTE FUNCTION refuse_change()",
			"CREATE RULE x AS ON INSERT TO %[1]s DO INSTEAD NOTHING", "ALTER TABLE %[1]s DROP COLUMN %[2]s CASCADE",
			"ALTER TABLE %[1]s RENAME TO x", "ALTER TABLE %[1]s SET SCHEMA pg_temp", "ALTER TABLE %[1]s OWNER TO CURRENT_USER",
			"ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY", "DROP TABLE %[1]s CASCADE", "CREATE INDEX x ON %[1]s (%[2]s)",
			"CLUSTER %[1]s USING %[1]s_pkey", "REINDEX TABLE %[1]s",
		} {
			statements = append(statements, fmt.Sprintf(statement, table, column))
		}
	}
	for _, statement := range statements {
		_, err := server.ExecContext(t.Context(), statement)
		var refused *pgconn.PgError
		const insufficientPrivilege = "42501"
		if !errors.As(err, &refused) || refused.Code != insufficientPrivilege ||
			strings.Contains(refused.Message, "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, table := range appendOnly() { // PostgreSQL warns only
		do(t, server, "GRANT ALL ON ? TO CURRENT_USER", bun.Ident(table))
	}
	if rights, err := migrations.CheckRights(t.Context(), server); err != nil || rights.Bounded() != nil {
		t.Errorf("after granting to itself: %+v, %v", rights, err)
	}
	var rows int
	if err := owner.NewRaw("SELECT (SELECT count(*) FROM audit_operations) + (SELECT count(*) FROM audit_events)"+
		" + (SELECT count(*) FROM audit_totals)").Scan(t.Context(), &rows); err != nil || rows != 3 {
		t.Errorf("the log has %d rows, %v", rows, err)
	}
}

// Each way in which a role has more than its rights is named; so is a right that it lacks.
func TestCheckRights(t *testing.T) {
	t.Parallel()
	owner, server := asServer(t)
	check := func(database *bun.DB) migrations.Rights {
		t.Helper()
		rights, err := migrations.CheckRights(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		return rights
	}
	if got := check(server); got.Sufficient() != nil || got.Bounded() != nil || got.Role != postgrestest.ServerRole {
		t.Errorf("as granted: %+v", got)
	}
	if got := check(owner); got.Sufficient() != nil || !slices.Equal(got.Excess, []string{"it is a superuser"}) {
		t.Errorf("the owner: %+v", got)
	}
	const role = postgrestest.ServerRole
	for _, row := range []struct{ change, back, lacks, excess string }{
		{"GRANT UPDATE, DELETE ON audit_totals TO " + role, "", "", "it may UPDATE, DELETE audit_totals"},
		{"GRANT TRUNCATE, TRIGGER ON audit_events TO " + role, "", "", "it may TRUNCATE, TRIGGER audit_events"},
		{"GRANT UPDATE (actor_name) ON audit_events TO " + role, "", "", "it may UPDATE audit_events"},
		{"GRANT CREATE ON SCHEMA public TO " + role, "", "", "it may make tables and functions in the schema public"},
		{"ALTER TABLE metadata OWNER TO " + role, "ALTER TABLE metadata OWNER TO CURRENT_USER", "",
			"it owns tables, or belongs to a role that does: metadata"},
		{"REVOKE INSERT ON audit_events FROM " + role, "", "INSERT on audit_events", ""},
		{"REVOKE ALL ON SEQUENCE river_job_id_seq FROM " + role, "", "USAGE on river_job_id_seq", ""},
		{"GRANT UPDATE ON audit_events TO PUBLIC", "REVOKE UPDATE ON audit_events FROM PUBLIC", "", "it may UPDATE audit_events"},
	} {
		do(t, owner, row.change)
		got := check(server)
		if strings.Join(got.Lacks, "; ") != row.lacks || strings.Join(got.Excess, "; ") != row.excess {
			t.Errorf("%s: %+v", row.change, got)
		}
		if row.back != "" {
			do(t, owner, row.back)
		}
		if err := migrations.Grant(t.Context(), owner, role); err != nil {
			t.Fatal(err)
		}
		if got := check(server); got.Sufficient() != nil || got.Bounded() != nil {
			t.Errorf("granted again after %s: %+v", row.change, got)
		}
	}
}

// A role that could not be bounded is refused, and so is one that does not exist.
func TestGrantRefuses(t *testing.T) {
	t.Parallel()
	owner, _ := asServer(t)
	if err := migrations.Grant(t.Context(), owner, "qm_nobody"); err == nil || !strings.Contains(err.Error(), "CREATE ROLE") {
		t.Errorf("no such role: %v", err)
	}
	role := newRole(t, owner, "SUPERUSER")
	if err := migrations.Grant(t.Context(), owner, role); err == nil || !strings.Contains(err.Error(), "superuser") {
		t.Errorf("a superuser: %v", err)
	}
	do(t, owner, "ALTER ROLE ? NOSUPERUSER", bun.Ident(role))
	if err := migrations.Grant(t.Context(), owner, role); err != nil {
		t.Errorf("a role with a name of its own: %v", err)
	}
	do(t, owner, "ALTER TABLE audit_events OWNER TO ?", bun.Ident(role))
	if err := migrations.Grant(t.Context(), owner, role); err == nil || !strings.Contains(err.Error(), "owns the tables") {
		t.Errorf("the owner: %v", err)
	}
	do(t, owner, "ALTER TABLE audit_events OWNER TO CURRENT_USER")
}

// A role that was granted the rights of a server gets them on what a later version adds, without being named
// again, and no others.
func TestRightsOnWhatIsNew(t *testing.T) {
	t.Parallel()
	owner, server := asServer(t)
	later := fstest.MapFS{}
	for _, row := range []struct{ step, statements, refused string }{
		{"99990101000001_new.tx.up.sql", "CREATE TABLE new (id integer GENERATED ALWAYS AS IDENTITY, number bigserial);", "TRUNCATE new"},
		{"99990101000002_log.tx.up.sql", "CREATE TABLE new_log (id integer); CREATE TRIGGER new_log_append_only BEFORE UPDATE OR " +
			"DELETE OR TRUNCATE ON new_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();", "DELETE FROM new_log"},
	} {
		later[row.step] = &fstest.MapFile{Data: []byte(row.statements)}
		if applied, err := migrations.Run(t.Context(), owner, later); err != nil || len(applied) != 1 {
			t.Fatal(applied, err)
		}
		rights, err := migrations.CheckRights(t.Context(), server)
		if err != nil || rights.Sufficient() != nil || rights.Bounded() != nil {
			t.Errorf("after %s: %+v, %v", row.step, rights, err)
		}
		if _, err := server.ExecContext(t.Context(), row.refused); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", row.refused, err)
		}
	}
	do(t, server, "INSERT INTO new DEFAULT VALUES")
	do(t, server, "INSERT INTO new_log VALUES (1)")
}
