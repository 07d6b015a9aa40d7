package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/compliance"
)

// request is what a client asks for: a document, or which of those that are known here, with the operation to
// run in it.
type request struct {
	query, operationName, documentID string
	variables, extensions            map[string]any
}

// hasDocument reports whether the request says what to run.
func (q *request) hasDocument() bool {
	return q.query != "" || q.documentID != "" || q.extensions["persistedQuery"] != nil
}

// readRequest reads what an HTTP request asks for, or says with which status it is refused. The limit on its
// size may cut the body off.
func readRequest(r *http.Request) (asked *request, status int, err error) {
	asked = new(request)
	if r.Method == http.MethodGet {
		err = asked.readQuery(r.URL.Query())
	} else {
		var body []byte
		if body, status, err = readBody(r); err != nil {
			return nil, status, err
		}
		err = asked.readJSON(body)
	}
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return asked, http.StatusOK, nil
}

func readBody(r *http.Request) (body []byte, status int, err error) {
	mediaType, attributes, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != jsonType {
		return nil, http.StatusUnsupportedMediaType, compliance.Invalid("the Content-Type is not application/json; send the operation as JSON")
	}
	if charset := attributes["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, http.StatusUnsupportedMediaType, compliance.Invalid("the charset is not utf-8; send the operation in UTF-8")
	}
	body, err = io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, compliance.Invalid(fmt.Sprintf("the request is larger than %d bytes", tooLarge.Limit))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, http.StatusRequestTimeout, compliance.Invalid("the request arrived too slowly")
	}
	if err != nil {
		return nil, http.StatusBadRequest, compliance.Invalid("the request was interrupted")
	}
	return body, http.StatusOK, nil
}

func errNoRequest() error {
	return compliance.Invalid(`this is not a GraphQL request; send {"query": "...", "variables": {...}} as JSON, with each member once`)
}

// readJSON reads a JSON object. The names of its members are those of GraphQL over HTTP, in the same case,
// and stand there once.
func (q *request) readJSON(body []byte) error {
	var members map[string]json.RawMessage
	// The first look refuses what encoding/json lets pass: a name that stands twice, and what is not in UTF-8.
	if !jsontext.Value(body).IsValid() || json.Unmarshal(body, &members) != nil || members == nil {
		return errNoRequest()
	}
	for name, value := range members {
		if err := q.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// readQuery reads the query string of a GET, in which variables and extensions are JSON.
func (q *request) readQuery(values url.Values) error {
	for name, given := range values {
		if len(given) != 1 {
			return compliance.Invalid("give each parameter in the URL once")
		}
		value := []byte(given[0])
		if name != "variables" && name != "extensions" {
			value, _ = json.Marshal(given[0])
		}
		if len(value) == 0 {
			continue
		}
		if err := q.set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// set reads one member; those that are not known are ignored. It keeps numbers as they were written: a whole
// one within an input object would else become a float64, which is no Int.
func (q *request) set(name string, value json.RawMessage) error {
	to, kind := q.member(name)
	if to == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	if !jsontext.Value(value).IsValid() || decoder.Decode(to) != nil {
		return compliance.Invalid(fmt.Sprintf("%s is not %s", name, kind), name)
	}
	return nil
}

func (q *request) member(name string) (to any, kind string) {
	switch name {
	case "query":
		return &q.query, "a text"
	case "operationName":
		return &q.operationName, "a text"
	case "documentId":
		return &q.documentID, "a text"
	case "variables":
		return &q.variables, "an object"
	case "extensions":
		return &q.extensions, "an object"
	}
	return nil, ""
}

// checkScalars refuses a variable that holds something else than a scalar or a value of an enum where its type
// wants one: the executor turns texts into numbers, and numbers into texts, and takes enums in any case. Whole numbers that are written like 1.0 become like 1, which
// the executor understands.
func checkScalars(schema *ast.Schema, operation *ast.OperationDefinition, variables map[string]any) *gqlerror.Error {
	for _, declared := range operation.VariableDefinitions {
		value, given := variables[declared.Variable]
		if !given {
			continue
		}
		checked, refused := checkScalar(schema, declared.Type, value, "$"+declared.Variable)
		if refused != nil {
			return refused
		}
		variables[declared.Variable] = checked
	}
	return nil
}

// checkConditions refuses null as the condition of @skip and @include: a variable that has a default can hold it.
func checkConditions(op *graphql.OperationContext) *gqlerror.Error {
	seen := map[string]bool{}
	var walk func(set ast.SelectionSet) *gqlerror.Error
	walk = func(set ast.SelectionSet) (refused *gqlerror.Error) {
		for _, selection := range set {
			var directives ast.DirectiveList
			var below ast.SelectionSet
			switch s := selection.(type) {
			case *ast.Field:
				directives, below = s.Directives, s.SelectionSet
			case *ast.InlineFragment:
				directives, below = s.Directives, s.SelectionSet
			case *ast.FragmentSpread:
				directives = s.Directives
				if !seen[s.Name] {
					seen[s.Name], below = true, s.Definition.SelectionSet
				}
			}
			for _, directive := range directives {
				refused = cmp.Or(refused, checkCondition(directive, op.Variables))
			}
			if refused = cmp.Or(refused, walk(below)); refused != nil {
				return refused
			}
		}
		return nil
	}
	return walk(op.Operation.SelectionSet)
}

func checkCondition(directive *ast.Directive, variables map[string]any) *gqlerror.Error {
	condition := directive.Arguments.ForName("if")
	if condition == nil || condition.Value.Kind != ast.Variable || variables[condition.Value.Raw] != nil {
		return nil
	}
	return coded(codeInvalid, shorten(fmt.Sprintf("the variable $%s is null; @%s takes true or false",
		condition.Value.Raw, directive.Name)))
}

// checkScalar looks at one value of a type, and at everything in it, and returns it with its numbers as the
// executor takes them. What is of the wrong shape is left for the executor to refuse. Place is where it stands.
func checkScalar(schema *ast.Schema, of *ast.Type, value any, place string) (any, *gqlerror.Error) {
	items, isList := value.([]any)
	switch definition := schema.Types[of.Name()]; {
	case value == nil || definition == nil:
		return value, nil
	case of.Elem != nil && isList:
		for i, item := range items {
			checked, refused := checkScalar(schema, of.Elem, item, fmt.Sprintf("%s[%d]", place, i))
			if refused != nil {
				return nil, refused
			}
			items[i] = checked
		}
		return items, nil
	case of.Elem != nil: // one value stands for a list of one
		return checkScalar(schema, of.Elem, value, place)
	case definition.Kind == ast.InputObject:
		members, _ := value.(map[string]any)
		for name, member := range members {
			field := definition.Fields.ForName(name)
			if field == nil { // the executor's error would repeat the name in its path, however long it is
				return nil, coded(codeInvalid,
					shorten(fmt.Sprintf("the variable %s has %q, which %s does not have", place, name, definition.Name)))
			}
			checked, refused := checkScalar(schema, field.Type, member, place+"."+name)
			if refused != nil {
				return nil, refused
			}
			members[name] = checked
		}
	case definition.Kind == ast.Scalar:
		if scalar, ok := scalarOf(definition.Name, value); ok {
			return scalar, nil
		}
		return nil, errVariable(place, value, definition.Name)
	case definition.Kind == ast.Enum:
		if name, isText := value.(string); !isText || definition.EnumValues.ForName(name) == nil {
			return nil, errVariable(place, value, definition.Name+"; it takes "+valuesOf(definition))
		}
	}
	return value, nil
}

// errVariable says that a variable holds what it should not.
func errVariable(place string, value any, wanted string) *gqlerror.Error {
	text, isText := value.(string)
	if !isText {
		written, _ := json.Marshal(value) // it was read from JSON
		text = string(written)
	}
	return coded(codeInvalid, shorten(fmt.Sprintf("the variable %s holds %q", place, text))+", which is no "+wanted)
}

// scalarOf is a value as the executor takes it for a scalar, and whether it is one. The schema's own scalars
// check their values themselves.
func scalarOf(scalar string, value any) (any, bool) {
	number, isNumber := value.(json.Number)
	_, isText := value.(string)
	switch scalar {
	case "String":
		return value, isText
	case "Boolean":
		_, isBoolean := value.(bool)
		return value, isBoolean
	case "Float":
		return value, isNumber
	case "Int", "ID":
		if scalar == "ID" && isText {
			return value, true
		}
		exact, err := strconv.ParseFloat(number.String(), 64)
		if err != nil || exact != math.Trunc(exact) || math.Abs(exact) > math.MaxInt32 {
			return nil, false
		}
		return json.Number(strconv.FormatInt(int64(exact), 10)), true
	}
	return value, true
}

// valuesOf lists the values of an enum.
func valuesOf(enum *ast.Definition) string {
	names := make([]string, 0, len(enum.EnumValues))
	for _, value := range enum.EnumValues {
		names = append(names, value.Name)
	}
	return strings.Join(names, ", ")
}
