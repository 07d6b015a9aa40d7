package export_test

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/media/filestore"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
	"qm-compliance/vcon"
)

func TestMain(m *testing.M) {
	postgrestest.Main(m, func(ctx context.Context, url string) error {
		pool, bun, err := db.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		defer func() { _ = bun.Close() }()
		_, err = migrations.Run(ctx, bun)
		return err
	})
}

// rig is a database and a file store of a test's own.
type rig struct {
	export.Exporter
	bun *bun.DB
}

func newRig(t *testing.T) *rig {
	t.Helper()
	pool, bun, err := db.Connect(t.Context(), postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	store, err := db.New(t.Context(), bun, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	media, err := filestore.Open(t.Context(), filepath.Join(t.TempDir(), "media"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = media.Close() })
	return &rig{export.Exporter{Store: store, Media: media}, bun}
}

var morning = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// chat is a conversation of one message.
func chat(number int, text string) *conversation.Incoming {
	start := morning.Add(time.Duration(number) * time.Minute)
	return &conversation.Incoming{
		UUID: idOf(number), StartedAt: start, EndedAt: start.Add(time.Minute),
		Participants: []conversation.IncomingParticipant{{Role: compliance.RoleCustomer, Name: "Ada"}},
		Segments: []conversation.IncomingSegment{{Kind: compliance.SegmentChat, StartedAt: start,
			Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, SentAt: start, Text: text}}}},
	}
}

func idOf(number int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-8000-8000-%012d", number))
}

// call is a conversation with recordings of these contents.
func (r *rig) call(t *testing.T, number int, recordings ...io.Reader) *conversation.Incoming {
	t.Helper()
	in := chat(number, "hello")
	in.Segments[0].Kind, in.Segments[0].Messages = compliance.SegmentCall, nil
	for _, content := range recordings {
		key := filestore.NewKey(morning)
		hash := sha512.New()
		size, err := r.Media.Put(t.Context(), key, "audio/wav", io.TeeReader(content, hash))
		if err != nil {
			t.Fatal(err)
		}
		upload := &db.Upload{StoreKey: key, UploadedFor: in.UUID}
		if err := r.Store.TrackUploads(t.Context(), []*db.Upload{upload}); err != nil {
			t.Fatal(err)
		}
		in.Segments[0].Media = append(in.Segments[0].Media, conversation.IncomingMedia{
			Kind: compliance.MediaCall, MediaType: "audio/wav", StoreKey: key, Size: size,
			ContentHash: "sha512-" + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)),
		})
	}
	return in
}

func (r *rig) take(t *testing.T, conversations ...*conversation.Incoming) {
	t.Helper()
	op := audit.Begin(audit.CommandActor("import"), audit.ConversationImported)
	for batch := range slices.Chunk(conversations, 200) {
		if _, err := r.Store.Import(t.Context(), op, batch); err != nil {
			t.Fatal(err)
		}
	}
}

// exported is what came of an export.
type exported struct {
	count, done int
	err         error
}

func (r *rig) all(ctx context.Context, includeMedia bool, out io.Writer) (e exported) {
	op := audit.Begin(audit.CommandActor("export"), audit.ConversationExported)
	e.count, e.err = r.All(ctx, op, db.Filter{}, includeMedia, out, func() { e.done++ })
	return e
}

// recorded counts the exports in the audit log.
func (r *rig) recorded(t *testing.T) int {
	t.Helper()
	count, err := r.bun.NewSelect().Table("audit_events").Where("activity = ?", audit.ConversationExported).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(count)
}

// parsed are the vCons of an export, one a line.
func parsed(t *testing.T, lines string) (all []*conversation.Incoming) {
	t.Helper()
	for line := range strings.Lines(lines) {
		one, err := vcon.Parse([]byte(line), vcon.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func numbers(all []*conversation.Incoming) (ids []uuid.UUID) {
	for _, one := range all {
		ids = append(ids, one.UUID)
	}
	return ids
}

// More conversations than are read together leave one a line, the oldest first, each recorded, whatever the order in
// which they came in. What holds too much text for that is read in parts.
func TestExportInOrder(t *testing.T) {
	t.Parallel()
	const count = 1203
	r := newRig(t)
	var all []*conversation.Incoming
	var want []uuid.UUID
	for n := range count {
		text := fmt.Sprint("text ", n)
		if n%100 == 50 {
			text = strings.Repeat("long ", 1<<20) + text
		}
		all, want = append(all, chat(n, text)), append(want, idOf(n))
	}
	slices.Reverse(all)
	r.take(t, all...)
	var out bytes.Buffer
	if got := r.all(t.Context(), true, &out); got != (exported{count, count, nil}) || r.recorded(t) != count {
		t.Errorf("%+v, %d recorded", got, r.recorded(t))
	}
	got := parsed(t, out.String())
	if diff := cmp.Diff(want, numbers(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for n, one := range got {
		if text := one.Segments[0].Messages[0].Text; !strings.HasSuffix(text, fmt.Sprint("text ", n)) {
			t.Errorf("%d says %.20q", n, text)
		}
	}
}

// Conversations are held together up to a number of bytes; a larger one is alone, and none is left out.
func TestExportParts(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n, size := range []int{10, 20, 100, 5, 5, 5, 60} {
		r.take(t, chat(n, strings.Repeat("x", size-3))) // beside the name
	}
	ids := []int64{1, 2, 3, 4, 5, 6, 7}
	for most, want := range map[int64][][]int64{
		1000: {ids},
		205:  {ids},
		204:  {ids[:6], ids[6:]},
		30:   {{1, 2}, {3}, {4, 5, 6}, {7}},
		29:   {{1}, {2}, {3}, {4, 5, 6}, {7}},
		1:    {{1}, {2}, {3}, {4}, {5}, {6}, {7}},
	} {
		got, err := r.Store.ExportParts(t.Context(), ids, most)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("at most %d (-want +got):\n%s%v", most, diff, err)
		}
	}
}

// Recordings leave as they came, more than are open at once, several of one conversation, and empty ones.
func TestExportWithRecordings(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var all []*conversation.Incoming
	var want [][]string
	for n := range 150 {
		var contents []string
		var readers []io.Reader
		for i := range n % 4 {
			content := strings.Repeat(fmt.Sprint("sound ", n, " ", i), i*1000)
			contents, readers = append(contents, content), append(readers, strings.NewReader(content))
		}
		all, want = append(all, r.call(t, n, readers...)), append(want, contents)
	}
	r.take(t, all...)
	var out bytes.Buffer
	if got := r.all(t.Context(), true, &out); got != (exported{150, 150, nil}) {
		t.Error(got)
	}
	for n, one := range parsed(t, out.String()) {
		var got []string
		for _, file := range one.Segments[0].Media {
			got = append(got, string(file.Body))
		}
		if diff := cmp.Diff(want[n], got); diff != "" {
			t.Errorf("%d (-want +got):\n%s", n, diff)
		}
	}
	sound := base64.RawURLEncoding.EncodeToString([]byte("sou")) // as each begins
	with := strings.Count(out.String(), sound)
	out.Reset()
	if got := r.all(t.Context(), false, &out); got.err != nil || with == 0 || strings.Contains(out.String(), sound) {
		t.Errorf("without recordings: %+v, %d with them", got, with)
	}
}

// A recording passes in pieces: an export allocates a fraction of its size. It runs alone, since it counts what the
// process allocates.
func TestRecordingsAreStreamed(t *testing.T) {
	const size, most = 64 << 20, 8 << 20
	r := newRig(t)
	r.take(t, r.call(t, 1, io.LimitReader(zeros{}, size)))
	out := &counter{}
	if got := r.all(t.Context(), false, io.Discard); got.err != nil { // which opens connections
		t.Fatal(got.err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := r.all(t.Context(), true, out)
	runtime.ReadMemStats(&after)
	if got.err != nil || out.count < size || after.TotalAlloc-before.TotalAlloc > most {
		t.Errorf("%d bytes left, %d were allocated: %v", out.count, after.TotalAlloc-before.TotalAlloc, got.err)
	}
	if out.largest > 1<<20 {
		t.Errorf("%d bytes are written at once", out.largest)
	}
}

type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) {
	clear(buffer)
	return len(buffer), nil
}

type counter struct{ count, largest int }

func (c *counter) Write(data []byte) (int, error) {
	c.count, c.largest = c.count+len(data), max(c.largest, len(data))
	return len(data), nil
}

// An error in the middle ends the export. Those before it have left, and nothing has left that is not recorded.
func TestExportEndsAtAnError(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var all []*conversation.Incoming
	for n := range 600 {
		if n == 550 {
			all = append(all, r.call(t, n, strings.NewReader("sound")))
			continue
		}
		all = append(all, chat(n, "hello"))
	}
	r.take(t, all...)
	t.Run("of the output", func(t *testing.T) {
		full := errors.New("full")
		out := &limited{most: 300, err: full}
		if got := r.all(t.Context(), true, out); !errors.Is(got.err, full) || got.count != 300 || got.done != 300 {
			t.Error(got)
		}
		if recorded := r.recorded(t); recorded < 300 || recorded > 500 {
			t.Errorf("%d are recorded", recorded)
		}
	})
	t.Run("of a recording", func(t *testing.T) {
		if err := r.Media.Delete(t.Context(), all[550].Segments[0].Media[0].StoreKey); err != nil {
			t.Fatal(err)
		}
		before := r.recorded(t)
		out := &limited{most: 1000}
		got := r.all(t.Context(), true, out)
		if !errors.Is(got.err, filestore.ErrNotFound) || !strings.Contains(got.err.Error(), idOf(550).String()) ||
			got.count != 550 || out.lines != 550 || r.recorded(t)-before != 550 {
			t.Errorf("%+v, %d left, %d recorded", got, out.lines, r.recorded(t)-before)
		}
	})
	t.Run("of the database", func(t *testing.T) {
		out := &limited{most: 1000}
		out.at = func() {
			if out.lines == 100 {
				_ = r.bun.Close()
			}
		}
		if got := r.all(t.Context(), false, out); got.err == nil || got.count != out.lines || got.count < 100 {
			t.Errorf("%+v, %d left", got, out.lines)
		}
	})
}

// limited takes so many lines, and then fails.
type limited struct {
	lines, most int
	err         error
	at          func()
}

func (l *limited) Write(data []byte) (int, error) {
	if l.lines >= l.most {
		return 0, l.err
	}
	if l.lines += bytes.Count(data, []byte("\n")); l.at != nil {
		l.at()
	}
	return len(data), nil
}

// The end of the context ends an export.
func TestExportEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for n := range 3 {
		r.take(t, chat(n, "hello"))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if got := r.all(ctx, true, &limited{most: 1000, at: cancel}); !errors.Is(got.err, context.Canceled) {
		t.Error(got)
	}
}
