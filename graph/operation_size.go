package graph

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// sizeLimit refuses operations that are nested too deep, or that select too many fields once their fragments are written out. It measures each fragment
// once, so that fragments of fragments cannot make the measuring itself long; what counts pages comes after it.
type sizeLimit struct {
	depth, fields int
}

// ExtensionName names the limit among gqlgen's extensions.
func (sizeLimit) ExtensionName() string { return "SizeLimit" }

// Validate accepts every schema.
func (sizeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation before it runs.
func (l sizeLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	size := measure(op.Operation.SelectionSet, map[string]size{})
	if l.depth > 0 && size.depth > l.depth {
		return coded(codeInvalid, fmt.Sprintf("the operation is nested %d levels deep; at most %d are allowed", size.depth, l.depth))
	}
	if l.fields > 0 && size.fields > l.fields {
		return coded(codeInvalid, fmt.Sprintf("the operation selects more than %d fields", l.fields))
	}
	return nil
}

type size struct {
	depth, fields int
}

// manyFields is where counting stops, long before a sum could overflow.
const manyFields = 1 << 30

func measure(set ast.SelectionSet, fragments map[string]size) size {
	var total size
	for _, selection := range set {
		var part size
		switch s := selection.(type) {
		case *ast.Field:
			part = measure(s.SelectionSet, fragments)
			part.depth, part.fields = part.depth+1, part.fields+1
		case *ast.InlineFragment:
			part = measure(s.SelectionSet, fragments)
		case *ast.FragmentSpread:
			part = measureFragment(s.Definition, fragments)
		}
		total.depth, total.fields = max(total.depth, part.depth), min(total.fields+part.fields, manyFields)
	}
	return total
}

func measureFragment(fragment *ast.FragmentDefinition, fragments map[string]size) size {
	if known, found := fragments[fragment.Name]; found {
		return known
	}
	fragments[fragment.Name] = measure(fragment.SelectionSet, fragments)
	return fragments[fragment.Name]
}
