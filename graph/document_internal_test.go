package graph

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func schemaOf() *ast.Schema { return NewExecutableSchema(Config{}).Schema() }

// Ready documents are kept within a bound of bytes; large ones, wrong ones and those of nobody never.
func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.CacheBytes = 100 << 10
	d := newDocuments(schemaOf(), Options{Limits: limits})
	welcome := func(*ast.QueryDocument) *gqlerror.Error { return nil }
	for i := range 1000 {
		if _, errs := d.prepare(fmt.Sprintf("{ viewer { userId } } # %d %s", i, strings.Repeat("x", 1000)), nil); errs != nil {
			t.Fatal(errs)
		}
		if d.ready.bytes > limits.CacheBytes {
			t.Fatalf("%d bytes are kept", d.ready.bytes)
		}
	}
	if kept := d.ready.kept.Len(); kept < 10 || kept > 100 {
		t.Errorf("%d documents are kept", kept)
	}
	for name, row := range map[string]struct {
		text  string
		admit func(*ast.QueryDocument) *gqlerror.Error
		kept  bool
	}{
		"small":     {"{ viewer { name } }", nil, true},
		"large":     {"{ viewer { name } } #" + strings.Repeat("x", limits.CachedDocumentBytes), nil, false},
		"of nobody": {"{ __typename }", welcome, false},
		"wrong":     {"{ nothing }", nil, false},
		"no syntax": {"{", nil, false},
	} {
		_, _ = d.prepare(row.text, row.admit)
		if _, kept := d.ready.get(row.text); kept != row.kept {
			t.Errorf("%s: kept %v", name, kept)
		}
	}
	if document, _ := d.prepare("{ viewer { name } }", nil); document == nil {
		t.Error("what is kept is not found")
	}
	if _, errs := d.prepare("{ viewer { name } }", func(*ast.QueryDocument) *gqlerror.Error { return coded(codeUnauthenticated, "no") }); errs == nil {
		t.Error("a document that is kept is run for somebody who may not")
	}
}

// What is added again, or alone is too large, leaves the count of bytes right.
func TestByteCache(t *testing.T) {
	t.Parallel()
	c := newByteCache[int](100)
	for _, row := range []struct {
		key        string
		bytes, sum int
	}{{"a", 40, 40}, {"a", 60, 60}, {"b", 40, 100}, {"c", 1, 41}, {"d", 101, 0}, {"e", 100, 100}} {
		c.add(row.key, 0, row.bytes)
		if c.bytes != row.sum {
			t.Errorf("after %s: %d bytes, want %d", row.key, c.bytes, row.sum)
		}
	}
}

// Every list in an answer has a cost: that of a page, that of the ids asked for, or its own.
func TestEveryListHasACost(t *testing.T) {
	t.Parallel()
	schema := schemaOf()
	for _, definition := range schema.Types {
		if definition.BuiltIn || (definition.Kind != ast.Object && definition.Kind != ast.Interface) {
			continue
		}
		for _, field := range definition.Fields {
			name := definition.Name + "." + field.Name
			ofPage := strings.HasSuffix(definition.Name, "Connection")
			// Payloads and previews list what was asked for by ids, and errors by those.
			ofIDs := strings.HasSuffix(definition.Name, "Payload") || definition.Name == "AnonymizationPreview" || definition.Name == "UserError"
			if field.Type.Elem != nil && !strings.HasPrefix(field.Name, "__") && !ofPage && !ofIDs && usualItems(name) == 0 {
				t.Errorf("%s has no cost", name)
			}
			if usualItems(name) > 0 && field.Type.Elem == nil {
				t.Errorf("%s is no list", name)
			}
		}
	}
}

// Every list has a bound: it is a page, it takes first and has its count beside it, or its description says how many
// items it has at most. Errors are as many as what the input names, and the path of one is as long as inputs are deep.
func TestEveryListHasABound(t *testing.T) {
	t.Parallel()
	bound := regexp.MustCompile(`(at|At) most [0-9,]+|1 to [0-9,]+`)
	for _, definition := range schemaOf().Types {
		if definition.BuiltIn || strings.HasPrefix(definition.Name, "__") || strings.HasSuffix(definition.Name, "Connection") {
			continue
		}
		for _, field := range definition.Fields {
			name := definition.Name + "." + field.Name
			if field.Type.Elem == nil || strings.HasPrefix(field.Name, "__") || field.Type.Name() == "UserError" || name == "UserError.field" {
				continue
			}
			if bound.MatchString(field.Description) {
				continue
			}
			singular, key := strings.TrimSuffix(field.Name, "s")+"Count", field.Name+"KeyCount"
			counts := definition.Fields.ForName(singular) != nil || definition.Fields.ForName(key) != nil
			if first := field.Arguments.ForName("first"); first == nil || !bound.MatchString(first.Description) || !counts {
				t.Errorf("%s has no bound", name)
			}
		}
	}
}

// Every list of ids in an input costs as many things as it names.
func TestEveryListOfIDsCosts(t *testing.T) {
	t.Parallel()
	schema, found := schemaOf(), 0
	for _, root := range roots(schema) {
		for _, field := range root.Fields {
			for _, argument := range field.Arguments {
				input := schema.Types[argument.Type.Name()]
				if argument.Type.Elem == nil && input.Kind != ast.InputObject {
					continue
				}
				for _, member := range input.Fields {
					if member.Type.Elem == nil || member.Type.Name() != "ID" {
						continue
					}
					found++
					if !strings.HasSuffix(member.Name, "Ids") {
						t.Errorf("%s.%s lists ids, and its name does not end in Ids", input.Name, member.Name)
					}
					given := map[string]any{argument.Name: map[string]any{member.Name: []any{"a", "b", "c"}}}
					if got := asks(field, given); got != 3 {
						t.Errorf("%s.%s of 3 ids costs %d", input.Name, member.Name, got)
					}
				}
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d lists of ids were found", found)
	}
}

// Errors repeat a beginning of what a client has sent, and no more.
func TestShorten(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 1000)
	for _, text := range []string{`unknown key "` + long + `"`, "a " + long, long, strings.Repeat("a b ", 100_000), `"` + strings.Repeat(`"`, 5000), strings.Repeat(`"x y z" `, 5000)} {
		got := shorten(text)
		if len(got) > maxMessage+len("…") || len(got) >= len(text) || !strings.HasPrefix(text, got[:50]) || strings.ToValidUTF8(got, "") != got {
			t.Errorf("%.40s...: %d bytes: %s", text, len(got), got)
		}
	}
	for _, text := range []string{"", "short", `Cannot query field "x" on type "Y". Did you mean "z"?`, strings.Repeat("word ", 40)} {
		if got := shorten(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// Plans are kept with a document unless they are many times as long as it, so that what is kept stays within the bound.
func TestPlansAreKeptWithinBounds(t *testing.T) {
	d := newDocuments(schemaOf(), Options{Limits: DefaultLimits()})
	for text, kept := range map[string]bool{
		"{ conversations { nodes { id } } }":                                     true,
		"{ conversations { nodes { ...F } } } fragment F on Conversation { id }": true,
		"{ a: conversations { nodes { ...F } } b: conversations { nodes { ...F } } c: conversations { nodes { ...F } } " +
			"d: conversations { nodes { ...F } } } fragment F on Conversation { id startedAt endedAt mediaStatus isReviewable " +
			"durationSeconds participants { name role } segments { id } }": false,
	} {
		ready, errs := d.prepare(text, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		op := &graphql.OperationContext{Operation: ready.Operations[0]}
		keepPlans(op, ready)
		if of := op.Stats.GetExtension(plansKey).(*plansOf); (of.document != nil) != kept {
			t.Errorf("%s: %t", text, of.document != nil)
		}
	}
}
