package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"qm-compliance/db"
	"qm-compliance/export"
)

// The store's folder is gone: an import over HTTP is told that it may be tried again, and leaves nothing half done.
func TestImportWhileTheStoreIsGone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l := newLife(t, folder, folder, false)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	status, body := l.post(t, "/import", l.document)
	if status != 503 || !strings.Contains(body, "UNAVAILABLE") || strings.Contains(body, folder) {
		t.Errorf("%d %s", status, body)
	}
	if count, err := l.store.CountConversations(t.Context(), db.Everything(), db.Filter{}); count != 0 || err != nil {
		t.Error(count, err)
	}
}

// Exporting goes on while the Delete tool works: what it deletes in the middle is left out.
func TestExportBesideTheDeleteTool(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	l.mutate(t, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`)
	const calls = 60
	for n := range calls {
		document := strings.Replace(l.document, "dd37220d739c", fmt.Sprintf("%012d", n), 1)
		if status, body := l.post(t, "/import", document); status != 200 || !strings.Contains(body, `"added":1`) {
			t.Fatal(status, body)
		}
	}
	deleted := make(chan struct{})
	var work sync.WaitGroup
	work.Go(func() {
		defer close(deleted)
		for id := int64(1); id <= calls; id++ {
			if _, err := l.store.Anonymize(t.Context(), db.Actor{ID: "a", Name: "A"}, db.Everything(), []int64{id}); err != nil {
				t.Error(err)
			}
			l.deleteMedia(t)
		}
	})
	for done := false; !done; {
		select {
		case <-deleted:
			done = true
		default:
		}
		var out bytes.Buffer
		count, err := export.Exporter{Store: l.store, Media: l.database.media}.All(t.Context(), db.Filter{}, true, &out, func() {})
		if err != nil || count != calls || bytes.Count(out.Bytes(), []byte("\n")) != calls {
			t.Fatalf("%d conversations are exported: %v", count, err)
		}
	}
	work.Wait()
}
