package socket

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	// Names are compared exactly and stand once, and texts are in UTF-8.
	strict "github.com/go-json-experiment/json"
)

// connection is one client.
type connection struct {
	server  *Server
	request *http.Request
	cancel  context.CancelFunc
	conn    *websocket.Conn // set before anything else uses the connection
	ready   bool            // guarded by mu: conn is set
	closed  bool            // guarded by mu
	pending *closing        // guarded by mu: asked for before conn was set

	// begun and session belong to the goroutine that reads.
	begun   bool
	session *Session
	timers  []*time.Timer

	mu         sync.Mutex
	operations map[string]*operation
	running    sync.WaitGroup

	writing sync.Mutex
}

type closing struct {
	code   websocket.StatusCode
	reason string
}

// operation is one that the client has subscribed to.
type operation struct {
	id     string
	cancel context.CancelFunc
}

// message is the envelope of everything that is sent either way.
type message struct {
	ID      json.RawMessage `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`
}

// firstReadLimit is the size of what a client sends before it has said who it is, with room for a token.
const firstReadLimit = 64 << 10

func (c *connection) serve(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(min(firstReadLimit, c.server.options.ReadLimit))
	if asked := c.start(conn); asked != nil {
		_ = conn.Close(asked.code, asked.reason)
		return
	}
	if conn.Subprotocol() != Protocol {
		c.close(CodeNoSubprotocol, "Subprotocol not acceptable")
		return
	}
	c.after(c.server.options.InitTimeout, func() { c.close(CodeInitTimeout, "Connection initialisation timeout") })
	c.running.Go(func() { c.ping(ctx) })
	c.read(ctx)
	c.cancel()
	for _, timer := range c.timers {
		timer.Stop()
	}
	c.running.Wait()
	if c.session != nil && c.session.Leave != nil {
		c.session.Leave()
	}
}

// start makes the connection usable, and returns how it is to be closed where that was asked for before.
func (c *connection) start(conn *websocket.Conn) *closing {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.ready = conn, true
	return c.pending
}

func (c *connection) after(wait time.Duration, do func()) {
	c.timers = append(c.timers, time.AfterFunc(wait, do))
}

// close ends the connection, once; operations end with it. It waits for the client to agree, for a few seconds.
func (c *connection) close(code websocket.StatusCode, reason string) {
	c.mu.Lock()
	done := c.closed
	c.closed = true
	if !c.ready {
		c.pending = &closing{code, reason}
		done = true
	}
	for id, op := range c.operations {
		delete(c.operations, id)
		op.cancel()
	}
	c.mu.Unlock()
	if done {
		return
	}
	_ = c.conn.Close(code, shortReason(reason))
	c.cancel()
}

// cut ends the connection without a word.
func (c *connection) cut() {
	c.cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready {
		go func() { _ = c.conn.CloseNow() }()
	}
}

// maxReason is what fits into a close frame.
const maxReason = 120

func shortReason(reason string) string {
	if len(reason) > maxReason {
		return reason[:maxReason]
	}
	return reason
}

// ping ends the connection of a client that is no longer there.
func (c *connection) ping(ctx context.Context) {
	ticker := time.NewTicker(c.server.options.PingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		waiting, cancel := context.WithTimeout(ctx, c.server.options.PingEvery)
		err := c.conn.Ping(waiting)
		cancel()
		if err != nil {
			c.cut()
			return
		}
	}
}

// read takes the client's messages until the connection ends.
func (c *connection) read(ctx context.Context) {
	for {
		kind, data, err := c.conn.Read(ctx)
		if err != nil {
			return
		}
		var m message
		if kind != websocket.MessageText || strict.Unmarshal(data, &m) != nil {
			c.close(CodeBadRequest, "Invalid message received")
			return
		}
		if refusal := c.take(ctx, m); refusal != nil {
			c.close(refusal.Code, refusal.Reason)
			return
		}
	}
}

func invalid(reason string) *Refusal { return &Refusal{CodeBadRequest, reason} }

// take handles one message. What it returns closes the connection.
func (c *connection) take(ctx context.Context, m message) *Refusal {
	switch m.Type {
	case "connection_init":
		return c.begin(ctx, m.Payload)
	case "ping", "pong":
		return c.pong(m)
	case "subscribe":
		return c.subscribe(m)
	case "complete":
		id, ok := idOf(m)
		if !ok {
			return invalid("Invalid message received")
		}
		c.complete(id)
		return nil
	}
	return invalid("Invalid message received")
}

func (c *connection) pong(m message) *Refusal {
	var payload map[string]json.RawMessage
	switch {
	case !isObject(m.Payload, &payload):
		return invalid("Invalid message received")
	case m.Type == "pong":
		return nil
	case payload == nil:
		_ = c.write(context.Background(), []byte(`{"type":"pong"}`))
	default:
		_ = c.write(context.Background(), []byte(`{"type":"pong","payload":`), m.Payload, []byte(`}`))
	}
	return nil
}

// isObject reads a payload that is an object, absent or null.
func isObject(payload json.RawMessage, to any) bool {
	return len(payload) == 0 || strict.Unmarshal(payload, to) == nil
}

// begin takes the first message, by which the client says who it is.
func (c *connection) begin(ctx context.Context, raw json.RawMessage) *Refusal {
	if c.begun {
		return &Refusal{CodeTooManyInits, "Too many initialisation requests"}
	}
	var payload map[string]any
	if !isObject(raw, &payload) {
		return invalid("Invalid message received")
	}
	c.begun = true
	c.timers[0].Stop()
	session, err := c.server.options.SignIn(ctx, c.request, payload)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal
	case err != nil:
		return &Refusal{CodeForbidden, err.Error()}
	}
	c.session = &session
	c.conn.SetReadLimit(c.server.options.ReadLimit)
	if !session.Until.IsZero() {
		c.after(time.Until(session.Until), func() { c.expire(session.Expired) })
	}
	_ = c.write(ctx, []byte(`{"type":"connection_ack"}`))
	return nil
}

// expire ends everything when the session does.
func (c *connection) expire(failure json.RawMessage) {
	c.mu.Lock()
	ended := make([]*operation, 0, len(c.operations))
	for id, op := range c.operations {
		delete(c.operations, id)
		ended = append(ended, op)
	}
	c.mu.Unlock()
	for _, op := range ended {
		op.cancel()
		_ = c.fail(op.id, failure)
	}
	c.close(CodeForbidden, "The access token has expired")
}
