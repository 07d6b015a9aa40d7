package db

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Preview says what Anonymize would do now.
type Preview struct {
	// Settings are those in force, which would decide.
	Settings *Settings
	// Refused is why nothing at all would be done; nil where something can be. Nothing else is filled in then.
	Refused *compliance.Error
	// Conversations are those that the ids lead to, in the order of the ids, each once.
	Conversations []Previewed
	// Missing are the ids that lead to nothing that the access covers, in the order given.
	Missing []int64
}

// Previewed is what anonymizing would make of one conversation.
type Previewed struct {
	compliance.Outcome
	// Conversation is the conversation as it is now.
	Conversation *Conversation
}

// Preview says what Anonymize would do to the given conversations, and changes, locks and records nothing. With nothing switched on the preview is Refused with
// NOTHING_SELECTED. All is read at the same instant, in a number of statements that depends on no number of rows; want names what else to load of
// the conversations as they are now.
func (s *Store) Preview(ctx context.Context, access Access, ids []int64, want Relations) (Preview, error) {
	var preview Preview
	err := s.db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, func(ctx context.Context, tx bun.Tx) (err error) {
		if preview.Settings, err = readSettings(ctx, tx); err != nil {
			return err
		}
		if preview.Settings.Selection.Empty() {
			preview.Refused = compliance.ErrNothingSelected()
			return nil
		}
		plan := anonymizationPlan{now: s.now(), version: preview.Settings.Version, selection: preview.Settings.Selection}
		work := &previewing{tx: tx, anonymizationPlan: plan}
		return work.run(ctx, access, ids, want, &preview)
	})
	return preview, err
}

// previewing is one transaction that works out what anonymizing a batch of conversations would do.
type previewing struct {
	tx bun.Tx
	anonymizationPlan
	outcomes map[int64]*compliance.Outcome
}

func (w *previewing) run(ctx context.Context, access Access, ids []int64, want Relations, preview *Preview) error {
	if err := w.read(ctx, w.tx, access, ids, unlocked); err != nil {
		return err
	}
	preview.Missing = w.sort(ids).Missing
	now := w.asTheyAre()
	w.countFiles()
	if err := w.countValues(ctx); err != nil {
		return err
	}
	w.planFiles()
	for _, c := range w.conversations {
		outcome := w.outcomes[c.ID]
		outcome.Unchanged = !w.mark(c)
		outcome.After = c.whyReviewable()
	}
	preview.Conversations = w.inOrder(ids, now)
	return w.load(ctx, now, want)
}

// asTheyAre notes what the conversations are before anything is worked out.
func (w *previewing) asTheyAre() map[int64]*Conversation {
	now := map[int64]*Conversation{}
	w.outcomes = map[int64]*compliance.Outcome{}
	for _, c := range w.conversations {
		copied := *c
		copied.Segments, copied.Media = nil, nil
		now[c.ID] = &copied
		w.outcomes[c.ID] = &compliance.Outcome{Before: c.whyReviewable(), Effect: compliance.NewEffect()}
	}
	return now
}

func (w *previewing) inOrder(ids []int64, now map[int64]*Conversation) []Previewed {
	var ordered []Previewed
	shown := map[int64]bool{0: true}
	for _, id := range ids {
		if current := w.current[id]; !shown[current] {
			shown[current] = true
			ordered = append(ordered, Previewed{Outcome: *w.outcomes[current], Conversation: now[current]})
		}
	}
	return ordered
}

// load fills in what else is wanted of the conversations as they are.
func (w *previewing) load(ctx context.Context, now map[int64]*Conversation, want Relations) error {
	if len(now) == 0 {
		return nil
	}
	loader := relationLoader{db: w.tx, ids: w.ids}
	for _, c := range now {
		loader.conversations = append(loader.conversations, c)
	}
	return loader.all(ctx, want)
}
