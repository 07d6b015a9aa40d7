package socket_test

import (
	"context"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/coder/websocket"

	"qm-compliance/graph/socket"
)

// FuzzFrames sends two frames, before and after the first message of the protocol. Whatever they are, the
// connection ends with a code of the protocol, or the server still answers.
func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		open, askX, askWait, askLast, `{"type":"complete","id":"1"}`, `{"type":"pong"}`, `{"type":"subscribe","id":1}`, `[]`, `{`, "",
		`{"type":"connection_init","payload":[]}`, `{"type":"subscribe","id":"","payload":null}`, "\xff\x00",
	} {
		f.Add([]byte(seed), []byte(askX), true)
		f.Add([]byte(open), []byte(seed), false)
	}
	web := httptest.NewServer(socket.New(options()))
	f.Cleanup(web.Close)
	codes := []websocket.StatusCode{
		socket.CodeBadRequest, socket.CodeUnauthorized, socket.CodeForbidden, socket.CodeAlreadySubscribed, socket.CodeTooManyInits,
		websocket.StatusTryAgainLater, websocket.StatusMessageTooBig, websocket.StatusInvalidFramePayloadData,
	}
	f.Fuzz(func(t *testing.T, first, second []byte, text bool) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		conn, _, err := websocket.Dial(ctx, web.URL, &websocket.DialOptions{Subprotocols: []string{socket.Protocol}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.CloseNow() }()
		conn.SetReadLimit(10 << 20)
		kind := websocket.MessageText
		if !text {
			kind = websocket.MessageBinary
		}
		_ = conn.Write(ctx, websocket.MessageText, first)
		_ = conn.Write(ctx, kind, second)
		_ = conn.Write(ctx, websocket.MessageText, []byte(askLast))
		const most = 64 << 10
		for begun, got := time.Now(), 0; ; {
			_, data, err := conn.Read(ctx)
			got += len(data)
			switch {
			case got > most:
				t.Fatalf("%q, %q: %d bytes", first, second, got)
			case err == nil && string(data) == last:
				return
			case err == nil:
				continue
			case ctx.Err() != nil:
				t.Fatalf("%q, %q: nothing for %s", first, second, time.Since(begun))
			case !slices.Contains(codes, websocket.CloseStatus(err)):
				t.Fatalf("%q, %q: %v", first, second, err)
			}
			return
		}
	})
}
