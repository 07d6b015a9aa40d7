package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

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
		return nil, http.StatusRequestTimeout, compliance.Invalid("the request came too slowly")
	}
	if err != nil {
		return nil, http.StatusBadRequest, compliance.Invalid("the request broke off")
	}
	return body, http.StatusOK, nil
}

func errNoRequest() error {
	return compliance.Invalid(`this is not a GraphQL request; send {"query": "...", "variables": {...}} as JSON, each member once`)
}

// readJSON reads a JSON object. The names of its members are those of GraphQL over HTTP, in the same case,
// and stand there once.
func (q *request) readJSON(body []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return errNoRequest()
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || seen[name] || decoder.Decode(&value) != nil {
			return errNoRequest()
		}
		seen[name] = true
		if err := q.set(name, value); err != nil {
			return err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return errNoRequest()
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errNoRequest()
	}
	return nil
}

// readQuery reads the query string of a GET, in which variables and extensions are JSON.
func (q *request) readQuery(values url.Values) error {
	for name, given := range values {
		if len(given) != 1 {
			return compliance.Invalid("each parameter stands in the address once")
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
	err := decoder.Decode(to)
	if _, more := decoder.Token(); err != nil || more != io.EOF {
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

// checkVariables refuses a variable that holds something else than a value of an enum, or a number that is no Int,
// where its type wants one: the parser takes enums in any case and numbers in texts, and the executor does not
// look. Variables are as they came.
func checkVariables(
	schema *ast.Schema, operation *ast.OperationDefinition, variables map[string]any,
) *gqlerror.Error {
	for _, declared := range operation.VariableDefinitions {
		if refused := checkValue(schema, declared.Type, variables[declared.Variable], "$"+declared.Variable); refused != nil {
			return refused
		}
	}
	return nil
}

// checkValue looks at one value of a type, and at everything in it. Place is where it stands.
func checkValue(schema *ast.Schema, of *ast.Type, value any, place string) *gqlerror.Error {
	if value == nil {
		return nil
	}
	if of.Elem != nil {
		items, isList := value.([]any)
		if !isList { // one value stands for a list of one
			return checkValue(schema, of.Elem, value, place)
		}
		for i, item := range items {
			if refused := checkValue(schema, of.Elem, item, fmt.Sprintf("%s[%d]", place, i)); refused != nil {
				return refused
			}
		}
		return nil
	}
	definition := schema.Types[of.NamedType]
	switch {
	case definition == nil:
	case definition.Kind == ast.InputObject:
		members, _ := value.(map[string]any)
		for _, field := range definition.Fields {
			if refused := checkValue(schema, field.Type, members[field.Name], place+"."+field.Name); refused != nil {
				return refused
			}
		}
	case definition.Kind == ast.Enum:
		if name, isText := value.(string); !isText || definition.EnumValues.ForName(name) == nil {
			return errVariable(place, value, definition.Name, "; it takes "+valuesOf(definition))
		}
	case definition.Name == "Int":
		number, isNumber := value.(json.Number)
		if _, err := strconv.ParseInt(string(number), 10, 32); !isNumber || err != nil {
			return errVariable(place, value, "Int", "; it takes whole numbers of 32 bits")
		}
	}
	return nil
}

// errVariable shows a value as it came, as JSON.
func errVariable(place string, value any, wanted, takes string) *gqlerror.Error {
	shown, _ := json.Marshal(value)
	return coded(codeInvalid, shorten(fmt.Sprintf("the variable %s holds %s", place, shown))+", which is no "+wanted+takes)
}

// valuesOf lists the values of an enum.
func valuesOf(enum *ast.Definition) string {
	names := make([]string, 0, len(enum.EnumValues))
	for _, value := range enum.EnumValues {
		names = append(names, value.Name)
	}
	return strings.Join(names, ", ")
}
