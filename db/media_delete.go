package db

import (
	"context"

	"qm-compliance/compliance"
)

// PlannedFile is a file that the Delete tool is to delete.
type PlannedFile struct {
	ID, ConversationID int64
	Kind               compliance.MediaKind
	SizeBytes          int64
	// Stored tells whether the file store has it; one that is only referred to belongs to the Interaction service.
	Stored bool
	// Requested tells whether the Interaction service has been told of it.
	Requested bool
	// Failure is why it could not be deleted last, empty at first.
	Failure string
}

// PlannedMedia lists up to limit files that are planned for deletion, in the order of their ids, after the one given.
func (s *Store) PlannedMedia(ctx context.Context, after int64, limit int) ([]PlannedFile, error) {
	return s.filesToDelete(ctx, "f.status = 'PLANNED_FOR_DELETION' AND f.id > ?", after, limit)
}

// OwedMedia lists as PlannedMedia does the files that ExpireProtections would plan.
func (s *Store) OwedMedia(ctx context.Context, after int64, limit int) ([]PlannedFile, error) {
	const owed = `
f.protected AND f.protected_until <= ? AND f.status = 'AVAILABLE' AND f.id > ?
   AND EXISTS (SELECT FROM conversations AS c WHERE c.id = f.conversation_id AND c.anonymized_at IS NOT NULL AND c.done_media)`
	return s.filesToDelete(ctx, owed, s.now(), after, limit)
}

func (s *Store) filesToDelete(ctx context.Context, condition string, values ...any) (files []PlannedFile, err error) {
	query := `
SELECT f.id, f.conversation_id, f.kind, f.size_bytes, f.store_key <> '' AS stored, f.failure,
       NOT EXISTS (SELECT FROM media_deletion_requests AS r
                    WHERE r.conversation_id = f.conversation_id AND r.delivered_at IS NULL AND f.id = ANY (r.media_file_ids)) AS requested
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

// DeleteMedia deletes one planned file: it notes that it is about to, lets remove delete what the store has under a key (an absent one counts as deleted), and
// only then writes DELETED with what follows from it, all audited. The file is locked meanwhile, and checked again for being planned and not protected; where it
// is not (any more), deleted is false and nothing is done. Killed at any instant it leaves the file planned, to be finished by the next call. When remove fails
// the file stays planned, with the reason.
func (s *Store) DeleteMedia(ctx context.Context, actor Actor, fileID int64, remove func(ctx context.Context, key string) error) (deleted bool, err error) {
	// The note is committed by itself: from here on nobody plays or protects what may be gone already.
	noted, err := s.changeMedia(ctx, actor, Everything(), []int64{fileID}, func(_ context.Context, w *mediaChange) error {
		if file := w.deletable(); file != nil && file.DeletingAt == nil {
			file.DeletingAt = &w.now
			w.change(file)
		}
		return nil
	})
	if err != nil || len(noted.Files) == 0 {
		return false, err
	}
	_, err = s.changeMedia(ctx, actor, Everything(), []int64{fileID}, func(ctx context.Context, w *mediaChange) error {
		file := w.deletable()
		if deleted = file != nil; !deleted {
			return nil
		}
		return w.delete(ctx, file, remove)
	})
	return deleted && err == nil, err
}

// deletable is the file, nil where it must not be deleted.
func (w *mediaChange) deletable() *MediaFile {
	for _, file := range w.files {
		if file.Status == compliance.MediaPlanned && !file.Protected {
			return file
		}
	}
	return nil
}

func (w *mediaChange) delete(ctx context.Context, file *MediaFile, remove func(ctx context.Context, key string) error) error {
	if file.StoreKey != "" {
		if err := remove(ctx, file.StoreKey); err != nil {
			return err
		}
	}
	file.Status, file.StoreKey, file.SourceURL, file.DeletingAt, file.Failure = compliance.MediaDeleted, "", "", nil, ""
	w.change(file)
	return w.audit(ctx, MediaDeleted, map[int64][]int64{file.ConversationID: {file.ID}}, AuditDetails{})
}

// FailDeletion notes why a file could not be deleted, for the next pass and for whoever asks. Where the store is sure to have the file, which exists tells, it
// can be played and protected again. The file is locked meanwhile, so that nobody deletes it between the look and the note.
func (s *Store) FailDeletion(ctx context.Context, fileID int64, reason string, exists func(ctx context.Context, key string) (bool, error)) error {
	_, err := s.changeMedia(ctx, Actor{}, Everything(), []int64{fileID}, func(ctx context.Context, w *mediaChange) error {
		file := w.deletable()
		if file == nil {
			return nil
		}
		file.Failure = reason
		if file.StoreKey != "" {
			if intact, err := exists(ctx, file.StoreKey); intact && err == nil {
				file.DeletingAt = nil
			}
		}
		w.change(file)
		return nil
	})
	return err
}
