package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// writeImports stores what imports change, with the events that say so: in three round trips and one
// statement a table, however many conversations there are.
func (s *Store) writeImports(
	ctx context.Context, tx transaction, op audit.Operation, importing conversation.Importing, imports []conversation.Import,
) error {
	if len(imports) == 0 {
		return nil
	}
	rows := numberedOf(imports)
	if err := rows.take(ctx, tx); err != nil {
		return err
	}
	for _, one := range imports {
		for _, part := range one.Parts {
			part.After.SetConversation(one.After.ID)
			part.After.SetSegments()
		}
	}
	b := tx.bulk()
	writeConversations(b, imports, rows)
	writeVersions(b, imports)
	clearChanged(b, imports)
	writeSegments(b, imports, rows)
	writeFiles(b, imports, rows)
	writeRows(b, imports)
	settlePlaces(b, imports)
	settleImported(b, imports)
	adopted, dropped := conversation.Uploads(imports)
	adoptUploads(b, adopted)
	loosen(b, dropped, importing.Now)
	return s.tellImports(ctx, tx, op, b, imports)
}

func settleImported(b *bulk, imports []conversation.Import) {
	ids := make([]int64, 0, len(imports))
	for _, one := range imports {
		ids = append(ids, one.After.ID)
	}
	b.Queue(settleFacets, ids)
}

// numbered are the rows of imports that have ids.
type numbered struct {
	conversations sorted[conversation.Conversation]
	segments      sorted[conversation.Segment]
	files         sorted[conversation.MediaFile]
}

// sorted are rows that are new, whose ids are not known yet, and rows that are there.
type sorted[T any] struct {
	added, changed []*T
	ids            []*int64 // of those added
}

func (s *sorted[T]) put(row *T, id *int64) {
	if *id != 0 {
		s.changed = append(s.changed, row)
		return
	}
	s.added, s.ids = append(s.added, row), append(s.ids, id)
}

func numberedOf(imports []conversation.Import) (rows numbered) {
	for _, one := range imports {
		rows.conversations.put(one.After, &one.After.ID)
		for _, part := range one.Parts {
			for _, segment := range part.After.Segments {
				rows.segments.put(segment.Segment, &segment.ID)
			}
			for _, file := range part.After.Files() {
				rows.files.put(file, &file.ID)
			}
		}
	}
	return rows
}

// take gives the next ids to what is new, in the order in which it came.
func (n numbered) take(ctx context.Context, tx transaction) error {
	batch := new(pgx.Batch)
	nextIDs(batch, "conversations", n.conversations.ids)
	nextIDs(batch, "segments", n.segments.ids)
	nextIDs(batch, "media_files", n.files.ids)
	return tx.send(ctx, batch, nil)
}

func nextIDs(batch *pgx.Batch, table string, ids []*int64) {
	if len(ids) == 0 {
		return
	}
	next := "SELECT nextval('" + table + "_id_seq') FROM generate_series(1, $1::integer)"
	batch.Queue(next, len(ids)).Query(func(rows pgx.Rows) error {
		next, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for i, id := range next {
			*ids[i] = id
		}
		return err
	})
}

// writeConversations stores conversations and their vCons.
func writeConversations(b *bulk, imports []conversation.Import, rows numbered) {
	var vcons []*conversation.Vcon
	for _, one := range imports {
		for _, part := range one.Parts {
			vcons = append(vcons, part.After.Vcon)
		}
	}
	update(b, rows.conversations.changed,
		"started_at", "ended_at", "duration_ms", "direction", "types", "reviewable", "media_status")
	raiseRevisions(&b.Batch, conversationIDs(rows.conversations.changed))
	insert(b, rows.conversations.added, "")
	insert(b, vcons, "ON CONFLICT (uuid) DO UPDATE SET started_at = EXCLUDED.started_at, "+
		"ended_at = EXCLUDED.ended_at, direction = EXCLUDED.direction")
}

// writeVersions stores under which uuids vCons are known, and drops the vCons of the versions that give way.
func writeVersions(b *bulk, imports []conversation.Import) {
	var versions []*conversation.VconVersion
	var retired []uuid.UUID
	for _, one := range imports {
		for _, version := range one.Versions {
			version.ConversationID = one.After.ID
			versions = append(versions, version)
		}
		for _, part := range one.Parts {
			retired = append(retired, part.Retired...)
			if len(part.Retired) > 0 { // the segments of versions that give way belong to the one that stays
				b.Queue("UPDATE segments SET vcon_uuid = $1 WHERE conversation_id = $2 AND vcon_uuid = ANY ($3)",
					part.After.Vcon.UUID, one.After.ID, part.Retired)
			}
		}
	}
	insert(b, versions, "ON CONFLICT (uuid) DO UPDATE SET stored_as = EXCLUDED.stored_as, "+
		"made_from = EXCLUDED.made_from, made_at = EXCLUDED.made_at, came_in = EXCLUDED.came_in")
	if len(retired) > 0 {
		b.Queue("DELETE FROM vcons WHERE uuid = ANY ($1)", retired)
	}
}

// clearChanged removes the rows that are written anew, which nothing else points to.
func clearChanged(b *bulk, imports []conversation.Import) {
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
		return
	}
	const of = "DELETE FROM %s WHERE conversation_id = ANY ($1) AND %s = ANY ($2)"
	for _, table := range tablesReplacedBy("vcon_uuid") {
		b.Queue(fmt.Sprintf(of, table, "vcon_uuid"), conversations, vcons)
	}
	for _, table := range tablesReplacedBy("segment_id") {
		b.Queue(fmt.Sprintf(of, table, "segment_id"), conversations, segments)
	}
}

// writeSegments keeps the ids of segments that stay, and moves those of other vCons whose place in the
// conversation is another one now.
func writeSegments(b *bulk, imports []conversation.Import, rows numbered) {
	var moved []*conversation.Segment
	for _, one := range imports {
		moved = append(moved, one.Moved...)
	}
	update(b, moved, "position")
	update(b, rows.segments.changed, "position", "started_at", "duration_ms", "title", "title_anonymized", "attachments")
	insert(b, rows.segments.added, "")
}

// writeFiles stores the files of segments that are stored, and then drops the segments that go: a file may
// have moved out of one, which would take it along.
func writeFiles(b *bulk, imports []conversation.Import, rows numbered) {
	var goneFiles, goneSegments []int64
	for _, one := range imports {
		for _, part := range one.Parts {
			goneFiles = append(goneFiles, part.GoneFiles()...)
			goneSegments = append(goneSegments, part.GoneSegments()...)
		}
	}
	remove[conversation.MediaFile](b, goneFiles)
	update(b, rows.files.changed, "segment_id", "segment_position", "position", "kind", "media_type", "started_at",
		"duration_ms", "source_url", "origin", "content_hash", "store_key", "size_bytes",
		"status", "planned_at", "protected", "protected_until", "protection_reason", "protection_note") // of one that was missing
	insert(b, rows.files.added, "")
	remove[conversation.Segment](b, goneSegments)
}

// writeRows writes what has no id of its own, after clearChanged.
func writeRows(b *bulk, imports []conversation.Import) {
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
	insert(b, participants, "")
	insert(b, messages, "")
	insert(b, metadata, "")
	insert(b, principals, "")
}

// adoptUploads makes uploads belong to the conversations of this transaction.
func adoptUploads(b *bulk, keys []string) {
	if len(keys) == 0 {
		return
	}
	b.Queue("DELETE FROM loose_media WHERE store_key = ANY ($1)", keys).Exec(func(adopted pgconn.CommandTag) error {
		if adopted.RowsAffected() < int64(len(keys)) {
			return ErrMediaMoved
		}
		return nil
	})
}

// tellImports sends the statements that write imports. Beside them it asks for the deletion of files that are
// new to conversations whose media was anonymized, records what was imported, and notifies of conversations
// that were there before. Where all conversations are new, nothing has to be read for the events, which are
// put into words while the server writes.
func (s *Store) tellImports(
	ctx context.Context, tx transaction, op audit.Operation, b *bulk, imports []conversation.Import,
) error {
	about := tellingOf(imports)
	version := func(id int64) int { return about.versions[id] }
	requests := s.requests(op.Actor, RequestDelete, version, about.planned)
	events := append(deletionEvents(version, about.planned), about.imported...)
	var entries auditEntries
	encode := func() (err error) {
		entries, err = s.auditEntries(op, about.totals, events, about.vcons)
		return err
	}
	var err error
	if len(about.changed) == 0 {
		err = tx.send(ctx, &b.Batch, encode)
	} else {
		about.vcons.read(&b.Batch, about.changed)
		if err = tx.send(ctx, &b.Batch, nil); err == nil {
			err = encode()
		}
	}
	if err != nil {
		return err
	}
	recording := new(pgx.Batch)
	insertRequests(recording, requests)
	entries.insert(recording)
	notifyChanged(recording, about.changed)
	if err := tx.send(ctx, recording, nil); err != nil {
		return err
	}
	return s.enqueue(ctx, tx, requests)
}

// telling is what imports tell the audit log, the Interaction service and listeners.
type telling struct {
	totals   audit.Totals
	imported []audit.Event
	// changed are the conversations that were there before, vcons the names of the others.
	changed []int64
	vcons   vconNames
	// planned are the files to delete, versions the settings that the conversations were anonymized under.
	planned  filesByID
	versions map[int64]int
}

func tellingOf(imports []conversation.Import) telling {
	about := telling{totals: audit.Totals{}, vcons: vconNames{}, planned: filesByID{}, versions: map[int64]int{}}
	for _, one := range imports {
		about.totals.Add(audit.Totals{audit.TotalVconsAdded: one.Added, audit.TotalVconsUpdated: one.Updated})
		if !one.ChangesContent() {
			continue
		}
		id := one.After.ID
		about.versions[id] = one.After.DoneVersion()
		for _, part := range one.Parts {
			for _, file := range part.PlannedFiles() {
				about.planned[id] = append(about.planned[id], auditedFile(file))
			}
		}
		about.imported = append(about.imported, importedEvent(one))
		if one.Before.ID != 0 {
			about.changed = append(about.changed, id)
		} else {
			about.vcons[id] = one.Names()
		}
	}
	return about
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
