package db

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// planMedia plans every file that can be played for deletion, where media files are on, except those that MiFID protects.
func (w *anonymization) planMedia(ctx context.Context) error {
	var planned []int64
	for _, c := range w.conversations {
		for _, file := range c.Media {
			if w.selection.MediaFiles && file.Status == compliance.MediaAvailable && !file.ProtectedAt(w.now) {
				file.Status, file.PlannedAt, file.Protected, file.ProtectedUntil = compliance.MediaPlanned, &w.now, false, nil
				planned = append(planned, file.ID)
				w.counts[c.ID]["mediaFiles"]++
			}
		}
	}
	if len(planned) == 0 {
		return nil
	}
	_, err := w.tx.NewUpdate().Model((*MediaFile)(nil)).
		Set("status = ?, planned_at = ?, protected = false, protected_until = NULL", compliance.MediaPlanned, w.now).
		Where("id IN (?)", bun.List(planned)).Exec(ctx)
	return err
}

// deletionRequest is a row of the outbox: the Interaction service is asked to delete these files.
type deletionRequest struct {
	bun.BaseModel `bun:"table:media_deletion_requests,alias:dr"`

	ConversationID  int64
	MediaFileIDs    []int64 `bun:"media_file_ids,array"`
	SettingsVersion int
	RequestedAt     time.Time
	RequestedBy     string
}

// requestDeletion writes one request a conversation whose files were planned just now, with its audit event.
func (w *anonymization) requestDeletion(ctx context.Context) error {
	planned := map[int64][]int64{}
	for _, c := range w.conversations {
		for _, file := range c.Media {
			if file.PlannedAt == &w.now {
				planned[c.ID] = append(planned[c.ID], file.ID)
			}
		}
	}
	return w.store.requestDeletion(ctx, w.tx, w.actor, w.version, planned)
}

// requestDeletion asks for the deletion of the planned files of each conversation: a request in the outbox and an audit event.
func (s *Store) requestDeletion(ctx context.Context, tx bun.IDB, actor Actor, version int, planned map[int64][]int64) error {
	if len(planned) == 0 {
		return nil
	}
	requests, events := []*deletionRequest{}, []*AuditEvent{}
	for _, id := range slices.Sorted(maps.Keys(planned)) { // in one order, so that the log of two equal runs reads alike
		files := planned[id]
		requests = append(requests, &deletionRequest{ConversationID: id, MediaFileIDs: files, SettingsVersion: version, RequestedAt: s.now(), RequestedBy: actor.ID})
		events = append(events, &AuditEvent{
			Activity: MediaDeletionRequested, Result: Success, ConversationID: &id, SettingsVersion: &version, Details: AuditDetails{MediaFileIDs: files},
		})
	}
	if _, err := tx.NewInsert().Model(&requests).Exec(ctx); err != nil {
		return err
	}
	return s.record(ctx, tx, actor, events...)
}
