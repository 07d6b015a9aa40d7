package db

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
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
	before, after = withoutPositions(before), withoutPositions(after)
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

// reread reads again and again until stop, and returns the longest that a reading took.
func reread(t *testing.T, stop chan struct{}, read func() error) (longest time.Duration) {
	for {
		select {
		case <-stop:
			return longest
		default:
		}
		begun := time.Now()
		if err := read(); err != nil {
			t.Errorf("reading while a purge runs: %v", err)
			return longest
		}
		longest = max(longest, time.Since(begun))
	}
}

// whole fails where rows are missing that belong together, as of one instant: tables are read one after the other.
func (s *Store) whole(ctx context.Context) error {
	return s.atOneInstant(ctx, func(ctx context.Context, tx transaction) error {
		var conversations int
		if err := tx.NewRaw("SELECT count(*) FROM conversations").Scan(ctx, &conversations); err != nil {
			return err
		}
		for table, rows := range map[string]int{"segments": 3, "messages": 3, "participants": 2, "metadata": 2, "media_files": 1} {
			var found int
			if err := tx.NewRaw("SELECT count(*) FROM ?", bun.Ident(table)).Scan(ctx, &found); err != nil {
				return err
			}
			if found != conversations*rows {
				return fmt.Errorf("%d conversations have %d %s", conversations, found, table)
			}
		}
		return nil
	})
}

// contents are the rows of the purged tables, but for what is random in them, and with names in place of ids.
func (s *Store) contents(t *testing.T) (lines []string) {
	t.Helper()
	names := s.namesOfRows(t)
	for _, table := range purgedTables() {
		var rows []string
		const query = "SELECT (to_jsonb(t) - 'idempotency_key' - 'sequence')::text FROM ? AS t"
		if err := s.db.NewRaw(query, table).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			var columns map[string]any
			if err := json.Unmarshal([]byte(row), &columns); err != nil {
				t.Fatal(err)
			}
			for column, value := range columns {
				columns[column] = names.instead(string(table), column, value)
			}
			lines = append(lines, fmt.Sprint(table, " ", columns))
		}
	}
	slices.Sort(lines)
	return lines
}

// rowNames are what rows are called that have ids, by their table and id.
type rowNames map[string]map[float64]string

func (s *Store) namesOfRows(t *testing.T) rowNames {
	t.Helper()
	names := rowNames{}
	for table, query := range map[string]string{
		"conversations": "SELECT conversation_id AS id, min(uuid::text) AS name FROM vcons GROUP BY 1",
		"segments":      "SELECT s.id, s.vcon_uuid || ' ' || s.position AS name FROM segments AS s",
		"media_files": "SELECT f.id, s.vcon_uuid || ' ' || s.position || ' ' || f.position AS name" +
			" FROM media_files AS f JOIN segments AS s ON s.id = f.segment_id",
	} {
		var rows []struct {
			ID   int64
			Name string
		}
		if err := s.db.NewRaw(query).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		names[table] = map[float64]string{}
		for _, row := range rows {
			names[table][float64(row.ID)] = row.Name
		}
	}
	return names
}

// instead is the name in place of an id, and any other value itself.
func (n rowNames) instead(table, column string, value any) any {
	if ids, several := value.([]any); several && column == "media_file_ids" {
		for i, id := range ids {
			ids[i] = n["media_files"][id.(float64)]
		}
		return ids
	}
	id, isNumber := value.(float64)
	of := map[string]string{"id": table, "conversation_id": "conversations", "segment_id": "segments"}[column]
	if !isNumber || of == "" {
		return value
	}
	return n[of][id]
}

// stored are the ids of the conversation of a sample, and of its recording.
func (s *Store) stored(ctx context.Context, number int) (id, file int64, err error) {
	const query = "SELECT f.conversation_id, f.id FROM vcons AS v JOIN media_files AS f USING (conversation_id) WHERE v.uuid = ?"
	err = s.db.NewRaw(query, sample(number).UUID).Scan(ctx, &id, &file)
	return id, file, err
}

// change does the n-th of a sequence of changes: imports, new versions of vCons, anonymizing, deleting of recordings.
func (s *Store) change(ctx context.Context, n int) error {
	number := n/4 + 2 // the first one is there
	switch n % 4 {
	case 0:
		_, err := s.Import(ctx, deed(), []*conversation.Incoming{sample(number)})
		return err
	case 1:
		other := sample(max(1, number-3))
		other.Participants[0].Name = fmt.Sprint("Ada, version ", n)
		_, err := s.Import(ctx, deed(), []*conversation.Incoming{other})
		return err
	case 2:
		id, _, err := s.stored(ctx, max(1, number-2))
		if err == nil {
			_, err = s.Anonymize(ctx, deed(), Everything(), []int64{id})
		}
		return err
	default:
		_, file, err := s.stored(ctx, number)
		if err == nil {
			_, err = s.ProtectMedia(ctx, deed(), Everything(), []int64{file},
				conversation.Protection{Reason: compliance.ReasonLegalClaim})
		}
		return err
	}
}

// Servers read and write while a purge swaps table after table. Nobody gets an error, everybody who reads at one instant
// finds what belongs together, and at the end every table has what it has without a purge.
func TestPurgeUnderLoad(t *testing.T) {
	t.Parallel()
	s, calm := newStore(t), newStore(t)
	calm.identity = s.identity
	for _, each := range []*Store{s, calm} {
		importOne(t, each)
		if _, err := each.SaveSettings(t.Context(), deed(), Save{BaseVersion: 1, Wanted: switches(allOn).wanted()}); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	longest := make([]time.Duration, 3)
	all.Go(func() { longest[0] = reread(t, stop, func() error { return s.whole(t.Context()) }) })
	all.Go(func() { longest[1] = reread(t, stop, func() error { return s.whole(t.Context()) }) })
	all.Go(func() {
		longest[2] = reread(t, stop, func() error {
			_, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, everyRow(), Want{Columns: AllColumns})
			return err
		})
	})
	changes := 0
	var slowest time.Duration
	all.Go(func() {
		for ; ; changes++ {
			select {
			case <-stop:
				return
			default:
			}
			begun := time.Now()
			if err := s.change(t.Context(), changes); err != nil {
				t.Errorf("change %d while a purge runs: %v", changes, err)
				return
			}
			slowest = max(slowest, time.Since(begun))
		}
	})
	before := catalog(t, s)
	for range 2 {
		if _, err := s.Purge(t.Context(), PurgeOptions{}, func(PurgeStep) {}); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	all.Wait()
	t.Logf("%d changes, the longest %s; the longest readings %s", changes, slowest, longest)
	compareCatalogs(t, before, catalog(t, s))
	for n := range changes {
		if err := calm.change(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := s.contents(t), calm.contents(t); !slices.Equal(got, want) {
		t.Errorf("after %d changes there are %d rows, want %d; the first that differ: %s", changes, len(got), len(want), difference(got, want))
	}
}

// withoutPositions is a catalog without how far its sequences are.
func withoutPositions(catalog []string) []string {
	position := regexp.MustCompile(`^(sequence .* [ai]) \d+$`)
	lines := slices.Clone(catalog)
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(position.ReplaceAllString(line, "$1"), " ")
	}
	slices.Sort(lines)
	return lines
}

// difference is the first line that is in one of two lists only.
func difference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return got[i] + " instead of " + want[i]
		}
	}
	return "in their number"
}
