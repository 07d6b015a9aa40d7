package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/graph"
	"qm-compliance/graph/admission"
)

// variable is a place in an argument where a variable can stand, with an enum in it.
type variable struct {
	// document is an operation with the variable $v.
	document string
	enum     *ast.Definition
	// within puts a value for the enum into a value for the variable, and path is where it stands then.
	within func(value any) any
	path   string
}

// variables are all places for variables in values of a type. Around writes the text that the argument has when its
// value is a text; siblings that are needed are filled in.
func variables(
	schema *ast.Schema, of *ast.Type, around func(text string) string, document func(declared, text string) string,
) []variable {
	var places []variable
	for _, declared := range []string{of.String(), strings.TrimSuffix(of.String(), "!") + "!"} {
		for _, inside := range enums(schema, of) {
			inside.document = document(declared, around("$v"))
			places = append(places, inside)
		}
		if declared == strings.TrimSuffix(of.String(), "!")+"!" && of.NonNull {
			break // the same type twice
		}
	}
	if of.Elem != nil {
		return append(places, variables(schema, of.Elem, func(text string) string { return around("[" + text + "]") }, document)...)
	}
	if definition := schema.Types[of.NamedType]; definition.Kind == ast.InputObject {
		for _, field := range definition.Fields {
			places = append(places, variables(schema, field.Type, func(text string) string {
				return around("{" + needed(schema, definition, field.Name) + field.Name + ": " + text + "}")
			}, document)...)
		}
	}
	return places
}

// enums are the places for enums in values of a type.
func enums(schema *ast.Schema, of *ast.Type) []variable {
	var places []variable
	if of.Elem != nil {
		for _, item := range enums(schema, of.Elem) {
			alone := item
			item.within = func(value any) any { return []any{alone.within(value)} }
			item.path = "[0]" + alone.path
			places = append(places, item, alone) // one value stands for a list of one
		}
		return places
	}
	definition := schema.Types[of.NamedType]
	if definition.Kind == ast.Enum {
		return []variable{{enum: definition, within: func(value any) any { return value }}}
	}
	if definition.Kind != ast.InputObject {
		return nil
	}
	for _, field := range definition.Fields {
		for _, member := range enums(schema, field.Type) {
			inner := member
			member.within = func(value any) any {
				input := map[string]any{field.Name: inner.within(value)}
				for _, other := range definition.Fields {
					if other.Name != field.Name && other.Type.NonNull && other.DefaultValue == nil {
						input[other.Name] = example(schema, other.Type)
					}
				}
				return input
			}
			member.path = "." + field.Name + inner.path
			places = append(places, member)
		}
	}
	return places
}

// needed writes the fields that an input needs beside one of them.
func needed(schema *ast.Schema, input *ast.Definition, but string) string {
	text := ""
	for _, field := range input.Fields {
		if field.Name != but && field.Type.NonNull && field.DefaultValue == nil {
			text += field.Name + ": " + literal(schema, field.Type) + ", "
		}
	}
	return text
}

func literal(schema *ast.Schema, of *ast.Type) string {
	text, _ := json.Marshal(example(schema, of))
	if schema.Types[of.Name()].Kind == ast.Enum {
		return strings.ReplaceAll(string(text), `"`, "")
	}
	return string(text)
}

// example is a value of a type.
func example(schema *ast.Schema, of *ast.Type) any {
	if of.Elem != nil {
		return []any{example(schema, of.Elem)}
	}
	switch definition := schema.Types[of.NamedType]; {
	case definition.Kind == ast.Enum:
		return definition.EnumValues[0].Name
	case of.NamedType == "Boolean":
		return true
	case of.NamedType == "Int":
		return 1
	}
	return "x"
}

// foreign is a value of another enum.
func foreign(schema *ast.Schema, enum *ast.Definition) string {
	for _, other := range ours(schema) {
		if other.Kind == ast.Enum && enum.EnumValues.ForName(other.EnumValues[0].Name) == nil {
			return other.EnumValues[0].Name
		}
	}
	return ""
}

// enumVariables are all places for variables with an enum in them, in every argument of the schema.
func enumVariables(t *testing.T, schema *ast.Schema) []variable {
	t.Helper()
	var places []variable
	for _, definition := range ours(schema) {
		root, isRoot := map[string]string{"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}[definition.Name]
		for _, field := range definition.Fields {
			for _, argument := range field.Arguments {
				found := variables(schema, argument.Type, func(text string) string { return text }, func(declared, text string) string {
					others := ""
					for _, other := range field.Arguments {
						if other.Name != argument.Name && other.Type.NonNull && other.DefaultValue == nil {
							others += ", " + other.Name + ": " + literal(schema, other.Type)
						}
					}
					set := ""
					if schema.Types[field.Type.Name()].IsCompositeType() {
						set = " { __typename }"
					}
					asked := fmt.Sprintf("%s(%s: %s%s)%s", field.Name, argument.Name, text, others, set)
					if !isRoot {
						return fmt.Sprintf("query($v: %s) { node(id: \"x\") { ... on %s { %s } } }", declared, definition.Name, asked)
					}
					return fmt.Sprintf("%s($v: %s) { %s }", root, declared, asked)
				})
				if !isRoot && len(found) > 0 && !slices.Contains(definition.Interfaces, "Node") {
					t.Errorf("%s.%s takes an enum, and this test does not know how to reach it", definition.Name, field.Name)
				}
				places = append(places, found...)
			}
		}
	}
	return places
}

// A wrong value of an enum in a variable is INVALID, wherever in the schema a variable can hold one, with the path.
func TestEveryEnumInEveryVariable(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t, func(o *graph.Options) { o.Limits.Admission = admission.Limits{} })
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	places := enumVariables(t, schema)
	seen := map[string]bool{}
	for _, place := range places {
		seen[place.enum.Name] = true
		for _, value := range place.enum.EnumValues {
			got := a.do(t, "manager", place.document, map[string]any{"v": place.within(value.Name)})
			for _, err := range got.Errors {
				if strings.Contains(err.Message, "the variable") {
					t.Errorf("%s: %s is refused: %s", place.document, value.Name, err.Message)
				}
			}
		}
		for _, wrong := range []any{"WRONG", "", strings.ToLower(place.enum.EnumValues[0].Name), foreign(schema, place.enum), 1, 1.5, true} {
			got := a.do(t, "manager", place.document, map[string]any{"v": place.within(wrong)})
			want := fmt.Sprintf("the variable $v%s holds ", place.path)
			if got.code() != "INVALID" || len(got.Errors) != 1 || got.Data != nil || !strings.HasPrefix(got.Errors[0].Message, want) ||
				!strings.Contains(got.Errors[0].Message, "is no "+place.enum.Name) {
				t.Errorf("%s, %v in %s: %+v", place.document, wrong, place.path, got)
			}
		}
	}
	for _, name := range []string{"ConversationType", "MediaStatus", "ConversationOrderField", "OrderDirection", "AuditActivity", "AuditResult", "MessageKind"} {
		if !seen[name] {
			t.Errorf("no variable holds a %s", name)
		}
	}
	t.Logf("%d places", len(places))
	s := dial(t, a.Handler, a.authorization(t, "manager"))
	s.next()
	for i, place := range places {
		id := fmt.Sprint(i)
		payload, _ := json.Marshal(map[string]any{"query": place.document, "variables": map[string]any{"v": place.within("WRONG")}})
		s.send(frame{ID: id, Type: "subscribe", Payload: payload})
		if f := s.next(); f.ID != id || f.Type != "error" || frameCode(t, f) != "INVALID" || !strings.Contains(string(f.Payload), "$v"+place.path+" holds") {
			t.Errorf("over a WebSocket: %s: %s %s", place.document, f.Type, f.Payload)
		}
	}
}

// A number in a text, a fraction, and what is too large is no Int; the message shows what came.
func TestIntsInVariables(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t)
	for document, place := range map[string]struct {
		path   string
		within func(any) any
	}{
		"query($v: Int) { conversations(first: $v) { nodes { id } } }": {"$v", func(value any) any { return value }},
		"query($v: Int!) { metadataKeys(first: $v) { key } }":          {"$v", func(value any) any { return value }},
		"query($v: Int!) { conversations { totalCount(upTo: $v) } }":   {"$v", func(value any) any { return value }},
		"mutation($v: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $v) { userErrors { code } } }": {"$v.baseVersion",
			func(value any) any { return map[string]any{"baseVersion": value} }},
		"mutation($v: Int!) { saveComplianceSettings(input: {baseVersion: $v}) { userErrors { code } } }": {"$v",
			func(value any) any { return value }},
	} {
		for _, wrong := range []string{`"5"`, `1.5`, `true`, `""`, `2147483648`, `1e400`, `[1]`, `"x"`} {
			got := a.do(t, "manager", document, map[string]any{"v": place.within(json.RawMessage(wrong))})
			want := "the variable " + place.path + ` holds "` + strings.Trim(wrong, `"`) + `", which is no Int`
			if got.code() != "INVALID" || len(got.Errors) != 1 || !strings.HasPrefix(got.Errors[0].Message, want) {
				t.Errorf("%s with %s: %+v", document, wrong, got.Errors)
			}
		}
		if got := a.do(t, "manager", document, map[string]any{"v": place.within(5)}); got.code() != "" {
			t.Errorf("%s: %+v", document, got.Errors)
		}
	}
}
