package db

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// principal is a row of conversation_principals.
type principal struct {
	bun.BaseModel `bun:"table:conversation_principals,alias:cp"`

	ConversationID int64  `bun:",pk"`
	Principal      string `bun:",pk"`
}

// write stores what is new and what changed, with the events that say so; one statement a table, however many conversations there are.
func (w *importation) write(ctx context.Context) error {
	if len(w.added)+len(w.changed) == 0 {
		return nil
	}
	for _, step := range []func(context.Context) error{
		w.updateConversations, w.clearChanged, w.writeSegments, w.writeMedia, w.insertRows, w.planNewMedia, w.auditImport, w.notifyChanged,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (w *importation) all() []*pending { return slices.Concat(w.added, w.changed) }

func (w *importation) updateConversations(ctx context.Context) error {
	var rows []*Conversation
	for _, p := range w.changed {
		rows = append(rows, p.wanted)
	}
	return updateConversations(ctx, w.tx, rows, "started_at", "ended_at", "duration_ms", "direction", "types", "reviewable", "media_status")
}

// clearChanged removes the rows that are written anew, which nothing else points to.
func (w *importation) clearChanged(ctx context.Context) error {
	var ids []int64
	for _, p := range w.changed {
		ids = append(ids, p.wanted.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	for _, model := range []any{(*Participant)(nil), (*Message)(nil), (*Metadatum)(nil), (*principal)(nil)} {
		if _, err := w.tx.NewDelete().Model(model).Where("conversation_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// writeSegments keeps the ids of segments that stay. Segments that go take their files with them; those that must not vanish are in segments that stay.
func (w *importation) writeSegments(ctx context.Context) error {
	var added, changed []*Segment
	var gone []int64
	for _, p := range w.all() {
		staying := map[int64]bool{}
		for _, segment := range p.wanted.Segments {
			segment.ConversationID = p.wanted.ID
			if staying[segment.ID] = true; segment.ID == 0 {
				added = append(added, segment)
			} else {
				changed = append(changed, segment)
			}
		}
		for _, segment := range p.storedSegments() {
			if !staying[segment.ID] {
				gone = append(gone, segment.ID)
			}
		}
	}
	return writeRows(ctx, w.tx, added, changed, gone, "position", "started_at", "duration_ms", "title", "title_anonymized", "attachments")
}

func (p *pending) storedSegments() []*Segment {
	if p.stored == nil {
		return nil
	}
	return p.stored.Segments
}

// writeMedia comes after the segments, whose ids the files of new ones need.
func (w *importation) writeMedia(ctx context.Context) error {
	var added, changed []*MediaFile
	var gone []int64
	for _, p := range w.all() {
		staying := map[int64]bool{}
		p.placeMedia()
		for _, file := range p.wanted.Media {
			if staying[file.ID] = true; file.ID == 0 {
				added = append(added, file)
			} else {
				changed = append(changed, file)
			}
		}
		for _, file := range p.storedMedia() {
			if !staying[file.ID] {
				gone = append(gone, file.ID)
			}
		}
	}
	return writeRows(ctx, w.tx, added, changed, gone, "segment_id", "position", "kind", "media_type", "duration_ms", "source_url", "content_hash")
}

func (p *pending) storedMedia() []*MediaFile {
	if p.stored == nil {
		return nil
	}
	return p.stored.Media
}

func (p *pending) placeMedia() {
	for _, segment := range p.wanted.Segments {
		for _, file := range segment.Wanted {
			file.ConversationID, file.SegmentID = p.wanted.ID, segment.ID
		}
	}
}

// writeRows removes, updates and inserts the rows of one table that have an id of their own.
func writeRows[T any](ctx context.Context, tx bun.IDB, added, changed []*T, gone []int64, columns ...string) error {
	if len(gone) > 0 {
		if _, err := tx.NewDelete().Model((*T)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(changed) > 0 {
		if _, err := tx.NewUpdate().Model(&changed).Column(columns...).Bulk().Exec(ctx); err != nil {
			return err
		}
	}
	return insertNew(ctx, tx, added)
}

func (w *importation) insertRows(ctx context.Context) error {
	var participants []*Participant
	var messages []*Message
	var metadata []*Metadatum
	var principals []*principal
	for _, p := range w.all() {
		id := p.wanted.ID
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
			messages = append(messages, segment.Messages...)
		}
		for _, name := range p.principals {
			principals = append(principals, &principal{ConversationID: id, Principal: name})
		}
		participants, metadata = append(participants, p.wanted.Participants...), append(metadata, p.wanted.Metadata...)
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

func insertNew[T any](ctx context.Context, tx bun.IDB, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// planNewMedia asks for the deletion of files that are new to conversations whose media was anonymized.
func (w *importation) planNewMedia(ctx context.Context) error {
	for _, p := range w.changed {
		planned := map[int64][]int64{}
		for _, file := range p.planned {
			planned[p.wanted.ID] = append(planned[p.wanted.ID], file.ID)
		}
		if err := w.store.requestDeletion(ctx, w.tx, w.actor, settingsOf(p.wanted), planned); err != nil {
			return err
		}
	}
	return nil
}

// settingsOf is the version that a conversation was anonymized with last, 0 for one that never was.
func settingsOf(c *Conversation) int {
	if c.SettingsVersion == nil {
		return 0
	}
	return *c.SettingsVersion
}

func (w *importation) auditImport(ctx context.Context) error {
	var events []*AuditEvent
	for _, p := range w.all() {
		messages := 0
		for _, segment := range p.wanted.Segments {
			messages += len(segment.Messages)
		}
		events = append(events, &AuditEvent{Activity: ConversationImported, Result: Success, ConversationID: &p.wanted.ID, Details: AuditDetails{Counts: map[string]int{
			"participants": len(p.wanted.Participants), "segments": len(p.wanted.Segments), "messages": messages,
			"metadataValues": len(p.wanted.Metadata), "mediaFiles": len(p.wanted.Media),
		}}})
	}
	return w.store.record(ctx, w.tx, w.actor, events...)
}

func (w *importation) notifyChanged(ctx context.Context) error {
	var ids []int64
	for _, p := range w.changed {
		ids = append(ids, p.wanted.ID)
	}
	return notifyConversations(ctx, w.tx, ids)
}
