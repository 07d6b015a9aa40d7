package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// maxConversations is how many conversations one mutation or subscription takes (design, section 8).
const maxConversations = 100

// AnonymizeConversations overwrites what the saved settings select; it is done when it answers.
func (m mutation) AnonymizeConversations(
	ctx context.Context, input AnonymizeConversationsInput,
) (*AnonymizeConversationsPayload, error) {
	ids, err := conversationIDs(input.ConversationIds, "conversationIds")
	if err != nil {
		errs, err := userErrors(err, "input")
		return &AnonymizeConversationsPayload{UserErrors: errs}, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	result, err := m.store.AnonymizeUnder(ctx, operation(viewer, audit.InteractionAnonymize), m.accessOf(viewer), unique(ids),
		input.SettingsVersion.Value())
	if err != nil {
		errs, err := userErrors(err, "input")
		return &AnonymizeConversationsPayload{UserErrors: errs}, err
	}
	payload := &AnonymizeConversationsPayload{UserErrors: missing(ids, result.Missing)}
	if len(result.Done) == 0 {
		return payload, nil
	}
	payload.SettingsVersion = &result.SettingsVersion
	payload.Conversations, err = m.conversations(ctx, m.accessOf(viewer), result.Done)
	return payload, err
}

func missing(ids, missing []int64) []*UserError {
	return mapped(missing, func(id int64) *UserError {
		place := strconv.Itoa(slices.Index(ids, id))
		return &UserError{
			Code: compliance.CodeNotFound, Message: "there is no conversation with this id that you may see",
			Field: []string{"input", "conversationIds", place},
		}
	})
}

// unique leaves out what is given again.
func unique(ids []int64) []int64 {
	var once []int64
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	return once
}

// conversationIDs reads the ids of 1 to 100 conversations. It fails with everything that is wrong with
// them, and where.
func conversationIDs(texts []string, field ...string) ([]int64, error) {
	if len(texts) == 0 || len(texts) > maxConversations {
		return nil, compliance.Invalid(fmt.Sprintf("%d ids are given; give 1 to %d", len(texts), maxConversations),
			field...)
	}
	var ids []int64
	var errs compliance.Errors
	for i, text := range texts {
		id, err := parseIDOf(kindConversation, text, slices.Concat(field, []string{strconv.Itoa(i)})...)
		if err != nil {
			errs = append(errs, compliance.UserErrors(err)...)
		}
		ids = append(ids, id)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return ids, nil
}

// AnonymizationPreview says what AnonymizeConversations would do with the same ids, and does nothing.
// Ids that are none are an error; whatever else the mutation would answer in userErrors is among the
// problems.
func (q query) AnonymizationPreview(
	ctx context.Context, input AnonymizationPreviewInput,
) (*AnonymizationPreview, error) {
	ids, err := conversationIDs(input.ConversationIds, "input", "conversationIds")
	if err != nil {
		return nil, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	want := q.want(ctx)
	preview, err := q.store.Preview(ctx, q.accessOf(viewer), unique(ids), want.Relations(), asksForKept(ctx))
	if err != nil {
		return nil, err
	}
	previewed := mapped(preview.Conversations, func(p db.Previewed) int64 { return p.Conversation.ID })
	messages, err := q.store.MessagePages(ctx, previewed, want)
	if err != nil {
		return nil, err
	}
	shown := q.showPreview(viewer, preview, messagePages{want.Messages, messages})
	if preview.Refused != nil {
		shown.Problems, err = userErrors(preview.Refused, "input")
		return shown, err
	}
	shown.Problems = missing(ids, preview.Missing)
	return shown, nil
}

// AnonymizationPreview shows what anonymizing would do.
type AnonymizationPreview struct {
	SettingsVersion, ConversationCount, UnchangedCount, ReviewEndsCount, NotReviewableCount int
	Problems                                                                                []*UserError
	StaysReviewable                                                                         []*StaysReviewable
	Effect                                                                                  *AnonymizationEffect
	Conversations                                                                           []*ConversationPreview
	keptSection
}

// asksForKept reports whether the operation asks what stays, which takes statements of its own.
func asksForKept(ctx context.Context) bool {
	return slices.ContainsFunc(graphql.CollectAllFields(ctx), func(field string) bool {
		return field == "kept" || field == "keptCount" || field == "isTextKept"
	})
}

func (r *Resolver) showPreview(
	viewer *auth.Viewer, preview db.Preview, messages messagePages,
) *AnonymizationPreview {
	ids := mapped(preview.Conversations, func(p db.Previewed) int64 { return p.Conversation.ID })
	view, filters := r.view(viewer, ids), filterKeys(preview.Settings.Keys)
	outcomes := mapped(preview.Conversations, func(p db.Previewed) compliance.Outcome { return p.Outcome })
	tally := compliance.TallyOf(outcomes)
	return &AnonymizationPreview{
		SettingsVersion: preview.Settings.Version, ConversationCount: tally.Conversations,
		UnchangedCount:  tally.Unchanged,
		ReviewEndsCount: tally.Ends, NotReviewableCount: tally.Ended, StaysReviewable: showStays(tally.Stays),
		Effect: showEffect(tally.Effect, filters), keptSection: r.kept(preview.Kept, preview.Settings.Selection),
		Conversations: mapped(preview.Conversations, func(p db.Previewed) *ConversationPreview {
			return &ConversationPreview{
				Conversation:       &Conversation{Conversation: p.Conversation, viewing: view, messages: messages},
				IsUnchanged:        p.Unchanged,
				Effect:             showEffect(p.Effect, filters),
				IsReviewableBefore: p.Before.Reviewable(), IsReviewableAfter: p.After.Reviewable(), ReasonAfter: p.After,
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

// filterKeys are the keys whose values belong to the section Custom Data.
func filterKeys(keys []*db.MetadataKey) map[string]bool {
	filters := map[string]bool{}
	for _, key := range keys {
		filters[key.Name] = key.IsFilter
	}
	return filters
}

// AnonymizationEffect shows how many values would be overwritten, and what would become of the media files.
type AnonymizationEffect struct {
	ValueCount, PhoneNumbers, DigitalAddresses, Subjects int
	Messages                                             []*MessageEffect
	Media                                                []*MediaEffect
	keySections[*KeyEffect]
}

// showEffect shows counts, those of metadata values in the sections that their keys belong to.
func showEffect(effect compliance.Effect, filters map[string]bool) *AnonymizationEffect {
	return &AnonymizationEffect{
		ValueCount: effect.All(), PhoneNumbers: effect.Of(compliance.PhoneNumbers), DigitalAddresses: effect.Of(compliance.DigitalAddresses),
		Subjects: effect.Of(compliance.Subjects), Messages: messageEffects(effect), Media: mediaEffects(effect),
		keySections: keyEffects(effect, filters),
	}
}

func messageEffects(effect compliance.Effect) []*MessageEffect {
	shown := []*MessageEffect{}
	for _, kind := range compliance.MessageKinds() {
		if count := effect.Values[compliance.Value{Kind: compliance.Messages, Detail: string(kind)}]; count > 0 {
			shown = append(shown, &MessageEffect{Kind: kind, Count: count})
		}
	}
	return shown
}

// keyEffects sorts the counts into the sections Custom Data (filter keys) and Other Data, as keySwitches does the switches.
func keyEffects(effect compliance.Effect, filters map[string]bool) (sections keySections[*KeyEffect]) {
	values := slices.SortedFunc(maps.Keys(effect.Values), func(a, b compliance.Value) int { return strings.Compare(a.Detail, b.Detail) })
	for _, value := range values {
		if value.Kind != compliance.MetadataValues {
			continue
		}
		sections.add(filters[value.Detail], &KeyEffect{Key: value.Detail, Count: effect.Values[value]})
	}
	return sections
}

func mediaEffects(effect compliance.Effect) []*MediaEffect {
	shown := []*MediaEffect{}
	for _, kind := range compliance.MediaKinds() {
		files := func(disposition compliance.MediaDisposition) int {
			return effect.Files[compliance.File{Kind: kind, Disposition: disposition}]
		}
		media := &MediaEffect{
			Kind: kind, Planned: files(compliance.DispositionPlanned), Protected: files(compliance.DispositionProtected), Kept: files(compliance.DispositionKept),
			AlreadyPlanned: files(compliance.DispositionAlreadyPlanned), Deleted: files(compliance.DispositionDeleted),
			Missing: files(compliance.DispositionMissing),
		}
		if *media != (MediaEffect{Kind: kind}) {
			shown = append(shown, media)
		}
	}
	return shown
}
