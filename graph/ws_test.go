package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/export"
	"qm-compliance/graph"
	"qm-compliance/graph/socket"
)

func fieldNames(fields ast.FieldList) []string {
	var names []string
	for _, field := range fields {
		if !strings.HasPrefix(field.Name, "__") {
			names = append(names, field.Name)
		}
	}
	return names
}

// outcome is the code with which an operation is refused to a viewer, "" where it is admitted. A nil
// viewer is nobody.
func (a *api) outcome(t *testing.T, viewer *auth.Viewer, operation string) string {
	t.Helper()
	if strings.HasPrefix(operation, "subscription") {
		return a.subscribeOutcome(t, viewer, operation)
	}
	var read answer
	if err := json.Unmarshal(a.raw(t, viewer, operation), &read); err != nil {
		t.Fatal(err)
	}
	return read.code()
}

// raw is the answer to an operation of a viewer whom no token of the demo stands for; nil is nobody.
func (a *api) raw(t *testing.T, viewer *auth.Viewer, operation string) []byte {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql",
		strings.NewReader(`{"query":`+quote(operation)+`}`))
	request.Header.Set("Content-Type", "application/json")
	if viewer != nil {
		request.Header.Set("Authorization", "Bearer viewer")
	}
	recorder := httptest.NewRecorder()
	a.as(viewer).ServeHTTP(recorder, request)
	return recorder.Body.Bytes()
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

// as is the same API for a viewer whom no token of the demo stands for.
func (a *api) as(viewer *auth.Viewer) http.Handler {
	return graph.NewHandler(graph.Options{
		Store: a.store, Hub: a.hub, Limits: graph.DefaultLimits(), Logger: a.logger,
		Now:    func() time.Time { return testNow },
		Verify: func(context.Context, string) (*auth.Viewer, error) { return viewer, nil },
		Export: export.Exporter{Store: a.store, Media: a.media}.One,
	})
}

// client is one of graphql-transport-ws.
type client struct {
	t    *testing.T
	conn *websocket.Conn
}

type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

func dial(t *testing.T, handler http.Handler, authorization string) *client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return dialTo(t, server.URL, authorization)
}

func dialTo(t *testing.T, url, authorization string) *client {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), url+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	s := &client{t, conn}
	payload := `{}`
	if authorization != "" {
		payload = `{"Authorization":` + quote(authorization) + `}`
	}
	s.send(frame{Type: "connection_init", Payload: json.RawMessage(payload)})
	return s
}

func (s *client) send(f frame) {
	s.t.Helper()
	if err := wsjson.Write(s.t.Context(), s.conn, f); err != nil {
		s.t.Fatal(err)
	}
}

// next is the next frame that says something; the server's pings are answered.
func (s *client) next() frame {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	for {
		var f frame
		if err := wsjson.Read(ctx, s.conn, &f); err != nil {
			s.t.Fatal(err)
		}
		if f.Type != "ping" {
			return f
		}
		s.send(frame{Type: "pong"})
	}
}

// closed is how the server closes the connection; what it says before is passed over.
func (s *client) closed() (websocket.StatusCode, string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, _, err := s.conn.Read(ctx)
		var end websocket.CloseError
		if errors.As(err, &end) {
			return end.Code, end.Reason
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *client) subscribe(id, operation string) {
	s.t.Helper()
	s.send(frame{ID: id, Type: "subscribe", Payload: json.RawMessage(`{"query":` + quote(operation) + `}`)})
}

// subscribeOutcome tells whether a subscription is admitted: a refused one is answered with an error at
// once, while an admitted one lets the viewer query that follows it be answered first.
func (a *api) subscribeOutcome(t *testing.T, viewer *auth.Viewer, operation string) string {
	t.Helper()
	authorization := ""
	if viewer != nil {
		authorization = "Bearer viewer"
	}
	s := dial(t, a.as(viewer), authorization)
	if viewer == nil {
		if code, _ := s.closed(); code != socket.CodeForbidden {
			t.Errorf("nobody's socket is closed with %d", code)
		}
		return "UNAUTHENTICATED"
	}
	if f := s.next(); f.Type != "connection_ack" {
		t.Fatalf("the connection is not acknowledged: %+v", f)
	}
	return a.begin(t, s, "1", operation)
}

// begin subscribes, and returns the code with which that is refused, "" where it is not. A subscription that was admitted says nothing by
// itself, but the hub has one more.
func (a *api) begin(t *testing.T, s *client, id, operation string) string {
	t.Helper()
	before := a.hub.Subscribers()
	s.subscribe(id, operation)
	for a.hub.Subscribers() == before {
		s.subscribe("meanwhile", `{ __typename }`)
		for f := s.next(); f.ID != "meanwhile" || f.Type != "complete"; f = s.next() {
			if f.ID == id {
				return frameCode(t, f)
			}
		}
	}
	return ""
}

func frameCode(t *testing.T, f frame) string {
	t.Helper()
	var failed []struct{ Extensions map[string]any }
	var next answer
	if json.Unmarshal(f.Payload, &failed) == nil && len(failed) > 0 {
		code, _ := failed[0].Extensions["code"].(string)
		return code
	}
	if err := json.Unmarshal(f.Payload, &next); err != nil {
		t.Fatalf("%+v", f)
	}
	return next.code()
}

// runHub lets changes be told from here on.
func (a *api) runHub(t *testing.T) {
	t.Helper()
	a.hub.LookBack = 0 // a test waits for the changes that it makes itself
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { _ = a.hub.Run(ctx) })
	t.Cleanup(func() { cancel(); group.Wait() })
	<-a.hub.Ready()
}

// waitForSubscription waits until the hub has a subscriber, so that a change made next is told.
func waitForSubscription(t *testing.T, a *api) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); a.hub.Subscribers() == 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody subscribed")
		}
		runtime.Gosched()
	}
}
