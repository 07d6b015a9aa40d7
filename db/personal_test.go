package db

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

// Whatever can hold text is in the list of personal data, as personal or excused with a reason.
func TestEveryColumnIsListed(t *testing.T) {
	t.Parallel()
	problems, err := compareWithCatalog(t.Context(), newStore(t).db)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// The comparison finds every column that is added by hand, and every listed column that is gone.
func TestTheListIsComparedWithTheDatabase(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, row := range []struct{ statement, problem string }{
		{"ALTER TABLE participants ADD COLUMN note text", "participants.note (text) is not listed"},
		{
			"ALTER TABLE participants ADD COLUMN note varchar(3)",
			"participants.note (character varying(3)) is not listed",
		},
		{"ALTER TABLE participants ADD COLUMN note char", "participants.note (character(1)) is not listed"},
		{"ALTER TABLE audit_events ADD COLUMN note json", "audit_events.note (json) is not listed"},
		{"ALTER TABLE audit_events ADD COLUMN note jsonb", "audit_events.note (jsonb) is not listed"},
		{"ALTER TABLE messages ADD COLUMN note bytea", "messages.note (bytea) is not listed"},
		{"ALTER TABLE messages ADD COLUMN note xml", "messages.note (xml) is not listed"},
		{"ALTER TABLE messages ADD COLUMN note text[]", "messages.note (text[]) is not listed"},
		{"ALTER TABLE messages ADD COLUMN note tsvector", "messages.note (tsvector) is not listed"},
		{"ALTER TABLE messages ADD COLUMN note inet", "messages.note (inet) is not listed"},
		{"CREATE DOMAIN d AS text; ALTER TABLE messages ADD COLUMN note d", "messages.note (d) is not listed"},
		{
			"CREATE DOMAIN d AS text[]; ALTER TABLE messages ADD COLUMN note d[]",
			"messages.note (d[]) is not listed",
		},
		{"CREATE TYPE c AS (a int); ALTER TABLE messages ADD COLUMN note c", "messages.note (c) is not listed"},
		{"CREATE TABLE notes (note text)", "notes.note (text) is not listed"},
		{"CREATE SCHEMA other CREATE TABLE notes (note text)", "other.notes.note (text) is not listed"},
		{"CREATE MATERIALIZED VIEW notes AS SELECT name FROM participants", "notes.name (text) is not listed"},
		{"ALTER TABLE participants DROP COLUMN name", "participants.name is listed, but not in the database"},
		{
			"ALTER TABLE river_queue DROP COLUMN metadata",
			"river_queue.metadata is listed, but not in the database",
		},
		{
			"ALTER TABLE participants RENAME COLUMN name TO title",
			"participants.title (text) is not listed; " +
				"participants.name is listed, but not in the database",
		},
		{"ALTER TABLE participants ADD COLUMN n int[], ADD COLUMN u uuid", ""},
		{"CREATE DOMAIN d AS bigint; ALTER TABLE messages ADD COLUMN note d[]", ""},
		{"CREATE TYPE e AS ENUM ('x'); ALTER TABLE messages ADD COLUMN note e", ""},
		{"ALTER TABLE messages ADD COLUMN a timestamptz, ADD COLUMN b interval", ""},
	} {
		tx, err := s.db.BeginTx(t.Context(), &sql.TxOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(row.statement, "; ") {
			if _, err := tx.NewRaw(part).Exec(t.Context()); err != nil {
				t.Fatalf("%s: %v", part, err)
			}
		}
		problems, err := compareWithCatalog(t.Context(), tx)
		if got := strings.Join(problems, "; "); err != nil || got != row.problem {
			t.Errorf("%s: found %q, %v; want %q", row.statement, got, err, row.problem)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// compareWithCatalog compares the list with the columns of a database. A type counts as one that can hold
// text unless it is known not to: what nobody has thought of fails too.
func compareWithCatalog(ctx context.Context, database bun.IDB) (problems []string, err error) {
	const query = `
WITH RECURSIVE
    -- Every type leads to those that it is made of: an array to its elements, a domain to its base.
    made_of (outer_type, inner_type) AS (
        SELECT oid, oid FROM pg_type
        UNION
        SELECT m.outer_type, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END
          FROM made_of AS m JOIN pg_type AS t ON t.oid = m.inner_type
         WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0)),
    leaves AS (
        SELECT m.outer_type, t.typtype = 'e' OR t.oid IN ('bool'::regtype, 'int2'::regtype, 'int4'::regtype,
               'int8'::regtype, 'float4'::regtype, 'float8'::regtype, 'numeric'::regtype, 'uuid'::regtype,
               'timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype, 'time'::regtype, 'interval'::regtype,
               'oid'::regtype) AS harmless
          FROM made_of AS m JOIN pg_type AS t ON t.oid = m.inner_type
         WHERE NOT (t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0)))
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname || '.' || a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       (SELECT bool_and(l.harmless) FROM leaves AS l WHERE l.outer_type = a.atttypid) AS harmless
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\_temp\_%'
 ORDER BY 1`
	var columns []struct {
		Name, Type string
		Harmless   bool
	}
	if err := database.NewRaw(query).Scan(ctx, &columns); err != nil {
		return nil, err
	}
	listed, there := map[string]bool{}, map[string]bool{}
	for _, name := range listedColumns() {
		listed[name] = true
	}
	for _, column := range columns {
		there[column.Name] = true
		if !column.Harmless && !listed[column.Name] {
			problems = append(problems, fmt.Sprintf("%s (%s) is not listed", column.Name, column.Type))
		}
	}
	for _, name := range listedColumns() {
		if !there[name] {
			problems = append(problems, name+" is listed, but not in the database")
		}
	}
	return problems, nil
}

func listedColumns() (names []string) {
	for _, column := range PersonalColumns() {
		names = append(names, column.Table+"."+column.Column)
	}
	for _, column := range ExcusedColumns() {
		names = append(names, column.Table+"."+column.Column)
	}
	return names
}

// Every entry of the list says all that it has to, once.
func TestTheListIsComplete(t *testing.T) {
	t.Parallel()
	names := listedColumns()
	slices.Sort(names)
	for i := range names[1:] {
		if names[i] == names[i+1] {
			t.Errorf("%s is listed twice", names[i])
		}
	}
	for _, c := range PersonalColumns() {
		overwritten := c.Removal == Overwritten
		if c.Holds == "" || c.Remains == "" || (c.Removal == Kept) != (c.Removed == "") ||
			overwritten && len(c.CoveredBy) == 0 {
			t.Errorf("%s.%s does not say what it holds, how that is removed, or what remains: %+v", c.Table, c.Column, c)
		}
		if o := c.overwriting; overwritten != (o.count != "") || overwritten != (o.placeholder != "") ||
			(o.narrow == "") != (o.narrowBy == nil) {
			t.Errorf("%s.%s: the rule of overwriting does not fit %s: %+v", c.Table, c.Column, c.Removal, o)
		}
	}
	for _, c := range ExcusedColumns() {
		if c.Reason == "" {
			t.Errorf("%s.%s is excused without a reason", c.Table, c.Column)
		}
	}
}

// The tables whose rows move and are replaced with their conversation are those that the structure says.
func TestTheListFollowsTheStructure(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const references = `
SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
 WHERE contype = 'f' AND confrelid = 'conversations'::regclass ORDER BY 1`
	// Rows without an id of their own cannot be found again: an import replaces all of a vCon or a segment.
	const replaced = `
SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = ?
   AND NOT EXISTS (SELECT FROM pg_attribute AS i WHERE i.attrelid = c.oid AND i.attname = 'id')
 ORDER BY 1`
	const flags = `
SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname LIKE '%\_anonymized'
   AND a.atttypid = 'bool'::regtype ORDER BY 1`
	var overwritten []bun.Ident
	for _, c := range PersonalColumns() {
		if c.Removal == Overwritten {
			overwritten = append(overwritten, bun.Ident(c.Table+"."+c.Column+"_anonymized"))
		}
	}
	for what, row := range map[string]struct {
		listed []bun.Ident
		query  *bun.RawQuery
	}{
		"belong to a conversation": {tablesOfConversation(), s.db.NewRaw(references)},
		"are replaced by vCon":     {tablesReplacedBy("vcon_uuid"), s.db.NewRaw(replaced, "vcon_uuid")},
		"are replaced by segment":  {tablesReplacedBy("segment_id"), s.db.NewRaw(replaced, "segment_id")},
		"have a flag":              {overwritten, s.db.NewRaw(flags)},
	} {
		var want []bun.Ident
		if err := row.query.Scan(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
		if slices.Sort(row.listed); len(want) == 0 || !slices.Equal(row.listed, want) {
			t.Errorf("listed as those that %s: %v; in the database: %v", what, row.listed, want)
		}
	}
}

// Purging rewrites every table in which a value was removed.
func TestPurgeRewritesWhereValuesWere(t *testing.T) {
	t.Parallel()
	want := []bun.Ident{
		"staged_settings", "conversations", "participants", "segments", "messages", "metadata", "media_files",
		"loose_media", "media_deletion_requests", "conversation_principals", "conversation_facets",
		"anonymization_job_files",
	}
	if got := purgedTables(); !slices.Equal(got, want) {
		t.Errorf("rewrites %v, want %v", got, want)
	}
}
