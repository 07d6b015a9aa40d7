package graph

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// documentSize is what a document consists of, as it is written: a fragment counts once, however often it is
// used.
type documentSize struct {
	fields, aliases, directives, fragments int
	// repeats is how often one selection set names the same field in the answer, longest the length of the
	// longest name.
	repeats, longest int
	// roots are the operations' root fields: the most of a query, of a mutation, of a subscription, and the
	// most exports of a mutation.
	roots   map[ast.Operation]int
	exports int
	// schema is whether it asks for the schema.
	schema bool
}

// maxName is how long a name may be; errors repeat the names of a path.
const maxName = 200

// exportField is the root field whose answers may be as large as recordings.
const exportField = "exportConversation"

func sizeOf(document *ast.QueryDocument) documentSize {
	size := documentSize{roots: map[ast.Operation]int{}}
	for _, fragment := range document.Fragments {
		size.fragments++
		size.name(fragment.Name)
		size.directives += len(fragment.Directives)
		size.add(fragment.SelectionSet)
	}
	for _, operation := range document.Operations {
		size.name(operation.Name)
		size.directives += len(operation.Directives)
		size.add(operation.SelectionSet)
		size.addRoots(document, operation)
	}
	return size
}

func (s *documentSize) name(name string) { s.longest = max(s.longest, len(name)) }

func (s *documentSize) add(set ast.SelectionSet) {
	named := map[string]int{}
	for _, selection := range set {
		switch selected := selection.(type) {
		case *ast.Field:
			s.fields++
			s.schema = s.schema || selected.Name == "__schema" || selected.Name == "__type"
			if selected.Alias != selected.Name {
				s.aliases++
			}
			s.name(selected.Alias)
			s.name(selected.Name)
			s.directives += len(selected.Directives)
			named[selected.Alias]++
			s.repeats = max(s.repeats, named[selected.Alias])
			s.add(selected.SelectionSet)
		case *ast.InlineFragment:
			s.fragments++
			s.directives += len(selected.Directives)
			s.add(selected.SelectionSet)
		case *ast.FragmentSpread:
			s.fragments++
			s.directives += len(selected.Directives)
		}
	}
}

// addRoots counts the root fields of an operation, those in fragments too. Fields of the same name in the
// answer are one.
func (s *documentSize) addRoots(document *ast.QueryDocument, operation *ast.OperationDefinition) {
	found, seen := map[string]string{}, map[string]bool{}
	var collect func(ast.SelectionSet)
	collect = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch selected := selection.(type) {
			case *ast.Field:
				found[selected.Alias] = selected.Name
			case *ast.InlineFragment:
				collect(selected.SelectionSet)
			case *ast.FragmentSpread:
				if fragment := document.Fragments.ForName(selected.Name); fragment != nil && !seen[selected.Name] {
					seen[selected.Name] = true
					collect(fragment.SelectionSet)
				}
			}
		}
	}
	collect(operation.SelectionSet)
	s.roots[operation.Operation] = max(s.roots[operation.Operation], len(found))
	exports := 0
	for _, name := range found {
		if name == exportField {
			exports++
		}
	}
	s.exports = max(s.exports, exports)
}

// exceeds says which limit the document exceeds, and returns nil where it exceeds none.
func (s *documentSize) exceeds(limits Limits) *gqlerror.Error {
	for _, counted := range []struct {
		count, limit int
		what         string
	}{
		{s.fields, limits.Fields, "fields"},
		{s.aliases, limits.Aliases, "aliases"},
		{s.directives, limits.Directives, "directives"},
		{s.fragments, limits.Fragments, "fragments"},
		{s.repeats, limits.Repeats, "times the same field in one selection set"},
		{s.longest, maxName, "characters in a name"},
		{s.roots[ast.Query], limits.RootFields, "root fields in a query"},
		{s.roots[ast.Mutation], limits.MutationFields, "root fields in a mutation"},
		{s.roots[ast.Subscription], 1, "root fields in a subscription"},
		{s.exports, limits.Exports, "exports in an operation"},
	} {
		if counted.limit > 0 && counted.count > counted.limit {
			return coded(codeInvalid, fmt.Sprintf("the document has %d %s; at most %d are allowed", counted.count, counted.what, counted.limit))
		}
	}
	return nil
}

// memory is about how many bytes the parsed document takes, with the plans of its operations.
func (s *documentSize) memory() int {
	const part = 2 << 10
	return part * (1 + s.fields + s.directives + s.fragments)
}
