package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// MediaFile returns one file, nil where there is none, or its conversation is not covered by the access.
func (s *Store) MediaFile(ctx context.Context, access Access, id int64) (*conversation.MediaFile, error) {
	files, err := s.MediaFiles(ctx, access, []int64{id})
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return files[0], nil
}

// MediaFiles returns files by their ids, in the order of the ids, as far as the access covers their
// conversations.
func (s *Store) MediaFiles(
	ctx context.Context, access Access, ids []int64,
) (files []*conversation.MediaFile, err error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	query := s.db.NewSelect().Model(&files).
		Join("JOIN conversations AS conversation ON conversation.id = media_file.conversation_id").
		Where("media_file.id IN (?)", bun.List(ids))
	if err := access.restrict(query).Scan(ctx); err != nil {
		return nil, err
	}
	byID := map[int64]*conversation.MediaFile{}
	for _, file := range files {
		byID[file.ID] = file
	}
	files = files[:0]
	for _, id := range ids {
		if file := byID[id]; file != nil {
			files = append(files, file)
		}
	}
	return files, nil
}

// KnownMedia tells for each of the vCons which recordings are known; vCons without any are not in it.
func (s *Store) KnownMedia(
	ctx context.Context, vcons []uuid.UUID,
) (map[uuid.UUID]conversation.KnownMedia, error) {
	var stored []conversation.StoredMedia
	if len(vcons) == 0 {
		return nil, nil
	}
	const query = `
SELECT s.vcon_uuid, f.content_hash, f.origin, f.status
  FROM vcons AS v
  JOIN segments AS s ON s.conversation_id = v.conversation_id AND s.vcon_uuid = v.uuid
  JOIN media_files AS f ON f.segment_id = s.id
 WHERE v.uuid IN (?) AND (f.store_key <> '' OR f.status = ?)
 ORDER BY f.id`
	err := s.db.NewRaw(query, bun.List(vcons), compliance.MediaDeleted).Scan(ctx, &stored)
	return conversation.KnowMedia(stored, s.hash()), err
}

// MissingMedia counts for each of the vCons the files that are missing; vCons without any are not in it.
func (s *Store) MissingMedia(ctx context.Context, vcons []uuid.UUID) (map[uuid.UUID]int, error) {
	if len(vcons) == 0 {
		return nil, nil
	}
	var rows []struct {
		VconUUID uuid.UUID
		Count    int
	}
	const query = `
SELECT s.vcon_uuid, count(*) AS count
  FROM vcons AS v
  JOIN segments AS s ON s.conversation_id = v.conversation_id AND s.vcon_uuid = v.uuid
  JOIN media_files AS f ON f.segment_id = s.id
 WHERE v.uuid IN (?) AND f.status = 'MISSING'
 GROUP BY s.vcon_uuid`
	err := s.db.NewRaw(query, bun.List(vcons)).Scan(ctx, &rows)
	missing := map[uuid.UUID]int{}
	for _, row := range rows {
		missing[row.VconUUID] = row.Count
	}
	return missing, err
}

// PlannedFile is a file that the Delete tool is to delete.
type PlannedFile struct {
	ID, ConversationID int64
	Kind               compliance.MediaKind
	SizeBytes          int64
	// Stored tells whether the file store has it; one that is only referred to belongs to the Interaction
	// service.
	Stored bool
	// Requested reports whether the Interaction service was asked to delete it.
	Requested bool
	// Failure is why it could not be deleted last, empty at first.
	Failure string
}

// PlannedMedia lists up to limit files that are planned for deletion, in the order of their ids, after the
// one given.
func (s *Store) PlannedMedia(ctx context.Context, after int64, limit int) ([]PlannedFile, error) {
	return s.filesToDelete(ctx, "f.status = 'PLANNED_FOR_DELETION' AND f.id > ?", after, limit)
}

// OwedMedia lists as PlannedMedia does the files that ExpireProtections would plan: those that
// conversation.MediaFile says are owed because their protection ended.
func (s *Store) OwedMedia(ctx context.Context, after int64, limit int) ([]PlannedFile, error) {
	const owed = protectionEnded + ` AND f.status = 'AVAILABLE' AND f.id > ?
   AND EXISTS (SELECT FROM conversations AS c
                WHERE c.id = f.conversation_id AND c.anonymized_at IS NOT NULL AND c.done_media)`
	return s.filesToDelete(ctx, owed, s.now(), after, limit)
}

func (s *Store) filesToDelete(
	ctx context.Context, condition string, values ...any,
) (files []PlannedFile, err error) {
	query := `
SELECT f.id, f.conversation_id, f.kind, f.size_bytes, f.store_key <> '' AS stored, f.failure,
       NOT EXISTS (SELECT FROM media_deletion_requests AS r
                    WHERE r.conversation_id = f.conversation_id AND r.delivered_at IS NULL
                      AND f.id = ANY (r.media_file_ids)) AS requested
  FROM media_files AS f
 WHERE ` + condition + `
 ORDER BY f.id LIMIT ?`
	err = s.db.NewRaw(query, values...).Scan(ctx, &files)
	return files, err
}

// CountPlannedMedia counts the files that are planned for deletion.
func (s *Store) CountPlannedMedia(ctx context.Context) (count int, err error) {
	err = s.db.NewRaw("SELECT count(*) FROM media_files WHERE status = 'PLANNED_FOR_DELETION'").Scan(ctx, &count)
	return count, err
}

// DeleteMedia deletes one planned file: it notes that it is about to, lets remove delete what the store has
// under a key (an absent one counts as deleted), and only then writes DELETED with what follows from it, all
// audited. The file is locked meanwhile, and checked again for being planned and not protected; where it is
// not (any more), deleted is false and nothing is done. Killed at any instant it leaves the file planned, to
// be finished by the next call. When remove fails the file stays planned, with the reason.
func (s *Store) DeleteMedia(
	ctx context.Context, op audit.Operation, fileID int64, remove func(ctx context.Context, key string) error,
) (deleted bool, err error) {
	// The note is committed by itself: from here on nobody plays or protects what may be gone already.
	begin := func(_ context.Context, locked lockedFile) (conversation.MediaChange, error) {
		return locked.file.BeginDeletion(locked.now), nil
	}
	noted, err := s.changeFile(ctx, op, fileID, begin)
	if err != nil || !noted {
		return false, err
	}
	finish := func(ctx context.Context, locked lockedFile) (conversation.MediaChange, error) {
		change := locked.file.Delete()
		if change.Refused != nil || locked.file.StoreKey == "" {
			return change, nil
		}
		return change, remove(ctx, locked.file.StoreKey)
	}
	return s.changeFile(ctx, op, fileID, finish)
}

// changeFile changes one file as changeMedia does, and reports whether that was not refused.
func (s *Store) changeFile(
	ctx context.Context, op audit.Operation, fileID int64,
	decide func(context.Context, lockedFile) (conversation.MediaChange, error),
) (bool, error) {
	result, err := s.changeMedia(ctx, op, Everything(), []int64{fileID}, "", decide)
	return err == nil && len(result.Files) > 0, err
}

// FailDeletion notes why a file could not be deleted, for the next pass and for the API. Where the store
// is sure to have the file, as exists reports, it can be played and protected again. The file is locked
// meanwhile, so that nobody deletes it between the look and the note.
func (s *Store) FailDeletion(
	ctx context.Context, fileID int64, reason string, exists func(ctx context.Context, key string) (bool, error),
) error {
	fail := func(ctx context.Context, locked lockedFile) (conversation.MediaChange, error) {
		change := locked.file.FailDeletion(reason, false)
		if change.Refused != nil || locked.file.StoreKey == "" {
			return change, nil
		}
		there, err := exists(ctx, locked.file.StoreKey)
		return locked.file.FailDeletion(reason, there && err == nil), nil
	}
	_, err := s.changeFile(ctx, audit.Operation{}, fileID, fail) // records nothing
	return err
}

// updateMedia stores the files that changed.
func updateMedia(batch *pgx.Batch, changes []conversation.MediaChange) {
	var files []*conversation.MediaFile
	for _, change := range changes {
		if change.Changed {
			files = append(files, change.After)
		}
	}
	if len(files) == 0 {
		return
	}
	const update = `
UPDATE media_files AS f
   SET status = v.status, planned_at = v.planned_at, deleting_at = v.deleting_at, failure = v.failure,
       protected = v.protected, protected_until = v.protected_until, protection_reason = v.protection_reason,
       protection_note = v.protection_note, store_key = v.store_key, source_url = v.source_url
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::boolean[],
       $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[])
    AS v (id, status, planned_at, deleting_at, failure, protected, protected_until, protection_reason,
       protection_note, store_key, source_url)
 WHERE f.id = v.id`
	type file = conversation.MediaFile
	batch.Queue(update,
		each(files, func(f *file) int64 { return f.ID }), each(files, func(f *file) string { return string(f.Status) }),
		each(files, func(f *file) *time.Time { return f.PlannedAt }),
		each(files, func(f *file) *time.Time { return f.DeletingAt }),
		each(files, func(f *file) string { return f.Failure }), each(files, func(f *file) bool { return f.Protected }),
		each(files, func(f *file) *time.Time { return f.ProtectedUntil }),
		each(files, func(f *file) string { return string(f.ProtectionReason) }),
		each(files, func(f *file) string { return f.ProtectionNote }),
		each(files, func(f *file) string { return f.StoreKey }), each(files, func(f *file) string { return f.SourceURL }))
}
