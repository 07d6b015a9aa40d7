package graph

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// enumPlace is a place for an enum in an argument: wrapped puts a value there.
type enumPlace struct {
	name    string
	enum    *ast.Definition
	wrapped func(value any) any
}

// enumPlaces lists every place for an enum in values of a type. Types that hold themselves are entered once.
func enumPlaces(schema *ast.Schema, of *ast.Type, name string, inside []string) []enumPlace {
	if of.Elem != nil {
		var places []enumPlace
		for _, p := range enumPlaces(schema, of.Elem, name, inside) {
			places = append(places,
				enumPlace{p.name + " as a list", p.enum, func(value any) any { return []any{p.wrapped(value)} }},
				enumPlace{p.name + " for a list", p.enum, p.wrapped})
		}
		return places
	}
	definition := schema.Types[of.NamedType]
	switch {
	case definition.Kind == ast.Enum:
		return []enumPlace{{name, definition, func(value any) any { return value }}}
	case definition.Kind != ast.InputObject || strings.Contains(strings.Join(inside, " "), definition.Name):
		return nil
	}
	var places []enumPlace
	for _, field := range definition.Fields {
		for _, p := range enumPlaces(schema, field.Type, name+"."+field.Name, append(inside, definition.Name)) {
			places = append(places, enumPlace{p.name, p.enum, func(value any) any {
				return map[string]any{field.Name: p.wrapped(value)}
			}})
		}
	}
	return places
}

// Every place for an enum in every argument of the schema takes the values of that enum and nothing else.
func TestEnumsInVariables(t *testing.T) {
	t.Parallel()
	schema := NewExecutableSchema(Config{}).Schema()
	count := 0
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for _, field := range root.Fields {
			for _, argument := range field.Arguments {
				for _, place := range enumPlaces(schema, argument.Type, field.Name+"."+argument.Name, nil) {
					count++
					holdPlace(t, schema, argument.Type, place)
				}
			}
		}
	}
	if count < 8 {
		t.Errorf("only %d places for enums were found", count)
	}
}

func holdPlace(t *testing.T, schema *ast.Schema, of *ast.Type, place enumPlace) {
	t.Helper()
	for _, value := range place.enum.EnumValues {
		if _, refused := checkScalar(schema, of, place.wrapped(value.Name), "$v"); refused != nil {
			t.Errorf("%s: %s is refused: %s", place.name, value.Name, refused.Message)
		}
		if _, refused := checkScalar(schema, of, place.wrapped(strings.ToLower(value.Name)), "$v"); refused == nil {
			t.Errorf("%s: %s in lower case is taken", place.name, value.Name)
		}
	}
	for _, wrong := range []any{"", "WRONG", "INTERACTION_ANONYMIZE ", 1, true, map[string]any{}} {
		_, refused := checkScalar(schema, of, place.wrapped(wrong), "$v")
		if refused == nil || refused.Extensions["code"] != codeInvalid || !strings.Contains(refused.Message, place.enum.Name) {
			t.Errorf("%s: %v: %v", place.name, wrong, refused)
		}
	}
	if _, refused := checkScalar(schema, of, place.wrapped(nil), "$v"); refused != nil {
		t.Errorf("%s: null is refused: %s", place.name, refused.Message)
	}
}
