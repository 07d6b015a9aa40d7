package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/media/interaction"
	"qm-compliance/telemetry"
)

// Outbox queues requests for delivery, in the transaction that writes them.
type Outbox struct{ client *river.Client[*sql.Tx] }

// NewOutbox makes an outbox that only queues; the servers deliver.
func NewOutbox(database *bun.DB) (*Outbox, error) {
	client, err := river.NewClient(riverdatabasesql.New(database.DB),
		&river.Config{Logger: slog.New(slog.DiscardHandler)})
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

// Delivery is the job that brings one request to the Interaction service. It holds nothing but the
// request's key.
type Delivery struct {
	Key uuid.UUID `json:"key"`
}

// Kind names the job in the queue.
func (Delivery) Kind() string { return "deliver_media_request" }

// InsertOpts puts the job into its own queue. It is tried without end: an attempt that fails is snoozed,
// which does not count.
func (Delivery) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: deliveries, MaxAttempts: math.MaxInt16} // attempts of killed servers count
}

// deliverer sends requests.
type deliverer struct {
	river.WorkerDefaults[Delivery]
	options Options
}

// Timeout is longer than the client of the service takes for an exchange. There has to be one: River
// never rescues a job without a timeout.
func (d *deliverer) Timeout(*river.Job[Delivery]) time.Duration { return d.options.abandoned() }

// Work sends one request, once. A request that was sent but could not be marked is sent again, with the
// same key and the same message.
func (d *deliverer) Work(ctx context.Context, job *river.Job[Delivery]) error {
	ctx, span := d.options.Tracer.Start(ctx, "delivery to the Interaction service")
	defer span.End()
	request, err := d.options.Store.OpenRequest(ctx, job.Args.Key)
	if err != nil {
		return d.again(ctx, err)
	}
	if request == nil {
		return nil // delivered already
	}
	if err := d.send(ctx, request); err != nil {
		return d.putOff(ctx, request, err)
	}
	if err := d.options.Store.MarkDelivered(ctx, request.Key); err != nil {
		return d.again(ctx, err)
	}
	return nil
}

// again snoozes the job after the database has failed: the failure cannot be recorded there.
func (d *deliverer) again(ctx context.Context, failure error) error {
	delay := d.options.Delay(1, failure)
	d.options.Logger.ErrorContext(ctx, "a request to the Interaction service waits for the database",
		"reason", reason(failure), "again in", delay.Round(time.Millisecond))
	return river.JobSnooze(delay)
}

// reason describes a failure to an operator. PostgreSQL's own message may repeat values.
func reason(failure error) string {
	return cmp.Or(db.Explain(failure), failure.Error())
}

// send sends the message that was sent before, or writes and stores one if this is the first attempt. A
// request whose files are all gone by now asks for nothing any more.
func (d *deliverer) send(ctx context.Context, request *db.Request) error {
	if request.Message == "" && len(request.Files) == 0 {
		return nil
	}
	text := request.Message
	if text == "" {
		written, err := json.Marshal(d.message(request))
		if err != nil {
			return err
		}
		if text, err = d.options.Store.SettleMessage(ctx, request.Key, string(written)); err != nil || text == "" {
			return err
		}
	}
	var message interaction.Request
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		return err
	}
	return d.options.Service.Send(ctx, message)
}

// putOff records a failed attempt and snoozes the job.
func (d *deliverer) putOff(ctx context.Context, request *db.Request, failure error) error {
	words := reason(failure)
	telemetry.Current(ctx).Failed("not delivered")
	failed, err := d.options.Store.MarkFailed(context.WithoutCancel(ctx), request.Key, words)
	if err != nil {
		failed = request.Attempts + 1
	}
	delay := d.options.Delay(failed, failure)
	d.options.Logger.WarnContext(ctx, "a request to the Interaction service could not be delivered",
		"request", request.Key, "reason", words, "failed", failed, "again in", delay.Round(time.Second))
	return river.JobSnooze(delay)
}

func (d *deliverer) message(request *db.Request) interaction.Request {
	message := interaction.Request{
		ID: request.Key, Sequence: request.Sequence, Action: interaction.Action(request.Action),
		SettingsVersion: request.SettingsVersion, RequestedAt: request.RequestedAt.UTC(),
		Conversation: interaction.Conversation{
			ID: d.options.GlobalID("Conversation", request.ConversationID), Vcons: request.Vcons,
		},
	}
	for _, file := range request.Files {
		message.Files = append(message.Files, interaction.File{
			ID: d.options.GlobalID("MediaFile", file.ID), Kind: file.Kind,
			ContentHash: file.ContentHash, SourceURL: file.SourceURL,
		})
	}
	return message
}
