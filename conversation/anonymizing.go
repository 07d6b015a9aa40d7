package conversation

import (
	"maps"
	"time"

	"qm-compliance/compliance"
)

// Anonymizing says what is to be anonymized: everything that a selection has on, as version Version of the
// settings decides at a time.
type Anonymizing struct {
	Selection compliance.Selection
	Version   int
	At        time.Time
}

// Overwritten counts the values that anonymizing overwrites, by the id of their conversation. What a
// selection overwrites can be counted only where the values are: by looking, for a preview, or by overwriting
// them.
type Overwritten map[int64]map[compliance.Value]int

// Add counts values of a conversation.
func (o Overwritten) Add(conversationID int64, value compliance.Value, count int) {
	if o[conversationID] == nil {
		o[conversationID] = map[compliance.Value]int{}
	}
	o[conversationID][value] += count
}

// Plan is what anonymizing makes of a batch of conversations. It can be counted, shown and applied; it
// changes nothing by itself.
type Plan struct {
	Anonymizing
	// Conversations are those of the batch, in its order.
	Conversations []PlannedConversation
}

// PlannedConversation is what anonymizing makes of one conversation.
type PlannedConversation struct {
	// Outcome counts the values that are overwritten and what becomes of the files, and says why the
	// conversation can be reviewed before and after.
	compliance.Outcome
	// Before is the conversation as it was; After is what it becomes, with its Segments and Media. They are
	// the same where Unchanged.
	Before, After *Conversation
	// Media are the files that change: those that are planned for deletion, and the protected ones whose notes
	// are erased.
	Media []MediaChange
}

// PlannedFiles counts the files that are planned for deletion.
func (p PlannedConversation) PlannedFiles() (count int) {
	for _, change := range p.Media {
		if change.Planned() {
			count++
		}
	}
	return count
}

// Kept counts what stays of the conversation: the values that the selection leaves, which have been counted where they
// are, and the files that the plan leaves.
func (p PlannedConversation) Kept(values map[compliance.KeptData]int) compliance.Kept {
	kept := compliance.Kept{Counts: map[compliance.KeptData]int{}}
	maps.Copy(kept.Counts, values)
	for file, count := range p.Effect.Files {
		switch {
		case file.Disposition == compliance.DispositionProtected:
			kept.Counts[compliance.KeptData{Kind: compliance.KeptProtectedFile}] += count
		case file.Disposition == compliance.DispositionKept && file.Kind == compliance.MediaScreen:
			kept.Counts[compliance.KeptData{Kind: compliance.KeptScreenRecording}] += count
		case file.Disposition == compliance.DispositionKept:
			kept.Counts[compliance.KeptData{Kind: compliance.KeptCallRecording}] += count
		}
	}
	for _, file := range p.Before.Media {
		if file.Protected {
			kept.ProtectedUntil = compliance.Latest(kept.ProtectedUntil, file.ProtectedUntil)
		}
	}
	return kept
}

// Plan decides about a batch of conversations, whose Segments and Media are loaded. Overwritten counts, for
// the same selection, the values that are overwritten in each.
func (a Anonymizing) Plan(batch []*Conversation, overwritten Overwritten) Plan {
	plan := Plan{Anonymizing: a, Conversations: make([]PlannedConversation, 0, len(batch))}
	for _, c := range batch {
		plan.Conversations = append(plan.Conversations, a.plan(c, overwritten[c.ID]))
	}
	return plan
}

// plan leaves a conversation unchanged where all that is switched on was done before, and nothing is left to
// do.
func (a Anonymizing) plan(c *Conversation, overwritten map[compliance.Value]int) PlannedConversation {
	planned := PlannedConversation{Before: c, After: c}
	planned.Effect = compliance.Effect{Values: overwritten, Files: map[compliance.File]int{}}
	for _, file := range c.Media {
		planned.Effect.Files[compliance.File{Kind: file.Kind, Disposition: file.Disposition(a.Selection)}]++
		if change := file.Anonymize(a.Selection, a.At); change.Changed {
			planned.Media = append(planned.Media, change)
		}
	}
	done := c.Done()
	union := a.Selection
	if done != nil {
		union = done.Union(a.Selection)
	}
	planned.Unchanged = done != nil && done.Equal(union) && planned.Effect.All() == 0 && len(planned.Media) == 0
	if !planned.Unchanged {
		planned.After = c.anonymized(a, union, planned.Media)
	}
	planned.Outcome.Before, planned.Outcome.After = c.WhyReviewable(), planned.After.WhyReviewable()
	return planned
}

// anonymized returns the conversation as it is once everything that union has on was done to it.
func (c *Conversation) anonymized(
	a Anonymizing, union compliance.Selection, media []MediaChange,
) *Conversation {
	after := c.withMedia(media)
	after.SetDone(a.At, a.Version, union)
	after.Derive()
	return after
}

// Changed returns the conversations that the plan changes.
func (p Plan) Changed() []PlannedConversation {
	var changed []PlannedConversation
	for _, c := range p.Conversations {
		if !c.Unchanged {
			changed = append(changed, c)
		}
	}
	return changed
}

// Media returns the files of all conversations that change.
func (p Plan) Media() []MediaChange {
	var changes []MediaChange
	for _, c := range p.Conversations {
		changes = append(changes, c.Media...)
	}
	return changes
}
