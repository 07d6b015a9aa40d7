package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/db"
)

// wantedRelations tells what has to be loaded of the conversations in the answer of the field that is being resolved, wherever in
// its selection they stand.
func wantedRelations(ctx context.Context) db.Relations {
	var want db.Relations
	collect(graphql.GetFieldContext(ctx).Field.Selections, &want)
	return want
}

func collect(set ast.SelectionSet, want *db.Relations) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			need(s.ObjectDefinition.Name, s.Name, want)
			collect(s.SelectionSet, want)
		case *ast.InlineFragment:
			collect(s.SelectionSet, want)
		case *ast.FragmentSpread:
			collect(s.Definition.SelectionSet, want)
		}
	}
}

// need adds what one field of a conversation, or of one of its segments, is made of.
func need(typeName, field string, want *db.Relations) {
	switch typeName + "." + field {
	case "Conversation.vcons":
		want.Vcons = true
	case "Conversation.participants":
		want.Participants = true
	case "Conversation.segments":
		want.Segments = true
	case "Conversation.metadata":
		want.Metadata = true
	case "Conversation.media", "CallSegment.media", "Conversation.protectedMediaCount":
		want.Media = true
	case "Conversation.reviewability":
		want.Segments, want.Media = true, true
	case "Message.author", "Message.authorRole":
		want.Participants = true
	case "Segment.messages", "CallSegment.messages", "EmailSegment.messages", "ChatSegment.messages":
		want.Segments, want.Messages = true, true
	}
}
