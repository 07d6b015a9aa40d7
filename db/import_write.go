package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// writeImports stores what imports change, with the events that say so; one statement a table, however many
// conversations there are.
func (s *Store) writeImports(
	ctx context.Context, tx transaction, op audit.Operation, importing conversation.Importing, imports []conversation.Import,
) error {
	if len(imports) == 0 {
		return nil
	}
	if err := writeConversations(ctx, tx, imports); err != nil {
		return err
	}
	if err := writeVersions(ctx, tx, imports); err != nil {
		return err
	}
	if err := clearChanged(ctx, tx, imports); err != nil {
		return err
	}
	if err := writeSegments(ctx, tx, imports); err != nil {
		return err
	}
	if err := writeFiles(ctx, tx, imports); err != nil {
		return err
	}
	if err := writeRows(ctx, tx, imports); err != nil {
		return err
	}
	if err := settlePlaces(ctx, tx, imports); err != nil {
		return err
	}
	var ids []int64
	for _, one := range imports {
		ids = append(ids, one.After.ID)
	}
	if err := settle(ctx, tx, ids); err != nil {
		return err
	}
	adopted, dropped := conversation.Uploads(imports)
	if err := adoptUploads(ctx, tx, adopted); err != nil {
		return err
	}
	if err := loosen(ctx, tx, dropped, importing.Now); err != nil {
		return err
	}
	return s.tellImports(ctx, tx, op, imports)
}

// writeConversations stores conversations and their vCons, and lets everything that they have belong to them.
func writeConversations(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var added, changed []*conversation.Conversation
	var vcons []*conversation.Vcon
	for _, one := range imports {
		if one.After.ID == 0 {
			added = append(added, one.After)
		} else {
			changed = append(changed, one.After)
		}
	}
	err := updateRows(ctx, tx, changed,
		"started_at", "ended_at", "duration_ms", "direction", "types", "reviewable", "media_status")
	if err != nil {
		return err
	}
	if err := insertRows(ctx, tx, added); err != nil {
		return err
	}
	for _, one := range imports {
		for _, part := range one.Parts {
			part.After.SetConversation(one.After.ID)
			vcons = append(vcons, part.After.Vcon)
		}
	}
	if len(vcons) == 0 {
		return nil
	}
	_, err = tx.NewInsert().Model(&vcons).On("CONFLICT (uuid) DO UPDATE").
		Set("started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at, direction = EXCLUDED.direction").Exec(ctx)
	return err
}

// writeVersions stores under which uuids vCons are known, and drops the vCons of the versions that give way.
func writeVersions(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var versions []*conversation.VconVersion
	var retired []uuid.UUID
	for _, one := range imports {
		for _, version := range one.Versions {
			version.ConversationID = one.After.ID
			versions = append(versions, version)
		}
		for _, part := range one.Parts {
			retired = append(retired, part.Retired...)
		}
	}
	if len(versions) > 0 {
		_, err := tx.NewInsert().Model(&versions).On("CONFLICT (uuid) DO UPDATE").
			Set("stored_as = EXCLUDED.stored_as, made_from = EXCLUDED.made_from").
			Set("made_at = EXCLUDED.made_at, came_in = EXCLUDED.came_in").Exec(ctx)
		if err != nil {
			return err
		}
	}
	if len(retired) == 0 {
		return nil
	}
	if err := moveSegments(ctx, tx, imports); err != nil {
		return err
	}
	_, err := tx.NewDelete().Model((*conversation.Vcon)(nil)).Where("uuid IN (?)", bun.List(retired)).Exec(ctx)
	return err
}

// moveSegments lets the segments of versions that give way belong to the one that stays.
func moveSegments(ctx context.Context, tx transaction, imports []conversation.Import) error {
	for _, one := range imports {
		for _, part := range one.Parts {
			if len(part.Retired) == 0 {
				continue
			}
			_, err := tx.NewUpdate().Model((*conversation.Segment)(nil)).Set("vcon_uuid = ?", part.After.Vcon.UUID).
				Where("conversation_id = ? AND vcon_uuid IN (?)", one.After.ID, bun.List(part.Retired)).Exec(ctx)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// clearChanged removes the rows that are written anew, which nothing else points to.
func clearChanged(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var conversations, segments []int64
	var vcons []uuid.UUID
	for _, one := range imports {
		for _, part := range one.Parts {
			if part.Before.Vcon == nil {
				continue
			}
			conversations, vcons = append(conversations, one.After.ID), append(vcons, part.Before.Vcon.UUID)
			vcons = append(vcons, part.Retired...)
			for _, segment := range part.Before.Segments {
				segments = append(segments, segment.ID)
			}
		}
	}
	if len(vcons) == 0 {
		return nil
	}
	for _, table := range tablesReplacedBy("vcon_uuid") {
		_, err := tx.NewDelete().TableExpr("?", table).
			Where("conversation_id IN (?) AND vcon_uuid IN (?)", bun.List(conversations), bun.List(vcons)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, table := range tablesReplacedBy("segment_id") {
		_, err := tx.NewDelete().TableExpr("?", table).
			Where("conversation_id IN (?) AND segment_id IN (?)", bun.List(conversations), bun.List(segments)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeSegments keeps the ids of segments that stay, and moves those of other vCons whose place in the
// conversation is another one now.
func writeSegments(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var added, changed, moved []*conversation.Segment
	for _, one := range imports {
		moved = append(moved, one.Moved...)
		for _, part := range one.Parts {
			for _, segment := range part.After.Segments {
				if segment.ID == 0 {
					added = append(added, segment.Segment)
				} else {
					changed = append(changed, segment.Segment)
				}
			}
		}
	}
	if err := updateRows(ctx, tx, moved, "position"); err != nil {
		return err
	}
	err := updateRows(ctx, tx, changed,
		"position", "started_at", "duration_ms", "title", "title_anonymized", "attachments")
	if err != nil {
		return err
	}
	return insertRows(ctx, tx, added)
}

// writeFiles stores the files of segments that are stored, and then drops the segments that go: a file may
// have moved out of one, which would take it along.
func writeFiles(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var added, changed []*conversation.MediaFile
	var goneFiles, goneSegments []int64
	for _, one := range imports {
		for _, part := range one.Parts {
			part.After.SetSegments()
			for _, file := range part.After.Files() {
				if file.ID == 0 {
					added = append(added, file)
				} else {
					changed = append(changed, file)
				}
			}
			goneFiles = append(goneFiles, part.GoneFiles()...)
			goneSegments = append(goneSegments, part.GoneSegments()...)
		}
	}
	if err := deleteRows[conversation.MediaFile](ctx, tx, goneFiles); err != nil {
		return err
	}
	err := updateRows(ctx, tx, changed,
		"segment_id", "segment_position", "position", "kind", "media_type", "started_at", "duration_ms",
		"source_url", "origin", "content_hash", "store_key", "size_bytes",
		"status", "planned_at", "protected", "protected_until", "protection_reason", "protection_note") // of one that was missing
	if err != nil {
		return err
	}
	if err := insertRows(ctx, tx, added); err != nil {
		return err
	}
	return deleteRows[conversation.Segment](ctx, tx, goneSegments)
}

// writeRows writes what has no id of its own, after clearChanged.
func writeRows(ctx context.Context, tx transaction, imports []conversation.Import) error {
	var participants []*conversation.Participant
	var messages []*conversation.Message
	var metadata []*conversation.Metadatum
	var principals []*principal
	for _, one := range imports {
		for _, part := range one.Parts {
			participants = append(participants, part.After.Participants...)
			metadata = append(metadata, part.After.Metadata...)
			for _, segment := range part.After.Segments {
				messages = append(messages, segment.Messages...)
			}
			for _, name := range part.After.Principals {
				row := &principal{ConversationID: one.After.ID, Principal: name, VconUUID: part.After.Vcon.UUID}
				principals = append(principals, row)
			}
		}
	}
	if err := insertRows(ctx, tx, participants); err != nil {
		return err
	}
	if err := insertRows(ctx, tx, messages); err != nil {
		return err
	}
	if err := insertRows(ctx, tx, metadata); err != nil {
		return err
	}
	return insertRows(ctx, tx, principals)
}

// adoptUploads makes uploads belong to the conversations of this transaction.
func adoptUploads(ctx context.Context, tx bun.IDB, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var adopted []string
	const remove = "DELETE FROM loose_media WHERE store_key IN (?) RETURNING store_key"
	err := tx.NewRaw(remove, bun.List(keys)).Scan(ctx, &adopted)
	if err == nil && len(adopted) < len(keys) {
		return ErrMediaMoved
	}
	return err
}

// tellImports asks for the deletion of files that are new to conversations whose media was anonymized,
// records what was imported, and notifies of conversations that were there before.
func (s *Store) tellImports(
	ctx context.Context, tx transaction, op audit.Operation, imports []conversation.Import,
) error {
	planned, versions := filesByID{}, map[int64]int{}
	totals := audit.Totals{}
	var imported []audit.Event
	var changed []int64
	for _, one := range imports {
		totals.Add(audit.Totals{audit.TotalVconsAdded: one.Added, audit.TotalVconsUpdated: one.Updated})
		if !one.ChangesContent() {
			continue
		}
		id := one.After.ID
		versions[id] = one.After.DoneVersion()
		for _, part := range one.Parts {
			for _, file := range part.PlannedFiles() {
				planned[id] = append(planned[id], auditedFile(file))
			}
		}
		imported = append(imported, importedEvent(one))
		if one.Before.ID != 0 {
			changed = append(changed, id)
		}
	}
	events, err := s.requestDeletion(ctx, tx, op.Actor, func(id int64) int { return versions[id] }, planned)
	if err != nil {
		return err
	}
	if err := s.record(ctx, tx, op, totals, append(events, imported...)...); err != nil {
		return err
	}
	return notifyConversations(ctx, tx, changed)
}

func importedEvent(one conversation.Import) audit.Event {
	brought := one.Brought()
	return audit.Event{
		Activity: audit.ConversationImported, Result: audit.Success, ConversationID: one.After.ID,
		Details: audit.Import{
			IsNew: one.Before.ID == 0, Participants: brought.Participants, Segments: brought.Segments,
			Messages: brought.Messages, MetadataValues: brought.MetadataValues, MediaFiles: brought.MediaFiles,
			Merged: one.Joined,
		},
	}
}
