package jobs

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"qm-compliance/db"
	"qm-compliance/media/interaction"
)

// Delivery is the job that brings one request to the Interaction service. It holds nothing but the key, under which everything else is found.
type Delivery struct {
	Key uuid.UUID `json:"key"`
}

// Kind names the job in the queue.
func (Delivery) Kind() string { return "deliver_media_request" }

// InsertOpts put it into the queue of its own. It is tried without end: every attempt that fails is put off, which counts as none.
func (Delivery) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: deliveries} }

// deliverer sends requests.
type deliverer struct {
	river.WorkerDefaults[Delivery]
	options Options
}

// Timeout leaves the time of an exchange to the client of the service.
func (*deliverer) Timeout(*river.Job[Delivery]) time.Duration { return -1 }

// Work sends one request, once. What was sent and could not be noted is sent again, with the same key and the same message.
func (d *deliverer) Work(ctx context.Context, job *river.Job[Delivery]) error {
	request, err := d.options.Store.OpenRequest(ctx, job.Args.Key)
	if err != nil {
		return river.JobSnooze(interaction.Delay(1, rand.Float64))
	}
	if request == nil {
		return nil // delivered already
	}
	if err := d.send(ctx, request); err != nil {
		return d.putOff(ctx, request, err)
	}
	if err := d.options.Store.MarkDelivered(ctx, request.Key); err != nil {
		return river.JobSnooze(interaction.Delay(1, rand.Float64))
	}
	return nil
}

// send sends what was sent before, or settles it. A request whose files are all gone meanwhile asks for nothing any more.
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

func (d *deliverer) putOff(ctx context.Context, request *db.Request, failure error) error {
	reason := failure.Error()
	if code := db.RefusalCode(failure); code != "" {
		reason = "the database refuses (" + code + ")" // its own words may repeat values
	}
	failed, err := d.options.Store.MarkFailed(context.WithoutCancel(ctx), request.Key, reason)
	if err != nil {
		failed = request.Attempts + 1
	}
	delay := interaction.Next(failed, failure, rand.Float64)
	d.options.Logger.WarnContext(ctx, "a request to the Interaction service could not be delivered", "request", request.Key, "reason", reason, "failed", failed, "again in", delay.Round(time.Second))
	return river.JobSnooze(delay)
}

func (d *deliverer) message(request *db.Request) interaction.Request {
	message := interaction.Request{
		ID: request.Key, Sequence: request.Sequence, Action: interaction.Action(request.Action), SettingsVersion: request.SettingsVersion, RequestedAt: request.RequestedAt.UTC(),
		Conversation: interaction.Conversation{ID: d.options.GlobalID("Conversation", request.ConversationID), Vcons: request.Vcons},
	}
	for _, file := range request.Files {
		message.Files = append(message.Files, interaction.File{
			ID: d.options.GlobalID("MediaFile", file.ID), Kind: file.Kind, ContentHash: file.ContentHash, SourceURL: file.SourceURL,
		})
	}
	return message
}
