package db

import (
	"context"
	"maps"
	"slices"

	"qm-compliance/compliance"
)

// auditRefused records which files were left as they are: an event for each conversation and reason, and one for those that do not exist for whoever asked, whose
// ids are not worth more.
func (w *mediaChange) auditRefused(ctx context.Context, activity Activity) error {
	var events []*AuditEvent
	missing := len(w.result.Refused)
	for _, code := range []compliance.Code{compliance.CodeInvalid, compliance.CodeConflict} {
		files := map[int64][]int64{}
		for _, file := range w.files {
			if refused := w.result.Refused[file.ID]; refused != nil && refused.Code == code {
				files[file.ConversationID] = append(files[file.ConversationID], file.ID)
				missing--
			}
		}
		for _, id := range slices.Sorted(maps.Keys(files)) {
			details := AuditDetails{MediaFileIDs: files[id], Reason: string(code)}
			events = append(events, &AuditEvent{Activity: activity, Result: Failure, ConversationID: &id, Details: details})
		}
	}
	if missing > 0 {
		details := AuditDetails{Reason: string(compliance.CodeNotFound), Counts: map[string]int{"mediaFiles": missing}}
		events = append(events, &AuditEvent{Activity: activity, Result: Failure, Details: details})
	}
	return w.store.record(ctx, w.tx, w.actor, events...)
}
