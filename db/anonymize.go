package db

import (
	"context"
	"errors"
	"fmt"

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
	return s.AnonymizeUnder(ctx, actor, access, ids, nil)
}

// AnonymizeUnder anonymizes as Anonymize does, and fails with CONFLICT where another version of the settings than the one that is meant is in force: what cannot
// be undone must not be done under a selection that nobody has seen. Without a version it takes whichever is in force.
func (s *Store) AnonymizeUnder(ctx context.Context, actor Actor, access Access, ids []int64, meant *int) (Anonymized, error) {
	var result Anonymized
	err := s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		settings, err := latestSettings(ctx, tx)
		if err != nil {
			return err
		}
		if err := refuseOther(settings, meant); err != nil {
			return err
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

func refuseOther(settings *settingsRow, meant *int) error {
	if meant != nil && *meant != settings.Version {
		return compliance.Conflict(fmt.Sprintf("version %d of the settings is in force, not version %d; look at the preview again, then decide anew",
			settings.Version, *meant), "settingsVersion")
	}
	if settings.selection().Empty() {
		return compliance.ErrNothingSelected()
	}
	return nil
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
