package db

import (
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

// The database itself refuses to change or delete an event, also to its owner.
func TestTheAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	denied := audit.Event{
		Activity: audit.AccessDenied, Result: audit.Failure,
		Details: audit.AccessDenial{Operation: "import", Code: audit.CodeForbidden, Count: 3},
	}
	if err := s.Record(t.Context(), deed(), denied); err != nil {
		t.Fatal(err)
	}
	before := auditLog(t, s)
	for _, statement := range []string{
		"UPDATE audit_events SET actor_name = 'somebody else'", "DELETE FROM audit_events", "TRUNCATE audit_events",
		"UPDATE audit_operations SET actor_name = 'somebody else'", "DELETE FROM audit_operations",
		"TRUNCATE audit_operations CASCADE", "UPDATE audit_totals SET count = 1", "DELETE FROM audit_totals",
		"TRUNCATE audit_totals", "TRUNCATE audit_operations, audit_events, audit_totals",
		"TRUNCATE audit_events CASCADE",
		"INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (id) DO UPDATE SET actor_name = 'x'",
		"INSERT INTO audit_operations SELECT * FROM audit_operations ON CONFLICT (id) DO UPDATE SET actor_name = 'x'",
	} {
		if _, err := s.db.NewRaw(statement).Exec(t.Context()); err == nil ||
			!strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	page, err := s.AuditEvents(t.Context(), AuditFilter{}, Page{First: 10})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].Actor.Name != "I" {
		t.Errorf("the log holds %+v, %v", page.Rows, err)
	}
	if after := auditLog(t, s); after != before {
		t.Errorf("the log has changed:\n%s\nwas\n%s", after, before)
	}
}

// auditLog is everything in the tables of the log, as text.
func auditLog(t *testing.T, s *Store) string {
	t.Helper()
	all := ""
	for _, table := range []string{"audit_operations", "audit_events", "audit_totals"} {
		var text string
		query := "SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM ? AS t"
		if err := s.db.NewRaw(query, bun.Ident(table)).Scan(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		all += text + "\n"
	}
	return all
}

// Of several who save at once over the same version one succeeds, and the others are told of the conflict.
func TestSavesAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const savers = 8
	codes := make([]compliance.Code, savers)
	var group sync.WaitGroup
	for i := range savers {
		group.Go(func() {
			wanted := Wanted{Basic: map[compliance.BasicItem]bool{compliance.MediaFiles: true,
				compliance.SubjectAndBody: i%2 == 0}}
			_, err := s.SaveSettings(t.Context(), deed(), Save{BaseVersion: 1, Wanted: &wanted})
			if codes[i] = compliance.CodeOf(err); err != nil && codes[i] == "" {
				t.Error(err)
			}
		})
	}
	group.Wait()
	counts := map[compliance.Code]int{}
	for _, code := range codes {
		if code == "" && counts[""] > 0 {
			t.Error("two saves over the same version succeeded")
		}
		counts[code]++
	}
	if counts[""] != 1 || counts[compliance.CodeConflict] != savers-1 {
		t.Errorf("outcomes: %v", counts)
	}
	if settings, err := s.Settings(t.Context()); err != nil || settings.Version != 2 {
		t.Errorf("version %d, %v", settings.Version, err)
	}
}
