package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Preview says what Anonymize would do now.
type Preview struct {
	// Settings are those in force, which would decide.
	Settings *Settings
	// Refused is why nothing at all would be done; nil where something can be. Nothing else is filled in
	// then.
	Refused *compliance.Error
	// Conversations are those that the ids lead to, in the order of the ids, each once.
	Conversations []Previewed
	// Missing are the ids that lead to nothing that the access covers, in the order given.
	Missing []int64
	// Kept is what would stay of all conversations.
	Kept compliance.KeptTally
}

// Previewed is what anonymizing would make of one conversation.
type Previewed struct {
	compliance.Outcome
	// Conversation is the conversation as it is now.
	Conversation *conversation.Conversation
	// Kept is what would stay of it.
	Kept compliance.Kept
}

// Preview says what Anonymize would do to the given conversations, and changes, locks and records nothing.
// With nothing switched on the preview is Refused with NOTHING_SELECTED. All is read at the same instant, in
// a number of statements that depends on no number of rows; want names what else to load of the conversations
// as they are now, and withKept that what would stay is counted too.
func (s *Store) Preview(
	ctx context.Context, access Access, ids []int64, want Relations, withKept bool,
) (Preview, error) {
	var preview Preview
	err := s.atOneInstant(ctx, func(ctx context.Context, tx transaction) (err error) {
		if preview.Settings, err = readSettings(ctx, tx); err != nil {
			return err
		}
		if preview.Settings.Selection.Empty() {
			preview.Refused = compliance.ErrNothingSelected()
			return nil
		}
		inForce := preview.Settings
		wanted := conversation.Anonymizing{Selection: inForce.Selection, Version: inForce.Version, At: s.now()}
		preview.Conversations, preview.Missing, err = previewAll(ctx, tx, access, ids, wanted, want, withKept)
		preview.Kept = compliance.KeptTally{}
		if !withKept {
			return err
		}
		for _, previewed := range preview.Conversations {
			preview.Kept.Add(previewed.Conversation.ID, previewed.Kept)
		}
		return err
	})
	return preview, err
}

// previewAll makes the plan that anonymizing would carry out, with the values counted where they stand.
func previewAll(
	ctx context.Context, tx transaction, access Access, ids []int64, wanted conversation.Anonymizing, want Relations,
	withKept bool,
) (previewed []Previewed, missing []int64, err error) {
	values, kept := conversation.Overwritten{}, keptValues{}
	batch, err := findConversations(ctx, tx, access, ids, unlocked, func(batch *pgx.Batch, ids []int64) {
		countValues(batch, wanted.Selection, ids, true, values)
		if withKept {
			countKept(batch, wanted.Selection, ids, kept)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	byID := map[int64]conversation.PlannedConversation{}
	for _, planned := range wanted.Plan(batch.rows, values).Conversations {
		byID[planned.Before.ID] = planned
	}
	there, missing := batch.split(ids)
	var shown []*conversation.Conversation
	for _, id := range there {
		planned, first := byID[batch.current[id]]
		if !first {
			continue
		}
		delete(byID, batch.current[id])
		asItIs := *planned.Before
		asItIs.Segments, asItIs.Media = nil, nil
		previewed, shown = append(previewed, Previewed{planned.Outcome, &asItIs, planned.Kept(kept[asItIs.ID])}),
			append(shown, &asItIs)
	}
	return previewed, missing, loadRelations(ctx, tx, shown, want, nil)
}
