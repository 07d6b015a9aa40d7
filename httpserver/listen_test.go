package httpserver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/media/playback"
)

// patience is how long a test waits for what has to happen, on a machine that has much else to do.
const patience = 30 * time.Second

// quick are timeouts that a test can wait for. A busy machine may take a while to send a header.
func quick() Timeouts {
	return Timeouts{
		Header: time.Second, Idle: 200 * time.Millisecond, Stall: 200 * time.Millisecond,
		Playback: 200 * time.Millisecond, BodyRate: 1 << 20, Drain: 0, Shutdown: patience,
	}
}

// running is a server that runs until the test ends.
type running struct {
	*Handler
	address string
	stop    func()
	ended   chan error
	log     *lockedBuffer
}

// run serves a handler in place of the program's routes.
func run(t *testing.T, timeouts Timeouts, routes http.Handler) *running {
	t.Helper()
	h := &Handler{options: Options{Timeouts: timeouts}, logger: quiet(), meter: newMeter(), routes: routes, admin: http.NotFoundHandler()}
	h.api = graph.NewHandler(graph.Options{Limits: graph.DefaultLimits(), Logger: quiet(), Now: time.Now})
	return serveHandler(t, timeouts, h)
}

func serveHandler(t *testing.T, timeouts Timeouts, h *Handler) *running {
	t.Helper()
	listener, err := Listen("127.0.0.1:0", "--listen")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &running{h, listener.Addr().String(), stop, make(chan error, 1), &lockedBuffer{}}
	server := Server{Handler: h, Listener: listener, Timeouts: timeouts, Logger: slog.New(slog.NewTextHandler(s.log, nil))}
	go func() { s.ended <- server.Serve(ctx) }()
	t.Cleanup(stop)
	return s
}

func (s *running) end(t *testing.T) {
	t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

func (s *running) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return conn
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Who sends nothing, or too little, is cut off, on every route, whatever was sent before.
func TestWhoDoesNotSend(t *testing.T) {
	t.Parallel()
	reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, "read: ", err)
	})
	ignores := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
	const chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	for name, row := range map[string]struct {
		routes      http.Handler
		first, each string
	}{
		"nothing at all":             {reads, "", ""},
		"half a header":              {reads, "GET / HTTP/1.1\r\nHo", ""},
		"a header, letter by letter": {reads, "GET / HTTP/1.1\r\nA: ", "a"},
		"no body":                    {reads, post, ""},
		"a body, letter by letter":   {reads, post, "a"},
		"chunks, letter by letter":   {reads, chunks, "1\r\na\r\n"},
		"a chunk without an end":     {reads, chunks + "ffff\r\nabc", ""},
		"a body nobody reads":        {ignores, post, ""},
		"the same, letter by letter": {ignores, post, "a"},
		"chunks nobody reads":        {ignores, chunks, "1\r\na\r\n"},
		"idle after an answer":       {reads, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
		"idle after a body":          {reads, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := run(t, quick(), row.routes)
			conn := s.dial(t)
			_, _ = io.WriteString(conn, row.first)
			stop := make(chan struct{})
			defer close(stop)
			if row.each != "" {
				go func() {
					for ticker := time.NewTicker(20 * time.Millisecond); ; {
						select {
						case <-stop:
							ticker.Stop()
							return
						case <-ticker.C:
							_, _ = io.WriteString(conn, row.each)
						}
					}
				}()
			}
			begun := time.Now()
			_, err := io.Copy(io.Discard, conn)
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("the connection is still open after %s", time.Since(begun))
			}
			s.end(t)
		})
	}
}

// The refusal of a request does not wait for its body.
func TestARefusalDoesNotWait(t *testing.T) {
	t.Parallel()
	slow := quick()
	slow.Stall = time.Hour
	s := run(t, slow, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusUnauthorized)
	}))
	for _, header := range []string{"Content-Length: 5", "Content-Length: 100000000", "Transfer-Encoding: chunked"} {
		conn := s.dial(t)
		_, _ = io.WriteString(conn, "POST /import HTTP/1.1\r\nHost: a\r\n"+header+"\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || response.StatusCode != 401 || !response.Close {
			t.Errorf("%s: %v %v", header, response, err)
		}
	}
}

// Who does not read is cut off, whichever way the answer is written.
func TestWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("x"), 64<<20)
	for name, write := range map[string]func(w http.ResponseWriter) error{
		"at once": func(w http.ResponseWriter) error { _, err := w.Write(large); return err },
		"copied":  func(w http.ResponseWriter) error { _, err := io.Copy(w, bytes.NewReader(large)); return err },
		"as a file": func(w http.ResponseWriter) error {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			counted := &failing{ResponseWriter: w}
			http.ServeContent(counted, request, "", time.Time{}, bytes.NewReader(large))
			return counted.err
		},
	} {
		for _, path := range []string{"/", playback.Prefix + "x"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				failed := make(chan error, 1)
				s := run(t, quick(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { failed <- write(w) }))
				conn := s.dial(t)
				_, _ = io.WriteString(conn, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
				select {
				case err := <-failed:
					if err == nil {
						t.Error("all was written to somebody who reads nothing")
					}
				case <-time.After(patience):
					t.Error("the answer still waits")
				}
			})
		}
	}
}

// Who does not read an answer of the API is cut off too, and the operation ends.
func TestWhoDoesNotReadAnAnswer(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	large := []byte(`"` + strings.Repeat("x", 20<<20) + `"`)
	h := &Handler{options: Options{Timeouts: quick()}, logger: quiet(), meter: newMeter(), admin: http.NotFoundHandler()}
	h.api = graph.NewHandler(graph.Options{
		Store: l.store, Limits: graph.DefaultLimits(), Logger: quiet(), Now: time.Now,
		Verify: func(context.Context, string) (*auth.Viewer, error) {
			return &auth.Viewer{Subject: "a", Roles: auth.Roles()}, nil
		},
		Export: func(context.Context, audit.Operation, db.Access, int64, bool) ([]byte, error) { return large, nil },
	})
	ended := make(chan struct{})
	h.routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.api.ServeHTTP(w, r)
		close(ended)
	})
	s := serveHandler(t, quick(), h)
	body := `{"query": "{ exportConversation(id: \"` + graph.GlobalID("Conversation", 1) + `\") }"}`
	conn := s.dial(t)
	_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	_, _ = bufio.NewReader(io.LimitReader(conn, 12)).ReadString(' ') // the answer has begun
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the operation goes on")
	}
}

// failing remembers what could not be written.
type failing struct {
	http.ResponseWriter
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	f.err = errors.Join(f.err, err)
	return n, err
}

// A request may last longer than any timeout, as long as it moves: a body that comes in pieces, an answer that
// takes long to make, an answer that is read in pieces, and the next request on the same connection.
func TestWhatMovesMayLast(t *testing.T) {
	t.Parallel()
	limits := quick()
	limits.BodyRate = 1
	limits.Stall, limits.Idle = time.Second, patience // a piece every 200 ms, on a busy machine a little later
	s := run(t, limits, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(2 * limits.Stall): // the work
		}
		_, _ = fmt.Fprintf(w, "%d %v %v", len(body), err, r.Context().Err())
	}))
	conn := s.dial(t)
	answers := bufio.NewReader(conn)
	for range 2 {
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
		for ticker, sent := time.NewTicker(limits.Stall/5), 0; sent < 1000; sent += 100 {
			<-ticker.C
			_, _ = io.WriteString(conn, strings.Repeat("a", 100))
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		if string(text) != "1000 <nil> <nil>" || response.Close {
			t.Errorf("%s", text)
		}
	}
}

// Requests under way finish when the program is told to stop.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	s := run(t, quick(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "finished")
	}))
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + s.address)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		answered <- string(text)
	}()
	<-begun
	s.stop()
	close(finish)
	if text := <-answered; text != "finished" {
		t.Errorf("the request under way got %q", text)
	}
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
}

// Who does not end is cut at the deadline, and that is no error.
func TestTheDeadlineOfTheShutdown(t *testing.T) {
	t.Parallel()
	limits := quick()
	limits.Shutdown = 100 * time.Millisecond
	begun, gone := make(chan struct{}), make(chan struct{})
	s := run(t, limits, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(gone)
	}))
	conn := s.dial(t)
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-begun
	s.end(t)
	<-gone
	if log := s.log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "closed connections") {
		t.Errorf("the log says %q", log)
	}
}
