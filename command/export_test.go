package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An export goes to standard output or to a file of its owner's alone, the same bytes; an import takes it
// from standard input.
func TestExportToAFileAndImportFromStandardInput(t *testing.T) {
	t.Parallel()
	from, to := newInstallation(t), newInstallation(t)
	from.take(t, tripCall, tripMail, tripChat)
	file := filepath.Join(t.TempDir(), "export.ndjson")
	out, named := from.run(t, "", "export"), from.run(t, "", "export", "--output", file)
	content, err := os.ReadFile(file)
	if err != nil || out.status != 0 || named.status != 0 || out.out != string(content) || named.out != "" ||
		!strings.Contains(named.errors, "3 conversations exported") {
		t.Fatal(err, named)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if got := from.run(t, "", "export", "--no-media"); strings.Contains(got.out, coded("sound of it")) ||
		!strings.Contains(got.out, "content_hash") {
		t.Errorf("without media: %v", got)
	}
	if got := from.run(t, "", "export", "--started-from", "2026-03-02T00:00:00Z", "--started-to",
		"2026-03-03T00:00:00Z"); strings.Count(got.out, "\n") != 1 || !strings.Contains(got.out, "written words") {
		t.Errorf("of one day: %v", got)
	}
	wantExported(t, from, "true 2, false 8") // one of three conversations has recordings
	if got := to.run(t, out.out, "import", "/dev/stdin"); got.status != 0 || !strings.Contains(got.out, "3 added") {
		t.Fatal(got)
	}
	if again := to.run(t, "", "export"); again.out != out.out {
		t.Error("exported again it differs")
	}
}

// wantExported checks how many exports with and without recordings the audit log has of the command.
func wantExported(t *testing.T, p *installation, want string) {
	t.Helper()
	const query = `SELECT string_agg(m || ' ' || n, ', ' ORDER BY m DESC) FROM (
		SELECT convert_from(encoding, 'UTF8')::jsonb->'details'->>'includesMedia' AS m, count(*) AS n FROM audit_events
		 WHERE activity = 'CONVERSATION_EXPORTED' AND actor_id = 'command:export' AND result = 'SUCCESS' GROUP BY 1) AS e`
	var got string
	if err := p.pool.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
		t.Errorf("the audit log has %s, %v; want %s", got, err, want)
	}
}

// An export that lacks a recording says of which conversation, so that somebody can look after it; without
// recordings it goes on.
func TestExportNamesTheConversationWhoseRecordingIsMissing(t *testing.T) {
	t.Parallel()
	p := newInstallation(t)
	p.take(t, tripCall, tripChat)
	days, err := filepath.Glob(filepath.Join(p.flags.MediaURL, "2*"))
	if err != nil || len(days) == 0 {
		t.Fatal(days, err)
	}
	for _, day := range days {
		if err := os.RemoveAll(day); err != nil {
			t.Fatal(err)
		}
	}
	status, _, said := command(t, "export", "--database-url", p.flags.Database, "--media-url", p.flags.MediaURL)
	if status == 0 || !strings.Contains(said, "019543da-b5aa-8d63-9dd8-dd37220d7391") ||
		!strings.Contains(said, "--no-media") {
		t.Errorf("it ended with %d: %s", status, said)
	}
	if status, out, said := command(t, "export", "--no-media", "--database-url", p.flags.Database,
		"--media-url", p.flags.MediaURL); status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("without recordings it ended with %d: %s", status, said)
	}
}
