package db

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"qm-compliance/postgres/postgrestest"
)

// The embedded server is set up so that no statement is logged; a server that is not is told of, setting by
// setting.
func TestLoggingSettings(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	pool, database, err := Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close(); pool.Close() })
	s := &Store{db: database}
	if leaks, err := s.LoggingSettings(t.Context()); err != nil || len(leaks) != 0 {
		t.Fatalf("the embedded server: %+v, %v", leaks, err)
	}
	var name string
	if err := database.NewRaw("SELECT current_database()").Scan(t.Context(), &name); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{"log_statement = 'all'", "log_min_duration_statement = 0",
		"log_min_error_statement = error"} {
		if _, err := database.NewRaw("ALTER DATABASE ? SET "+setting, bun.Ident(name)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other, again, err := Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close(); other.Close() })
	leaks, err := (&Store{db: again}).LoggingSettings(t.Context())
	var names []string
	for _, leak := range leaks {
		names = append(names, leak.Name+" better "+leak.Better)
	}
	want := []string{"log_min_duration_statement better -1", "log_min_error_statement better panic",
		"log_statement better none"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("told: %v, %v", names, err)
	}
}

// Purging says each step, and what a server that is set up otherwise still keeps.
func TestPurgeTellsWhatItDoes(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	var steps []string
	report, err := s.Purge(t.Context(), PurgeOptions{}, func(step PurgeStep) { steps = append(steps, step.Does) })
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"waiting for earlier transactions", "rewriting participants", "rewriting messages",
		"rewriting the planner's statistics", "removing old write-ahead log"} {
		if !strings.Contains(strings.Join(steps, "\n"), part) {
			t.Errorf("no step says %q: %v", part, steps)
		}
	}
	if len(report.Remains) != 0 {
		t.Errorf("of the embedded server remains %v", report.Remains)
	}
}

// Values get into the planner's statistics whenever tables are analyzed. Where nothing is left to sample
// afterwards, because a table is empty, or because an index covers only what is not anonymized, analyzing
// again leaves them.
func TestPurgeForgetsSamples(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const sample = "sample@example.org"
	run := func(statement string) {
		t.Helper()
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	samples := func() (count int) {
		t.Helper()
		const query = `SELECT (SELECT count(*) FROM pg_statistic AS s WHERE s::text LIKE '%sample@%')
			+ (SELECT count(*) FROM pg_statistic_ext_data AS e WHERE e::text LIKE '%sample@%')`
		if err := s.db.NewRaw(query).Scan(t.Context(), &count); err != nil {
			t.Fatal(err)
		}
		return count
	}
	importOne(t, s)
	run("UPDATE participants SET digital_address = '" + sample + "', digital_address_anonymized = false")
	run("CREATE INDEX lowered ON participants (lower(digital_address)) WHERE NOT digital_address_anonymized")
	run("CREATE STATISTICS lowered ON lower(digital_address), digital_address FROM participants")
	run("INSERT INTO staged_settings SELECT '" + sample + "' || n, 1, '{}', now() FROM generate_series(1, 50) AS n")
	run("VACUUM ANALYZE participants, staged_settings")
	if samples() < 3 {
		t.Fatalf("%d statistics hold the value, so that nothing is proved", samples())
	}
	run("UPDATE participants SET digital_address = '[anondigitaladdress]', digital_address_anonymized = true")
	run("DELETE FROM staged_settings")
	if _, err := s.Purge(t.Context(), PurgeOptions{}, func(PurgeStep) {}); err != nil {
		t.Fatal(err)
	}
	if count := samples(); count > 0 {
		t.Errorf("%d statistics still hold the value", count)
	}
}
