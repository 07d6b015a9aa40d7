package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// principal is a row of conversation_principals.
type principal struct {
	bun.BaseModel `bun:"table:conversation_principals,alias:cp"`

	ConversationID int64     `bun:",pk"`
	Principal      string    `bun:",pk"`
	VconUUID       uuid.UUID `bun:",pk"`
}

// write stores what is new and what changed, with the events that say so; one statement a table, however many conversations there are.
func (w *importation) write(ctx context.Context) error {
	if len(w.pending) == 0 {
		return nil
	}
	for _, step := range []func(context.Context) error{
		w.writeConversations, w.writeVcons, w.clearChanged, w.writeSegments, w.writeMedia, w.dropSegments, w.insertRows, w.settleUploads,
		w.planNewMedia, w.auditImport, w.notifyChanged,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *importation) writeConversations(ctx context.Context) error {
	var added, changed []*Conversation
	for _, p := range w.pending {
		if p.wanted.ID == 0 {
			added = append(added, p.wanted)
		} else {
			changed = append(changed, p.wanted)
		}
	}
	if err := updateConversations(ctx, w.tx, changed, "started_at", "ended_at", "duration_ms", "direction", "types", "reviewable", "media_status"); err != nil {
		return err
	}
	return insertNew(ctx, w.tx, added)
}

func (w *importation) writeVcons(ctx context.Context) error {
	var rows []*Vcon
	for _, p := range w.pending {
		for _, part := range p.parts {
			part.wanted.ID = p.wanted.ID
			vcon := part.wanted.Vcons[0]
			vcon.ConversationID = p.wanted.ID
			rows = append(rows, vcon)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := w.tx.NewInsert().Model(&rows).On("CONFLICT (uuid) DO UPDATE").
		Set("started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at, direction = EXCLUDED.direction").Exec(ctx)
	return err
}

// clearChanged removes the rows that are written anew, which nothing else points to.
func (w *importation) clearChanged(ctx context.Context) error {
	var conversations, segments []int64
	var vcons []uuid.UUID
	for _, p := range w.pending {
		for _, part := range p.parts {
			if len(part.stored.Vcons) == 0 {
				continue
			}
			conversations, vcons = append(conversations, p.wanted.ID), append(vcons, part.stored.Vcons[0].UUID)
			for _, segment := range part.stored.Segments {
				segments = append(segments, segment.ID)
			}
		}
	}
	if len(vcons) == 0 {
		return nil
	}
	for _, table := range tablesReplacedBy("vcon_uuid") {
		if _, err := w.tx.NewDelete().TableExpr("?", table).Where("conversation_id IN (?) AND vcon_uuid IN (?)", bun.List(conversations), bun.List(vcons)).Exec(ctx); err != nil {
			return err
		}
	}
	for _, table := range tablesReplacedBy("segment_id") {
		if _, err := w.tx.NewDelete().TableExpr("?", table).Where("conversation_id IN (?) AND segment_id IN (?)", bun.List(conversations), bun.List(segments)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// insertRows writes what has no id of its own.
func (w *importation) insertRows(ctx context.Context) error {
	var participants []*Participant
	var messages []*Message
	var metadata []*Metadatum
	var principals []*principal
	for _, p := range w.pending {
		for _, part := range p.parts {
			part.own(p.wanted.ID)
			for _, segment := range part.wanted.Segments {
				messages = append(messages, segment.Messages...)
			}
			for _, name := range part.principals {
				principals = append(principals, &principal{ConversationID: p.wanted.ID, Principal: name, VconUUID: part.wanted.Vcons[0].UUID})
			}
			participants, metadata = append(participants, part.wanted.Participants...), append(metadata, part.wanted.Metadata...)
		}
	}
	for _, insert := range []func() error{
		func() error { return insertNew(ctx, w.tx, participants) },
		func() error { return insertNew(ctx, w.tx, messages) },
		func() error { return insertNew(ctx, w.tx, metadata) },
		func() error { return insertNew(ctx, w.tx, principals) },
	} {
		if err := insert(); err != nil {
			return err
		}
	}
	return nil
}

// own gives the rows of a part to a conversation, whose id is not known before it is inserted.
func (p *part) own(id int64) {
	for _, row := range p.wanted.Participants {
		row.ConversationID = id
	}
	for _, row := range p.wanted.Metadata {
		row.ConversationID = id
	}
	for _, segment := range p.wanted.Segments {
		for _, message := range segment.Messages {
			message.ConversationID, message.SegmentID = id, segment.ID
		}
	}
}

func insertNew[T any](ctx context.Context, tx bun.IDB, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}
