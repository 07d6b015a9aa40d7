package db

import (
	"context"
	"errors"
	"time"

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
		work := &anonymization{
			store: s, tx: tx, actor: actor, now: s.now(), version: settings.Version, selection: settings.selection(), counts: map[int64]map[string]int{},
		}
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
	store     *Store
	tx        bun.Tx
	actor     Actor
	now       time.Time
	version   int
	selection compliance.Selection

	conversations []*Conversation
	ids           []int64
	// current tells which conversation stands for each id that was asked for.
	current map[int64]int64
	// counts says for each conversation how many values of each kind were overwritten.
	counts map[int64]map[string]int
}

func (w *anonymization) run(ctx context.Context, access Access, ids []int64) (Anonymized, error) {
	if err := w.lock(ctx, access, ids); err != nil {
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

// lock reads the conversations with their segments and files, and keeps everybody else from changing them until the transaction ends.
func (w *anonymization) lock(ctx context.Context, access Access, ids []int64) (err error) {
	if w.conversations, w.current, err = lockConversations(ctx, w.tx, access, ids); err != nil {
		return err
	}
	for _, c := range w.conversations {
		w.ids, w.counts[c.ID] = append(w.ids, c.ID), map[string]int{}
	}
	return nil
}

// sort tells the ids that were found from those that were not.
func (w *anonymization) sort(ids []int64) Anonymized {
	result := Anonymized{SettingsVersion: w.version}
	for _, id := range ids {
		if w.current[id] != 0 {
			result.Done = append(result.Done, id)
		} else {
			result.Missing = append(result.Missing, id)
		}
	}
	return result
}
