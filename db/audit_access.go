package db

import (
	"context"
	"fmt"
	"time"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// Exported is what the audit log has of the export of a conversation.
type Exported struct {
	ConversationID int64
	audit.Export
}

// RecordExports records that conversations are about to leave as vCons, all in one transaction. The exporter calls
// it first, so that nothing leaves that the log does not have.
func (s *Store) RecordExports(ctx context.Context, op audit.Operation, exports []Exported) error {
	var events []audit.Event
	for _, exported := range exports {
		events = append(events, audit.Event{
			Activity: audit.ConversationExported, Result: audit.Success,
			ConversationID: exported.ConversationID, Details: exported.Export,
		})
	}
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		return s.record(ctx, tx, op, nil, events...)
	})
}

// RecordPlayback records that a recording is about to be played by a link, which holds until a time: once for
// a link, however often it is asked for, and whichever servers answer.
func (s *Store) RecordPlayback(
	ctx context.Context, op audit.Operation, file *conversation.MediaFile, link string, until time.Time,
) error {
	return s.recordOnce(ctx, "link "+link, until, op, audit.Event{
		Activity: audit.MediaPlayed, Result: audit.Success, ConversationID: file.ConversationID,
		Details: audit.MediaFiles{Files: []audit.MediaFile{auditedFile(file)}},
	})
}

// viewPeriod is how often the same reader of the same conversation is recorded at most.
const viewPeriod = time.Minute

// RecordView records that somebody is about to read a conversation: once a minute at most, so that nobody
// fills the log by reading.
func (s *Store) RecordView(ctx context.Context, op audit.Operation, conversationID int64) error {
	minute := s.now().Truncate(viewPeriod)
	key := fmt.Sprintf("view %d %d %s", minute.Unix(), conversationID, op.Actor.ID)
	return s.recordOnce(ctx, key, minute.Add(viewPeriod), op, audit.Event{
		Activity: audit.ConversationViewed, Result: audit.Success, ConversationID: conversationID,
		Details: audit.View{},
	})
}

const (
	// onceSlack is how long a key outlives its time, for servers whose clocks differ.
	onceSlack = 10 * time.Minute
	// onceSwept is how many keys that have outlived their time go with each new one.
	onceSwept = 10
)

// recordOnce records an event, unless one has been recorded under the same key, which is unique until a time.
// The key and the event come together, or neither.
func (s *Store) recordOnce(
	ctx context.Context, key string, until time.Time, op audit.Operation, event audit.Event,
) error {
	hashed := s.hash()(key)
	var known bool
	const find = "SELECT EXISTS (SELECT FROM audited_once WHERE key = ?)"
	if err := s.db.NewRaw(find, hashed).Scan(ctx, &known); err != nil || known {
		return err
	}
	return s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		// Another server that has the same key in hand makes this one wait for what becomes of it.
		const take = "INSERT INTO audited_once (key, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
		taken, err := tx.NewRaw(take, hashed, until.Add(onceSlack)).Exec(ctx)
		if err != nil {
			return err
		}
		if count, err := taken.RowsAffected(); err != nil || count == 0 {
			return err
		}
		const sweep = `DELETE FROM audited_once WHERE key IN (SELECT o.key FROM audited_once AS o
			WHERE o.expires_at < ? ORDER BY o.expires_at LIMIT ? FOR UPDATE SKIP LOCKED)`
		if _, err := tx.NewRaw(sweep, s.now(), onceSwept).Exec(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, op, nil, event)
	})
}
