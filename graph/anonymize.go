package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"qm-compliance/compliance"
)

// maxConversations is how many conversations one mutation or subscription takes (design, section 8).
const maxConversations = 100

// AnonymizeConversations overwrites what the saved settings select; it is done when it answers.
func (m mutation) AnonymizeConversations(ctx context.Context, input AnonymizeConversationsInput) (*AnonymizeConversationsPayload, error) {
	ids, err := conversationIDs(input.ConversationIds, "conversationIds")
	if err != nil {
		mend, err := userErrors(err, "input")
		return &AnonymizeConversationsPayload{UserErrors: mend}, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	result, err := m.store.AnonymizeUnder(ctx, actorOf(viewer), m.accessOf(viewer), unique(ids), input.SettingsVersion.Value())
	if err != nil {
		mend, err := userErrors(err, "input")
		return &AnonymizeConversationsPayload{UserErrors: mend}, err
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

// conversationIDs reads the ids of 1 to 100 conversations, or says everything that is wrong with them and where.
func conversationIDs(texts []string, field ...string) ([]int64, error) {
	if len(texts) == 0 || len(texts) > maxConversations {
		return nil, compliance.Invalid(fmt.Sprintf("%d ids are given; give 1 to %d", len(texts), maxConversations), field...)
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
