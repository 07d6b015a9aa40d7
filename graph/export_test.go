package graph

import (
	"github.com/vektah/gqlparser/v2"
)

// CostOf is what an operation costs.
func CostOf(document string, variables map[string]any) (int, error) {
	parsed, err := gqlparser.LoadQueryWithRules(schemaOf(), document, nil)
	if err != nil {
		return 0, err
	}
	return costs{variables}.of(parsed.Operations[0].SelectionSet, 1), nil
}

// Generated has an API write every answer by the generated code.
func (o *Options) Generated() { o.generated = true }
