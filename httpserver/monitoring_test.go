package httpserver

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func (s *site) get(t *testing.T, path string) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return recorder.Code, strings.TrimSpace(recorder.Body.String())
}

// Whether requests can be answered, while the database is well, busy, read-only, incomplete, or gone. The
// process itself is well in any case.
func TestReady(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spoil  func(t *testing.T, s *site)
		status int
		says   string
	}{
		"well": {func(*testing.T, *site) {}, 200, "ready"},
		"every connection taken": {func(t *testing.T, s *site) {
			for range s.pool.Config().MaxConns {
				conn, err := s.pool.Acquire(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(conn.Release)
			}
		}, 200, "ready"},
		"read-only": {func(t *testing.T, s *site) {
			s.run(t, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "+
				"current_database()); END $$")
		}, 503, "not ready: the database is read-only"},
		"migrations missing": {func(t *testing.T, s *site) {
			s.run(t, "DELETE FROM bun_migrations")
		}, 503, "not ready: the database lacks migrations"},
		"no new sessions": {closeToSessions, 503, "not ready: the database cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "mem://", false)
			row.spoil(t, s)
			if status, text := s.get(t, "/readyz"); status != row.status || text != row.says {
				t.Errorf("%d %q, want %d %q", status, text, row.status, row.says)
			}
			if status, _ := s.get(t, "/healthz"); status != 200 {
				t.Errorf("the process is called ill: %d", status)
			}
		})
	}
}

func (s *site) run(t *testing.T, statement string) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// closeToSessions makes the database refuse new sessions, from another one.
func closeToSessions(t *testing.T, s *site) {
	t.Helper()
	config := s.pool.Config().ConnConfig
	name := config.Database
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(context.Background()) }()
	statement := "ALTER DATABASE " + pgx.Identifier{name}.Sanitize() + " ALLOW_CONNECTIONS false"
	if _, err := admin.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
