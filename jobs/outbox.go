package jobs

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/uptrace/bun"
)

// Outbox queues requests for delivery, in the transaction that writes them.
type Outbox struct{ client *river.Client[*sql.Tx] }

// NewOutbox makes an outbox that only queues; the servers deliver.
func NewOutbox(database *bun.DB) (*Outbox, error) {
	client, err := river.NewClient(riverdatabasesql.New(database.DB), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	return &Outbox{client}, err
}

// Enqueue queues the requests with these keys.
func (o *Outbox) Enqueue(ctx context.Context, tx *sql.Tx, keys []uuid.UUID) error {
	params := make([]river.InsertManyParams, 0, len(keys))
	for _, key := range keys {
		params = append(params, river.InsertManyParams{Args: Delivery{key}})
	}
	_, err := o.client.InsertManyFastTx(ctx, tx, params)
	return err
}
