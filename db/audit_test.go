package db

import (
	"strings"
	"sync"
	"testing"

	"qm-compliance/compliance"
)

// The database itself refuses to change or delete an event, also to its owner.
func TestTheAuditLogIsAppendOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if err := s.Record(t.Context(), importer, AuditEvent{Activity: AccessDenied, Result: Failure}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"UPDATE audit_events SET actor_name = 'somebody else'", "DELETE FROM audit_events", "TRUNCATE audit_events",
		"TRUNCATE audit_events CASCADE",
		"INSERT INTO audit_events SELECT 1, at, actor_id, actor_name, activity, result FROM audit_events ON CONFLICT" +
			" (id) DO UPDATE SET actor_name = 'x'",
	} {
		if _, err := s.db.NewRaw(statement).Exec(t.Context()); err == nil ||
			!strings.Contains(err.Error(), "append-only") && !strings.Contains(err.Error(), "428C9") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	page, err := s.AuditEvents(t.Context(), AuditFilter{}, Page{First: 10})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ActorName != "I" {
		t.Errorf("the log holds %+v, %v", page.Rows, err)
	}
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
			_, err := s.SaveSettings(t.Context(), importer, Save{BaseVersion: 1, Wanted: &wanted})
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
