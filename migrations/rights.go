package migrations

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// A server's role changes rows, and no structure. What it may do with a table follows from the table: what
// refuses changes (refuse_change) takes new rows only, and what records the structure is read only.
const wantedRights = `
SELECT c.oid, c.relname, c.relowner,
       EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
                WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change') AS append_only,
       CASE WHEN c.relname IN ('bun_migrations', 'bun_migration_locks', 'river_migration') THEN '{SELECT}'
            WHEN EXISTS (SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
                          WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change') THEN '{SELECT,INSERT}'
            WHEN c.relkind = 'S' THEN '{USAGE}'
            WHEN c.relkind = 'v' THEN '{SELECT}'
            ELSE '{SELECT,INSERT,UPDATE,DELETE}' END::text[] AS wanted
  FROM pg_class AS c
 WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
   AND c.relkind IN ('r', 'p', 'S', 'v')`

// Grant gives a role what a server needs in the schema of the tables, and takes away what else it has there.
// It is for the owner of the tables, and may be repeated. Run calls it again for the same roles where it has
// applied a step. It refuses a role that owns the tables, or can take the owner's place.
func Grant(ctx context.Context, db *bun.DB, role string) error {
	unlock, err := lock(ctx, db)
	if err != nil {
		return err
	}
	defer unlock()
	return grant(ctx, db, role)
}

// grant is called under the lock: PostgreSQL fails where two transactions change the rights on one table.
func grant(ctx context.Context, db *bun.DB, role string) error {
	var found, mighty bool
	const known = `
SELECT count(*) > 0, coalesce(bool_or(r.rolsuper OR EXISTS (
           SELECT FROM pg_class
            WHERE oid = to_regclass('audit_events') AND pg_has_role(r.oid, relowner, 'MEMBER'))), false)
  FROM pg_roles AS r WHERE r.rolname = ?`
	if err := db.NewRaw(known, role).Scan(ctx, &found, &mighty); err != nil {
		return err
	}
	switch {
	case !found:
		return fmt.Errorf("PostgreSQL has no role %q; make it first, such as by CREATE ROLE %q LOGIN PASSWORD '...'",
			role, role)
	case mighty:
		return fmt.Errorf("the role %q is a superuser, owns the tables, or belongs to the role that does, so that "+
			"no grant bounds what it may do; name another role", role)
	}
	return db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		statements, err := grants(ctx, tx, role)
		for _, statement := range statements {
			if err == nil {
				_, err = tx.NewRaw(statement).Exec(ctx)
			}
		}
		if err != nil {
			return fmt.Errorf("grant rights to %q: %w", role, err)
		}
		return nil
	})
}

func grants(ctx context.Context, tx bun.Tx, role string) (statements []string, err error) {
	const query = `
SELECT format(statement, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, w.oid::regclass,
              array_to_string(w.wanted, ', '), quote_ident(?))
  FROM (` + wantedRights + `) AS w
  JOIN pg_class AS c USING (oid),
       unnest(ARRAY['REVOKE ALL ON %1$s %2$s FROM %4$s', 'GRANT %3$s ON %1$s %2$s TO %4$s'])
       WITH ORDINALITY AS s (statement, i)
 ORDER BY w.oid, i`
	if err := tx.NewRaw(query, role).Scan(ctx, &statements); err != nil {
		return nil, err
	}
	var schema []string
	const about = `
SELECT unnest(ARRAY[format('REVOKE ALL ON SCHEMA %I FROM %I', current_schema(), ?0::text),
                    format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), ?0::text)])`
	err = tx.NewRaw(about, role).Scan(ctx, &schema)
	return append(statements, schema...), err
}

// renew gives the roles that Grant was called for their rights on what is new. They are those that may write
// to the audit log by a grant of their own.
func renew(ctx context.Context, db *bun.DB) error {
	const query = `
SELECT r.rolname FROM pg_class AS c, aclexplode(c.relacl) AS a JOIN pg_roles AS r ON r.oid = a.grantee
 WHERE c.oid = to_regclass('audit_events') AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner`
	var roles []string
	if err := db.NewRaw(query).Scan(ctx, &roles); err != nil {
		return err
	}
	for _, role := range roles {
		if err := grant(ctx, db, role); err != nil {
			return err
		}
	}
	return nil
}

// Rights are how what the role of a connection may do differs from what Grant gives.
type Rights struct {
	// Role is who is asking.
	Role string
	// Lacks are the rights without which a server fails, such as "INSERT on audit_events".
	Lacks []string
	// Excess is by what the role can change or delete what is in the audit log, such as "it owns tables".
	Excess []string
}

// CheckRights compares the rights of the connection's role with those that Grant gives. A database without
// tables lacks none. It reads the catalogs only, which every role may.
func CheckRights(ctx context.Context, db *bun.DB) (Rights, error) {
	var rights Rights
	if err := db.NewRaw("SELECT current_user").Scan(ctx, &rights.Role); err != nil {
		return Rights{}, err
	}
	const lacks = `
SELECT p || ' on ' || w.relname
  FROM (` + wantedRights + `) AS w JOIN pg_class AS c USING (oid), unnest(w.wanted) AS p
 WHERE NOT CASE c.relkind WHEN 'S' THEN has_sequence_privilege(w.oid, p) ELSE has_table_privilege(w.oid, p) END
 ORDER BY w.relname, p`
	const excess = `
SELECT says FROM (
    SELECT 1 AS i, 'it is a superuser' AS says FROM pg_roles WHERE rolname = current_user AND rolsuper
    UNION ALL SELECT 2, 'it may make roles (CREATEROLE)'
      FROM pg_roles WHERE rolname = current_user AND rolcreaterole
    UNION ALL SELECT 3,
           'it owns tables, or belongs to a role that does: ' || string_agg(relname, ', ' ORDER BY relname)
      FROM (` + wantedRights + `) AS w WHERE pg_has_role(relowner, 'MEMBER') HAVING count(*) > 0
    UNION ALL SELECT 4, 'it may ' || string_agg(p, ', ') || ' ' || relname
      FROM (` + wantedRights + `) AS w, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p
     WHERE append_only AND (has_table_privilege(oid, p) OR p = 'UPDATE' AND has_any_column_privilege(oid, p))
     GROUP BY relname
    UNION ALL SELECT 5, 'it may make tables and functions in the schema ' || current_schema()
     WHERE has_schema_privilege(current_schema(), 'CREATE')
    UNION ALL SELECT 6, 'it may set session_replication_role, which turns triggers off'
     WHERE has_parameter_privilege('session_replication_role', 'SET')
    UNION ALL SELECT 7, 'it belongs to ' || r.rolname FROM pg_roles AS r
     WHERE rolname IN ('pg_execute_server_program', 'pg_write_server_files') AND pg_has_role(oid, 'MEMBER')
) AS found ORDER BY i, says`
	if err := db.NewRaw(lacks).Scan(ctx, &rights.Lacks); err != nil {
		return Rights{}, err
	}
	if err := db.NewRaw(excess).Scan(ctx, &rights.Excess); err != nil {
		return Rights{}, err
	}
	if slices.Contains(rights.Excess, superuser) { // who may do everything, in all the ways that there are
		rights.Excess = []string{superuser}
	}
	return rights, nil
}

const superuser = "it is a superuser"

// Sufficient fails where a server could not work with these rights.
func (r Rights) Sufficient() error {
	if len(r.Lacks) == 0 {
		return nil
	}
	const most = 5
	list := strings.Join(r.Lacks[:min(len(r.Lacks), most)], ", ")
	if more := len(r.Lacks) - most; more > 0 {
		list += fmt.Sprintf(", and %d more", more)
	}
	return fmt.Errorf("the role %q of DATABASE_URL lacks rights in the database: %s; "+
		"run qm-compliance migrate --grant %s as the owner of the tables", r.Role, list, r.Role)
}

// Bounded fails where the role could change the audit log.
func (r Rights) Bounded() error {
	if len(r.Excess) == 0 {
		return nil
	}
	return fmt.Errorf("the role %q of DATABASE_URL can change the audit log: %s", r.Role, strings.Join(r.Excess, "; "))
}
