package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qm-compliance/media/filestore"
)

// A dry run tells also what the pass would delete because its protection has ended by then, and leaves it protected.
func TestDryRunTellsWhatIsOwed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.take(t, strings.Replace(tripOne, "$", "1", 2))
	protected(t, p)
	anonymized(t, p)
	for _, want := range []string{"0 media files would be deleted", "1 media files would be deleted (10 bytes)"} {
		if got := p.run(t, "", "delete-media", "--dry-run"); got.status != 0 || !strings.HasPrefix(got.out, want) {
			t.Errorf("%v; want %s", got, want)
		}
		if _, err := p.database.bun.NewRaw("UPDATE media_files SET protected_until = now()").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if kept := p.rows(t, "SELECT count(*) FROM media_files WHERE protected AND status = 'AVAILABLE'"); kept != 1 {
		t.Error("the dry run ended the protection")
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 || !strings.HasPrefix(got.out, "1 media files deleted (10 bytes)") {
		t.Error(got)
	}
	p.want(t, 0, 1)
}

// A file that belongs to nothing any more and cannot be removed is told with the reason, as any other is.
func TestDeleteMediaWithABadLooseFile(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	key := filestore.NewKey(time.Now())
	if err := os.MkdirAll(filepath.Join(p.folder, filepath.FromSlash(key), "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := p.database.bun.NewRaw("INSERT INTO loose_media (store_key, remove_after) VALUES (?, now())", key).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	for flag, want := range map[string]string{
		"--quiet": "failed to delete a file that belongs to no conversation: deleting a media file: the media store is unavailable: directory not empty",
		"--json":  `{"loose":true,"outcome":"FAILED","reason":"deleting a media file: the media store is unavailable: directory not empty"}`,
	} {
		if got := p.run(t, "", "delete-media", flag); got.status != 2 || !strings.Contains(got.out, want) {
			t.Errorf("%s: %v", flag, got)
		}
	}
	p.want(t, 0, 1)
}
