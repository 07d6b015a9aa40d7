package answer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

	"qm-compliance/graph/answer"
)

const schema = `
directive @secret on FIELD_DEFINITION
scalar DateTime
enum Size { SMALL LARGE }
interface Thing { id: ID! }
type Query { box: Box boxes: [Box!]! }
type Box implements Thing {
  id: ID!
  size: Size!
  label: String
  must: String!
  made: DateTime!
  gone: DateTime
  weight: Float
  count(upTo: Int! = 3): Int!
  tags: [String!]!
  inner: Box
  rows(first: Int! = 10): [Row!]!
  run: String
}
type Row { name: String! must: String! }
`

type box struct {
	id, label, must string
	inner           *box
	rows            []row
}

type row struct{ name, must string }

var errTooMany = errors.New("too many")

func first(_ context.Context, raw map[string]any) (map[string]any, error) {
	n, isNumber := raw["first"].(int64)
	if !isNumber {
		return nil, errors.New("first is no number")
	}
	return map[string]any{"first": int(n)}, nil
}

func upTo(_ context.Context, raw map[string]any) (map[string]any, error) { return raw, nil }

func rows() *answer.Object[row] {
	return answer.Define("Row", nil,
		answer.Text("name", func(r row) string { return r.name }).Needs(1),
		notNull("must", func(r row) string { return r.must }),
	)
}

// notNull is null although it must not be, where it is empty.
func notNull[T any](name string, get func(T) string) answer.Field[T] {
	return answer.Count(name, func(_ context.Context, value T, _ answer.Arguments) (int, error) {
		if get(value) == "" {
			return 0, errors.New("must is empty")
		}
		return len(get(value)), nil
	})
}

func fields(rows *answer.Object[row]) []answer.Field[*box] {
	return []answer.Field[*box]{
		answer.ID("id", func(b []byte, v *box) []byte { return append(b, v.id...) }),
		answer.Text("size", func(*box) string { return "LARGE" }),
		answer.TextOrNull("label", func(v *box) string { return v.label }),
		notNull("must", func(v *box) string { return v.must }),
		answer.Time("made", func(*box) time.Time { return time.Date(2026, 3, 1, 9, 30, 0, 5000, time.UTC) }),
		answer.TimeOrNull("gone", func(*box) *time.Time { return nil }),
		answer.FloatOrNull("weight", func(*box) (float64, bool) { return 2.5, true }),
		answer.Count("count", func(_ context.Context, _ *box, a answer.Arguments) (int, error) {
			if a["upTo"].(int64) > 5 {
				return 0, errTooMany
			}
			return 4, nil
		}).With(upTo),
		answer.Texts("tags", func(*box) []string { return []string{`a"b`, "c\n\x01"} }),
		answer.Many("rows", rows, func(v *box, a answer.Arguments) ([]row, error) {
			if a.First() > 100 {
				return nil, errTooMany
			}
			return v.rows[:min(a.First(), len(v.rows))], nil
		}, func(_ *box, _ int, r row) row { return r }).With(first).Needs(2),
		answer.Executed("run", func(ctx context.Context, field graphql.CollectedField, v *box) graphql.Marshaler {
			path := graphql.GetFieldContext(ctx).Path().String()
			return graphql.MarshalString(field.Alias + " of " + v.id + " at " + path)
		}),
	}
}

// boxes describes Box, whose inner box is of the same type but shows its label alone.
func boxes() *answer.Object[*box] {
	of := rows()
	inner := answer.Define("Box", []string{"Thing"}, fields(of)...)
	return answer.Define("Box", []string{"Thing"}, append(fields(of),
		answer.OneOrNull("inner", inner, func(v *box) (*box, bool) { return v.inner, v.inner != nil }))...)
}

// write runs a query for one box, or for boxes, with its variables, and returns the data and the errors.
func write(t *testing.T, query string, variables map[string]any, watch answer.Watch, values ...*box) (string, []string) {
	t.Helper()
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: schema})
	document, errs := gqlparser.LoadQueryWithRules(parsed, query, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	operation := &graphql.OperationContext{Doc: document, Operation: document.Operations[0], Variables: variables}
	ctx := graphql.WithOperationContext(t.Context(), operation)
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	field := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"})[0]
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query", Field: field})
	plan := answer.Compile(ctx, boxes(), field.Selections)
	var out bytes.Buffer
	if field.Name == "box" {
		plan.One(ctx, values[0], new(answer.Output), watch).MarshalGQL(&out)
	} else {
		plan.List(ctx, values, new(answer.Output), watch).MarshalGQL(&out)
	}
	var failed []string
	for _, err := range graphql.GetErrors(ctx) {
		failed = append(failed, err.Path.String()+": "+err.Message+" "+places(err))
	}
	return out.String(), failed
}

func places(err *gqlerror.Error) string {
	var at []string
	for _, location := range err.Locations {
		at = append(at, strings.Repeat("|", location.Line))
	}
	return strings.Join(at, " ")
}

func TestAnswers(t *testing.T) {
	good := &box{id: "1", label: "L", must: "four", rows: []row{{"a", "x"}, {"b", "yy"}}}
	bad := &box{id: "2", rows: []row{{"a", "x"}, {"b", ""}, {"c", ""}}}
	outer := &box{id: "3", must: "m", inner: bad}
	for name, tc := range map[string]struct {
		query     string
		variables map[string]any
		values    []*box
		data      string
		errors    []string
	}{
		"every kind": {`{box{id size label must made gone weight count tags}}`, nil, []*box{good},
			`{"id":"1","size":"LARGE","label":"L","must":4,"made":"2026-03-01T09:30:00.000005Z","gone":null,` +
				`"weight":2.5,"count":4,"tags":["a\"b","c\n\u0001"]}`, nil},
		"aliases, fragments and merged fields": {
			`{box{x:id ...F ... on Thing{id} y:rows(first:1){name} y:rows(first:1){must}}} fragment F on Box{__typename id}`,
			nil, []*box{good}, `{"x":"1","__typename":"Box","id":"1","y":[{"name":"a","must":1}]}`, nil},
		"skipped": {`query($on:Boolean!){box{id @skip(if:$on) label @include(if:$on) size @skip(if:true)}}`,
			map[string]any{"on": true}, []*box{good}, `{"label":"L"}`, nil},
		"nothing left": {`{box{id @skip(if:true)}}`, nil, []*box{good}, `{}`, nil},
		"a field is null that may be": {`{box{inner{id must} id}}`, nil, []*box{outer},
			`{"inner":null,"id":"3"}`, []string{"box.inner.must: must is empty |"}},
		"a field is null that must not be": {`{box{id must label}}`, nil, []*box{bad}, `null`,
			[]string{"box.must: must is empty |"}},
		"elements of a list, each with its place": {`{box{id all:rows{name m:must}}}`, nil, []*box{bad}, `null`,
			[]string{"box.all[1].m: must is empty |", "box.all[2].m: must is empty |"}},
		"a list of objects at the root": {`{boxes{id count(upTo:9)}}`, nil, []*box{good, outer}, `null`,
			[]string{"boxes[0].count: too many |", "boxes[1].count: too many |"}},
		"all of a list is well": {`{boxes{id}}`, nil, []*box{good, outer}, `[{"id":"1"},{"id":"3"}]`, nil},
		"none in a list":        {`{boxes{id}}`, nil, nil, `[]`, nil},
		"arguments that are refused": {`{box{id
			inner { rows(first: 101) { name } } } }`, nil, []*box{outer}, `{"id":"3","inner":null}`,
			[]string{"box.inner.rows: too many ||"}},
		"arguments that cannot be read": {`query($n:Int){box{inner{rows(first:$n){name}}}}`,
			map[string]any{"n": "text"}, []*box{outer}, `{"inner":null}`, []string{"box.inner.rows: first is no number "}},
		"arguments by variables": {`query($n:Int){box{rows(first:$n){name}}}`, map[string]any{"n": int64(1)}, []*box{good},
			`{"rows":[{"name":"a"}]}`, nil},
		"the generated code": {`{boxes{r:run}}`, nil, []*box{good, outer},
			`[{"r":"r of 1 at boxes[0]"},{"r":"r of 3 at boxes[1]"}]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			data, failed := write(t, tc.query, tc.variables, nil, tc.values...)
			if data != tc.data {
				t.Errorf("data %s, not %s", data, tc.data)
			}
			if !slices.Equal(failed, tc.errors) {
				t.Errorf("errors %q, not %q", failed, tc.errors)
			}
		})
	}
}

// A watch that says no ends the writing with one error, wherever it is, and nothing is left of the value.
func TestWatch(t *testing.T) {
	good := &box{id: "1", rows: slices.Repeat([]row{{"a", "x"}}, 20)}
	whole, _ := write(t, `{boxes{rows(first:20){name}}}`, nil, nil, good, good)
	for limit := range len(whole) + 1 {
		total := 0
		data, failed := write(t, `{boxes{rows(first:20){name}}}`, nil, func(bytes int) error {
			if total += bytes; total > limit {
				return errTooMany
			}
			return nil
		}, good, good)
		if want := map[bool]string{true: whole, false: "null"}[limit == len(whole)]; data != want {
			t.Fatalf("of at most %d bytes: %s", limit, data)
		}
		if (len(failed) == 1) != (limit < len(whole)) {
			t.Fatalf("of at most %d bytes: %q", limit, failed)
		}
	}
}

func TestUsesVariables(t *testing.T) {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: schema})
	for query, uses := range map[string]bool{
		`{box{id rows(first:2){name} label @skip(if:true)}}`:                            false,
		`{box{...F}} fragment F on Box{rows{name}}`:                                     false,
		`query($n:Int!){box{id rows(first:$n){name}}}`:                                  true,
		`query($n:Int!){box{...F}} fragment F on Box{rows(first:$n){name}}`:             true,
		`query($b:Boolean!){box{inner{id @skip(if:$b)}}}`:                               true,
		`query($b:Boolean!){box{... @include(if:$b){id}}}`:                              true,
		`query($b:Boolean!){box{...F @include(if:$b)}} fragment F on Box{rows{name}}`:   true,
		`query($n:Int!){box{... on Thing{id} ... on Box{inner{rows(first:$n){name}}}}}`: true,
	} {
		document, errs := gqlparser.LoadQueryWithRules(parsed, query, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		if got := answer.UsesVariables(document.Operations[0].SelectionSet); got != uses {
			t.Errorf("%s: %t", query, got)
		}
	}
	// Written out, the fragments of this one select more fields than there is time to look at.
	text := `{box{...F0}} fragment F60 on Box{id}`
	for i := range 60 {
		text += fmt.Sprintf(" fragment F%d on Box{...F%d ...F%d}", i, i+1, i+1)
	}
	document, errs := parser.ParseQuery(&ast.Source{Input: text})
	if errs != nil {
		t.Fatal(errs)
	}
	resolveFragments(document)
	if answer.UsesVariables(document.Operations[0].SelectionSet) {
		t.Error("there is no variable")
	}
}

// resolveFragments lets the spreads know their fragments, as validation does.
func resolveFragments(document *ast.QueryDocument) {
	var resolve func(ast.SelectionSet)
	resolve = func(set ast.SelectionSet) {
		for _, selected := range set {
			switch s := selected.(type) {
			case *ast.Field:
				resolve(s.SelectionSet)
			case *ast.FragmentSpread:
				s.Definition = document.Fragments.ForName(s.Name)
			}
		}
	}
	resolve(document.Operations[0].SelectionSet)
	for _, fragment := range document.Fragments {
		resolve(fragment.SelectionSet)
	}
}

// A description is compared with the schema in every point: with each change of the schema it is refused.
func TestCheck(t *testing.T) {
	all := answer.All(boxes())
	if len(all) != 2 || all["Box"].Needs("rows") != 2 || all["Row"].Needs("name") != 1 || all["Row"].Needs("must") != 0 {
		t.Errorf("%v", all)
	}
	check := func(schema string) error {
		parsed := gqlparser.MustLoadSchema(&ast.Source{Input: schema})
		return errors.Join(all["Box"].Check(parsed), all["Row"].Check(parsed))
	}
	const right = "type Row { name: String! must: Int! }"
	described := strings.NewReplacer("type Row { name: String! must: String! }", right, "must: String!\n  made", "must: Int!\n  made").
		Replace(schema)
	if err := check(described); err != nil {
		t.Fatal(err)
	}
	for old, change := range map[string]string{
		"  label: String\n": "  label: String!\n", "  size: Size!": "  size: Size", "  tags: [String!]!": "  tags: String!",
		"made: DateTime!": "made: String!", "weight: Float": "weight: Int", "rows(first: Int! = 10)": "rows",
		"  gone: DateTime": "  gone: DateTime @secret", "  inner: Box": "  inner: Row", "  label: String\n  must": "  label(of: Int): String\n  must", "[Row!]!": "[Row]!",
		"label: String\n": "label: String\n other: String\n", "  weight: Float\n": "", "type Box implements Thing {\n  id: ID!": "type Box {\n  id: String!",
		"Box implements Thing": "Box", "count(upTo: Int! = 3): Int!": "count: Int!", right: "type Row { name: String! }",
	} {
		changed := strings.Replace(described, old, change, 1)
		if changed == described {
			t.Errorf("%q is nowhere", old)
		}
		if check(changed) == nil {
			t.Errorf("%q in place of %q is taken", change, old)
		}
	}
}
