package graph

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/graph/answer"
)

// selection is what an operation selects of conversations, wherever they are in the answer of a field.
type selection struct {
	types     map[string]answer.Described
	variables map[string]any
	want      db.Want
}

// want is what has to be loaded for the answer of the field that is being resolved.
func (r *Resolver) want(ctx context.Context) db.Want {
	field, operation := graphql.GetFieldContext(ctx).Field, graphql.GetOperationContext(ctx)
	return planned(ctx, field, "want", func() db.Want {
		s := selection{types: r.answers.types, variables: operation.Variables}
		s.collect(field.Selections)
		if r.answers.everything {
			s.want.Columns = db.AllColumns
		}
		return s.want
	})
}

// collect takes what stands in a selection, whether it is skipped or not. Arguments that are wrong are errors of the
// fields themselves.
func (s *selection) collect(set ast.SelectionSet) {
	for _, selected := range set {
		switch of := selected.(type) {
		case *ast.Field:
			if described := s.types[of.ObjectDefinition.Name]; described != nil {
				s.want.Columns |= db.Columns(described.Needs(of.Name))
				s.messages(of)
			}
			s.collect(of.SelectionSet)
		case *ast.InlineFragment:
			s.collect(of.SelectionSet)
		case *ast.FragmentSpread:
			s.collect(of.Definition.SelectionSet)
		}
	}
}

// messages takes how many segments are shown, and which pages of messages.
func (s *selection) messages(field *ast.Field) {
	if field.Name != "segments" && field.Name != "messages" {
		return
	}
	arguments := field.ArgumentMap(s.variables)
	switch field.Name {
	case "segments":
		s.want.Segments = max(s.want.Segments, number(arguments["first"]))
	case "messages":
		var after *string
		if cursor, given := arguments["after"].(string); given {
			after = &cursor
		}
		window, err := messageWindow(number(arguments["first"]), after, kindsOf(arguments["kinds"]))
		window.UpTo = countedTo(s.variables, field.SelectionSet)
		if at := slices.IndexFunc(s.want.Messages, window.Same); at >= 0 {
			s.want.Messages[at].UpTo = max(s.want.Messages[at].UpTo, window.UpTo)
		} else if err == nil {
			s.want.Messages = append(s.want.Messages, window)
		}
	}
}

// countedTo is how far a selection of a page counts, 0 where it does not.
func countedTo(variables map[string]any, set ast.SelectionSet) int {
	upTo := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name == "totalCount" {
				upTo = max(upTo, min(number(s.ArgumentMap(variables)["upTo"]), maxTotal))
			}
		case *ast.InlineFragment:
			upTo = max(upTo, countedTo(variables, s.SelectionSet))
		case *ast.FragmentSpread:
			upTo = max(upTo, countedTo(variables, s.Definition.SelectionSet))
		}
	}
	return upTo
}

// kindsOf reads an argument whose values have been checked; one value stands for a list of one.
func kindsOf(argument any) []compliance.MessageKind {
	items, isList := argument.([]any)
	if !isList && argument != nil {
		items = []any{argument}
	}
	var kinds []compliance.MessageKind
	for _, item := range items {
		kinds = append(kinds, compliance.MessageKind(fmt.Sprint(item)))
	}
	return kinds
}

// number reads an Int argument, 0 where it is none.
func number(argument any) int {
	n, err := graphql.UnmarshalInt(argument)
	if err != nil {
		return 0
	}
	return n
}
