package socket

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/coder/websocket"
)

var errOver = errors.New("the operation is over")

// maxID is how long an id may be; clients count, or make UUIDs.
const maxID = 200

func idOf(m message) (string, bool) {
	var id string
	return id, len(m.ID) > 0 && json.Unmarshal(m.ID, &id) == nil && id != "" && len(id) <= maxID
}

// subscribed is what the protocol says of the payload of "subscribe"; Operate interprets it.
type subscribed struct {
	Query         *string                    `json:"query"`
	OperationName *string                    `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
	Extensions    map[string]json.RawMessage `json:"extensions"`
}

func (c *connection) subscribe(m message) *Refusal {
	if c.session == nil {
		return &Refusal{CodeUnauthorized, "Unauthorized"}
	}
	var payload *subscribed
	id, ok := idOf(m)
	if !ok || !isObject(m.Payload, &payload) || payload == nil {
		return invalid("Invalid message received")
	}
	op, ctx, known, full := c.add(id)
	switch {
	case known:
		return &Refusal{CodeAlreadySubscribed, "Subscriber for " + id + " already exists"}
	case full:
		_ = c.fail(id, c.server.options.Busy) // by the goroutine that reads, so that nobody piles up refusals either
		return nil
	}
	c.running.Go(func() {
		defer op.cancel()
		failure := c.server.options.Operate(ctx, m.Payload, func(parts ...[]byte) error { return c.next(ctx, op, parts) })
		if !c.remove(op) {
			return // the client has ended it, or the connection has
		}
		if failure != nil {
			_ = c.fail(id, failure)
			return
		}
		_ = c.send("complete", id, nil)
	})
	return nil
}

// add begins an operation, unless its id is taken or there are too many.
func (c *connection) add(id string) (op *operation, ctx context.Context, known, full bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations[id] != nil {
		return nil, nil, true, false
	}
	if c.closed || len(c.operations) >= c.server.options.Operations {
		return nil, nil, false, true
	}
	ctx, cancel := context.WithCancel(c.session.Context)
	op = &operation{id, cancel}
	c.operations[id] = op
	return op, ctx, false, false
}

// remove forgets an operation, and reports whether it was still under way. Its id can be used again.
func (c *connection) remove(op *operation) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.operations[op.id] != op {
		return false
	}
	delete(c.operations, op.id)
	return true
}

// complete ends an operation for the client, which waits for nothing more. There may be none: both sides may
// end it at the same time.
func (c *connection) complete(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if op := c.operations[id]; op != nil {
		delete(c.operations, id)
		op.cancel()
	}
}

func (c *connection) next(ctx context.Context, op *operation, parts [][]byte) error {
	c.mu.Lock()
	over := c.operations[op.id] != op
	c.mu.Unlock()
	if over || ctx.Err() != nil {
		return errOver
	}
	return c.send("next", op.id, parts)
}

func (c *connection) fail(id string, failure json.RawMessage) error {
	return c.send("error", id, [][]byte{failure})
}

func (c *connection) send(kind, id string, payload [][]byte) error {
	quoted, err := json.Marshal(id)
	if err != nil {
		return err
	}
	head := append([]byte(`{"type":"`+kind+`","id":`), quoted...)
	if len(payload) == 0 {
		return c.write(context.Background(), head, []byte(`}`))
	}
	parts := append([][]byte{head, []byte(`,"payload":`)}, payload...)
	return c.write(context.Background(), append(parts, []byte(`}`))...)
}

// piece is what is written at once of a long message.
const piece = 64 << 10

// write sends one message, piece by piece. A client that does not take a piece in time is cut off.
func (c *connection) write(ctx context.Context, parts ...[]byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(c.server.options.WriteTimeout, cancel)
	defer late.Stop()
	w, err := c.conn.Writer(ctx, websocket.MessageText)
	if err != nil {
		return err
	}
	for _, part := range parts {
		for len(part) > 0 {
			n := min(len(part), piece)
			if _, err := w.Write(part[:n]); err != nil {
				c.cut()
				return err
			}
			part = part[n:]
			late.Reset(c.server.options.WriteTimeout)
		}
	}
	return w.Close()
}
