package db

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// settleUploads adopts the uploads that conversations refer to from now on, and sets loose what they no longer refer to.
func (w *importation) settleUploads(ctx context.Context) error {
	before, after := map[string]bool{}, map[string]bool{}
	for _, p := range w.pending {
		for _, part := range p.parts {
			for _, file := range part.stored.Media {
				before[file.StoreKey] = true
			}
			for _, file := range part.wanted.Media {
				after[file.StoreKey] = true
			}
		}
	}
	delete(before, "")
	delete(after, "")
	adopted, dropped := without(after, before), without(before, after)
	if err := adoptUploads(ctx, w.tx, adopted); err != nil {
		return err
	}
	return loosen(ctx, w.tx, dropped, w.now)
}

func without(set, other map[string]bool) []string {
	set = maps.Clone(set)
	maps.DeleteFunc(set, func(key string, _ bool) bool { return other[key] })
	return slices.Sorted(maps.Keys(set))
}

// planNewMedia asks for the deletion of files that are new to conversations whose media was anonymized.
func (w *importation) planNewMedia(ctx context.Context) error {
	for _, p := range w.pending {
		planned := map[int64][]int64{}
		for _, part := range p.parts {
			for _, file := range part.wanted.Media {
				if file.Status == compliance.MediaPlanned && !part.had(file.ID) {
					planned[p.wanted.ID] = append(planned[p.wanted.ID], file.ID)
				}
			}
		}
		if err := w.store.requestDeletion(ctx, w.tx, w.actor, settingsOf(p.wanted), planned); err != nil {
			return err
		}
	}
	return nil
}

func (p *part) had(fileID int64) bool {
	return slices.ContainsFunc(p.stored.Media, func(f *MediaFile) bool { return f.ID == fileID })
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
	for _, p := range w.pending {
		counts := map[string]int{"participants": 0, "segments": 0, "messages": 0, "metadataValues": 0, "mediaFiles": 0}
		for _, part := range p.parts {
			counts["participants"] += len(part.wanted.Participants)
			counts["segments"] += len(part.wanted.Segments)
			for _, segment := range part.wanted.Segments {
				counts["messages"] += len(segment.Messages)
			}
			counts["metadataValues"] += len(part.wanted.Metadata)
			counts["mediaFiles"] += len(part.wanted.Media)
		}
		if p.merged > 0 {
			counts["mergedConversations"] = p.merged
		}
		events = append(events, &AuditEvent{Activity: ConversationImported, Result: Success, ConversationID: &p.wanted.ID, Details: AuditDetails{Counts: counts}})
	}
	return w.store.record(ctx, w.tx, w.actor, events...)
}

func (w *importation) notifyChanged(ctx context.Context) error {
	var ids []int64
	for _, p := range w.pending {
		if p.base.ID != 0 {
			ids = append(ids, p.wanted.ID)
		}
	}
	return notifyConversations(ctx, w.tx, ids)
}

// adoptUploads makes uploads belong to the conversations of this transaction.
func adoptUploads(ctx context.Context, tx bun.IDB, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var adopted []string
	err := tx.NewRaw("DELETE FROM loose_media WHERE store_key IN (?) RETURNING store_key", bun.List(keys)).Scan(ctx, &adopted)
	if err == nil && len(adopted) < len(keys) {
		return ErrMediaMoved
	}
	return err
}
