package bench

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/jobs"
	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

// BenchmarkAnonymizeInAnOutage is one conversation after the other, while a server delivers what that
// asks of the Interaction service: compare a service that answers with those that don't.
func BenchmarkAnonymizeInAnOutage(b *testing.B) {
	for _, trouble := range []struct {
		name string
		make func(*interactiontest.Service)
	}{
		{"answers", (*interactiontest.Service).Behave}, {"hangs", (*interactiontest.Service).Hang},
		{"down", (*interactiontest.Service).Stop},
		{"fails", func(s *interactiontest.Service) { s.Fail(503, 0) }},
	} {
		b.Run(trouble.name, func(b *testing.B) {
			service := interactiontest.New(b)
			trouble.make(service)
			c := newBench(b)
			c.post(b, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {subjectAndBody: true,
			mediaFiles: true}}) { userErrors { code } } }`)
			c.deliver(b, service)
			for id := int64(1); b.Loop(); id++ {
				if _, err := c.store.Anonymize(b.Context(), audit.Begin(audit.Actor{ID: "bench", Name: "Bench"}, audit.InteractionAnonymize), db.Everything(),
					[]int64{id}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// deliver runs a server's background work until the benchmark ends.
func (c *bench) deliver(b *testing.B, service *interactiontest.Service) {
	b.Helper()
	outbox, err := jobs.NewOutbox(c.bun)
	if err != nil {
		b.Fatal(err)
	}
	client, err := interaction.NewClient(interaction.Options{URL: service.URL(), Timeout: time.Second})
	if err != nil {
		b.Fatal(err)
	}
	c.store = c.store.WithOutbox(outbox)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- jobs.Run(ctx, jobs.Options{
			Database: c.bun, Pool: c.pool, Store: c.store, Service: client, AttemptTimeout: time.Second,
			Logger: slog.New(slog.DiscardHandler), GlobalID: graph.GlobalID,
		})
	}()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
}
