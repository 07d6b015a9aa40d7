package httpserver

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"qm-compliance/coding"
)

// unpack is a body without the coding that its header names.
func unpack(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	body, err := io.Reader(answer.Body), error(nil)
	switch answer.Header().Get("Content-Encoding") {
	case "gzip":
		body, err = gzip.NewReader(body)
	case "zstd":
		body, err = zstd.NewReader(body)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// send posts a body as the manager, who accepts a coding.
func (s *site) send(t *testing.T, path, accept, body string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept-Encoding", accept)
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	return recorder
}

// Answers, exports in them, refusals and reports are the same text in every coding.
func TestCodingsOfAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false)
	var vcons, broken strings.Builder
	for i := range 20 {
		fmt.Fprintf(&vcons, `{"vcon":"0.4.0","uuid":"019543da-b5aa-8d63-9dd8-dd37220d7%03d","created_at":"2026-03-01T09:30:00Z",`+
			`"parties":[{"tel":"+420777123%03d"}],"dialog":[{"type":"text","start":"2026-03-01T09:30:00Z","parties":[0],`+
			`"mediatype":"text/plain","encoding":"none","body":%q}]}`+"\n", i, i, strings.Repeat("What was said. ", 60))
		broken.WriteString("{\"vcon\":\"0.4.0\"}\n")
	}
	if status, body := s.post(t, "/import", vcons.String()); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	list := `{"query":"{ conversations(first: 20) { nodes { id startedAt endedAt mediaStatus participants { phoneNumber } } } }"}`
	var first struct {
		Data struct {
			Conversations struct{ Nodes []struct{ ID string } }
		}
	}
	_, listed := s.post(t, "/graphql", list)
	if err := json.Unmarshal([]byte(listed), &first); err != nil || len(first.Data.Conversations.Nodes) != 20 {
		t.Fatalf("%v: %s", err, listed)
	}
	export := fmt.Sprintf(`{"query":"{ exportConversation(id: \"%s\") }"}`, first.Data.Conversations.Nodes[0].ID)
	wrong := `{"query":"{ ` + strings.Repeat("nothing ", 20) + strings.Repeat(" else", 20) + ` }"}`
	for name, row := range map[string]struct {
		path, body string
		status     int
	}{
		"a listing":              {"/graphql", list, 200},
		"an export":              {"/graphql", export, 200},
		"errors":                 {"/graphql", wrong, 200},
		"the report of refusals": {"/import", broken.String(), 422},
	} {
		plain := s.send(t, row.path, "", row.body)
		if plain.Code != row.status || plain.Body.Len() < 1024 || plain.Header().Get("Content-Encoding") != "" {
			t.Fatalf("%s: %d, %d bytes", name, plain.Code, plain.Body.Len())
		}
		for _, accept := range []string{"gzip", "zstd"} {
			packed := s.send(t, row.path, accept, row.body)
			size := packed.Body.Len()
			if packed.Code != row.status || packed.Header().Get("Content-Encoding") != accept ||
				packed.Header().Get("Vary") != "Accept-Encoding" || size >= plain.Body.Len()/2 {
				t.Errorf("%s, %s: %d, %d bytes, %v", name, accept, packed.Code, size, packed.Header())
			}
			if got := unpack(t, packed); got != plain.Body.String() {
				t.Errorf("%s, %s:\n%s\nnot\n%s", name, accept, got, plain.Body)
			}
		}
	}
	small := s.send(t, "/graphql", "gzip", `{"query":"{ viewer { name } }"}`)
	if small.Header().Get("Content-Encoding") != "" || small.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("a small answer: %v", small.Header())
	}
}

// What the web app of another origin is answered differs by its origin as well as by the coding, also the
// console's files, which caches may keep.
func TestVaryOfOtherOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, "mem://", false, func(o *Options) { o.Origins = []string{"https://app.example"} })
	for _, path := range []string{"/favicon.svg", "/graphiql/app.js", "/graphql", "/import"} {
		header := s.ask(t, http.MethodGet, path, "Origin", "https://app.example", "Accept-Encoding", "gzip").Header()
		vary := strings.Join(header.Values("Vary"), ", ")
		if !strings.Contains(vary, "Origin") || !strings.Contains(vary, "Accept-Encoding") {
			t.Errorf("%s: Vary %q", path, vary)
		}
	}
}

// Recordings are sent as they are, whole and in parts.
func TestRecordingsHaveNoCoding(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	if status, body := l.post(t, "/import", l.document); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	link := *l.state(t).Media[0].PlaybackURL
	for _, accept := range []string{"", "gzip", "zstd", "gzip, zstd, *"} {
		whole := l.ask(t, http.MethodGet, link, "Accept-Encoding", accept)
		if whole.Code != http.StatusOK || !bytes.Equal(whole.Body.Bytes(), l.sound) ||
			whole.Header().Get("Content-Encoding") != "" {
			t.Errorf("%q: %d, %d bytes, %v", accept, whole.Code, whole.Body.Len(), whole.Header())
		}
		part := l.ask(t, http.MethodGet, link, "Accept-Encoding", accept, "Range", "bytes=100-2099")
		if part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), l.sound[100:2100]) {
			t.Errorf("%q, a part: %d, %d bytes", accept, part.Code, part.Body.Len())
		}
	}
}

// Who reads nothing is cut off while a compressed answer is sent, too.
func TestWhoDoesNotReadACompressedAnswer(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 32<<20) // what does not compress, and fills every buffer on the way
	state := uint64(1)
	for i := range noise {
		state = state*6364136223846793005 + 1442695040888963407
		noise[i] = byte(state >> 56)
	}
	for _, accept := range []string{"gzip", "zstd"} {
		t.Run(accept, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{})
			answers := coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(noise) }))
			s := run(t, quick(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answers.ServeHTTP(w, r)
				close(ended)
			}))
			conn := s.dial(t)
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: "+accept+"\r\n\r\n")
			<-ended // for ever, where nobody cuts it off
			if got, err := io.ReadAll(conn); err == nil && len(got) >= len(noise) {
				t.Errorf("all was sent to a client that reads nothing")
			}
		})
	}
}

// taker is a client that takes everything and keeps nothing.
type taker struct{ header http.Header }

func (c *taker) Header() http.Header              { return c.header }
func (c *taker) WriteHeader(int)                  {}
func (c *taker) Write(data []byte) (int, error)   { return len(data), nil }
func (c *taker) SetReadDeadline(time.Time) error  { return nil }
func (c *taker) SetWriteDeadline(time.Time) error { return nil }

// around is all that is around an answer of 50 KB: its id, its pace, its coding, and what counts it.
func around() func(accept string) {
	body := []byte(strings.Repeat(`{"id":"Q29udmVyc2F0aW9uOjE","startedAt":"2026-03-01T09:30:00Z"},`, 800))
	h := &Handler{options: Options{Timeouts: DefaultTimeouts()}, logger: quiet(), meter: newMeter()}
	h.routes = coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	}))
	client, address := &taker{http.Header{}}, &url.URL{Path: "/graphql"}
	return func(accept string) {
		clear(client.header)
		h.ServeHTTP(client, &http.Request{Method: http.MethodPost, URL: address, Body: http.NoBody,
			Header: http.Header{"Accept-Encoding": {accept}}})
	}
}

// fewest is the least that a run allocates: the race detector empties pools at random.
func fewest(run func()) float64 {
	least := testing.AllocsPerRun(1, run)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, run))
	}
	return least
}

// TestAllocationsAroundAnAnswer holds what is allocated around an answer, the request itself included.
func TestAllocationsAroundAnAnswer(t *testing.T) {
	for accept, most := range map[string]float64{"": 21, "gzip": 24, "zstd": 24} {
		serve := around()
		serve(accept)
		if got := fewest(func() { serve(accept) }); got > most {
			t.Errorf("%q: %.0f allocations, at most %.0f", accept, got, most)
		}
	}
}

func BenchmarkAroundAnAnswer(b *testing.B) {
	for _, accept := range []string{"", "gzip", "zstd"} {
		b.Run("coding="+accept, func(b *testing.B) {
			serve := around()
			b.ReportAllocs()
			for b.Loop() {
				serve(accept)
			}
		})
	}
}
