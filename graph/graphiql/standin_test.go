package graphiql_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"qm-compliance/graph/graphiql"
)

// standIn answers like the API server as far as the page can tell: tokens for the demo's people, GraphQL over HTTP and
// WebSocket. The answer to every query but introspection names the token's holder.
type standIn struct {
	*httptest.Server
	introspection []byte
	tokenLife     time.Duration

	mu       sync.Mutex
	issued   int
	revoked  map[string]bool
	asked    []string // the Authorization header of each request, "" where there was none
	executed []string // "Operation by holder" of each query but introspection that was answered
}

// people are those of the stand-in; the second name would break a page that does not escape it.
func people() []graphiql.Person {
	return []graphiql.Person{
		{Key: "manager", Name: "Clara Novak", Title: "CC manager"},
		{Key: "agent", Name: `Ann <b>"O'Neil"</b>`, Title: "agent & trainer"},
	}
}

func startStandIn(t *testing.T, tokenLife time.Duration, people []graphiql.Person) *standIn {
	t.Helper()
	introspection, err := os.ReadFile("testdata/introspection.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &standIn{introspection: introspection, tokenLife: tokenLife, revoked: map[string]bool{}}
	page := graphiql.Handler(graphiql.Config{Endpoint: "/graphql", People: people, TokenURL: "/demo/token"})
	mux := http.NewServeMux()
	mux.Handle(graphiql.Path, page)
	mux.Handle(graphiql.Path+"/", page)
	mux.HandleFunc("POST /demo/token", s.serveToken)
	mux.HandleFunc("POST /graphql", s.serveQuery)
	mux.HandleFunc("GET /graphql", s.serveSubscription)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// token makes a token in the form of a JWT that nobody verifies: the page reads its expiry, the stand-in its holder.
func token(holder string, number int, expiry time.Time) string {
	claims := fmt.Sprintf(`{"sub":%q,"jti":"%d","exp":%d}`, holder, number, expiry.Unix())
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".signature"
}

// holderOf is whose token an Authorization header carries, or "" where it carries none.
func holderOf(authorization string) string {
	parts := strings.Split(authorization, ".")
	if !strings.HasPrefix(authorization, "Bearer ") || len(parts) != 3 {
		return ""
	}
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var c struct{ Sub string }
	_ = json.Unmarshal(claims, &c)
	return c.Sub
}

func (s *standIn) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.issued++
	number := s.issued
	s.mu.Unlock()
	answer := map[string]string{"accessToken": token(r.FormValue("as"), number, time.Now().Add(s.tokenLife))}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *standIn) serveQuery(w http.ResponseWriter, r *http.Request) {
	var request struct{ OperationName string }
	_ = json.NewDecoder(r.Body).Decode(&request)
	w.Header().Set("Content-Type", "application/graphql-response+json")
	holder, ok := s.admit(r.Header.Get("Authorization"))
	switch {
	case !ok:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"message":"not signed in","extensions":{"code":"UNAUTHENTICATED"}}]}`))
	case request.OperationName == "IntrospectionQuery":
		_, _ = w.Write(s.introspection)
	default:
		s.mu.Lock()
		s.executed = append(s.executed, request.OperationName+" by "+holder)
		s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"viewer": map[string]any{"name": "It is " + holder}}})
	}
}

// admit records a request's Authorization header and tells its holder and whether the token is good.
func (s *standIn) admit(authorization string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, authorization)
	holder := holderOf(authorization)
	return holder, holder != "" && !s.revoked[authorization]
}

// holders are those whose tokens came with the requests so far.
func (s *standIn) holders() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var holders []string
	for _, authorization := range s.asked {
		holders = append(holders, holderOf(authorization))
	}
	return slices.Compact(holders)
}

// lastAsked is the Authorization header of the newest request; ok is false where there was none yet.
func (s *standIn) lastAsked() (authorization string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return "", false
	}
	return s.asked[len(s.asked)-1], true
}

func (s *standIn) operations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.executed)
}

func (s *standIn) revoke(authorization string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked[authorization] = true
}

func (s *standIn) tokensIssued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

// message is one of graphql-transport-ws.
type message struct {
	ID      string         `json:"id,omitempty"`
	Type    string         `json:"type"`
	Payload map[string]any `json:"payload,omitempty"`
}

// serveSubscription greets the holder of the token that came with connection_init, once, and completes.
func (s *standIn) serveSubscription(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	var initial, subscribe message
	if wsjson.Read(r.Context(), conn, &initial) != nil || initial.Type != "connection_init" {
		return
	}
	authorization, _ := initial.Payload["Authorization"].(string)
	holder, ok := s.admit(authorization)
	if !ok {
		_ = conn.Close(4403, "Forbidden")
		return
	}
	_ = wsjson.Write(r.Context(), conn, message{Type: "connection_ack"})
	if wsjson.Read(r.Context(), conn, &subscribe) != nil || subscribe.Type != "subscribe" {
		return
	}
	data := map[string]any{"data": map[string]any{"greeting": "Hello over the socket, " + holder}}
	_ = wsjson.Write(r.Context(), conn, message{ID: subscribe.ID, Type: "next", Payload: data})
	_ = wsjson.Write(r.Context(), conn, message{ID: subscribe.ID, Type: "complete"})
	_, _, _ = conn.Read(r.Context()) // until the page goes
}
