package db

import (
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"qm-compliance/postgres/postgrestest"
)

// The embedded server is set up so that no statement is logged; a server that is not is told of, setting by setting.
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
	for _, setting := range []string{"log_statement = 'all'", "log_min_duration_statement = 0", "log_min_error_statement = error"} {
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
	want := []string{"log_min_duration_statement better -1", "log_min_error_statement better panic", "log_statement better none"}
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
	report, err := s.Purge(t.Context(), func(step string) { steps = append(steps, step) })
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"waiting for transactions", "rewriting participants", "rewriting messages", "rewriting the planner's statistics", "letting the write-ahead log go"} {
		if !strings.Contains(strings.Join(steps, "\n"), part) {
			t.Errorf("no step says %q: %v", part, steps)
		}
	}
	if len(report.Remains) != 0 {
		t.Errorf("of the embedded server remains %v", report.Remains)
	}
}
