package importing_test

import (
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/media/deletion"
)

// clean runs the Delete tool when the time of every upload is over.
func (r *rig) clean(t *testing.T) deletion.Summary {
	t.Helper()
	later := func() time.Time { return time.Now().Add(48 * time.Hour) }
	tool := &deletion.Tool{Database: newStore(t, r.bun, later), Store: r.config.Media,
		Actor: audit.CommandActor("delete-media"), Now: later}
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
	for _, table := range []string{"conversations", "vcons", "participants", "segments", "messages", "metadata",
		"media_files", "loose_media"} {
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
	if err := r.bun.NewRaw("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname ="+
		" 'public'").Scan(t.Context(), &tables); err != nil {
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
