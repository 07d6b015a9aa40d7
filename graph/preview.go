package graph

import (
	"context"

	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// AnonymizationPreview says what AnonymizeConversations would do with the same ids, and does nothing. Ids that are none are an error; whatever else the mutation would
// answer in userErrors is among the problems.
func (q query) AnonymizationPreview(ctx context.Context, input AnonymizationPreviewInput) (*AnonymizationPreview, error) {
	ids, err := conversationIDs(input.ConversationIds, "input", "conversationIds")
	if err != nil {
		return nil, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	preview, err := q.store.Preview(ctx, q.accessOf(viewer), unique(ids), wantedRelations(ctx))
	if err != nil {
		return nil, err
	}
	shown := q.showPreview(viewer, preview)
	if preview.Refused != nil {
		shown.Problems, err = userErrors(preview.Refused, "input")
		return shown, err
	}
	shown.Problems = missing(ids, preview.Missing)
	return shown, nil
}

func (r *Resolver) showPreview(viewer *auth.Viewer, preview db.Preview) *AnonymizationPreview {
	view, filters := r.view(viewer), filterKeys(preview.Settings.Keys)
	outcomes := mapped(preview.Conversations, func(p db.Previewed) compliance.Outcome { return p.Outcome })
	tally := compliance.TallyOf(outcomes)
	return &AnonymizationPreview{
		SettingsVersion: preview.Settings.Version, ConversationCount: tally.Conversations, UnchangedCount: tally.Unchanged,
		ReviewEndsCount: tally.Ends, NotReviewableCount: tally.Ended, StaysReviewable: showStays(tally.Stays), Effect: showEffect(tally.Effect, filters),
		Conversations: mapped(preview.Conversations, func(p db.Previewed) *ConversationPreview {
			return &ConversationPreview{
				Conversation: &Conversation{p.Conversation, view}, Unchanged: p.Unchanged, Effect: showEffect(p.Effect, filters),
				ReviewableBefore: p.Before.Reviewable(), ReviewableAfter: p.After.Reviewable(), ReasonAfter: p.After,
			}
		}),
	}
}

// showStays leaves out the reasons that nothing has.
func showStays(stays map[compliance.Reason]int) []*StaysReviewable {
	shown := []*StaysReviewable{}
	for _, reason := range []compliance.Reason{compliance.ReasonContentKept, compliance.ReasonProtectedMedia} {
		if count := stays[reason]; count > 0 {
			shown = append(shown, &StaysReviewable{Reason: reason, Count: count})
		}
	}
	return shown
}
