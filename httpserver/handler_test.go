package httpserver

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// ask sends a request with the given header fields, in pairs of name and value.
func (s *site) ask(t *testing.T, method, path string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(""))
	for i := 0; i < len(fields); i += 2 {
		request.Header.Set(fields[i], fields[i+1])
	}
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	return recorder
}

// Every answer of every route has the headers that keep browsers from misreading it, and an id.
func TestHeadersOfEveryRoute(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false, func(o *Options) { o.HSTS = time.Hour })
	for _, path := range []string{
		"/", "/conversations", "/signed-in", "/nowhere.js", "/graphiql", "/graphql", "/import", "/media/x", "/healthz", "/readyz", "/metrics",
		"/demo/token",
	} {
		header := s.ask(t, http.MethodGet, path, "Accept", "text/html").Header()
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Strict-Transport-Security") != "max-age=3600" ||
			header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, header)
		}
		page := strings.Contains(header.Get("Content-Type"), "text/html")
		if page && header.Get("Permissions-Policy") == "" {
			t.Errorf("the page %s: %v", path, header)
		}
		// The console keeps the windows that it opens; those that hand something to their opener have no policy.
		opener := map[string]string{"/": "same-origin-allow-popups", "/conversations": "same-origin-allow-popups"}
		if got := header.Get("Cross-Origin-Opener-Policy"); page && got != opener[path] {
			t.Errorf("the page %s has the opener policy %q", path, got)
		}
	}
	plain := newSite(t, "mem://", false)
	if header := plain.ask(t, http.MethodGet, "/healthz").Header(); header.Get("Strict-Transport-Security") != "" {
		t.Errorf("HSTS without being asked for: %v", header)
	}
}

// What monitoring asks are questions.
func TestMethodsOfMonitoring(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		for method, status := range map[string]int{
			http.MethodGet: 200, http.MethodHead: 200, http.MethodPost: 405, http.MethodPut: 405, http.MethodDelete: 405,
			http.MethodOptions: 405, http.MethodTrace: 405, "PROPFIND": 405,
		} {
			answer := s.ask(t, method, path)
			if answer.Code != status || status == 405 && answer.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d %v", method, path, answer.Code, answer.Header())
			}
		}
	}
}

// With a listener for monitoring, the public does not see the metrics.
func TestAdminRoutes(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false, func(o *Options) { o.Admin = true })
	for path, status := range map[string]int{"/metrics": 404, "/healthz": 200, "/readyz": 200} {
		if answer := s.ask(t, http.MethodGet, path); answer.Code != status {
			t.Errorf("public %s: %d", path, answer.Code)
		}
		recorder := httptest.NewRecorder()
		s.api.admin.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		if recorder.Code != 200 {
			t.Errorf("admin %s: %d", path, recorder.Code)
		}
	}
	recorder := httptest.NewRecorder()
	s.api.admin.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/graphql", nil))
	if recorder.Code != 404 {
		t.Errorf("the API is served for monitoring: %d", recorder.Code)
	}
}

// Web apps of the listed origins may send what GraphQL clients send, and ask again only after a while.
func TestPreflight(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false, func(o *Options) {
		o.Origins, o.OriginsFor = []string{"https://app.example"}, 10*time.Minute
	})
	for headers, admitted := range map[string]bool{
		"authorization,content-type": true, "apollographql-client-name,apollographql-client-version": true,
		"apollo-require-preflight": true, "graphql-require-preflight": true, "x-other": false,
	} {
		header := s.ask(t, http.MethodOptions, "/graphql", "Origin", "https://app.example",
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", headers).Header()
		if (header.Get("Access-Control-Allow-Headers") != "") != admitted {
			t.Errorf("%s: %v", headers, header)
		}
		if admitted && header.Get("Access-Control-Max-Age") != "600" {
			t.Errorf("%s: %v", headers, header)
		}
	}
}

// The metrics tell what was answered, in words of the program's own.
func TestMetrics(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false)
	for _, query := range []string{
		`query Secret { viewer { userId } }`, `{ a: viewer { userId } b: viewer { userId } }`, `{ conversation(id: \"x\") { id } }`,
	} {
		s.post(t, "/graphql", `{"query": "`+query+`"}`)
	}
	s.ask(t, http.MethodGet, "/graphql")
	s.ask(t, http.MethodPost, "/import")
	s.ask(t, http.MethodGet, "/some/secret/path")
	text := s.ask(t, http.MethodGet, "/metrics").Body.String()
	for _, line := range []string{
		`qm_operation_seconds_count{code="OK",field="viewer",kind="query"} 1`, `qm_operation_seconds_count{code="OK",field="several",kind="query"} 1`,
		`field="conversation",kind="query"} 1`, `qm_http_request_seconds_count{route="/graphql",status="200"} 3`,
		`qm_http_request_seconds_count{route="/graphql",status="401"} 1`,
		`qm_http_request_seconds_count{route="/import",status="401"} 1`, `qm_refused_total{reason="unauthenticated"} 2`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(strings.ToLower(text), "secret") {
		t.Error("the metrics repeat what a client sent")
	}
}

// So many imports run at once, of one person and in all; who is refused is told when to try again. An empty
// body that is taken is answered with 422.
func TestImportsAtOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		limits Limits
		other  string
		status int
	}{
		"of one person":     {Limits{ImportsEach: 1, Imports: 5}, "manager", 429},
		"of another person": {Limits{ImportsEach: 1, Imports: 5}, "another", 422},
		"in all":            {Limits{ImportsEach: 5, Imports: 1}, "manager", 503},
		"without a limit":   {Limits{}, "manager", 422},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "mem://", false, func(o *Options) {
				row.limits.ImportBytes = 1 << 20
				o.Limits = row.limits
				o.SignIn.verify = byName
			})
			body, send := io.Pipe()
			first := make(chan *httptest.ResponseRecorder)
			go func() { first <- s.importAs("manager", body) }()
			_, _ = send.Write([]byte("\n")) // it is read, so the import is under way
			got := s.importAs(row.other, strings.NewReader(""))
			if got.Code != row.status || (row.status != 422) != (got.Header().Get("Retry-After") != "") {
				t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
			}
			_ = send.Close()
			if got := <-first; got.Code != 422 {
				t.Errorf("the first: %d %s", got.Code, got.Body)
			}
			if got := s.importAs("manager", strings.NewReader("")); got.Code != 422 {
				t.Errorf("after the first: %d %s", got.Code, got.Body)
			}
		})
	}
}

func (s *site) importAs(who string, body io.Reader) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/import", body)
	request.Header.Set("Authorization", "Bearer "+who)
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	return recorder
}

// An import that takes too long ends, and says so, also while it waits for its sender.
func TestAnImportWithoutEnd(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := newSite(t, "mem://", false, func(o *Options) {
		o.Limits.ImportDuration = 50 * time.Millisecond
		o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	endless := readerFunc(func(p []byte) (int, error) { return copy(p, "{}\n{}\n"), nil })
	request := httptest.NewRequest(http.MethodPost, "/import", io.LimitReader(endless, 1<<20))
	request.Header.Set("Authorization", "Bearer "+s.token)
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	if recorder.Code != 503 && recorder.Code != 422 || recorder.Header().Get("X-Request-Id") == "" {
		t.Errorf("%d %v %s", recorder.Code, recorder.Header(), recorder.Body)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What an import logs has the id that its answer has.
func TestTheLogOfAnImport(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	s := newSite(t, "mem://", false, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if _, err := s.bun.NewRaw("DROP TABLE participants CASCADE").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	document := `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", "created_at": "2026-03-01T09:30:00Z",
		"parties": [{"tel": "+420777123456"}], "dialog": [{"type": "text", "start": "2026-03-01T09:30:00Z", "parties": [0],
		"body": "a", "encoding": "none", "mediatype": "text/plain"}]}`
	request := httptest.NewRequest(http.MethodPost, "/import", strings.NewReader(document))
	request.Header.Set("Authorization", "Bearer "+s.token)
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	id := recorder.Header().Get("X-Request-Id")
	if recorder.Code < 500 || id == "" || !strings.Contains(log.String(), "request="+id) {
		t.Errorf("%d %q: %s\n%s", recorder.Code, id, recorder.Body, log.String())
	}
}

// While the server drains, /readyz says so and everything else goes on; then WebSockets are closed with 1001.
func TestDraining(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false)
	limits := quick()
	limits.Drain, limits.Stall, limits.Idle = 3*time.Second, patience, patience // ample for two requests
	s.api.options.Timeouts = limits
	server := serveHandler(t, limits, s.api)
	conn, response, err := websocket.Dial(t.Context(), "ws://"+server.address+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err, response)
	}
	if err := conn.Write(t.Context(), websocket.MessageText,
		[]byte(`{"type":"connection_init","payload":{"Authorization":"Bearer `+s.token+`"}}`)); err != nil {
		t.Fatal(err)
	}
	if _, ack, err := conn.Read(t.Context()); err != nil || !strings.Contains(string(ack), "connection_ack") {
		t.Fatalf("%s %v", ack, err)
	}
	get := func(path string) int {
		response, err := http.Get("http://" + server.address + path)
		if err != nil {
			t.Error(err)
			return 0
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	if status := get("/readyz"); status != 200 {
		t.Errorf("before: %d", status)
	}
	server.stop()
	for deadline := time.Now().Add(patience); !s.api.draining.Load(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not drain")
		}
	}
	if status := get("/readyz"); status != 503 {
		t.Errorf("/readyz while draining: %d", status)
	}
	if status := get("/healthz"); status != 200 {
		t.Errorf("/healthz while draining: %d", status)
	}
	_, _, err = conn.Read(t.Context())
	if websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the WebSocket ends with %v", err)
	}
	if err := <-server.ended; err != nil {
		t.Error(err)
	}
}

// What strangers send wrongly leaves no line in the log but those of the program's form.
func TestNothingUnstructuredIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false)
	server := serveHandler(t, quick(), s.api)
	for _, request := range []string{
		"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
		"POST /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}",
		"\x16\x03\x01 this is TLS\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 200_000) + "\r\n\r\n",
	} {
		conn := server.dial(t)
		_, _ = io.WriteString(conn, request)
		answer, _ := io.ReadAll(conn)
		if bytes.Contains(answer, []byte("426")) && bytes.Contains(answer, []byte(`"errors"`)) {
			t.Errorf("%.60q: text and JSON are mixed: %s", request, answer)
		}
	}
	server.end(t)
	for line := range strings.Lines(server.log.String()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("the log has %q", line)
		}
	}
}
