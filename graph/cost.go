package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// costLimit refuses operations that cost too much. The cost of an operation is about the number of fields in
// its answer: what is in a page counts as often as the page has items, what is asked of several things as
// often as there are ids, and what is in a list within a conversation as often as such a list has items. What
// is dear for another reason has a price of its own.
type costLimit struct {
	limit int
}

// ExtensionName names the limit among gqlgen's extensions.
func (costLimit) ExtensionName() string { return "CostLimit" }

// Validate accepts every schema.
func (costLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation before it runs. It comes after sizeLimit, which bounds how long
// the measuring takes.
func (l costLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if l.limit <= 0 {
		return nil
	}
	if cost := (costs{op.Variables}).of(op.Operation.SelectionSet, 1); cost > l.limit {
		return coded(codeInvalid, fmt.Sprintf("the operation costs %d; at most %d are allowed: ask for less, such as a smaller page", cost, l.limit))
	}
	return nil
}

const (
	// costOfTotal is of counting everything that matches a filter, which reads more than a page does.
	costOfTotal = 500
	// costOfExport is of an export, which reads a conversation with its recordings.
	costOfExport = 5_000
)

// listItems is about how many items a list has that is no page, rounded up; 0 for what is no such list. A
// longer one is held by the bound on the bytes of an answer.
func listItems(field string) int {
	switch field {
	case "Conversation.types", "Conversation.vcons", "AnonymizationEffect.media":
		return 2
	case "Conversation.participants", "Conversation.segments", "Conversation.media", "CallSegment.media",
		"AnonymizationEffect.messages", "AuditOperation.totals", "AnonymizationDetails.items",
		"MediaFilesDetails.mediaFiles", "ProtectionDetails.mediaFiles", "ReleaseDetails.mediaFiles",
		"Refusal.mediaFiles", "AuditEvent.vconHashes":
		return 4
	case "AnonymizationEffect.customData", "AnonymizationEffect.otherData":
		return 8
	case "Conversation.metadata", "Anonymization.metadataKeys", "AnonymizationDetails.metadataKeys", "Viewer.roles":
		return 15
	case "ComplianceSettings.customData", "ComplianceSettings.otherData", "StagedSettings.customData", "StagedSettings.otherData":
		return 25
	case "Segment.messages", "CallSegment.messages", "EmailSegment.messages", "ChatSegment.messages", "Query.metadataKeys":
		return 50
	}
	return 0
}

// costs are those of one operation, with the values of its variables.
type costs struct {
	variables map[string]any
}

// of is the cost of what is selected of one thing. Asked is how many things its field was asked for, as a
// page or by ids.
func (c costs) of(set ast.SelectionSet, asked int) int {
	total := 0
	for _, selection := range set {
		part := 0
		switch s := selection.(type) {
		case *ast.Field:
			part = c.field(s, asked)
		case *ast.InlineFragment:
			part = c.of(s.SelectionSet, asked)
		case *ast.FragmentSpread:
			part = c.of(s.Definition.SelectionSet, asked)
		}
		total = min(total+part, maxCost)
	}
	return total
}

// maxCost is where adding up stops, long before a sum could overflow.
const maxCost = 1 << 30

func (c costs) field(field *ast.Field, asked int) int {
	name := field.ObjectDefinition.Name + "." + field.Name
	switch name {
	case "ConversationConnection.totalCount":
		return costOfTotal
	case "Query." + exportField:
		return 1 + costOfExport
	case "Query.__schema", "Query.__type":
		return 1 // the same answer for everybody, bounded by its depth
	}
	items := listItems(name)
	if items == 0 && field.Definition.Type.Elem != nil {
		items = asked
	}
	return 1 + max(1, items)*max(c.of(field.SelectionSet, c.asked(field)), min(items, 1))
}

// asked is how many things the arguments of a field ask for: the size of a page, or the number of ids.
func (c costs) asked(field *ast.Field) int {
	arguments := field.ArgumentMap(c.variables)
	if field.Definition.Arguments.ForName("first") != nil {
		return pageSize(arguments)
	}
	return max(1, idCount(arguments))
}

// idCount is how many things an input names; more than are allowed are refused later.
func idCount(args map[string]any) int {
	input, _ := args["input"].(map[string]any)
	count := 0
	for _, name := range []string{"conversationIds", "mediaFileIds"} {
		switch ids := input[name].(type) {
		case []any:
			count += len(ids)
		case []string:
			count += len(ids)
		}
	}
	return min(count, maxConversations)
}

func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if n, err := graphql.UnmarshalInt(args[name]); err == nil && args[name] != nil {
			return min(max(n, 1), maxPage)
		}
	}
	return defaultPage
}
