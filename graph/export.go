package graph

import (
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"

	"qm-compliance/compliance"
)

// VCon is a vCon as JSON, ready to be sent.
type VCon []byte

// MarshalGQL writes the JSON as it is, null where there is none.
func (v VCon) MarshalGQL(w io.Writer) {
	if len(v) == 0 {
		v = VCon("null")
	}
	_, _ = w.Write(v)
}

// UnmarshalGQL refuses: no input is a vCon; they come in by /import.
func (v *VCon) UnmarshalGQL(any) error {
	return compliance.Invalid("vCons are imported over /import")
}

var _ graphql.Marshaler = VCon(nil)

// ExportConversation writes a conversation as vCon.
func (m mutation) ExportConversation(ctx context.Context, input ExportConversationInput) (*ExportConversationPayload, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	id, idErr := parseIDOf(kindConversation, input.ConversationID, "conversationId")
	if idErr != nil {
		mend, err := userErrors(idErr, "input")
		return &ExportConversationPayload{UserErrors: mend}, err
	}
	document, exportErr := m.export(ctx, m.accessOf(viewer), id, input.IncludeMedia)
	mend, err := userErrors(exportErr, "input")
	if err != nil || len(mend) > 0 {
		return &ExportConversationPayload{UserErrors: mend}, err
	}
	shown := VCon(document)
	return &ExportConversationPayload{Vcon: shown, UserErrors: mend}, nil
}
