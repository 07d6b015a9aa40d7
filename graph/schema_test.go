package graph_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

func loadSchema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, parseErr := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(text)})
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	return schema
}

// ours are the types that schema.graphqls defines, sorted by name.
func ours(schema *ast.Schema) []*ast.Definition {
	var list []*ast.Definition
	for _, definition := range schema.Types {
		if !definition.BuiltIn && !strings.HasPrefix(definition.Name, "__") {
			list = append(list, definition)
		}
	}
	slices.SortFunc(list, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func TestTheServerServesTheSchemaFile(t *testing.T) {
	t.Parallel()
	served := graph.NewExecutableSchema(graph.Config{}).Schema()
	if diff := cmp.Diff(signatures(loadSchema(t)), signatures(served)); diff != "" {
		t.Errorf("schema.graphqls is not what is served; run make generate (-file +served):\n%s", diff)
	}
}

// Introspection answers objects as the possible types of an interface, and no interface that implements it. An
// operation may still select what such an interface has.
func TestPossibleTypesAreObjects(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	viewer := &auth.Viewer{Roles: auth.Roles()}
	answer := a.ask(t, viewer, `{ __schema { types { name kind possibleTypes { name kind } } } }`)
	for _, one := range answer["__schema"].(map[string]any)["types"].([]any) {
		named := one.(map[string]any)
		possible, _ := named["possibleTypes"].([]any)
		if abstract := named["kind"] == "INTERFACE" || named["kind"] == "UNION"; abstract != (len(possible) > 0) {
			t.Errorf("%s has %d possible types", named["name"], len(possible))
		}
		for _, other := range possible {
			if other.(map[string]any)["kind"] != "OBJECT" {
				t.Errorf("%s has the possible type %v", named["name"], other)
			}
		}
	}
	a.ask(t, viewer, `query { node(id: "`+a.conversationIDs(t)[0]+`") { ... on Segment { startedAt } } }`)
}

func signatures(schema *ast.Schema) []string {
	var lines []string
	for _, definition := range ours(schema) {
		lines = append(lines, definition.Name+": "+definition.Description)
		for _, field := range definition.Fields {
			lines = append(lines, definition.Name+"."+field.Name+" "+field.Type.String()+" "+field.Description)
		}
	}
	return lines
}

// Every element is described by a sentence that says more than its name.
func TestEveryElementIsDescribed(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	check := func(name, description string) {
		if !strings.HasSuffix(strings.TrimSpace(description), ".") {
			t.Errorf("%s is not described by a sentence: %q", name, description)
		}
		own := name[strings.LastIndex(name, ".")+1:]
		if strings.EqualFold(strings.Trim(description, "."), own) {
			t.Errorf("the description of %s repeats its name", name)
		}
	}
	for _, definition := range ours(schema) {
		check(definition.Name, definition.Description)
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			check(definition.Name+"."+field.Name, field.Description)
			for _, argument := range field.Arguments {
				check(definition.Name+"."+field.Name+"."+argument.Name, argument.Description)
			}
		}
		for _, value := range definition.EnumValues {
			check(definition.Name+"."+value.Name, value.Description)
		}
	}
	for name, directive := range schema.Directives {
		if directive.Position != nil && directive.Position.Src.Name == "schema.graphqls" {
			check("@"+name, directive.Description)
			for _, argument := range directive.Arguments {
				check("@"+name+"."+argument.Name, argument.Description)
			}
		}
	}
}

// Deny by default, first layer: each root field says in one way who may use it, and nothing else carries
// a guard.
func TestEveryRootFieldIsGuarded(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	signedIn := []string{}
	for _, definition := range ours(schema) {
		root := definition == schema.Query || definition == schema.Mutation || definition == schema.Subscription
		for _, field := range definition.Fields {
			guards := len(field.Directives.ForNames("hasRole")) + len(field.Directives.ForNames("signedIn"))
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if root && guards != 1 {
				t.Errorf("%s.%s carries %d guards", definition.Name, field.Name, guards)
			}
			if !root && guards != 0 {
				t.Errorf("%s.%s carries a guard, which holds on root fields only", definition.Name, field.Name)
			}
			if field.Directives.ForName("signedIn") != nil {
				signedIn = append(signedIn, field.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"viewer", "node"}, signedIn); diff != "" {
		t.Errorf("fields for everybody who is signed in (-want +got):\n%s", diff)
	}
	for name, directive := range schema.Directives {
		if (name == "hasRole" || name == "signedIn") &&
			!slices.Equal(directive.Locations, []ast.DirectiveLocation{ast.LocationFieldDefinition}) {
			t.Errorf("@%s stands on %v", name, directive.Locations)
		}
	}
}

func TestTheRolesAreTheDesigns(t *testing.T) {
	t.Parallel()
	var names, want []string
	for _, value := range loadSchema(t).Types["Role"].EnumValues {
		names = append(names, value.Name)
	}
	for _, role := range auth.Roles() {
		want = append(want, string(role))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

var (
	camel     = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)
	pascal    = regexp.MustCompile(`^[A-Z][a-zA-Z0-9]*$`)
	screaming = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	question  = regexp.MustCompile(`^(is|has)[A-Z]`)
	plural    = regexp.MustCompile(`[^s]s$|^metadata$`)
	instant   = regexp.MustCompile(`[a-z](At|From|To|Until)$`)
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, definition := range ours(loadSchema(t)) {
		if !pascal.MatchString(definition.Name) {
			t.Errorf("type %s", definition.Name)
		}
		if definition.Kind == ast.Scalar && definition.Directives.ForName("specifiedBy") == nil {
			t.Errorf("the scalar %s does not say what specifies it", definition.Name)
		}
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			if !camel.MatchString(field.Name) || strings.HasPrefix(field.Name, "get") ||
				strings.HasPrefix(field.Name, "list") {
				t.Errorf("field %s.%s", definition.Name, field.Name)
			}
			checkFieldName(t, definition, field)
		}
		for _, value := range definition.EnumValues {
			if !screaming.MatchString(value.Name) {
				t.Errorf("enum value %s.%s", definition.Name, value.Name)
			}
		}
	}
}

// checkFieldName holds what a name says about a value: id is the global id of a Node, userId one of the identity
// provider, and a reference to anything else is an object; a Boolean is a question, but for options and for the
// switches of Basic Data; an instant says what happened at it.
func checkFieldName(t *testing.T, of *ast.Definition, field *ast.FieldDefinition) {
	t.Helper()
	place := of.Name + "." + field.Name
	isOutput := of.Kind == ast.Object || of.Kind == ast.Interface
	isFilter := strings.HasSuffix(of.Name, "Filter")
	switch field.Type.Name() {
	case "ID":
		isNode := of.Name == "Node" || slices.Contains(of.Interfaces, "Node")
		if isOutput && (field.Name != "id" || !isNode) {
			t.Errorf("%s is an id, but not that of a Node", place)
		}
		if isFilter && !strings.HasSuffix(field.Name, "Id") {
			t.Errorf("%s is an id, and its name does not say so", place)
		}
	case "String":
		if isOutput && strings.HasSuffix(field.Name, "Id") && field.Name != "userId" {
			t.Errorf("%s: a reference is an object, not an id", place)
		}
	case "Boolean":
		if (isOutput || isFilter) && !question.MatchString(field.Name) && of.Name != "BasicData" {
			t.Errorf("%s is a Boolean whose name begins with neither is nor has", place)
		}
	case "DateTime":
		if !instant.MatchString(field.Name) && field.Name != "until" {
			t.Errorf("%s is an instant whose name does not say so", place)
		}
	}
	if isFilter && (field.Type.Elem != nil) != plural.MatchString(field.Name) {
		t.Errorf("%s: lists are plural, and nothing else is", place)
	}
}

// A mutation is verbNoun, takes one non-null input of its own (but for a reset), and answers a payload
// of its own with a nullable object and userErrors.
func TestMutationsHaveOneShape(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	for _, field := range schema.Mutation.Fields {
		title := strings.ToUpper(field.Name[:1]) + field.Name[1:]
		if field.Type.String() != title+"Payload!" {
			t.Errorf("%s answers %s", field.Name, field.Type)
		}
		if field.Name != "resetComplianceSettings" &&
			(len(field.Arguments) != 1 || field.Arguments[0].Name != "input" ||
				field.Arguments[0].Type.String() != title+"Input!") {
			t.Errorf("%s does not take one input of its own", field.Name)
		}
		payload := schema.Types[title+"Payload"]
		for _, member := range payload.Fields {
			if member.Name == "userErrors" {
				if member.Type.String() != "[UserError!]!" {
					t.Errorf("%s.userErrors is %s", payload.Name, member.Type)
				}
			} else if member.Type.NonNull {
				t.Errorf("%s.%s is not nullable", payload.Name, member.Name)
			}
		}
		if payload.Fields.ForName("userErrors") == nil {
			t.Errorf("%s has no userErrors", payload.Name)
		}
	}
}

// Entities are listed through connections, but for the parts of a conversation; every other list holds bounded
// values and no nulls.
func TestLists(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	for _, definition := range ours(schema) {
		for _, field := range definition.Fields {
			if field.Type.Elem == nil || strings.HasPrefix(field.Name, "__") {
				continue
			}
			if !field.Type.Elem.NonNull {
				t.Errorf("%s.%s is a list with nulls in it", definition.Name, field.Name)
			}
			node := slices.Contains(schema.Types[field.Type.Elem.NamedType].Interfaces, "Node")
			inPayload := strings.HasSuffix(definition.Name, "Payload") ||
				strings.HasSuffix(definition.Name, "Connection")
			isPart := field.Type.Elem.NamedType == "Segment" || field.Type.Elem.NamedType == "MediaFile"
			if node && !inPayload && !isPart {
				t.Errorf("%s.%s lists entities outside a connection", definition.Name, field.Name)
			}
		}
	}
}
