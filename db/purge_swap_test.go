package db

import (
	"slices"
	"strings"
	"testing"
)

// catalog is everything that PostgreSQL knows of the structure of the public schema, by name.
func catalog(t *testing.T, s *Store) []string {
	t.Helper()
	const query = `
SELECT concat_ws(' ', 'relation', relname, relkind, relowner::regrole, relreplident, reloptions, relhastriggers, relispartition,
       (SELECT array_agg(a::text ORDER BY a::text) FROM aclexplode(relacl) AS a), obj_description(oid, 'pg_class')) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'column', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
       attstorage, attcompression, attstattarget, attoptions, pg_get_expr(adbin, adrelid), attacl, col_description(attrelid, attnum))
  FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, contype, condeferrable, condeferred, convalidated,
       conindid::regclass, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisunique, indisprimary, indisvalid, indimmediate) FROM pg_index
  JOIN pg_class AS c ON c.oid = indrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', pg_get_statisticsobjdef(oid), stxowner::regrole, stxkind) FROM pg_statistic_ext
UNION ALL SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled, tgtype, tgisinternal, tgfoid::regproc, tgconstrrelid::regclass,
       (SELECT conname FROM pg_constraint WHERE oid = tgconstraint)) FROM pg_trigger
UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache,
       seqcycle, refobjid::regclass, refobjsubid, deptype, pg_sequence_last_value(seqrelid)) FROM pg_sequence
  LEFT JOIN pg_depend ON classid = 'pg_class'::regclass AND objid = seqrelid AND deptype IN ('a', 'i')
UNION ALL SELECT concat_ws(' ', 'function', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'schema', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%'
 ORDER BY 1`
	var lines []string
	if err := s.db.NewRaw(query).Scan(t.Context(), &lines); err != nil {
		t.Fatal(err)
	}
	return lines
}

// compareCatalogs reports what is only in one of two catalogs.
func compareCatalogs(t *testing.T, before, after []string) {
	t.Helper()
	for _, line := range before {
		if !slices.Contains(after, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			t.Errorf("new: %s", line)
		}
	}
	if len(before) != len(after) {
		t.Errorf("%d things before, %d after", len(before), len(after))
	}
}

// Every table is swapped, those included that foreign keys lead to, and the structure is that of a fresh migration, with
// what an administrator has set.
func TestPurgeKeepsTheStructure(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	for _, statement := range []string{
		"ALTER TABLE messages SET (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_enabled = false)",
		"ALTER TABLE messages ALTER text SET STORAGE EXTERNAL", "ALTER TABLE metadata ALTER value SET STATISTICS 500",
		"ALTER TABLE metadata ALTER value SET (n_distinct = -0.5)", "COMMENT ON TABLE messages IS 'it''s said'",
		"COMMENT ON COLUMN messages.text IS 'what was said'", "GRANT SELECT, UPDATE ON messages TO PUBLIC",
		"GRANT SELECT ON conversations TO pg_monitor WITH GRANT OPTION", "GRANT UPDATE (title) ON segments TO pg_monitor",
		"GRANT USAGE ON SEQUENCE segments_id_seq TO pg_monitor",
	} {
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	before, files := catalog(t, s), s.filesOfTables(t)
	plan, err := s.PlanPurge(t.Context(), PurgeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range plan.Tables {
		if table.Method != Swapped || table.Bytes == 0 || table.Lasts <= 0 {
			t.Errorf("planned: %+v", table)
		}
	}
	for range 2 {
		var steps []PurgeStep
		if _, err := s.Purge(t.Context(), PurgeOptions{}, func(step PurgeStep) { steps = append(steps, step) }); err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if strings.Contains(step.Does, "where it is") || strings.Contains(step.Lock, "nobody") {
				t.Errorf("a table is locked: %+v", step)
			}
		}
		compareCatalogs(t, before, catalog(t, s))
		for table, file := range s.filesOfTables(t) {
			if file == files[table] {
				t.Errorf("%s is in the file that it was in", table)
			}
			files[table] = file
		}
	}
	mustImport(t, s, sample(2)) // the sequences go on
}

// filesOfTables returns where the purged tables are.
func (s *Store) filesOfTables(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, table := range purgedTables() {
		var path string
		if err := s.db.NewRaw("SELECT pg_relation_filepath(?::regclass)", string(table)).Scan(t.Context(), &path); err != nil {
			t.Fatal(err)
		}
		files[string(table)] = path
	}
	return files
}
