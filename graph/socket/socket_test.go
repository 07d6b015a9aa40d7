package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"qm-compliance/graph/socket"
)

const patience = 20 * time.Second

// options run echoes: an operation whose query is "fail" ends with an error, "wait" goes on until it is ended, "large" answers much, anything else
// answers with its query and is complete.
func options() socket.Options {
	return socket.Options{
		SignIn: func(ctx context.Context, _ *http.Request, payload map[string]any) (socket.Session, error) {
			switch payload["as"] {
			case nil:
				return socket.Session{}, errors.New("who are you?")
			case "many":
				return socket.Session{}, &socket.Refusal{Code: websocket.StatusTryAgainLater, Reason: "too many"}
			case "short":
				return socket.Session{Context: ctx, Until: time.Now().Add(200 * time.Millisecond), Expired: json.RawMessage(`[{"message":"expired"}]`)}, nil
			}
			return socket.Session{Context: ctx}, nil
		},
		Operate: func(ctx context.Context, payload json.RawMessage, next socket.Next) json.RawMessage {
			var asked struct{ Query string }
			_ = json.Unmarshal(payload, &asked)
			switch asked.Query {
			case "fail":
				return json.RawMessage(`[{"message":"failed"}]`)
			case "wait":
				_ = next([]byte(`{"data":`), []byte(`"begun"}`))
				<-ctx.Done()
				_ = next([]byte(`{"data":"too late"}`))
				return json.RawMessage(`[{"message":"too late"}]`)
			case "large":
				_ = next([]byte(`{"data":"`), []byte(strings.Repeat("x", 1<<20)), []byte(`"}`))
				return nil
			}
			_ = next([]byte(`{"data":"` + asked.Query + `"}`))
			return nil
		},
		Busy: json.RawMessage(`[{"message":"busy"}]`), Operations: 3, ReadLimit: 10_000, Origins: []string{"https://app.example"},
		InitTimeout: patience, PingEvery: patience, WriteTimeout: patience,
	}
}

func serve(t *testing.T, options socket.Options) (*socket.Server, string) {
	t.Helper()
	server := socket.New(options)
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return server, web.URL
}

func connect(t *testing.T, url string, subprotocols ...string) *websocket.Conn {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: subprotocols})
	if err != nil {
		t.Fatal(err)
	}
	if response.Body != nil {
		_ = response.Body.Close()
	}
	conn.SetReadLimit(10 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

// hear returns what the server says until it closes the connection, or says what is waited for; the code is 0 then.
func hear(t *testing.T, conn *websocket.Conn, until string) (said []string, code websocket.StatusCode) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			if ctx.Err() != nil {
				t.Fatalf("the server says %q, and then nothing", said)
			}
			return said, websocket.CloseStatus(err)
		}
		if said = append(said, string(data)); string(data) == until {
			return said, 0
		}
	}
}

const (
	open     = `{"type":"connection_init","payload":{"as":"me"}}`
	ack      = `{"type":"connection_ack"}`
	last     = `{"type":"pong","payload":{"last":true}}`
	askLast  = `{"type":"ping","payload":{"last":true}}`
	begun    = `{"type":"next","id":"1","payload":{"data":"begun"}}`
	answer   = `{"type":"next","id":"1","payload":{"data":"x"}}`
	complete = `{"type":"complete","id":"1"}`
	askWait  = `{"type":"subscribe","id":"1","payload":{"query":"wait"}}`
	askX     = `{"type":"subscribe","id":"1","payload":{"query":"x"}}`
)

// TestProtocol is the protocol as a table: what a client sends, what it is answered, and how the connection is closed, if it is.
func TestProtocol(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		send []string
		hear []string
		code websocket.StatusCode
	}{
		"acknowledged":                {[]string{open}, []string{ack}, 0},
		"no payload, nobody":          {[]string{`{"type":"connection_init"}`}, nil, 4403},
		"null payload, nobody":        {[]string{`{"type":"connection_init","payload":null}`}, nil, 4403},
		"refused otherwise":           {[]string{`{"type":"connection_init","payload":{"as":"many"}}`}, nil, 1013},
		"payload is a list":           {[]string{`{"type":"connection_init","payload":[]}`}, nil, 4400},
		"payload is a text":           {[]string{`{"type":"connection_init","payload":"me"}`}, nil, 4400},
		"init twice":                  {[]string{open, open}, []string{ack}, 4429},
		"subscribe before init":       {[]string{askX}, nil, 4401},
		"no JSON":                     {[]string{`{`}, nil, 4400},
		"no object":                   {[]string{`[]`}, nil, 4400},
		"a number":                    {[]string{`7`}, nil, 4400},
		"null":                        {[]string{`null`}, nil, 4400},
		"no type":                     {[]string{open, `{"id":"1"}`}, []string{ack}, 4400},
		"type of another protocol":    {[]string{open, `{"type":"start","id":"1","payload":{"query":"x"}}`}, []string{ack}, 4400},
		"a message of the server":     {[]string{open, `{"type":"connection_ack"}`}, []string{ack}, 4400},
		"type is a number":            {[]string{open, `{"type":7}`}, []string{ack}, 4400},
		"empty message":               {[]string{""}, nil, 4400},
		"binary":                      {[]string{"binary:" + open}, nil, 4400},
		"too long":                    {[]string{open, strings.Repeat("x", 10_001)}, []string{ack}, 1009},
		"ping":                        {[]string{`{"type":"ping"}`, open}, []string{`{"type":"pong"}`, ack}, 0},
		"ping with payload":           {[]string{open, `{"type":"ping","payload":{"a":1}}`}, []string{ack, `{"type":"pong","payload":{"a":1}}`}, 0},
		"ping, payload no object":     {[]string{open, `{"type":"ping","payload":[1]}`}, []string{ack}, 4400},
		"pong":                        {[]string{open, `{"type":"pong"}`, `{"type":"pong","payload":{}}`}, []string{ack}, 0},
		"pong, payload no object":     {[]string{open, `{"type":"pong","payload":"a"}`}, []string{ack}, 4400},
		"an operation":                {[]string{open, askX, "wait:" + complete}, []string{ack, answer, complete}, 0},
		"its id again":                {[]string{open, askX, "wait:" + complete, askX, "wait:" + complete}, []string{ack, answer, complete, answer, complete}, 0},
		"id in use":                   {[]string{open, askWait, "wait:" + begun, askX}, []string{ack, begun}, 4409},
		"fails":                       {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"fail"}}`, `wait:{"type":"error","id":"1","payload":[{"message":"failed"}]}`}, []string{ack, `{"type":"error","id":"1","payload":[{"message":"failed"}]}`}, 0},
		"ended by the client":         {[]string{open, askWait, "wait:" + begun, `{"type":"complete","id":"1"}`, askX, "wait:" + complete}, []string{ack, begun, answer, complete}, 0},
		"complete of nothing":         {[]string{open, `{"type":"complete","id":"9"}`}, []string{ack}, 0},
		"complete without id":         {[]string{open, `{"type":"complete"}`}, []string{ack}, 4400},
		"complete before init":        {[]string{`{"type":"complete","id":"9"}`, open}, []string{ack}, 0},
		"no id":                       {[]string{open, `{"type":"subscribe","payload":{"query":"x"}}`}, []string{ack}, 4400},
		"empty id":                    {[]string{open, `{"type":"subscribe","id":"","payload":{"query":"x"}}`}, []string{ack}, 4400},
		"null id":                     {[]string{open, `{"type":"subscribe","id":null,"payload":{"query":"x"}}`}, []string{ack}, 4400},
		"id is a number":              {[]string{open, `{"type":"subscribe","id":1,"payload":{"query":"x"}}`}, []string{ack}, 4400},
		"no subscribe payload":        {[]string{open, `{"type":"subscribe","id":"1"}`}, []string{ack}, 4400},
		"subscribe payload is null":   {[]string{open, `{"type":"subscribe","id":"1","payload":null}`}, []string{ack}, 4400},
		"subscribe payload is a text": {[]string{open, `{"type":"subscribe","id":"1","payload":"x"}`}, []string{ack}, 4400},
		"query is a number":           {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":7}}`}, []string{ack}, 4400},
		"operationName is a list":     {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","operationName":[]}}`}, []string{ack}, 4400},
		"variables is a list":         {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","variables":[]}}`}, []string{ack}, 4400},
		"extensions is a text":        {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","extensions":"x"}}`}, []string{ack}, 4400},
		"nulls":                       {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","operationName":null,"variables":null,"extensions":null}}`, "wait:" + complete}, []string{ack, answer, complete}, 0},
		"type in other case":          {[]string{open, `{"TYPE":"ping"}`}, []string{ack}, 4400},
		"type twice":                  {[]string{open, `{"type":"pong","type":"ping"}`}, []string{ack}, 4400},
		"payload in other case":       {[]string{open, `{"type":"subscribe","id":"1","PAYLOAD":{"query":"x"}}`}, []string{ack}, 4400},
		"query twice":                 {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","query":"y"}}`}, []string{ack}, 4400},
		"a variable twice":            {[]string{open, `{"type":"subscribe","id":"1","payload":{"query":"x","variables":{"a":1,"a":2}}}`}, []string{ack}, 4400},
		"an id of 200":                {[]string{open, `{"type":"complete","id":"` + strings.Repeat("x", 200) + `"}`}, []string{ack}, 0},
		"an id of 201":                {[]string{open, `{"type":"subscribe","id":"` + strings.Repeat("x", 201) + `","payload":{"query":"x"}}`}, []string{ack}, 4400},
		"members not known":           {[]string{open, `{"type":"subscribe","id":"1","more":1,"payload":{"query":"x","more":1}}`, "wait:" + complete}, []string{ack, answer, complete}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, url := serve(t, options())
			conn := connect(t, url, socket.Protocol)
			var said []string
			send := row.send
			if row.code == 0 {
				send = append(slices.Clone(send), askLast)
			}
			for _, text := range send {
				if wanted, waits := strings.CutPrefix(text, "wait:"); waits {
					heard, _ := hear(t, conn, wanted)
					said = append(said, heard...)
					continue
				}
				kind := websocket.MessageText
				if rest, is := strings.CutPrefix(text, "binary:"); is {
					kind, text = websocket.MessageBinary, rest
				}
				if err := conn.Write(t.Context(), kind, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			heard, code := hear(t, conn, last)
			said = slices.DeleteFunc(append(said, heard...), func(text string) bool { return text == last })
			if !slices.Equal(said, row.hear) || code != row.code {
				t.Errorf("the server says %q and closes with %d, want %q and %d", said, code, row.hear, row.code)
			}
		})
	}
}

// Only graphql-transport-ws is spoken.
func TestSubprotocols(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		offered []string
		code    websocket.StatusCode
	}{
		{nil, 4406}, {[]string{"graphql-ws"}, 4406}, {[]string{"mqtt"}, 4406},
		{[]string{"graphql-ws", socket.Protocol}, 0}, {[]string{socket.Protocol}, 0},
	} {
		_, url := serve(t, options())
		conn := connect(t, url, row.offered...)
		_ = conn.Write(t.Context(), websocket.MessageText, []byte(open))
		if _, code := hear(t, conn, ack); code != row.code {
			t.Errorf("%q: %d", row.offered, code)
		}
	}
}

// A page of another origin may not connect, whatever the scheme is that its host has elsewhere.
func TestOrigins(t *testing.T) {
	t.Parallel()
	_, url := serve(t, options())
	host := strings.TrimPrefix(url, "http://")
	for origin, admitted := range map[string]bool{
		"": true, "http://" + host: true, "https://app.example": true, "HTTPS://APP.example": true, "http://app.example": false, "https://app.example:8443": false,
		"https://app.example.evil.example": false, "https://evil.example": false, "null": false, "://": false, "https://x@" + host: true,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, response, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{Subprotocols: []string{socket.Protocol}, HTTPHeader: header})
		if (err == nil) != admitted || (!admitted && response.StatusCode != http.StatusForbidden) {
			t.Errorf("%q: %v", origin, err)
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
	}
}

func TestNoInitInTime(t *testing.T) {
	t.Parallel()
	o := options()
	o.InitTimeout = 20 * time.Millisecond
	_, url := serve(t, o)
	if said, code := hear(t, connect(t, url, socket.Protocol), ""); code != 4408 || said != nil {
		t.Errorf("%q, %d", said, code)
	}
}

// When the session ends, its operations end with an error each, and the connection with 4403.
func TestExpiry(t *testing.T) {
	t.Parallel()
	_, url := serve(t, options())
	conn := connect(t, url, socket.Protocol)
	for _, text := range []string{`{"type":"connection_init","payload":{"as":"short"}}`, askWait} {
		_ = conn.Write(t.Context(), websocket.MessageText, []byte(text))
	}
	said, code := hear(t, conn, "")
	want := []string{ack, begun, `{"type":"error","id":"1","payload":[{"message":"expired"}]}`}
	if !slices.Equal(said, want) || code != 4403 {
		t.Errorf("%q, %d", said, code)
	}
}

// A connection has so many operations at once; one more is refused, and runs when another has ended.
func TestOperationsAtOnce(t *testing.T) {
	t.Parallel()
	_, url := serve(t, options())
	conn := connect(t, url, socket.Protocol)
	send := func(text string) { _ = conn.Write(t.Context(), websocket.MessageText, []byte(text)) }
	send(open)
	for _, id := range []string{"a", "b", "1"} {
		send(strings.Replace(askWait, `"1"`, `"`+id+`"`, 1))
	}
	send(strings.Replace(askX, `"1"`, `"4"`, 1))
	busy := `{"type":"error","id":"4","payload":[{"message":"busy"}]}`
	if _, code := hear(t, conn, busy); code != 0 {
		t.Fatal(code)
	}
	send(`{"type":"complete","id":"a"}`)
	send(strings.Replace(askX, `"1"`, `"4"`, 1))
	if _, code := hear(t, conn, `{"type":"complete","id":"4"}`); code != 0 {
		t.Fatal(code)
	}
}

// A long answer comes whole.
func TestALongAnswer(t *testing.T) {
	t.Parallel()
	_, url := serve(t, options())
	conn := connect(t, url, socket.Protocol)
	for _, text := range []string{open, `{"type":"subscribe","id":"1","payload":{"query":"large"}}`} {
		_ = conn.Write(t.Context(), websocket.MessageText, []byte(text))
	}
	said, _ := hear(t, conn, complete)
	if len(said) != 3 || said[1] != `{"type":"next","id":"1","payload":{"data":"`+strings.Repeat("x", 1<<20)+`"}}` {
		t.Errorf("%d messages", len(said))
	}
}

// Shutting down says goodbye to everybody, ends what runs, and lets nobody in.
func TestShutdown(t *testing.T) {
	t.Parallel()
	server, url := serve(t, options())
	signedIn, silent := connect(t, url, socket.Protocol), connect(t, url, socket.Protocol)
	for _, text := range []string{open, askWait} {
		_ = signedIn.Write(t.Context(), websocket.MessageText, []byte(text))
	}
	hear(t, signedIn, begun)
	ended := make(chan error, 1)
	go func() { ended <- server.Shutdown(t.Context()) }()
	for _, conn := range []*websocket.Conn{signedIn, silent} {
		if said, code := hear(t, conn, ""); code != websocket.StatusGoingAway {
			t.Errorf("%q, %d", said, code)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_, response, err := websocket.Dial(t.Context(), url, nil)
	if err == nil || response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("after that: %v", err)
	}
}

// Clients that are no longer there, or that do not read, are cut off, and what runs for them ends.
func TestWhoDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*socket.Options){
		"no pong":  func(o *socket.Options) { o.PingEvery = 50 * time.Millisecond },
		"no reads": func(o *socket.Options) { o.WriteTimeout = 100 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, over := options(), make(chan struct{})
			change(&o)
			o.Operate = func(ctx context.Context, _ json.RawMessage, next socket.Next) json.RawMessage {
				defer close(over)
				for name == "no reads" && next([]byte(`"`), []byte(strings.Repeat("x", 1<<20)), []byte(`"`)) == nil {
				}
				<-ctx.Done()
				return nil
			}
			_, url := serve(t, o)
			conn := connect(t, url, socket.Protocol)
			for _, text := range []string{open, askX} {
				_ = conn.Write(t.Context(), websocket.MessageText, []byte(text))
			}
			select { // nothing is read from the connection, so no ping is answered either
			case <-over:
			case <-time.After(patience):
				t.Fatal("it goes on")
			}
		})
	}
}
