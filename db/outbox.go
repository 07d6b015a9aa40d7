package db

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

// RequestAction says what the Interaction service is asked for.
type RequestAction string

// The actions. KEEP takes back an earlier DELETE, because the files have been protected meanwhile.
const (
	RequestDelete RequestAction = "DELETE"
	RequestKeep   RequestAction = "KEEP"
)

// Outbox queues requests for delivery in the transaction that writes them: they are delivered if and only if it
// commits.
type Outbox interface {
	Enqueue(ctx context.Context, tx *sql.Tx, keys []uuid.UUID) error
}

// WithOutbox returns a store that hands its requests to an outbox. A store without one is its own Interaction
// service, since the files are in this system's own store: it notes every request as delivered as soon as it
// is written.
func (s *Store) WithOutbox(outbox Outbox) *Store {
	with := *s
	with.outbox = outbox
	return &with
}

// mediaRequest is a row of the outbox.
type mediaRequest struct {
	bun.BaseModel `bun:"table:media_deletion_requests,alias:dr"`

	IdempotencyKey  uuid.UUID `bun:",pk"`
	Sequence        int64     `bun:",scanonly"`
	ConversationID  int64
	MediaFileIDs    []int64 `bun:"media_file_ids,array"`
	Action          RequestAction
	SettingsVersion int
	RequestedAt     time.Time
	RequestedBy     string
	DeliveredAt     *time.Time
	Attempts        int
	Message         string
}

// deletionEvents say that the deletion of files was asked for.
func deletionEvents(version func(conversationID int64) int, planned filesByID) []audit.Event {
	events := planned.events(audit.MediaDeletionRequested, audit.Success, func(files []audit.MediaFile) audit.Details {
		return audit.MediaFiles{Files: files}
	})
	for i := range events {
		events[i].SettingsVersion = version(events[i].ConversationID)
	}
	return events
}

// requests makes one request for each conversation, with its files.
func (s *Store) requests(
	actor audit.Actor, action RequestAction, version func(conversationID int64) int, files filesByID,
) (requests []*mediaRequest) {
	for _, id := range slices.Sorted(maps.Keys(files)) {
		request := &mediaRequest{
			IdempotencyKey: uuid.New(), ConversationID: id, MediaFileIDs: fileIDs(files[id]), Action: action,
			SettingsVersion: version(id),
			RequestedAt:     s.now(), RequestedBy: actor.ID,
		}
		if s.outbox == nil {
			request.DeliveredAt = &request.RequestedAt
		}
		requests = append(requests, request)
	}
	return requests
}

// insertRequests writes new requests, in their order.
func insertRequests(batch *pgx.Batch, requests []*mediaRequest) {
	if len(requests) == 0 {
		return
	}
	const insert = `
INSERT INTO media_deletion_requests (idempotency_key, conversation_id, media_file_ids, action, settings_version,
       requested_at, requested_by, delivered_at)
SELECT v.key, v.conversation_id, v.files::bigint[], v.action, v.settings_version, v.requested_at, v.requested_by,
       v.delivered_at
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::timestamptz[], $7::text[],
       $8::timestamptz[]) WITH ORDINALITY
    AS v (key, conversation_id, files, action, settings_version, requested_at, requested_by, delivered_at, number)
 ORDER BY v.number`
	batch.Queue(insert,
		each(requests, func(r *mediaRequest) [16]byte { return r.IdempotencyKey }),
		each(requests, func(r *mediaRequest) int64 { return r.ConversationID }),
		each(requests, func(r *mediaRequest) string { return arrayOfIDs(r.MediaFileIDs) }),
		each(requests, func(r *mediaRequest) string { return string(r.Action) }),
		each(requests, func(r *mediaRequest) int { return r.SettingsVersion }),
		each(requests, func(r *mediaRequest) time.Time { return r.RequestedAt }),
		each(requests, func(r *mediaRequest) string { return r.RequestedBy }),
		each(requests, func(r *mediaRequest) *time.Time { return r.DeliveredAt }))
}

// arrayOfIDs is a list of ids as PostgreSQL reads an array.
func arrayOfIDs(ids []int64) string {
	text := make([]string, 0, len(ids))
	for _, id := range ids {
		text = append(text, strconv.FormatInt(id, 10))
	}
	return arrayText(text)
}

// enqueue hands requests that are written to the outbox.
func (s *Store) enqueue(ctx context.Context, tx transaction, requests []*mediaRequest) error {
	if len(requests) == 0 || s.outbox == nil {
		return nil
	}
	return s.outbox.Enqueue(ctx, tx.Tx.Tx, each(requests, func(r *mediaRequest) uuid.UUID { return r.IdempotencyKey }))
}

// Request is a request as it is delivered.
type Request struct {
	Key             uuid.UUID
	Sequence        int64
	Action          RequestAction
	ConversationID  int64
	Vcons           []uuid.UUID
	Files           []RequestedFile
	SettingsVersion int
	RequestedAt     time.Time
	// Attempts counts how often it was tried in vain.
	Attempts int
	// Message is what was sent at the first attempt, empty before that.
	Message string
}

// RequestedFile is what the Interaction service needs to know of a file.
type RequestedFile struct {
	ID                     int64
	Kind                   compliance.MediaKind
	ContentHash, SourceURL string
}

// OpenRequest returns a request that is not delivered yet, nil where there is none with this key. Files that
// exist no longer are left out.
func (s *Store) OpenRequest(ctx context.Context, key uuid.UUID) (*Request, error) {
	row := new(mediaRequest)
	err := s.db.NewSelect().Model(row).ColumnExpr("?TableColumns, sequence").
		Where("idempotency_key = ? AND delivered_at IS NULL", key).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	request := &Request{
		Key: row.IdempotencyKey, Sequence: row.Sequence, Action: row.Action, ConversationID: row.ConversationID,
		SettingsVersion: row.SettingsVersion,
		RequestedAt:     row.RequestedAt, Attempts: row.Attempts, Message: row.Message,
	}
	const vcons = `SELECT uuid FROM vcons WHERE conversation_id = ?0
 UNION SELECT uuid FROM vcon_versions WHERE conversation_id = ?0 ORDER BY uuid`
	if err := s.db.NewRaw(vcons, row.ConversationID).Scan(ctx, &request.Vcons); err != nil {
		return nil, err
	}
	const files = "SELECT id, kind, content_hash, source_url FROM media_files WHERE id IN (?) ORDER BY id"
	return request, s.db.NewRaw(files, bun.List(row.MediaFileIDs)).Scan(ctx, &request.Files)
}

// SettleMessage notes what is going to be sent, and returns it; where another attempt was earlier, it returns
// what that one noted. It is empty where the request is delivered already.
func (s *Store) SettleMessage(
	ctx context.Context, key uuid.UUID, message string,
) (settled string, err error) {
	const update = `
UPDATE media_deletion_requests SET message = COALESCE(NULLIF(message, ''), ?)
 WHERE idempotency_key = ? AND delivered_at IS NULL RETURNING message`
	err = s.db.NewRaw(update, message, key).Scan(ctx, &settled)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return settled, err
}

// MarkDelivered notes that the Interaction service has taken a request; doing so again changes nothing.
func (s *Store) MarkDelivered(ctx context.Context, key uuid.UUID) error {
	const update = `
UPDATE media_deletion_requests SET delivered_at = ?, last_error = '', message = ''
 WHERE idempotency_key = ? AND delivered_at IS NULL`
	_, err := s.db.NewRaw(update, s.now(), key).Exec(ctx)
	return err
}

// MarkFailed notes why a request could not be delivered, in words for an operator, and returns how often that
// has been so.
func (s *Store) MarkFailed(ctx context.Context, key uuid.UUID, reason string) (attempts int, err error) {
	const update = `
UPDATE media_deletion_requests SET attempts = attempts + 1, last_error = ?
 WHERE idempotency_key = ? RETURNING attempts`
	err = s.db.NewRaw(update, reason, key).Scan(ctx, &attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return attempts, err
}
