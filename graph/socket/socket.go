// Package socket speaks graphql-transport-ws, the protocol of GraphQL over WebSocket that npm's graphql-ws
// defines, to the letter:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. It knows nothing of GraphQL but the envelopes of its messages.
package socket

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Protocol is the subprotocol that is spoken.
const Protocol = "graphql-transport-ws"

// The codes with which a connection is closed, besides those of WebSocket itself.
const (
	CodeBadRequest        websocket.StatusCode = 4400
	CodeUnauthorized      websocket.StatusCode = 4401
	CodeForbidden         websocket.StatusCode = 4403
	CodeNoSubprotocol     websocket.StatusCode = 4406
	CodeInitTimeout       websocket.StatusCode = 4408
	CodeAlreadySubscribed websocket.StatusCode = 4409
	CodeTooManyInits      websocket.StatusCode = 4429
)

// Session is a connection whose client has said who it is.
type Session struct {
	// Context holds who it is; it ends when the connection does.
	Context context.Context
	// Until is when the session ends, zero for one without an end. Expired is the payload of the error with
	// which operations end then.
	Until   time.Time
	Expired json.RawMessage
	// Leave is called when the connection has ended; nil is not called.
	Leave func()
}

// Refusal is why a connection is closed instead of acknowledged.
type Refusal struct {
	Code   websocket.StatusCode
	Reason string
}

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

// Next sends a result of an operation, given in parts so that it need not be copied. Its error says that
// nobody waits for more.
type Next func(parts ...[]byte) error

// Options are what a Server needs. All members but Origins are required.
type Options struct {
	// SignIn says who a client is, by the request and by the payload of its first message, which may be nil.
	// Its error closes the connection: a *Refusal with its own code, any other with 4403. The session's
	// context comes from ctx.
	SignIn func(ctx context.Context, r *http.Request, payload map[string]any) (Session, error)
	// Operate runs an operation until it is over. The errors that it returns, as JSON, end it with a message
	// "error", nil with "complete".
	Operate func(ctx context.Context, payload json.RawMessage, next Next) (errors json.RawMessage)
	// Busy is the payload of the error for an operation beyond those that a connection may have.
	Busy json.RawMessage
	// Operations is how many a connection may have at once.
	Operations int
	// Origins are the web origins, besides the server's own, whose pages may connect, such as
	// https://app.example.
	Origins []string
	// ReadLimit is the size of a message from the client.
	ReadLimit int64
	// InitTimeout is how long the first message may take, PingEvery how often a client has to show that it is
	// there, and WriteTimeout how long it may take to read a piece of an answer.
	InitTimeout, PingEvery, WriteTimeout time.Duration
}

// Server serves WebSockets. It is safe for concurrent use.
type Server struct {
	options Options

	mu          sync.Mutex
	closing     bool
	connections map[*connection]bool
	serving     sync.WaitGroup
}

// New makes a Server.
func New(options Options) *Server {
	return &Server{options: options, connections: map[*connection]bool{}}
}

// ServeHTTP serves one connection until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.admits(r) {
		http.Error(w, "pages from this origin are not allowed to connect", http.StatusForbidden)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	c := &connection{server: s, request: r, cancel: cancel, operations: map[string]*operation{}}
	if !s.enter(c) {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer s.leave(c)
	// The origin is checked above, by scheme and host; the library compares hosts only.
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{Protocol}, InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	c.serve(ctx, conn)
}

// admits reports whether the page that connects may do so. Programs name no origin.
func (s *Server) admits(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	own, err := url.Parse(origin)
	if err == nil && own.Host != "" && strings.EqualFold(own.Host, r.Host) {
		return true
	}
	return slices.ContainsFunc(s.options.Origins, func(allowed string) bool { return strings.EqualFold(allowed, origin) })
}

func (s *Server) enter(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.connections[c] = true
	s.serving.Add(1)
	return true
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.connections, c)
	s.serving.Done()
}

// Shutdown closes every connection with 1001 and takes no more. It returns when they have ended; those that
// have not when ctx ends are cut, and its error is ctx's.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for c := range s.connections {
		go c.close(websocket.StatusGoingAway, "the server is shutting down")
	}
	s.mu.Unlock()
	ended := make(chan struct{})
	go func() { s.serving.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.connections {
		c.cut()
	}
	return ctx.Err()
}
