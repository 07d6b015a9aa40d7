package db

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// purgeSchema is the schema in which Purge makes the new copy of a table, and records what changes meanwhile. What is in
// it after a purge has ended was left by a crash: dropping the schema removes it all, the trigger on the table included.
// The old table goes to retiredSchema, and is dropped where nobody waits for that.
const (
	purgeSchema   = "qm_purge"
	retiredSchema = "qm_purge_old"
)

// structure is how a table is made again: the statements in the order in which they run.
type structure struct {
	// Make makes the table in purgeSchema, without its indexes.
	Make []string
	// Complete adds, to the copied rows, indexes, unique keys and statistics objects.
	Complete []string
	// Swap puts the new table into the place of the old one. Foreign keys hold for what changes from then on.
	Swap []string
	// Validate checks the foreign keys of the rows that are there.
	Validate []string
}

// Names in these statements are found in the schema of the tables, which is the first of the search path. LIKE copies
// columns, defaults, checks and identity sequences, whose names follow from table and column.
const structureQuery = `
WITH t AS (
    SELECT c.*, nspname, format('%I.%I', nspname, relname) AS old, format('` + purgeSchema + `.%I', relname) AS new
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE c.oid = ?::regclass
), columns AS (
    SELECT t.new, a.* FROM t JOIN pg_attribute AS a ON attrelid = oid AND attnum > 0 AND NOT attisdropped
), sequences AS (
    SELECT s.oid, s.relname, s.relacl FROM t JOIN pg_depend AS d ON refclassid = 'pg_class'::regclass AND refobjid = t.oid
           AND classid = 'pg_class'::regclass AND deptype = 'i' JOIN pg_class AS s ON s.oid = objid AND s.relkind = 'S'
), grants AS (
    SELECT 'TABLE' AS kind, new AS name, '' AS of, a.* FROM t, aclexplode(relacl) AS a
    UNION ALL SELECT 'TABLE', new, format('(%I)', attname), a.* FROM columns, aclexplode(attacl) AS a
    UNION ALL SELECT 'SEQUENCE', format('` + purgeSchema + `.%I', relname), '', a.* FROM sequences, aclexplode(relacl) AS a
), keys AS (
    SELECT con.conname, CASE WHEN con.conrelid = t.oid THEN old ELSE con.conrelid::regclass::text END
           AS child, pg_get_constraintdef(con.oid) AS definition
      FROM t JOIN pg_constraint AS con ON contype = 'f' AND t.oid IN (conrelid, confrelid)
)
SELECT phase, statement FROM (
    SELECT 1 AS phase, 1 AS rank, '' AS name, format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES EXCLUDING STATISTICS)',
           new, old) AS statement FROM t
    UNION ALL SELECT 1, 2, '', format('ALTER TABLE %s OWNER TO %s', new, relowner::regrole) FROM t
    UNION ALL SELECT 1, 3, '', format('ALTER TABLE %s SET (%s)', new, array_to_string(reloptions, ', ')) FROM t WHERE reloptions <> '{}'
    UNION ALL SELECT 1, 3, '', format('ALTER TABLE %s SET (toast.%s)', new, array_to_string(r.reloptions, ', toast.'))
      FROM t JOIN pg_class AS r ON r.oid = t.reltoastrelid WHERE r.reloptions <> '{}'
    UNION ALL SELECT 1, 4, attname, format('ALTER TABLE %s ALTER %I SET STATISTICS %s', new, attname, attstattarget)
      FROM columns WHERE attstattarget >= 0
    UNION ALL SELECT 1, 4, attname, format('ALTER TABLE %s ALTER %I SET (%s)', new, attname, array_to_string(attoptions, ', '))
      FROM columns WHERE attoptions <> '{}'
    UNION ALL SELECT 1, 5, '', format('COMMENT ON TABLE %s IS %L', new, obj_description(oid, 'pg_class'))
      FROM t WHERE obj_description(oid, 'pg_class') IS NOT NULL
    UNION ALL SELECT 1, 6, name || privilege_type, format('GRANT %s %s ON %s %s TO %s%s', privilege_type, of, kind, name,
           CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
      FROM grants
    UNION ALL SELECT 2, 1, conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s', new, conname, pg_get_constraintdef(con.oid))
      FROM t JOIN pg_constraint AS con ON conrelid = t.oid AND contype IN ('p', 'u', 'x')
    UNION ALL SELECT 2, 2, i.relname, 'CREATE ' || CASE WHEN indisunique THEN 'UNIQUE ' ELSE '' END || format('INDEX %I ON %s', i.relname,
           new) || substr(pg_get_indexdef(i.oid), strpos(pg_get_indexdef(i.oid), ' USING '))
      FROM t JOIN pg_index ON indrelid = t.oid JOIN pg_class AS i ON i.oid = indexrelid
     WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.oid AND contype IN ('p', 'u', 'x'))
    UNION ALL SELECT 2, 3, stxname, format('CREATE STATISTICS ` + purgeSchema + `.%I', stxname) ||
           substr(left(definition, -length(t.oid::regclass::text)), 1 + length(format('CREATE STATISTICS %I.%I', nspname, stxname))) || new
      FROM t JOIN pg_statistic_ext AS e ON stxrelid = t.oid CROSS JOIN pg_get_statisticsobjdef(e.oid) AS definition
    UNION ALL SELECT 2, 4, stxname, format('ALTER STATISTICS ` + purgeSchema + `.%I OWNER TO %s', stxname, stxowner::regrole)
      FROM t JOIN pg_statistic_ext ON stxrelid = t.oid
    UNION ALL SELECT 3, 1, relname, format('PERFORM setval(''` + purgeSchema + `.%I'', last_value + ` + idsApart + `, is_called) FROM %s', relname,
           oid::regclass) FROM sequences
    UNION ALL SELECT 3, 2, child || conname, format('ALTER TABLE %s DROP CONSTRAINT %I', child, conname) FROM keys
    UNION ALL SELECT 3, 3, stxname, format('ALTER STATISTICS %I.%I SET SCHEMA ` + retiredSchema + `', nspname, stxname)
      FROM t JOIN pg_statistic_ext ON stxrelid = t.oid
    UNION ALL SELECT 3, 3, '', format('ALTER TABLE %s SET SCHEMA ` + retiredSchema + `', old) FROM t
    UNION ALL SELECT 3, 4, '', format('ALTER TABLE %s SET SCHEMA %I', new, nspname) FROM t
    UNION ALL SELECT 3, 5, stxname, format('ALTER STATISTICS ` + purgeSchema + `.%I SET SCHEMA %I', stxname, nspname)
      FROM t JOIN pg_statistic_ext ON stxrelid = t.oid
    UNION ALL SELECT 3, 6, child || conname, format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', child, conname, definition) FROM keys
    UNION ALL SELECT 4, 1, child || conname, format('ALTER TABLE %s VALIDATE CONSTRAINT %I', child, conname) FROM keys
) AS made ORDER BY phase, rank, name, statement`

// idsApart is how far the ids of the new table are from those of the old one. A transaction that takes its ids before it
// writes rows may take them from the old sequence until that is gone, more than were taken when the tables were swapped.
const idsApart = "1000000"

func structureOf(ctx context.Context, db bun.IDB, table string) (structure, error) {
	var rows []struct {
		Phase     int
		Statement string
	}
	if err := db.NewRaw(structureQuery, table).Scan(ctx, &rows); err != nil {
		return structure{}, err
	}
	var s structure
	for _, row := range rows {
		phase := []*[]string{&s.Make, &s.Complete, &s.Swap, &s.Validate}[row.Phase-1]
		*phase = append(*phase, row.Statement)
	}
	return s, nil
}

// shapeQuery describes a table without what ties it to others: two tables with the same shape are the same to everybody
// who uses them. It repeats nothing of structureQuery, so that each checks the other.
const shapeQuery = `
WITH t AS (SELECT c.*, nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE c.oid = ?::regclass)
SELECT string_agg(part, E'\n' ORDER BY part) FROM (
    SELECT format('table %s %s %s %s %s %s %s %s %s', relname, relowner, relam, reltablespace, relpersistence, relreplident, reloptions,
           obj_description(oid, 'pg_class'), relrowsecurity OR relispartition OR relhassubclass) AS part FROM t
    UNION ALL SELECT format('toast %s', r.reloptions) FROM t JOIN pg_class AS r ON r.oid = t.reltoastrelid
    UNION ALL SELECT format('column %s %s %s %s %s %s %s %s %s %s %s %s', row_number() OVER (ORDER BY attnum), attname,
           format_type(atttypid, atttypmod), attcollation, attnotnull, attidentity, attgenerated, attstorage, attcompression,
           nullif(attstattarget, -1), attoptions, replace(pg_get_expr(adbin, adrelid), '` + purgeSchema + `.', nspname || '.'))
           || coalesce(col_description(t.oid, attnum), '')
      FROM t JOIN pg_attribute ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL SELECT format('constraint %s %s %s %s', conname, pg_get_constraintdef(con.oid), convalidated,
           obj_description(con.oid, 'pg_constraint'))
      FROM t JOIN pg_constraint AS con ON conrelid = t.oid AND contype NOT IN ('f', 't')
    UNION ALL SELECT format('index %s %s %s %s %s %s %s %s %s %s', i.relname, indisunique, indimmediate, indisclustered, indisreplident,
           indisvalid, i.reloptions, i.reltablespace, obj_description(i.oid, 'pg_class'),
           substr(pg_get_indexdef(i.oid), strpos(pg_get_indexdef(i.oid), ' USING ')))
      FROM t JOIN pg_index ON indrelid = t.oid JOIN pg_class AS i ON i.oid = indexrelid
    UNION ALL SELECT format('statistics of an index %s %s %s', i.relname, attname, attstattarget)
      FROM t JOIN pg_index ON indrelid = t.oid JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_attribute ON attrelid = i.oid
     WHERE attstattarget >= 0
    UNION ALL SELECT format('statistics %s %s %s %s %s %s %s', stxname, stxowner, stxkind, stxstattarget, pg_get_statisticsobjdef_columns(e.oid),
           pg_get_statisticsobjdef_expressions(e.oid), obj_description(e.oid, 'pg_statistic_ext'))
      FROM t JOIN pg_statistic_ext AS e ON stxrelid = t.oid
    UNION ALL SELECT format('sequence %s %s %s %s %s %s %s %s', s.relname, s.relowner, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)
           || format(' %s', (SELECT array_agg(a::text ORDER BY a::text) FROM aclexplode(coalesce(s.relacl, acldefault('s', s.relowner))) AS a))
      FROM t JOIN pg_depend AS d ON refclassid = 'pg_class'::regclass AND refobjid = t.oid AND classid = 'pg_class'::regclass
           AND deptype IN ('a', 'i') JOIN pg_class AS s ON s.oid = objid JOIN pg_sequence ON seqrelid = s.oid
    UNION ALL SELECT format('grant %s', a) FROM t, aclexplode(coalesce(relacl, acldefault('r', relowner))) AS a
    UNION ALL SELECT format('grant %s %s', attname, a) FROM t JOIN pg_attribute ON attrelid = t.oid, aclexplode(attacl) AS a
) AS parts`

func shapeOf(ctx context.Context, db bun.IDB, table string) (shape string, err error) {
	err = db.NewRaw(shapeQuery, table).Scan(ctx, &shape)
	return shape, err
}

// hindranceQuery says why a table cannot be swapped; it has no row where it can.
const hindranceQuery = `
WITH t AS (SELECT * FROM pg_class WHERE oid = ?::regclass), others AS (
    SELECT CASE t.oid WHEN conrelid THEN confrelid ELSE conrelid END AS oid FROM t JOIN pg_constraint ON contype = 'f'
     AND t.oid IN (conrelid, confrelid))
SELECT reason FROM (
    SELECT 1 AS rank, 'the account may not make a schema in this database' AS reason
     WHERE NOT has_database_privilege(current_database(), 'CREATE')
    UNION ALL SELECT 2, 'the account owns not all of the tables that foreign keys lead to and from'
      FROM pg_class WHERE oid IN (SELECT oid FROM t UNION SELECT oid FROM others) AND NOT pg_has_role(relowner, 'USAGE')
    UNION ALL SELECT 3, 'it has no primary key'
     WHERE NOT EXISTS (SELECT FROM t JOIN pg_index ON indrelid = t.oid AND indisprimary AND indimmediate)
    UNION ALL SELECT 4, 'it, or an index, has a tablespace, storage, a replica identity or a partition of its own' FROM t
     WHERE relkind <> 'r' OR relpersistence <> 'p' OR reltablespace <> 0 OR relreplident <> 'd' OR relispartition OR relhassubclass
        OR relam <> (SELECT oid FROM pg_am WHERE amname = 'heap') OR relrowsecurity OR EXISTS (SELECT FROM pg_index JOIN pg_class AS i
           ON i.oid = indexrelid WHERE indrelid = t.oid AND (i.reltablespace <> 0 OR indisclustered OR NOT indisvalid))
    UNION ALL SELECT 5, format('it has the trigger %s', tgname) FROM t JOIN pg_trigger ON tgrelid = t.oid AND NOT tgisinternal
    UNION ALL SELECT 6, 'it has a foreign key to itself' FROM t JOIN others USING (oid)
    UNION ALL SELECT 7, 'views, functions, policies, publications or other things depend on it'
      FROM t JOIN pg_depend ON (refclassid = 'pg_class'::regclass AND refobjid = t.oid
                            OR refclassid = 'pg_type'::regclass AND refobjid = t.reltype AND objid <> t.oid)
     WHERE classid NOT IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass, 'pg_trigger'::regclass, 'pg_type'::regclass,
           'pg_statistic_ext'::regclass)
       AND NOT (classid = 'pg_class'::regclass AND (deptype = 'i' OR objid IN (SELECT indexrelid FROM pg_index WHERE indrelid = t.oid)))
) AS found ORDER BY rank LIMIT 1`

// hindrance says why a table cannot be swapped; it is empty where it can.
func hindrance(ctx context.Context, db bun.IDB, table string) (string, error) {
	var reasons []string
	err := db.NewRaw(hindranceQuery, table).Scan(ctx, &reasons)
	return strings.Join(reasons, ""), err
}

// block is the statements as one, which takes one round trip.
func block(statements []string) string {
	return "DO $" + purgeSchema + "$ BEGIN " + strings.Join(statements, "; ") + "; END $" + purgeSchema + "$"
}
