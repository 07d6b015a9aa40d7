package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// codeTooCostly is what gqlgen's limit says of an operation over it.
const codeTooCostly = "COMPLEXITY_LIMIT_EXCEEDED"

// costed makes a page count as often as it has items, and what is asked of several conversations as often as there are ids, so that the cost of an operation is
// about the number of fields in its answer.
type costed struct {
	graphql.ExecutableSchema
}

// Complexity is the cost of one field with what is selected below it.
func (s costed) Complexity(_ context.Context, typeName, field string, below int, args map[string]any) (int, bool) {
	definition := s.Schema().Types[typeName].Fields.ForName(field)
	if definition == nil {
		return 0, false
	}
	if definition.Arguments.ForName("first") != nil {
		return 1 + pageSize(args)*below, true
	}
	if count := idCount(args); count > 0 {
		return 1 + count*below, true
	}
	return 0, false
}

// idCount is how many conversations an input names; more than are allowed are refused later.
func idCount(args map[string]any) int {
	input, _ := args["input"].(map[string]any)
	ids, _ := input["conversationIds"].([]any)
	return min(len(ids), maxConversations)
}

func pageSize(args map[string]any) int {
	for _, name := range []string{"first", "last"} {
		if n, err := graphql.UnmarshalInt(args[name]); err == nil && args[name] != nil {
			return min(max(n, 1), maxPage)
		}
	}
	return defaultPage
}
