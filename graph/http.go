package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/graph/admission"
)

const (
	jsonType     = "application/json"
	responseType = "application/graphql-response+json"
)

// overHTTP is GraphQL over HTTP: POST with JSON, and GET for queries. A page of another
// site can send a GET, but not with the header Authorization without a preflight, and without it nothing
// runs.
type overHTTP struct {
	*runner
}

// ServeHTTP runs one operation.
func (h overHTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := responder{w, contentType(r.Header.Get("Accept"))}
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET, POST")
		answer.refuse(http.StatusMethodNotAllowed, coded(codeInvalid, `send a GraphQL operation by POST, as JSON: {"query": "..."}; queries may use GET`))
		return
	}
	viewer, err := auth.FromContext(r.Context())
	if err != nil && !h.open {
		h.refuseNobody(answer, r, err)
		return
	}
	pass, err := h.gate.Admit(personOf(viewer, r))
	if err != nil {
		h.refuseLimited(answer, r, err)
		return
	}
	defer pass.Leave()
	h.operate(answer, r, pass)
}

// personOf is who shares a share: a person, or all who come from one address without being signed in.
func personOf(viewer *auth.Viewer, r *http.Request) string {
	if viewer == nil {
		return "address " + addressOf(r)
	}
	return "person " + viewer.Subject
}

// networkBits is how much of an IPv6 address tells networks apart; the holder of one has all the
// addresses in it.
const networkBits = 64

// addressOf is where a request comes from, as far as it tells clients apart.
func addressOf(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := from.Addr().Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	network, _ := address.Prefix(networkBits) // every IPv6 address has one
	return network.String()
}

// refuseNobody answers before anything of the request is read but its header.
func (h overHTTP) refuseNobody(answer responder, r *http.Request, err error) {
	problem := cmp.Or(unauthenticated(err), &auth.Error{Reason: auth.ReasonMissing})
	h.countNobody(r, problem)
	status, _ := problem.Header(answer.w.Header())
	answer.refuse(status, h.presenter.present(r.Context(), problem))
}

// refuseLimited answers somebody who has to wait.
func (h overHTTP) refuseLimited(answer responder, r *http.Request, err error) {
	var limited *admission.Error
	if !errors.As(err, &limited) {
		answer.refuse(http.StatusServiceUnavailable, coded(codeUnavailable, "the request was cancelled"))
		return
	}
	h.refused(string(limited.Reason))
	answer.w.Header().Set("Retry-After", strconv.Itoa(admission.Seconds(limited.RetryAfter)))
	status, shown := limitedError(limited)
	h.logRefused(r.Context(), shown)
	answer.refuse(status, shown)
}

// limitedError shows who is to blame: 429 somebody who asks for too much, 503 the server.
func limitedError(limited *admission.Error) (int, *gqlerror.Error) {
	if limited.Reason == admission.ReasonOverload {
		return http.StatusServiceUnavailable, coded(codeUnavailable, limited.Error())
	}
	return http.StatusTooManyRequests, coded(codeLimited, limited.Error())
}

// operate reads and runs an operation of somebody who was admitted.
func (h overHTTP) operate(answer responder, r *http.Request, pass *admission.Pass) {
	asked, status, err := readRequest(r)
	if err != nil {
		answer.refuse(status, h.presenter.present(r.Context(), err))
		return
	}
	if !asked.hasDocument() {
		answer.refuse(http.StatusBadRequest, errNoDocument())
		return
	}
	// A slow sender keeps nobody from running.
	if err := pass.Start(r.Context()); err != nil {
		h.refuseLimited(answer, r, err)
		return
	}
	defer h.activity("operations")()
	op, refused := h.prepare(r.Context(), asked)
	if refused != nil {
		h.refuseRequest(answer, r, refused)
		return
	}
	switch kind := op.Operation.Operation; {
	case kind == ast.Subscription:
		answer.refuse(http.StatusBadRequest, coded(codeInvalid, "subscriptions use WebSocket (graphql-transport-ws), not HTTP"))
	case kind == ast.Mutation && r.Method == http.MethodGet:
		answer.w.Header().Set("Allow", http.MethodPost)
		answer.refuse(http.StatusMethodNotAllowed, coded(codeInvalid, "send a mutation by POST"))
	default:
		h.answer(answer, r, op, pass)
	}
}

// answer runs an operation and sends what comes of it.
func (h overHTTP) answer(answer responder, r *http.Request, op *graphql.OperationContext, pass *admission.Pass) {
	viewer, _ := auth.FromContext(r.Context()) // nil where everybody may ask for the schema
	running, err := h.admitExport(r.Context(), op, personOf(viewer, r), pass)
	if err != nil {
		h.refuseLimited(answer, r, err)
		return
	}
	defer running.Leave()
	ctx, buffer := h.buffers.take(r.Context())
	defer h.buffers.giveBack(buffer)
	response := h.respond(ctx, op)
	running.Ran()
	answer.write(answer.status(response), response, buffer)
}

// refuseRequest answers what was read but cannot be run.
func (h overHTTP) refuseRequest(answer responder, r *http.Request, refused gqlerror.List) {
	if _, err := auth.FromContext(r.Context()); err != nil && unauthenticated(refused[0]) != nil {
		h.refuseNobody(answer, r, err)
		return
	}
	answer.write(answer.refusal(), &graphql.Response{Errors: refused}, nil)
}

// responder writes answers in the media type that the client asked for.
type responder struct {
	w           http.ResponseWriter
	contentType string
}

// contentType is application/json unless the client names the newer type, whose status says whether
// the request was understood.
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

// status is 200, also where fields failed, unless the whole operation failed because the database is away: then
// proxies and clients should try again.
func (r responder) status(response *graphql.Response) int {
	if response == nil || len(response.Errors) == 0 || len(response.Data) > 0 && string(response.Data) != "null" {
		return http.StatusOK
	}
	for _, err := range response.Errors {
		if err.Extensions["code"] != codeUnavailable {
			return http.StatusOK
		}
	}
	r.w.Header().Set("Retry-After", "1")
	return http.StatusServiceUnavailable
}

func (r responder) refuse(status int, err *gqlerror.Error) {
	r.write(status, &graphql.Response{Errors: gqlerror.List{err}}, nil)
}

// write sends a response, whose data may lie in a buffer of queries.
func (r responder) write(status int, response *graphql.Response, buffer *bytes.Buffer) {
	header := r.w.Header()
	header.Set("Content-Type", r.contentType+"; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	var parts [][]byte
	if isWhole(response, buffer) {
		buffer.WriteString(end)
		parts = [][]byte{buffer.Bytes()}
	} else {
		parts = written(response)
	}
	header.Set("Content-Length", strconv.Itoa(totalLength(parts)))
	r.w.WriteHeader(status)
	r.send(parts)
}

// send writes an answer. The server cuts off clients that do not read.
func (r responder) send(parts [][]byte) {
	for _, part := range parts {
		if _, err := r.w.Write(part); err != nil {
			return
		}
	}
}

// written is a response as it goes out, in parts so that its data is not copied: without the member data
// where nothing was run.
func written(response *graphql.Response) [][]byte {
	if response == nil {
		response = &graphql.Response{Errors: gqlerror.List{coded(codeUnavailable, "the request was cancelled")}}
	}
	var parts [][]byte
	begin := func(name string) {
		open := ","
		if len(parts) == 0 {
			open = "{"
		}
		parts = append(parts, []byte(open+`"`+name+`":`))
	}
	member := func(name string, value any) {
		if text, err := json.Marshal(value); err == nil {
			begin(name)
			parts = append(parts, text)
		}
	}
	if len(response.Errors) > 0 {
		member("errors", response.Errors)
	}
	if len(response.Data) > 0 {
		begin("data")
		parts = append(parts, response.Data)
	}
	if len(response.Extensions) > 0 {
		member("extensions", response.Extensions)
	}
	if len(parts) == 0 {
		parts = append(parts, []byte("{"))
	}
	return append(parts, []byte(end))
}

const end = "}\n"

// isWhole reports whether a response is what lies in the buffer, but for its end.
func isWhole(response *graphql.Response, buffer *bytes.Buffer) bool {
	if response == nil || buffer == nil || len(response.Errors) > 0 || len(response.Extensions) > 0 {
		return false
	}
	data := response.Data
	return len(data) > 0 && len(data)+len(beginning) == buffer.Len() && &data[0] == &buffer.Bytes()[len(beginning)]
}

func totalLength(parts [][]byte) int {
	total := 0
	for _, part := range parts {
		total += len(part)
	}
	return total
}
