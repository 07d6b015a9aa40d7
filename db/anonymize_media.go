package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// planMedia writes which files are planned for deletion, and that the protections among them whose date has come are over.
func (w *anonymization) planMedia(ctx context.Context) error {
	planned, expired := w.planFiles()
	if len(planned) == 0 {
		return nil
	}
	_, err := w.tx.NewUpdate().Model((*MediaFile)(nil)).
		Set("status = ?, planned_at = ?, protected = false, protected_until = NULL, protected_reason = ''", compliance.MediaPlanned, w.now).
		Where("id IN (?)", bun.List(planned)).Exec(ctx)
	if err != nil {
		return err
	}
	return w.store.record(ctx, w.tx, w.actor, releaseEvents(expired, protectionExpired)...)
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
