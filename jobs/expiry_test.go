package jobs

import (
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/interaction"
)

// A protection ends by its date without anybody's doing, and soon also where a server was killed while it
// looked for such.
func TestExpiry(t *testing.T) {
	t.Parallel()
	b := newBackground(t, interaction.Embedded{}, func(*Options) {})
	b.expires(t)
	b.stop()
	const killed = `
UPDATE river_job SET state = 'running', finalized_at = NULL, attempted_at = now()
 WHERE id = (SELECT max(id) FROM river_job WHERE kind = 'expire_protections')`
	if _, err := b.options.Database.NewRaw(killed).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.start(t)
	b.expires(t)
}

// expires waits until a recording that is protected for a moment is planned for deletion.
func (b *background) expires(t *testing.T) {
	t.Helper()
	ids := b.calls(t, 1)
	var file int64
	if err := b.options.Database.NewRaw("SELECT id FROM media_files WHERE conversation_id = ?",
		ids[0]).Scan(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Second)
	if _, err := b.options.Store.ProtectMedia(t.Context(), begun(audit.MediaProtected), db.Everything(), []int64{file},
		conversation.Protection{Reason: compliance.ReasonMiFID, Until: &until}); err != nil {
		t.Fatal(err)
	}
	b.anonymize(t, ids...)
	b.until(t, "SELECT status = 'PLANNED_FOR_DELETION' FROM media_files WHERE id = ?", file)
}
