package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/compliance"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
)

// post is GraphQL over HTTP by POST. Unlike gqlgen's own transport it never repeats the body of a request in an error, and answers a request
// that was understood with 200 where the client asks for plain application/json.
type post struct {
	presenter presenter
}

// Supports takes every POST, so that a wrong media type is answered here.
func (post) Supports(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get("Upgrade") == ""
}

// Do runs one operation.
func (p post) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	answer := responder{w, contentType(r.Header.Get("Accept"))}
	start := graphql.Now()
	params, status, err := readParams(r)
	if err != nil {
		answer.write(status, &graphql.Response{Errors: gqlerror.List{p.presenter.present(r.Context(), err)}})
		return
	}
	params.ReadTime = graphql.TraceTiming{Start: start, End: graphql.Now()}
	operation, refused := exec.CreateOperationContext(r.Context(), params)
	if refused != nil {
		answer.write(answer.refusal(), exec.DispatchError(graphql.WithOperationContext(r.Context(), operation), refused))
		return
	}
	respond, ctx := exec.DispatchOperation(r.Context(), operation)
	answer.write(http.StatusOK, respond(ctx))
}

// readParams reads the body, which the limit on its size may cut off.
func readParams(r *http.Request) (params *graphql.RawParams, status int, err error) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != jsonType {
		return nil, http.StatusUnsupportedMediaType, compliance.Invalid("the Content-Type is not application/json; send the operation as JSON")
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, compliance.Invalid(fmt.Sprintf("the request is larger than %d bytes", tooLarge.Limit))
	}
	if err != nil {
		return nil, http.StatusBadRequest, compliance.Invalid("the request broke off")
	}
	params = new(graphql.RawParams)
	if err := decode(body, params); err != nil {
		return nil, http.StatusBadRequest, compliance.Invalid(`the body is not a GraphQL request; send {"query": "...", "variables": {...}} as JSON`)
	}
	if params.Query == "" {
		return nil, http.StatusBadRequest, compliance.Invalid("the member query is missing or empty; it holds the operation")
	}
	params.Headers = r.Header
	return params, http.StatusOK, nil
}

// decode keeps numbers as they were written: a whole one within an input object would else become a float64, which is no Int.
func decode(body []byte, params *graphql.RawParams) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(params); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("something follows the request")
	}
	return nil
}

// responder writes answers in the media type that the client asked for.
type responder struct {
	w           http.ResponseWriter
	contentType string
}

// contentType is application/json unless the client names the newer type, which tells by the status whether the request was understood.
func contentType(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		if mediaType, _, err := mime.ParseMediaType(part); err == nil && mediaType == responseType {
			return responseType
		}
	}
	return jsonType
}

// refusal is the status of a request that was read but cannot be run.
func (r responder) refusal() int {
	if r.contentType == responseType {
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// written is a response as it goes out: without the member data where nothing was run.
type written struct {
	Errors     gqlerror.List   `json:"errors,omitempty"`
	Data       json.RawMessage `json:"data,omitempty"`
	Extensions map[string]any  `json:"extensions,omitempty"`
}

func (r responder) write(status int, response *graphql.Response) {
	r.w.Header().Set("Content-Type", r.contentType+"; charset=utf-8")
	r.w.Header().Set("Cache-Control", "no-store")
	if response == nil {
		response = &graphql.Response{Errors: gqlerror.List{coded(codeInvalid, "the request was given up")}}
	}
	r.w.WriteHeader(status)
	_ = json.NewEncoder(r.w).Encode(written{response.Errors, response.Data, response.Extensions})
}
