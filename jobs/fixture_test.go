package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/interaction"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, migrate) }

func migrate(ctx context.Context, url string) error {
	pool, bun, err := db.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	defer func() { _ = bun.Close() }()
	_, err = migrations.Run(ctx, bun)
	return err
}

// begun begins an operation of the tests.
func begun(activity audit.Activity) audit.Operation {
	return audit.Begin(audit.Actor{ID: "tester", Name: "Test"}, activity)
}

// background is a database whose requests are queued, and what works on it.
type background struct {
	options Options
	stop    func()
}

func newBackground(t *testing.T, service interaction.Service, change func(*Options)) *background {
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
	outbox, err := NewOutbox(bun)
	if err != nil {
		t.Fatal(err)
	}
	b := &background{options: Options{
		Database: bun, Pool: pool, Store: store.WithOutbox(outbox), Service: service, Logger: slog.New(slog.DiscardHandler),
		AttemptTimeout: time.Second,
		GlobalID:       func(kind string, number int64) string { return fmt.Sprint(kind, number) },
	}}
	change(&b.options)
	wanted := db.Wanted{Basic: map[compliance.BasicItem]bool{compliance.MediaFiles: true}}
	_, err = b.options.Store.SaveSettings(t.Context(), begun(audit.FieldConfigUpdate), db.Save{BaseVersion: 1, Wanted: &wanted})
	if err != nil {
		t.Fatal(err)
	}
	b.start(t)
	return b
}

// start begins to work, until stop or the end of the test.
func (b *background) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, b.options) }()
	b.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		ended <- nil
	}
	t.Cleanup(b.stop)
}

// calls imports so many calls, with a recording that is kept elsewhere each.
func (b *background) calls(t *testing.T, count int) (ids []int64) {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for range count {
		call := &conversation.Incoming{UUID: uuid.New(), StartedAt: at, EndedAt: at.Add(time.Minute),
			Segments: []conversation.IncomingSegment{{
				Kind: compliance.SegmentCall, StartedAt: at,
				Media: []conversation.IncomingMedia{{Kind: compliance.MediaCall, MediaType: "audio/wav",
					URL: "https://media.example/" + uuid.NewString()}},
			}}}
		if _, err := b.options.Store.Import(t.Context(), begun(audit.ConversationImported), []*conversation.Incoming{call}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.options.Database.NewRaw("SELECT id FROM conversations ORDER BY id DESC LIMIT ?",
		count).Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

func (b *background) anonymize(t *testing.T, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		if _, err := b.options.Store.Anonymize(t.Context(), begun(audit.InteractionAnonymize), db.Everything(), []int64{id}); err != nil {
			t.Fatal(err)
		}
	}
}
