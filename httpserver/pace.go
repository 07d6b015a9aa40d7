package httpserver

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"qm-compliance/media/playback"
)

// Timeouts say how long the server waits for its clients. Zero means no limit.
type Timeouts struct {
	// Header is how long the header of a request may take, Idle how long a connection is kept without one.
	Header, Idle time.Duration
	// Stall is how long the server waits for a piece of a request's body, and for a client to take a piece of
	// an answer.
	Stall time.Duration
	// Playback is Stall for the answers that are recordings: a player that is paused reads nothing.
	Playback time.Duration
	// BodyRate is how many bytes of a body have to arrive for each second that the server waits for it,
	// beyond Stall.
	BodyRate int64
	// Drain is how long /readyz answers 503 before the server takes no more connections, Shutdown how long
	// requests may take to end after that.
	Drain, Shutdown time.Duration
}

// DefaultTimeouts suit load balancers, which keep connections for a minute, and slow lines.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Header: 10 * time.Second, Idle: 90 * time.Second, Stall: 10 * time.Second, Playback: 2 * time.Minute,
		BodyRate: 4 << 10, Drain: 5 * time.Second, Shutdown: 20 * time.Second,
	}
}

// linger is how long the server still takes a body that it has answered without reading it, up to 256 KB: a
// client that is still sending would otherwise lose the answer with the connection.
const linger = time.Second

// pace cuts off who does not send or does not read. A request may last as long as it makes progress.
func (t Timeouts) pace(w http.ResponseWriter, r *http.Request, next http.Handler) (status int) {
	controller := http.NewResponseController(w)
	// The deadline of the answer before still stands.
	_ = controller.SetWriteDeadline(time.Time{}) // recorders in tests have no deadlines
	body := &pacedBody{ReadCloser: r.Body, controller: controller, stall: t.Stall, rate: t.BodyRate}
	body.ended.Store(r.Body == nil || r.Body == http.NoBody)
	r.Body = body
	paced := &pacedWriter{ResponseWriter: w, controller: controller, body: body, stall: t.Stall}
	if strings.HasPrefix(r.URL.Path, playback.Prefix) {
		paced.stall = t.Playback
	}
	next.ServeHTTP(paced, r)
	if !body.ended.Load() {
		_ = controller.SetReadDeadline(time.Now().Add(min(linger, t.Stall)))
	}
	if paced.status != http.StatusSwitchingProtocols {
		paced.extend() // for what is still in the buffer
	}
	return paced.status
}

// pacedBody is a body whose reader waits only so long for the client. The time in which nobody reads does not
// count.
type pacedBody struct {
	io.ReadCloser
	controller *http.ResponseController
	stall      time.Duration
	rate       int64

	waited time.Duration
	count  int64
	ended  atomic.Bool
}

// Read reads from the body. Its error is os.ErrDeadlineExceeded where the client is too slow.
func (b *pacedBody) Read(buffer []byte) (int, error) {
	if b.ReadCloser == nil {
		return 0, io.EOF
	}
	begun := time.Now()
	if b.stall > 0 {
		_ = b.controller.SetReadDeadline(begun.Add(b.patience()))
	}
	n, err := b.ReadCloser.Read(buffer)
	b.waited += time.Since(begun)
	b.count += int64(n)
	if err == io.EOF {
		b.ended.Store(true)
	}
	// After the body the server watches the connection, which may be silent for as long as the answer takes.
	if b.stall > 0 && (err == nil || err == io.EOF) {
		_ = b.controller.SetReadDeadline(time.Time{})
	}
	return n, err
}

// patience is how long the next piece may take.
func (b *pacedBody) patience() time.Duration {
	if b.rate <= 0 {
		return b.stall
	}
	earned := time.Duration(float64(b.count) / float64(b.rate) * float64(time.Second))
	return min(b.stall, b.stall+earned-b.waited)
}

// pacedWriter is an answer that the client has to take, and knows its status.
type pacedWriter struct {
	http.ResponseWriter
	controller *http.ResponseController
	body       *pacedBody
	stall      time.Duration
	status     int
}

// Unwrap is for http.ResponseController and for WebSockets.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the status. An answer that does not wait for the rest of the body ends the connection,
// since the rest could take for ever.
func (w *pacedWriter) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		w.status = status
		if !w.body.ended.Load() {
			w.Header().Set("Connection", "close")
		}
		w.extend()
	}
	w.ResponseWriter.WriteHeader(status)
}

// piece is what is written within one deadline.
const piece = 64 << 10

// Write writes in pieces, each with a deadline of its own.
func (w *pacedWriter) Write(data []byte) (written int, err error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	for {
		w.extend()
		n, err := w.ResponseWriter.Write(data[:min(piece, len(data))])
		written += n
		if data = data[n:]; err != nil || len(data) == 0 {
			return written, err
		}
	}
}

func (w *pacedWriter) extend() {
	if w.stall > 0 {
		_ = w.controller.SetWriteDeadline(time.Now().Add(w.stall))
	}
}
