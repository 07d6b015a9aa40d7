package db

import (
	"context"
	"maps"
	"slices"

	"qm-compliance/compliance"
)

// protectionExpired is the reason that the audit log gives for a release that nobody asked for: the date of the protection has come.
const protectionExpired = "EXPIRED"

// ReleaseMedia ends the protection of files. What is owed is planned for deletion at once: the files of conversations that were anonymized with media files
// on. Files that are not protected are refused one by one in the result. All happens in one transaction, audited.
func (s *Store) ReleaseMedia(ctx context.Context, actor Actor, access Access, fileIDs []int64) (ChangedMedia, error) {
	return s.changeMedia(ctx, actor, access, fileIDs, func(ctx context.Context, w *mediaChange) error {
		var released []*MediaFile
		for _, file := range w.files {
			switch {
			case file.Status == compliance.MediaDeleted:
				w.refuse(file.ID, compliance.CodeInvalid, "this file is deleted; there is nothing left to release")
			case !file.Protected:
				w.refuse(file.ID, compliance.CodeInvalid, "this file is not protected")
			default:
				released = append(released, file)
			}
		}
		if err := w.release(ctx, released, ""); err != nil {
			return err
		}
		return w.auditRefused(ctx, MediaReleased)
	})
}

// ExpireProtections ends the protections whose date has come, of up to limit files, and reports how many there were; fewer than limit means that none
// is left.
func (s *Store) ExpireProtections(ctx context.Context, actor Actor, limit int) (int, error) {
	var due []int64
	const query = "SELECT id FROM media_files WHERE protected AND protected_until <= ? ORDER BY protected_until, id LIMIT ?"
	if err := s.db.NewRaw(query, s.now(), limit).Scan(ctx, &due); err != nil || len(due) == 0 {
		return 0, err
	}
	_, err := s.changeMedia(ctx, actor, Everything(), due, func(ctx context.Context, w *mediaChange) error {
		expired := slices.DeleteFunc(slices.Clone(w.files), func(f *MediaFile) bool { return !f.Protected || f.ProtectedAt(w.now) })
		return w.release(ctx, expired, protectionExpired)
	})
	return len(due), err
}

// release ends the protection of files and plans what is owed.
func (w *mediaChange) release(ctx context.Context, files []*MediaFile, reason string) error {
	released, owed := map[int64][]int64{}, map[int64][]int64{}
	for _, file := range files {
		id := file.ConversationID
		file.unprotect()
		released[id] = append(released[id], file.ID)
		if c := w.byID[id]; c.AnonymizedAt != nil && c.DoneMedia && file.Status == compliance.MediaAvailable {
			file.Status, file.PlannedAt = compliance.MediaPlanned, &w.now
			owed[id] = append(owed[id], file.ID)
		}
		w.change(file)
	}
	if err := w.store.record(ctx, w.tx, w.actor, releaseEvents(released, reason)...); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(owed)) {
		if err := w.store.requestDeletion(ctx, w.tx, w.actor, settingsOf(w.byID[id]), map[int64][]int64{id: owed[id]}); err != nil {
			return err
		}
	}
	return nil
}

func releaseEvents(released map[int64][]int64, reason string) []*AuditEvent {
	var events []*AuditEvent
	for _, id := range slices.Sorted(maps.Keys(released)) {
		events = append(events, &AuditEvent{
			Activity: MediaReleased, Result: Success, ConversationID: &id, Details: AuditDetails{MediaFileIDs: released[id], Reason: reason},
		})
	}
	return events
}
