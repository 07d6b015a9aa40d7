package interactiontest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"qm-compliance/media/interaction"
)

func (s *Service) handle(w http.ResponseWriter, r *http.Request) {
	request, body, err := s.contract.read(r)
	if err == nil {
		err = s.known(request, body)
	}
	if err != nil && r.Context().Err() != nil {
		hangUp(w, "") // the client left in the middle of its request, or this service stopped
		return
	}
	if errors.Is(err, errEmpty) {
		s.answerEmpty(w)
		return
	}
	s.update(func() {
		s.attempts++
		if err != nil {
			s.violations = append(s.violations, err.Error())
		}
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.answer(w, r, request, body)
}

// answerEmpty refuses the empty object, or fails as it would fail for any request.
func (s *Service) answerEmpty(w http.ResponseWriter) {
	status := http.StatusBadRequest
	s.update(func() {
		s.attempts++
		if s.behaviour.status != 0 {
			status = s.behaviour.status
		}
	})
	w.WriteHeader(status)
}

// known fails if the same key came with another request before.
func (s *Service) known(request interaction.Request, body []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if before, ok := s.taken[request.ID]; ok && !bytes.Equal(before, body) {
		return fmt.Errorf("the key %s was used for another request before; want the same request, or a new key",
			request.ID)
	}
	return nil
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, request interaction.Request, body []byte) {
	if s.unhang(r.Context()) != nil {
		hangUp(w, "")
		return
	}
	behaviour, status := s.take(r, request, body)
	if !behaviour.answers(r.Context()) {
		hangUp(w, brokenOff)
		return
	}
	if behaviour.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(behaviour.retryAfter/time.Second)))
	}
	w.WriteHeader(status)
}

// brokenOff is not empty: an HTTP client may try again by itself if the connection breaks before any
// byte of the answer.
const brokenOff = "HTTP/1.1 20"

// answers waits until the answer is due, and reports whether there is to be one at all.
func (b behaviour) answers(ctx context.Context) bool {
	if b.late != nil {
		select {
		case <-b.late:
		case <-ctx.Done():
			return false
		}
	}
	return b.drops == 0
}

// unhang returns once the service does not hang, or fails if the client has left.
func (s *Service) unhang(ctx context.Context) error {
	return s.wait(ctx, func() bool { return !s.behaviour.hangs })
}

// take remembers the request unless the service fails. It returns the service's behaviour at that
// moment, and the status of the answer.
func (s *Service) take(
	r *http.Request, request interaction.Request, body []byte,
) (current behaviour, status int) {
	s.update(func() {
		current, status = s.behaviour, s.behaviour.status
		if status != 0 {
			return
		}
		s.behaviour.drops = max(s.behaviour.drops-1, 0)
		_, again := s.taken[request.ID]
		status = http.StatusAccepted
		if again {
			status = http.StatusConflict
		}
		s.taken[request.ID] = body
		s.deliveries = append(s.deliveries, delivery(r, request, again))
	})
	return current, status
}

func delivery(r *http.Request, request interaction.Request, again bool) Delivery {
	files := []string{}
	for _, file := range request.Files {
		files = append(files, file.ID)
	}
	return Delivery{
		Key: request.ID, Action: request.Action, Files: files, At: time.Now(), Again: again,
		Authorization: r.Header.Get("Authorization"), Request: request,
	}
}

// server is one run of the service, from Start to Stop.
type server struct {
	http *httptest.Server
	end  context.CancelFunc
}

func serve(listener net.Listener, handler http.Handler) *server {
	ctx, end := context.WithCancel(context.Background())
	plain := &httptest.Server{
		Listener: listener,
		Config: &http.Server{
			Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx },
		},
	}
	plain.Start()
	return &server{http: plain, end: end}
}

// stop breaks the connections of the requests under way, and waits for their handlers.
func (s *server) stop() {
	s.end()
	s.http.CloseClientConnections()
	s.http.Close()
}

// hangUp ends the request without an answer: a handler that only returned would have answered 200.
func hangUp(w http.ResponseWriter, begun string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = connection.Write([]byte(begun))
	_ = connection.Close()
}

const (
	path = "/media-deletion-requests"
	// longest is more bytes than any request has: 100,000 files with long addresses are far below it.
	longest = 64 << 20
)

// contract checks requests against openapi.json.
type contract struct {
	body *jsonschema.Schema
}

func newContract() (contract, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(interaction.OpenAPI()))
	if err != nil {
		return contract{}, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		return contract{}, err
	}
	body, err := compiler.Compile("openapi.json#/components/schemas/MediaDeletionRequest")
	return contract{body: body}, err
}

// errEmpty is for the empty object, by which a client asks whether it would be served.
var errEmpty = errors.New("the request is empty")

// read returns the request and its bytes, or what is wrong with it.
func (c contract) read(r *http.Request) (interaction.Request, []byte, error) {
	var request interaction.Request
	if err := head(r); err != nil {
		return request, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, longest))
	if err != nil {
		return request, nil, err
	}
	if string(body) == "{}" {
		return request, nil, errEmpty
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return request, nil, err
	}
	if err := c.body.Validate(value); err != nil {
		return request, nil, err
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return request, nil, err
	}
	if key := r.Header.Values("Idempotency-Key"); len(key) != 1 || key[0] != request.ID.String() {
		return request, nil, fmt.Errorf("the header Idempotency-Key is %q; want requestId's %s, once", key,
			request.ID)
	}
	return request, body, nil
}

func head(r *http.Request) error {
	switch {
	case r.Method != http.MethodPost:
		return fmt.Errorf("the method is %s; want POST", r.Method)
	case r.URL.Path != path || r.URL.RawQuery != "":
		return fmt.Errorf("the path is %s; want %s without a query", r.URL.RequestURI(), path)
	case r.Header.Get("Content-Type") != "application/json":
		return fmt.Errorf("the content type is %q; want application/json", r.Header.Get("Content-Type"))
	case r.Header.Get("Cookie") != "":
		return errors.New("there is a cookie; want none")
	}
	return nil
}
