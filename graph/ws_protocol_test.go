package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"qm-compliance/auth"
	"qm-compliance/graph"
	"qm-compliance/graph/socket"
)

// What cannot be run ends with "error", what runs with "next" and "complete"; the socket goes on.
func TestOperationsOverASocket(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	s := dial(t, a.Handler, a.authorization(t, "agent"))
	s.next()
	for i, row := range []struct{ payload, types, part string }{
		{`{"query": "{ viewer { name } }"}`, "next complete", `{"data":{"viewer":{"name":"Tomas Lind"}}}`},
		{`{"query": "query($n: Int!) { conversations(first: $n) { nodes { __typename } } }", "variables": {"n": 1}}`, "next complete", `{"nodes":[{"__typename":"Conversation"}]}`},
		{`{"query": "query a { viewer { userId } } query b { viewer { name } }", "operationName": "b"}`, "next complete", `Tomas Lind`},
		{`{"query": "{ auditEvents { nodes { id } } }"}`, "next complete", `"code":"FORBIDDEN"`},
		{`{"query": "mutation { resetComplianceSettings { userErrors { code } } }"}`, "next complete", `"code":"FORBIDDEN"`},
		{`{"query": "{ viewer { nothing } }"}`, "error", "nothing"},
		{`{"query": "{"}`, "error", "INVALID"},
		{`{"query": ""}`, "error", "query is missing"},
		{`{}`, "error", "query is missing"},
		{`{"query": "query a { viewer { userId } }", "operationName": "b"}`, "error", "no operation"},
		{`{"query": "query($n: Int!) { conversations(first: $n) { nodes { id } } }"}`, "error", "INVALID"},
		{`{"query": "subscription { complianceSettingsChanged { version } }"}`, "error", `"code":"FORBIDDEN"`},
		{`{"query": "subscription { conversationChanged(ids: [\"x\"]) { id } }"}`, "error", `"code":"INVALID"`},
		{`{"query": "subscription { a b }"}`, "error", `"code":"INVALID"`},
		{`{"query": "{ ` + strings.Repeat("viewer { userId } ", 400) + `}"}`, "error", `"code":"INVALID"`},
	} {
		id := fmt.Sprint(i)
		s.send(frame{ID: id, Type: "subscribe", Payload: json.RawMessage(row.payload)})
		var types []string
		var payloads strings.Builder
		for len(types) == 0 || types[len(types)-1] == "next" {
			f := s.next()
			types = append(types, f.Type)
			payloads.Write(f.Payload)
			if f.ID != id {
				t.Errorf("%s is answered with the id %s", id, f.ID)
			}
		}
		if got := strings.Join(types, " "); got != row.types || !strings.Contains(payloads.String(), row.part) {
			t.Errorf("%s: %s %s", row.payload, got, payloads.String())
		}
		if types[0] == "error" && !strings.HasPrefix(payloads.String(), "[") {
			t.Errorf("%s: the errors are %s", row.payload, payloads.String())
		}
	}
	if log := a.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log says %s", log)
	}
}

// endsSoon is an API whose tokens end after a moment, in which a busy machine can begin two subscriptions.
func endsSoon(o *graph.Options) {
	o.Verify = func(context.Context, string) (*auth.Viewer, error) {
		return &auth.Viewer{Subject: "short", Roles: auth.Roles(), ExpiresAt: time.Now().Add(3 * time.Second)}, nil
	}
}

// When a token ends, what runs over its socket ends with UNAUTHENTICATED, and the socket is closed.
func TestASocketEndsWithItsToken(t *testing.T) {
	t.Parallel()
	a := newAPI(t, endsSoon)
	s := dial(t, a.Handler, "Bearer short")
	s.next()
	s.subscribe("1", `subscription { complianceSettingsChanged { version } }`)
	s.subscribe("2", `subscription { conversationChanged(ids: ["`+graph.GlobalID("Conversation", 1)+`"]) { id } }`)
	ended := map[string]bool{}
	for range 2 {
		f := s.next()
		if f.Type != "error" || frameCode(t, f) != "UNAUTHENTICATED" {
			t.Errorf("%s %s: %s", f.Type, f.ID, f.Payload)
		}
		ended[f.ID] = true
	}
	if code, _ := s.closed(); code != socket.CodeForbidden || len(ended) != 2 {
		t.Errorf("closed with %d after %v", code, ended)
	}
}

// The sockets of an address that have not signed in yet have a bound of their own: those that have, and those
// that have ended, do not count.
func TestSocketsThatAreOpening(t *testing.T) {
	t.Parallel()
	meter := newMeter()
	a := newAPI(t, func(o *graph.Options) { o.Meter, o.Limits.SocketsOpening = meter, 2 })
	server := httptest.NewServer(a.Handler)
	t.Cleanup(server.Close)
	silent := func() (*websocket.Conn, int, string) {
		conn, response, _ := websocket.Dial(t.Context(), server.URL+"/graphql",
			&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
		if response == nil {
			t.Fatal("no answer")
		}
		return conn, response.StatusCode, response.Header.Get("Retry-After")
	}
	manager := dialTo(t, server.URL, a.authorization(t, "manager"))
	manager.next()
	first, _, _ := silent()
	second, _, _ := silent()
	if _, status, after := silent(); status != http.StatusTooManyRequests || after != "1" {
		t.Errorf("a third that says nothing: %d, %q", status, after)
	}
	for meter.active()["sockets"] > 3 { // the refused one has ended
		runtime.Gosched()
	}
	if meter.refused("opening") != 1 || meter.active()["opening"] != 2 {
		t.Errorf("counted: %v %v", meter.refusals, meter.active())
	}
	other := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil)
	other.RemoteAddr = "[2001:db8::1]:1"
	other.Header.Set("Upgrade", "websocket")
	answer := httptest.NewRecorder()
	if a.ServeHTTP(answer, other); answer.Code == http.StatusTooManyRequests {
		t.Errorf("another address: %d %s", answer.Code, answer.Body)
	}
	init := `{"type":"connection_init","payload":{"Authorization":` + quote(a.authorization(t, "analyst")) + `}}`
	if err := first.Write(t.Context(), websocket.MessageText, []byte(init)); err != nil {
		t.Fatal(err)
	}
	if _, ack, err := first.Read(t.Context()); err != nil {
		t.Fatal(string(ack), err)
	}
	signedIn, status, _ := silent()
	if status != http.StatusSwitchingProtocols {
		t.Fatalf("after one has signed in: %d", status)
	}
	for _, conn := range []*websocket.Conn{second, signedIn} {
		if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			t.Error(err)
		}
	}
	for meter.active()["opening"] > 0 {
		runtime.Gosched()
	}
	if conn, status, _ := silent(); status != http.StatusSwitchingProtocols {
		t.Errorf("after both have ended: %d", status)
	} else {
		_ = conn.CloseNow()
	}
	_ = first.CloseNow()
}

// Sockets and subscriptions are bounded, of each person and in all; when one ends, there is room for another.
func TestSocketLimits(t *testing.T) {
	t.Parallel()
	meter := newMeter()
	a := newAPI(t, func(o *graph.Options) {
		o.Meter = meter
		o.Limits.Sockets, o.Limits.SocketsEach, o.Limits.Subscriptions, o.Limits.SubscriptionsEach = 4, 2, 3, 2
	})
	server := httptest.NewServer(a.Handler)
	t.Cleanup(server.Close)
	sockets := map[string]*client{}
	for _, name := range []string{"manager", "manager 2", "analyst"} {
		as, _, _ := strings.Cut(name, " ")
		sockets[name] = dialTo(t, server.URL, a.authorization(t, as))
		sockets[name].next()
	}
	if code, reason := dialTo(t, server.URL, a.authorization(t, "manager")).closed(); code != websocket.StatusTryAgainLater {
		t.Errorf("one more of a person: %d %s", code, reason)
	}
	for meter.active()["sockets"] > 3 { // the server has seen its end too
		runtime.Gosched()
	}
	dialTo(t, server.URL, a.authorization(t, "analyst")).next()
	if _, response, err := websocket.Dial(t.Context(), server.URL, nil); err == nil || response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("one more in all: %v", err)
	}

	for i, row := range []struct{ socket, code string }{{"manager", ""}, {"manager 2", ""}, {"manager", "RATE_LIMITED"}, {"analyst", ""}, {"analyst", "RATE_LIMITED"}} {
		if code := a.begin(t, sockets[row.socket], fmt.Sprint(i), `subscription { complianceSettingsChanged { version } }`); code != row.code {
			t.Errorf("subscription %d of %s: %q", i, row.socket, code)
		}
	}
	if meter.refused("sockets") != 2 || meter.refused("subscriptions") != 2 || meter.active()["subscriptions"] != 3 || meter.active()["sockets"] != 4 {
		t.Errorf("counted: %v %v", meter.refusals, meter.active())
	}
	if err := a.Handler.(*graph.Handler).Shutdown(t.Context()); err != nil || len(meter.active()) != 0 || a.hub.Subscribers() != 0 {
		t.Errorf("after shutting down: %v, %v, %d subscribers", err, meter.active(), a.hub.Subscribers())
	}
}

// A variable with a default can hold null where @skip and @include take true or false. That is refused, over
// HTTP and over a WebSocket, which goes on.
func TestNullIsNoCondition(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	s := dial(t, a.Handler, a.authorization(t, "manager"))
	s.next()
	for i, document := range []string{
		`query($no: Boolean = true) { viewer @skip(if: $no) { name } }`,
		`query($no: Boolean = true) { viewer { name @include(if: $no) } }`,
		`query($no: Boolean = true) { ... @include(if: $no) { viewer { name } } }`,
		`query($no: Boolean = true) { ...f ...f } fragment f on Query { viewer { ...g @skip(if: $no) ...g } } fragment g on Viewer { name }`,
		`mutation($no: Boolean = true) { resetComplianceSettings @skip(if: $no) { __typename } }`,
		`subscription($no: Boolean = true) { conversationChanged(ids: ["` + graph.GlobalID("Conversation", 1) + `"]) { id @skip(if: $no) } }`,
		`subscription($no: Boolean = true) { ... @skip(if: $no) { complianceSettingsChanged { version } } }`,
	} {
		sent, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"no": nil}})
		if err != nil {
			t.Fatal(err)
		}
		s.send(frame{ID: fmt.Sprint(i), Type: "subscribe", Payload: sent})
		status, body := a.send(t, "manager", sent)
		for _, answer := range []string{string(body), string(s.next().Payload)} {
			if status != http.StatusOK || !strings.Contains(answer, `"code":"INVALID"`) ||
				!strings.Contains(answer, "the variable $no is null") {
				t.Errorf("%s is answered with %d %s", document, status, answer)
			}
		}
	}
}

// A panic outside of any field ends an operation of a WebSocket, but neither the WebSocket nor the server.
func TestASocketOutlivesAPanic(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t, func(o *graph.Options) { o.Meter = &panicking{newMeter()} })
	s := dial(t, a.Handler, a.authorization(t, "manager"))
	s.next()
	for _, id := range []string{"1", "2"} {
		s.subscribe(id, `{ viewer { name } }`)
		if f := s.next(); f.Type != "error" || frameCode(t, f) != "INTERNAL" {
			t.Errorf("the answer is %s %s", f.Type, f.Payload)
		}
	}
}

// panicking panics after every operation.
type panicking struct{ *meter }

func (*panicking) Ran(string, string, string, time.Duration) { panic("of a test") }
