package db

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Anonymized says what became of the conversations that were to be anonymized.
type Anonymized struct {
	// SettingsVersion is the version whose selection was applied.
	SettingsVersion int
	// Done are the conversations that are anonymized now, Missing those that do not exist for whoever asked; both in the order of the ids given.
	Done, Missing []int64
}

// Anonymize overwrites what the saved settings select in the given conversations, plans their media for deletion, and writes the audit
// events, all in one transaction: after a crash at any instant it has happened entirely or not at all (design, section 4). Repeating it
// is harmless, and covers what was switched on since. With nothing switched on it fails with NOTHING_SELECTED.
func (s *Store) Anonymize(ctx context.Context, actor Actor, access Access, ids []int64) (Anonymized, error) {
	var result Anonymized
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		settings, err := latestSettings(ctx, tx)
		if err != nil {
			return err
		}
		if settings.selection().Empty() {
			return compliance.ErrNothingSelected()
		}
		plan := anonymizationPlan{now: s.now(), version: settings.Version, selection: settings.selection()}
		work := &anonymization{store: s, tx: tx, actor: actor, anonymizationPlan: plan}
		result, err = work.run(ctx, access, ids)
		return err
	})
	if refused := compliance.CodeOf(err); refused != "" {
		failure := AuditEvent{Activity: InteractionAnonymize, Result: Failure, Details: AuditDetails{Reason: string(refused), Counts: map[string]int{"conversations": len(ids)}}}
		err = errors.Join(err, s.Record(ctx, actor, failure))
	}
	return result, err
}

// anonymization is one transaction that anonymizes a batch of conversations.
type anonymization struct {
	store *Store
	tx    bun.Tx
	actor Actor
	anonymizationPlan
}

func (w *anonymization) run(ctx context.Context, access Access, ids []int64) (Anonymized, error) {
	if err := w.read(ctx, w.tx, access, ids, forUpdate); err != nil {
		return Anonymized{}, err
	}
	result := w.sort(ids)
	if err := w.auditMissing(ctx, len(result.Missing)); err != nil || len(w.ids) == 0 {
		return result, err
	}
	for _, step := range []func(context.Context) error{w.overwrite, w.planMedia, w.requestDeletion, w.markConversations, w.audit, w.notify} {
		if err := step(ctx); err != nil {
			return Anonymized{}, err
		}
	}
	return result, nil
}
