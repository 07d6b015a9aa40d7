package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A store that is not the one that the recordings lie in has none of them. None counts as deleted for that: not where the address is another one, nor where the
// folder is gone and an empty one stands in its place, as where a disk is not mounted.
func TestDeleteMediaInAnotherStore(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	away := filepath.Join(t.TempDir(), "away")
	for name, url := range map[string]string{"memory": "mem://", "another folder": filepath.Join(t.TempDir(), "other"), "the empty place of the folder": p.folder} {
		if url == p.folder {
			if err := os.Rename(p.folder, away); err != nil {
				t.Fatal(err)
			}
		}
		for _, flag := range []string{"--verbose", "--dry-run"} {
			got := p.run(t, "", "delete-media", flag, "--media-url", url)
			if got.status != 1 || !strings.Contains(got.errors, "not the one that the recordings lie in") {
				t.Errorf("%s, %s: %v", name, flag, got)
			}
		}
		if planned, deleted := p.statuses(t); planned != 2 || deleted != 0 {
			t.Fatalf("%s: %d planned, %d deleted", name, planned, deleted)
		}
		if url == p.folder {
			if err := os.RemoveAll(p.folder); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(away, p.folder); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 {
		t.Error(got)
	}
	p.want(t, 0, 2)
}

// Recordings that were moved, with the marker of their store among them, are found where they are now. Where nothing is stored any store is as good as another.
func TestDeleteMediaWhereRecordingsWereMoved(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.CopyFS(moved, os.DirFS(p.folder)); err != nil {
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
