package graph

import (
	"context"
	"fmt"
	"reflect"
	"strings"

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
func (l costLimit) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if l.limit <= 0 {
		return nil
	}
	cost := measuredOnce(ctx, op, "cost", func() int { return costs{op.Variables}.of(op.Operation.SelectionSet, 1) })
	if cost > l.limit {
		return coded(codeInvalid, fmt.Sprintf("the operation costs %d; at most %d are allowed: ask for less, such as a smaller page", cost, l.limit))
	}
	return nil
}

const (
	// counted is how many rows cost one to count: a total reads more than a page does.
	counted = 20
	// costOfExport is of an export, which reads a conversation with its recordings.
	costOfExport = 5_000
)

// usualItems is how many items a list usually has that is no page; 0 for what is no such list. A longer one is
// held by the bound on the bytes of an answer.
func usualItems(field string) int {
	switch field {
	case "Conversation.types", "Conversation.segments", "Conversation.vcons", "Conversation.media", "CallSegment.media",
		"AnonymizationEffect.media", "AnonymizationPreview.staysReviewable", "AuditEvent.vconHashes",
		"AnonymizationJobPreview.staysReviewable", "AnonymizationReport.problems", "AnonymizationJobCriteria.types",
		"AnonymizationJobCriteria.metadataKeys", "AnonymizationJobCriteria.mediaStatuses", "ComplianceSettingsDiff.basicData",
		"MediaFilesDetails.mediaFiles", "ProtectionDetails.mediaFiles", "ReleaseDetails.mediaFiles", "Refusal.mediaFiles":
		return 1
	case "Conversation.participants", "AnonymizationEffect.messages", "AuditOperation.totals", "AnonymizationDetails.items",
		"UserError.field":
		return 2
	case "AnonymizationEffect.customData", "ComplianceSettings.customData", "StagedSettings.customData",
		"ComplianceSettings.keptKinds", "StagedSettings.keptKinds", "ComplianceSettingsVersion.metadataKeys",
		"ComplianceSettingsDiff.metadataKeys", "Anonymization.metadataKeys", "AnonymizationDetails.metadataKeys":
		return 4
	case "AnonymizationEffect.otherData", "AnonymizationPreview.kept", "AnonymizationJobPreview.kept",
		"AnonymizationReport.kept":
		return 6
	case "Conversation.metadata", "ComplianceSettings.otherData", "StagedSettings.otherData", "Viewer.roles", "KeptData.examples",
		"AnonymizationVerification.examples":
		return 10
	case "Query.metadataKeys":
		return 15
	}
	return 0
}

// costs are those of one operation, with the values of its variables.
type costs struct {
	variables map[string]any
}

// of is the cost of what is selected of one thing. Asked is how many things its field was asked for, as a
// page or by ids. A thing has one type: of what is selected of several, the dearest counts.
func (c costs) of(set ast.SelectionSet, asked int) int {
	total, dearest := 0, 0
	byType := map[string]int{}
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			total += c.field(s, asked)
		case *ast.InlineFragment:
			byType[s.TypeCondition] += c.of(s.SelectionSet, asked)
		case *ast.FragmentSpread:
			byType[s.Definition.TypeCondition] += c.of(s.Definition.SelectionSet, asked)
		}
		total = min(total, maxCost)
	}
	for name, cost := range byType {
		if name == "" || isShared(name) {
			total += cost
		} else {
			dearest = max(dearest, cost)
		}
	}
	return min(total+dearest, maxCost)
}

// isShared reports whether things of several types have this one.
func isShared(name string) bool { return name == "Node" || name == "Segment" }

// maxCost is where adding up stops, long before a sum could overflow.
const maxCost = 1 << 30

func (c costs) field(field *ast.Field, asked int) int {
	name := field.ObjectDefinition.Name + "." + field.Name
	arguments := field.ArgumentMap(c.variables)
	switch name {
	case "ConversationConnection.totalCount", "MessageConnection.totalCount":
		return 1 + min(max(number(arguments["upTo"]), 0), maxTotal)/counted
	case "Query." + exportField:
		return 1 + costOfExport
	case "Query.__schema", "Query.__type":
		return 1 // the same answer for everybody, bounded by its depth
	}
	items := usualItems(name)
	switch {
	case items > 0 && field.Definition.Arguments.ForName("first") != nil:
		items = min(items, max(number(arguments["first"]), 1))
		asked = 1
	case items == 0 && field.Definition.Type.Elem != nil:
		items, asked = asked, 1
	default:
		asked = asks(field.Definition, arguments)
	}
	return min(1+max(1, items)*max(c.of(field.SelectionSet, asked), min(items, 1)), maxCost)
}

// asks is how many things the arguments of a field ask for: the size of a page, or the number of ids.
func asks(field *ast.FieldDefinition, arguments map[string]any) int {
	if field.Arguments.ForName("first") != nil {
		return pageSize(arguments)
	}
	return max(1, min(ids(arguments), maxConversations))
}

// ids counts what the lists in an input name whose own names end in Ids; more than are allowed are refused later.
func ids(input map[string]any) int {
	count := 0
	for name, value := range input {
		if members, isInput := value.(map[string]any); isInput {
			count += ids(members)
		}
		if list := reflect.ValueOf(value); strings.HasSuffix(name, "Ids") && list.Kind() == reflect.Slice {
			count += list.Len()
		}
	}
	return count
}

func pageSize(arguments map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if arguments[name] != nil {
			return min(max(number(arguments[name]), 1), maxPage)
		}
	}
	return defaultPage
}
