package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/notify"
)

// markConversations writes what was done to the conversations that changed, and what follows from it: reviewability, media status and types.
func (w *anonymization) markConversations(ctx context.Context) error {
	var changed []*Conversation
	for _, c := range w.conversations {
		if w.mark(c) {
			changed = append(changed, c)
		} else {
			delete(w.counts, c.ID)
		}
	}
	return updateConversations(ctx, w.tx, changed,
		"anonymized_at", "settings_version", "done_phone_number", "done_digital_address", "done_content", "done_media", "done_keys",
		"reviewable", "media_status", "types")
}

// updateConversations writes the named columns of several conversations in one statement.
func updateConversations(ctx context.Context, tx bun.IDB, changed []*Conversation, columns ...string) error {
	if len(changed) == 0 {
		return nil
	}
	_, err := tx.NewUpdate().Model(&changed).Column(columns...).Bulk().Exec(ctx)
	return err
}

func (w *anonymization) audit(ctx context.Context) error {
	var events []*AuditEvent
	for _, c := range w.conversations {
		if counts, changed := w.counts[c.ID]; changed {
			events = append(events, &AuditEvent{
				Activity: InteractionAnonymize, Result: Success, ConversationID: &c.ID, SettingsVersion: &w.version, Details: AuditDetails{Counts: counts},
			})
		}
	}
	return w.store.record(ctx, w.tx, w.actor, events...)
}

// auditMissing records that conversations were asked for that do not exist for whoever asked; which ones is not worth more.
func (w *anonymization) auditMissing(ctx context.Context, count int) error {
	if count == 0 {
		return nil
	}
	return w.store.record(ctx, w.tx, w.actor, &AuditEvent{
		Activity: InteractionAnonymize, Result: Failure, SettingsVersion: &w.version,
		Details: AuditDetails{Reason: string(compliance.CodeNotFound), Counts: map[string]int{"conversations": count}},
	})
}

func (w *anonymization) notify(ctx context.Context) error {
	var changed []int64
	for _, c := range w.conversations {
		if _, is := w.counts[c.ID]; is {
			changed = append(changed, c.ID)
		}
	}
	return notifyConversations(ctx, w.tx, changed)
}

// notifyConversations notifies every process, once the transaction commits, that these conversations changed. It carries ids and nothing else.
func notifyConversations(ctx context.Context, tx bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	const query = "SELECT pg_notify(?, id::text) FROM unnest(ARRAY[?]::bigint[]) AS id"
	_, err := tx.NewRaw(query, notify.ConversationChannel, bun.List(ids)).Exec(ctx)
	return err
}
