package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

// newPlanned is an installation with so many recordings, all planned for deletion.
func newPlanned(t *testing.T, files int) *installation {
	t.Helper()
	p := newInstallation(t)
	for i := range files {
		p.take(t, strings.Replace(tripOne, "$", fmt.Sprint(i), 2))
	}
	anonymized(t, p)
	return p
}

var tripOne = `{"vcon": "0.4.0", "uuid": "00000000-0000-8000-8000-00000000000$",
	"created_at": "2026-03-01T09:30:00Z", "parties": [{"name": "Ada"}],
	"dialog": [{"type": "recording", "start": "2026-03-01T09:30:0$Z", "duration": 60, "parties": [0],
		"mediatype": "audio/wav", "encoding": "base64url", "body": "` + coded("ten bytes!") + `"}]}`

// statuses counts the files of each status.
func (p *installation) statuses(t *testing.T) (planned, deleted int) {
	t.Helper()
	err := p.bun.NewRaw(`SELECT count(*) FILTER (WHERE status = 'PLANNED_FOR_DELETION'),
		count(*) FILTER (WHERE status = 'DELETED') FROM media_files`).Scan(t.Context(), &planned, &deleted)
	if err != nil {
		t.Fatal(err)
	}
	return planned, deleted
}

// recordings are the files in the folder of the store.
func (p *installation) recordings(t *testing.T) (paths []string) {
	t.Helper()
	for key, err := range p.media.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(p.flags.MediaURL, filepath.FromSlash(key)))
	}
	return paths
}

func (p *installation) want(t *testing.T, planned, deleted int) {
	t.Helper()
	if gotPlanned, gotDeleted := p.statuses(t); gotPlanned != planned || gotDeleted != deleted ||
		len(p.recordings(t)) != planned {
		t.Errorf("%d are planned, %d deleted, %d in the store; want %d planned and %d deleted", gotPlanned,
			gotDeleted, len(p.recordings(t)), planned, deleted)
	}
}

// The Delete tool from the first look to the last file: a dry run changes nothing, a limit bounds what a pass
// does, and each file is told where asked.
func TestDeleteMediaCommand(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 4)
	audit := p.count(t, "SELECT count(*) FROM audit_events")
	for _, row := range []struct {
		arguments        string
		planned, deleted int
		lines            []string
	}{
		{"--dry-run", 4, 0, []string{"4 media files would be deleted (40 bytes), 0 failed"}},
		{"--dry-run --limit 3 --verbose", 4, 0, []string{"would delete media file ", "would delete",
			"would delete", "3 media files would be deleted (30 bytes)"}},
		{"--limit 1", 3, 1, []string{
			"1 media files deleted (10 bytes), 0 failed, 0 waiting for the Interaction service, 0 left",
		}},
		{"--limit 1 --verbose", 2, 2, []string{"deleted media file ", "1 media files deleted"}},
		{"", 0, 4, []string{"2 media files deleted (20 bytes)"}},
		{"--verbose", 0, 4, []string{"0 media files deleted (0 bytes)"}},
	} {
		got := p.run(t, "", append([]string{"delete-media"}, strings.Fields(row.arguments)...)...)
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if got.status != 0 || len(lines) != len(row.lines) {
			t.Fatalf("%s: %v", row.arguments, got)
		}
		for i, want := range row.lines {
			if !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s says %q; want %q", row.arguments, lines[i], want)
			}
		}
		p.want(t, row.planned, row.deleted)
		if row.deleted == 0 && p.count(t, "SELECT count(*) FROM audit_events") != audit {
			t.Errorf("%s leaves something in the audit log", row.arguments)
		}
	}
	p.wantPasses(t, "1 files, 1 events", "1 files, 1 events", "2 files, 2 events")
}

// wantPasses holds the audit log against the passes that deleted something: each is one operation, whose totals
// say what it deleted.
func (p *installation) wantPasses(t *testing.T, want ...string) {
	t.Helper()
	const query = `
SELECT format('%s files, %s events', (SELECT sum(count) FROM audit_totals WHERE operation_id = o.id AND name = 'MEDIA_FILES_DELETED'),
              (SELECT count(*) FROM audit_events WHERE operation_id = o.id))
  FROM audit_operations AS o WHERE activity = 'MEDIA_DELETED' AND actor_id = 'command:delete-media' ORDER BY id`
	var got []string
	if err := p.bun.NewRaw(query).Scan(t.Context(), &got); err != nil || !slices.Equal(got, want) {
		t.Errorf("the operations of the passes are %q, want %q, %v", got, want, err)
	}
}

// With --json every line is a JSON object: one for each file, and the summary at last.
func TestDeleteMediaAsJSON(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	for _, row := range []struct{ flag, outcome, count string }{{"--dry-run", "WOULD_DELETE", "wouldDelete"},
		{"--verbose", "DELETED", "deleted"}} {
		got := p.run(t, "", "delete-media", "--json", row.flag)
		var lines []map[string]any
		for line := range strings.Lines(got.out) {
			var read map[string]any
			if err := json.Unmarshal([]byte(line), &read); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, read)
		}
		if got.status != 0 || len(lines) != 3 || lines[2]["summary"] != true || lines[2][row.count] != 2.0 ||
			lines[2]["bytes"] != 20.0 || lines[2]["dryRun"] != (row.flag == "--dry-run") {
			t.Fatal(got)
		}
		for _, line := range lines[:2] {
			if line["outcome"] != row.outcome || line["kind"] != "CALL" || line["bytes"] != 10.0 ||
				line["mediaFile"] == "" || line["conversation"] == "" {
				t.Errorf("%v", line)
			}
		}
	}
}

// A dry run tells also what the pass would delete because its protection has ended by then, and leaves it
// protected.
func TestDryRunTellsWhatIsOwed(t *testing.T) {
	t.Parallel()
	p := newInstallation(t)
	p.take(t, strings.Replace(tripOne, "$", "1", 2))
	protected(t, p)
	anonymized(t, p)
	for _, want := range []string{"0 media files would be deleted", "1 media files would be deleted (10 bytes)"} {
		if got := p.run(t, "", "delete-media", "--dry-run"); got.status != 0 || !strings.HasPrefix(got.out, want) {
			t.Errorf("%v; want %s", got, want)
		}
		if _, err := p.bun.NewRaw("UPDATE media_files SET protected_until = now()").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if kept := p.count(t, "SELECT count(*) FROM media_files WHERE protected AND status = 'AVAILABLE'"); kept != 1 {
		t.Error("the dry run ended the protection")
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 ||
		!strings.HasPrefix(got.out, "1 media files deleted (10 bytes)") {
		t.Error(got)
	}
	p.want(t, 0, 1)
}

// One file that cannot be deleted keeps no other from it: the status says so, the file stays planned with its
// reason, and the next pass finishes it.
func TestDeleteMediaWithABadFile(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 3)
	bad := p.recordings(t)[1]
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(bad, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, arguments := range map[string][]string{"text": {"delete-media"}, "JSON": {"delete-media", "--json"}} {
		got := p.run(t, "", arguments...)
		if got.status != 2 || !strings.Contains(got.out, "directory not empty") ||
			strings.Contains(got.String(), p.flags.MediaURL) || strings.Contains(got.String(), filepath.Base(bad)) {
			t.Errorf("%s: %v", name, got)
		}
		if planned, deleted := p.statuses(t); planned != 1 || deleted != 2 {
			t.Errorf("%d planned, %d deleted", planned, deleted)
		}
	}
	const failures = `{ conversations { nodes { media { deletionFailure } } } }`
	if answer := fmt.Sprint(p.query(t, failures)); strings.Count(answer, "directory not empty") != 1 {
		t.Errorf("the API tells %s", answer)
	}
	if err := os.RemoveAll(bad); err != nil {
		t.Fatal(err)
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 || !strings.Contains(got.out, "1 media files deleted") {
		t.Errorf("the next pass: %v", got)
	}
	p.want(t, 0, 3)
	if answer := fmt.Sprint(p.query(t, failures)); strings.Contains(answer, "directory") {
		t.Errorf("afterwards the API tells %s", answer)
	}
}

// A file that belongs to nothing any more and cannot be removed is told with the reason, as any other is.
func TestDeleteMediaWithABadLooseFile(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	key := filestore.NewKey(time.Now())
	if err := os.MkdirAll(filepath.Join(p.flags.MediaURL, filepath.FromSlash(key), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO loose_media (store_key, remove_after) VALUES (?, now())"
	if _, err := p.bun.NewRaw(insert, key).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	const reason = "deleting a media file: the media store is unavailable: directory not empty"
	for flag, want := range map[string]string{
		"--quiet": "failed to delete a file that belongs to no conversation: " + reason,
		"--json":  `{"loose":true,"outcome":"FAILED","reason":"` + reason + `"}`,
	} {
		if got := p.run(t, "", "delete-media", flag); got.status != 2 || !strings.Contains(got.out, want) {
			t.Errorf("%s: %v", flag, got)
		}
	}
	p.want(t, 0, 1)
}

// Without its store the Delete tool does nothing, and says why; it never takes what it cannot reach for
// deleted.
func TestDeleteMediaWithoutItsStore(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for media, reason := range map[string]string{
		inTheWay:              "opening the media store: the media store is unavailable: not a directory",
		goneStore:             "checking the media store: the media store is unavailable",
		"ftp://media.example": "not the address of a media store: want a folder",
	} {
		got := p.run(t, "", "delete-media", "--media-url", media)
		if got.status != 1 || !strings.Contains(got.errors, reason) || got.out != "" {
			t.Errorf("%s: %v", media, got)
		}
		p.want(t, 1, 0)
	}
}

// A store that is not the store that contains the recordings has none of them. None counts as deleted for that:
// not where the address is another one, nor where the folder is gone and an empty one stands in its place, as
// where a disk is not mounted.
func TestDeleteMediaInAnotherStore(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	away := filepath.Join(t.TempDir(), "away")
	for name, url := range map[string]string{"memory": "mem://",
		"another folder": filepath.Join(t.TempDir(), "other"), "the empty place of the folder": p.flags.MediaURL} {
		if url == p.flags.MediaURL {
			if err := os.Rename(p.flags.MediaURL, away); err != nil {
				t.Fatal(err)
			}
		}
		for _, flag := range []string{"--verbose", "--dry-run"} {
			got := p.run(t, "", "delete-media", flag, "--media-url", url)
			if got.status != 1 || !strings.Contains(got.errors, "not the store that contains the recordings") {
				t.Errorf("%s, %s: %v", name, flag, got)
			}
		}
		if planned, deleted := p.statuses(t); planned != 2 || deleted != 0 {
			t.Fatalf("%s: %d planned, %d deleted", name, planned, deleted)
		}
		if url == p.flags.MediaURL {
			if err := os.RemoveAll(p.flags.MediaURL); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(away, p.flags.MediaURL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 {
		t.Error(got)
	}
	p.want(t, 0, 2)
}

// Recordings that were moved, with the marker of their store among them, are found where they are now. Where
// nothing is stored any store is as good as another.
func TestDeleteMediaWhereRecordingsWereMoved(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.CopyFS(moved, os.DirFS(p.flags.MediaURL)); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{moved, "mem://"} {
		if got := p.run(t, "", "delete-media", "--media-url", url); got.status != 0 {
			t.Errorf("%s: %v", url, got)
		}
		if planned, deleted := p.statuses(t); planned != 0 || deleted != 2 {
			t.Errorf("%s: %d planned, %d deleted", url, planned, deleted)
		}
	}
}

// On a full disk the Delete tool is what makes room.
func TestDeleteMediaOnAFullDisk(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	cmd := p.process(t, "", "delete-media")
	cmd.Env = append(cmd.Env, withoutRoom+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || !strings.Contains(out.String(), "2 media files deleted") {
		t.Errorf("%v: %s", err, out.String())
	}
	p.want(t, 0, 2)
}

// What an import that was killed left in the store is counted, with the time from which a pass removes it.
func TestDeleteMediaTellsOfUploads(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	upload := &db.Upload{StoreKey: "left/behind", UploadedFor: uuid.New()}
	if err := p.store.TrackUploads(t.Context(), []*db.Upload{upload}); err != nil {
		t.Fatal(err)
	}
	until := upload.RemoveAfter.UTC().Truncate(time.Second).Add(time.Second).Format(time.RFC3339)
	for _, arguments := range []string{"--dry-run", "--limit 1"} {
		if got := p.run(t, "", append([]string{"delete-media"}, strings.Fields(arguments)...)...); got.status != 0 ||
			!strings.Contains(got.out, "1 recordings in the media store belong to no conversation") ||
			!strings.Contains(got.out, "a pass from "+until+" on removes what is left") {
			t.Errorf("%s: %v", arguments, got)
		}
	}
	got := p.run(t, "", "delete-media", "--json")
	if !strings.Contains(got.out, `"uploads":1,"uploadsUntil":"`+until+`"`) {
		t.Errorf("%v", got)
	}
	if _, err := p.bun.NewRaw("DELETE FROM loose_media").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.run(t, "", "delete-media"); strings.Contains(got.out, "belong to no conversation") {
		t.Errorf("%v", got)
	}
}
