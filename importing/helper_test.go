package importing_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/importing"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/postgres/postgrestest"
)

// rig is a database and a file store of a test's own, and a folder that is imported from.
type rig struct {
	config      importing.Config
	bun         *bun.DB
	databaseURL string
	// mediaURL and mediaDir are where the file store is; mediaDir is empty where that is no folder.
	mediaURL, mediaDir string
	// inbox is the folder of the vCons; around it lies what must not be reached from it.
	around, inbox string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "media")
	r := newRigOn(t, folder)
	r.mediaDir = folder
	return r
}

func newRigOn(t *testing.T, mediaURL string) *rig {
	t.Helper()
	r := &rig{databaseURL: postgrestest.URL(t), mediaURL: mediaURL, around: t.TempDir()}
	r.inbox = filepath.Join(r.around, "inbox")
	if err := os.Mkdir(r.inbox, 0o755); err != nil {
		t.Fatal(err)
	}
	r.bun = connect(t, r.databaseURL)
	r.config = importing.Config{Store: newStore(t, r.bun, time.Now), Media: openMedia(t, mediaURL), Beside: true}
	return r
}

func connect(t *testing.T, url string) *bun.DB {
	t.Helper()
	pool, bun, err := db.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	return bun
}

func newStore(t *testing.T, bun *bun.DB, now func() time.Time) *db.Store {
	t.Helper()
	s, err := db.New(t.Context(), bun, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openMedia(t *testing.T, url string) *filestore.Files {
	t.Helper()
	media, err := filestore.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = media.Close() })
	return media
}

// file writes a file into the inbox, or beside it where the name says so.
func (r *rig) file(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(r.inbox, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// account is what became of an import.
type account struct {
	importing.Totals
	refused, notFetched, missing []string
	err                          error
}

// said is everything that the import said.
func (a account) said() string {
	return strings.Join(slices.Concat(a.refused, a.notFetched, a.missing), "\n") + fmt.Sprint("\n", a.err)
}

// take imports everything in the inbox.
func (r *rig) take(t *testing.T) account {
	t.Helper()
	return r.takeItems(t.Context(), r.inbox)
}

func (r *rig) takeItems(ctx context.Context, paths ...string) (a account) {
	observer := importing.Observer{
		Refused: func(refusal importing.Refusal) {
			a.refused = append(a.refused, filepath.Base(refusal.Source)+": "+refusal.Reason)
		},
		NotFetched: func(refusal importing.Refusal) {
			a.notFetched = append(a.notFetched, filepath.Base(refusal.Source)+": "+refusal.Reason)
		},
		Missing: func(refusal importing.Refusal) {
			a.missing = append(a.missing, filepath.Base(refusal.Source)+": "+refusal.Reason)
		},
	}
	a.Totals, a.err = importing.Run(ctx, r.config, audit.CommandActor("import"),
		importing.Walk(ctx, paths, importing.ReadOptions{}), observer)
	return a
}

// takeWell imports everything in the inbox, and fails the test where something was refused.
func (r *rig) takeWell(t *testing.T) account {
	t.Helper()
	a := r.take(t)
	if a.err != nil || a.Refused > 0 {
		t.Fatal(a.said())
	}
	return a
}

func newFetcher(t *testing.T, options fetch.Options) *fetch.Fetcher {
	t.Helper()
	f, err := fetch.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

const (
	header = `"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", "created_at": "2026-03-01T10:00:00Z"`
	ada    = `{"role": "customer", "name": "Ada", "tel": "+420777123456", "mailto": "ada@example.org"}`
	hello  = `{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [0], "body": "Hello"}`
)

// document is a vCon with a customer and dialogs, and more members.
func document(dialogs string, more ...string) string {
	members := append([]string{header, `"parties": [` + ada + `]`, `"dialog": [` + dialogs + `]`}, more...)
	return "{" + strings.Join(members, ", ") + "}"
}
