package intake_test

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/intake"
	"qm-compliance/media/deletion"
	"qm-compliance/media/fetch"
	"qm-compliance/media/store"
	"qm-compliance/postgres/postgrestest"
	"qm-compliance/vcon"
)

// rig is a database and a file store of a test's own, and a folder that is imported from.
type rig struct {
	config      intake.Config
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
	r.config = intake.Config{Store: newStore(t, r.bun, time.Now), Media: openMedia(t, mediaURL), Beside: true}
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

func openMedia(t *testing.T, url string) *store.Store {
	t.Helper()
	media, err := store.Open(t.Context(), url)
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
	intake.Totals
	refused, notFetched []string
	err                 error
}

// said is everything that the import said.
func (a account) said() string {
	return strings.Join(append(a.refused, a.notFetched...), "\n") + fmt.Sprint("\n", a.err)
}

// take imports everything in the inbox.
func (r *rig) take(t *testing.T) account {
	t.Helper()
	return r.takeItems(t.Context(), r.inbox)
}

func (r *rig) takeItems(ctx context.Context, paths ...string) (a account) {
	observer := intake.Observer{
		Refused: func(refusal intake.Refusal) {
			a.refused = append(a.refused, filepath.Base(refusal.Source)+": "+refusal.Reason)
		},
		NotFetched: func(refusal intake.Refusal) {
			a.notFetched = append(a.notFetched, filepath.Base(refusal.Source)+": "+refusal.Reason)
		},
	}
	a.Totals, a.err = intake.Run(ctx, r.config, db.CommandActor("import"), vcon.Walk(ctx, paths, vcon.Options{}), observer)
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

// clean runs the Delete tool when the time of every upload is over.
func (r *rig) clean(t *testing.T) deletion.Summary {
	t.Helper()
	later := func() time.Time { return time.Now().Add(48 * time.Hour) }
	tool := &deletion.Tool{Database: newStore(t, r.bun, later), Store: r.config.Media, Actor: db.CommandActor("delete-media"), Now: later}
	summary, err := tool.Pass(t.Context(), 0, false)
	if err != nil || summary.Files[deletion.Failed] > 0 {
		t.Fatal(summary, err)
	}
	return summary
}

func (r *rig) count(t *testing.T, table string) (count int) {
	t.Helper()
	if err := r.bun.NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &count); err != nil {
		t.Fatal(err)
	}
	return count
}

// stored are the recordings in the store, as text.
func (r *rig) stored(t *testing.T) (contents []string) {
	t.Helper()
	for key, err := range r.config.Media.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, r.read(t, key))
	}
	return contents
}

func (r *rig) read(t *testing.T, key string) string {
	t.Helper()
	object, err := r.config.Media.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = object.Close() }()
	content, err := io.ReadAll(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// wantNothing holds that neither the database nor the store has anything, after the Delete tool's cleaning.
func (r *rig) wantNothing(t *testing.T) {
	t.Helper()
	r.clean(t)
	for _, table := range []string{"conversations", "vcons", "participants", "segments", "messages", "metadata", "media_files", "loose_media"} {
		if count := r.count(t, table); count > 0 {
			t.Errorf("%d rows are left in %s", count, table)
		}
	}
	if left := r.stored(t); len(left) > 0 {
		t.Errorf("left in the store: %.100q", left)
	}
	if r.mediaDir != "" {
		r.wantNoFile(t)
	}
}

// wantNoFile holds that the folder of the store holds no file but its marker, not even a half one.
func (r *rig) wantNoFile(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(r.mediaDir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != ".media-store" {
			t.Errorf("left in the folder of the store: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// mediaRow is what the database says of a recording.
type mediaRow struct {
	Status, SourceURL, ContentHash, StoreKey string
	SizeBytes                                int64
}

func (r *rig) media(t *testing.T) (rows []mediaRow) {
	t.Helper()
	const query = "SELECT status, source_url, content_hash, store_key, size_bytes FROM media_files ORDER BY id"
	if err := r.bun.NewRaw(query).Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// onlyMedia is the only recording.
func (r *rig) onlyMedia(t *testing.T) mediaRow {
	t.Helper()
	rows := r.media(t)
	if len(rows) != 1 {
		t.Fatalf("there are %d recordings: %+v", len(rows), rows)
	}
	return rows[0]
}

// everything is every row of every table, as text.
func (r *rig) everything(t *testing.T) string {
	t.Helper()
	var tables []string
	if err := r.bun.NewRaw("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, table := range tables {
		var rows []string
		if err := r.bun.NewRaw("SELECT t::text FROM "+table+" AS t").Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all.WriteString(strings.Join(rows, "\n"))
	}
	return all.String()
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
