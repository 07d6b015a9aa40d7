package coding_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"qm-compliance/coding"
)

// TestAccepted holds how Accept-Encoding is read. The two columns differ in what the server would rather send.
func TestAccepted(t *testing.T) {
	t.Parallel()
	const none, gz, zs = coding.Identity, coding.Gzip, coding.Zstd
	for _, row := range []struct {
		lines                string // separated by |
		zstdFirst, gzipFirst coding.Coding
	}{
		{"", none, none},
		{"identity", none, none},
		{"gzip", gz, gz},
		{"zstd", zs, zs},
		{"gzip, zstd", zs, gz},
		{"zstd, gzip", zs, gz},
		{"gzip, deflate, br, zstd", zs, gz},
		{"gzip, deflate, br", gz, gz},
		{"br, deflate, compress", none, none},
		{"GZip", gz, gz},
		{"ZSTD", zs, zs},
		{"x-gzip", none, none},
		{"  gzip  ,  ", gz, gz},
		{",", none, none},
		{"gzip;q=0", none, none},
		{"gzip;q=0.0, zstd;q=0.000", none, none},
		{"gzip;q=0, zstd", zs, zs},
		{"zstd;q=0, gzip", gz, gz},
		{"gzip;q=1, zstd;q=0.9", gz, gz},
		{"gzip;q=0.5, zstd;q=0.6", zs, zs},
		{"gzip ; q=0.5 , zstd ; Q = 0.5", zs, gz},
		{"gzip;q=0.001", gz, gz},
		{"*", gz, gz},
		{"*;q=0", none, none},
		{"*;q=0, gzip", gz, gz},
		{"gzip;q=0, *", none, none},
		{"zstd;q=0, *", gz, gz},
		{"zstd;q=0.5, *;q=0.4", zs, zs},
		{"zstd;q=0.5, *", gz, gz},
		{"identity, *;q=0", none, none},
		{"identity;q=0, *", gz, gz},
		{"identity;q=0", none, none},
		{"identity;q=0, gzip", gz, gz},
		{"identity;q=0.5, gzip;q=0.4", none, none},
		{"identity;q=0.5, gzip;q=0.5", gz, gz},
		{"identity, gzip;q=0.9, zstd", zs, zs},
		{"gzip;q=2", none, none},
		{"gzip;q=-1", none, none},
		{"gzip;q=NaN", none, none},
		{"gzip;q=Inf", none, none},
		{"gzip;q=", none, none},
		{"gzip;q", none, none},
		{"gzip;", gz, gz},
		{"gzip;level=9", none, none},
		{"br|gzip", gz, gz},
		{"gzip|zstd", zs, gz},
		{"zstd;q=0.5|gzip;q=0.6", gz, gz},
		{"gzip|gzip;q=0", none, none},
	} {
		header := http.Header{"Accept-Encoding": strings.Split(row.lines, "|")}
		if got := coding.Accepted(header, zs, gz); got != row.zstdFirst {
			t.Errorf("%q, zstd rather: %q, want %q", row.lines, got, row.zstdFirst)
		}
		if got := coding.Accepted(header, gz, zs); got != row.gzipFirst {
			t.Errorf("%q, gzip rather: %q, want %q", row.lines, got, row.gzipFirst)
		}
	}
	if got := coding.Accepted(http.Header{}, zs, gz); got != none {
		t.Errorf("without the header: %q", got)
	}
}

// unpack is a body without the coding that its header names.
func unpack(t *testing.T, header http.Header, body io.Reader) string {
	t.Helper()
	var err error
	switch coding.Coding(header.Get("Content-Encoding")) {
	case coding.Gzip:
		body, err = gzip.NewReader(body)
	case coding.Zstd:
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

// text is what compresses well and has that many bytes.
func text(size int) string { return strings.Repeat("a word or two, ", size/15+1)[:size] }

// TestAnswers holds which answers are compressed, and what their headers say.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		header string // "name: value" lines, separated by |
		status int
		size   int
		packed bool
	}{
		"large":                  {"Content-Type: application/json", 200, 50_000, true},
		"with a length":          {"Content-Type: application/json|Content-Length: 50000", 200, 50_000, true},
		"of 1 KB":                {"Content-Type: application/json", 200, 1024, true},
		"of less":                {"Content-Type: application/json", 200, 1023, false},
		"of less, with a length": {"Content-Type: application/json|Content-Length: 1023", 200, 1023, false},
		"empty":                  {"Content-Type: application/json", 200, 0, false},
		"an error":               {"Content-Type: application/json", 400, 2000, true},
		"unavailable":            {"Content-Type: application/json|Retry-After: 1", 503, 2000, true},
		"no content":             {"", 204, 0, false},
		"not modified":           {`ETag: "x"`, 304, 0, false},
		"sound":                  {"Content-Type: audio/webm", 200, 50_000, false},
		"video":                  {"Content-Type: video/webm", 200, 50_000, false},
		"a picture":              {"Content-Type: image/jpeg", 200, 50_000, false},
		"an archive":             {"Content-Type: application/gzip", 200, 50_000, false},
		"a range":                {"Content-Type: text/plain|Content-Range: bytes 0-49999/90000", 206, 50_000, false},
		"compressed already":     {"Content-Type: text/plain|Content-Encoding: br", 200, 50_000, false},
	} {
		handler := coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for line := range strings.SplitSeq(row.header, "|") {
				if key, value, found := strings.Cut(line, ": "); found {
					w.Header().Set(key, value)
				}
			}
			w.Header().Add("Vary", "Origin")
			w.WriteHeader(row.status)
			if row.size > 0 {
				_, _ = io.WriteString(w, text(row.size))
			}
		}))
		for _, accept := range []coding.Coding{coding.Identity, coding.Gzip, coding.Zstd} {
			request := httptest.NewRequest(http.MethodPost, "/", nil)
			request.Header.Set("Accept-Encoding", string(accept))
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			got := recorder.Header()
			if recorder.Code != row.status {
				t.Errorf("%s, %q: %d", name, accept, recorder.Code)
			}
			if vary := strings.Join(got.Values("Vary"), ", "); vary != "Accept-Encoding, Origin" {
				t.Errorf("%s, %q: Vary %q", name, accept, vary)
			}
			if row.packed && accept != coding.Identity {
				if got.Get("Content-Encoding") != string(accept) || got.Get("Content-Length") != "" ||
					recorder.Body.Len() > row.size/2 {
					t.Errorf("%s, %q: %v, %d bytes", name, accept, got, recorder.Body.Len())
				}
			} else if encoding := got.Get("Content-Encoding"); encoding == "gzip" || encoding == "zstd" {
				t.Errorf("%s, %q: it is compressed", name, accept)
			}
			if body := unpack(t, got, recorder.Body); body != text(row.size) {
				t.Errorf("%s, %q: %d bytes came of %d", name, accept, len(body), row.size)
			}
		}
	}
}

// A tag names one form: that of a compressed answer is another.
func TestTagsOfAnswers(t *testing.T) {
	t.Parallel()
	handler := coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"a"`)
		_, _ = io.WriteString(w, text(5000))
	}))
	for accept, want := range map[string]string{"": `"a"`, "gzip": `"a-gzip"`, "zstd": `"a-zstd"`} {
		if got := ask(handler, http.MethodGet, "Accept-Encoding", accept).Header().Get("ETag"); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func ask(handler http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "/", nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// client asks over a connection, and unpacks nothing by itself.
func client(t *testing.T, handler http.Handler) (*http.Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	transport.DisableCompression = true
	return server.Client(), server.URL
}

func get(t *testing.T, client *http.Client, method, url, accept string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", accept)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// What is flushed arrives while the answer goes on, and HEAD has no body.
func TestFlushAndHead(t *testing.T) {
	t.Parallel()
	read := make(chan struct{})
	client, url := client(t, coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, text(2000))
		if r.Method == http.MethodHead {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-read
		_, _ = io.WriteString(w, text(500))
	})))
	for _, accept := range []coding.Coding{coding.Identity, coding.Gzip, coding.Zstd} {
		response := get(t, client, http.MethodGet, url, string(accept))
		if got := response.Header.Get("Content-Encoding"); got != string(accept) {
			t.Errorf("%q: %q", accept, got)
		}
		body := io.Reader(response.Body)
		switch accept {
		case coding.Gzip:
			body, _ = gzip.NewReader(body)
		case coding.Zstd:
			body, _ = zstd.NewReader(body)
		}
		first := make([]byte, 2000)
		if _, err := io.ReadFull(body, first); err != nil || string(first) != text(2000) {
			t.Fatalf("%q: %v", accept, err)
		}
		read <- struct{}{}
		if rest, err := io.ReadAll(body); err != nil || string(rest) != text(500) {
			t.Errorf("%q: %d bytes, %v", accept, len(rest), err)
		}
		head := get(t, client, http.MethodHead, url, string(accept))
		if got, _ := io.ReadAll(head.Body); len(got) != 0 || head.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("HEAD, %q: %d bytes, %v", accept, len(got), head.Header)
		}
	}
}

// An answer that is broken off does not look whole, and leaves its seat to others.
func TestAnAnswerThatIsBrokenOff(t *testing.T) {
	t.Parallel()
	client, url := client(t, coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, text(5000))
		if r.URL.Path == "/broken" {
			panic(http.ErrAbortHandler)
		}
	})))
	for range 2 * runtime.GOMAXPROCS(0) {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/broken", nil)
		request.Header.Set("Accept-Encoding", "zstd")
		response, err := client.Do(request)
		if err == nil {
			_, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err == nil {
			t.Fatal("the answer looks whole")
		}
	}
	response := get(t, client, http.MethodGet, url, "zstd")
	if got := unpack(t, response.Header, response.Body); got != text(5000) {
		t.Errorf("%d bytes", len(got))
	}
}

// deaf is a client that reads nothing until it is released. It knows the most that it was sent at once.
type deaf struct {
	*httptest.ResponseRecorder
	reached *sync.WaitGroup
	release chan struct{}
	once    sync.Once
	most    int
}

func (w *deaf) Write(data []byte) (int, error) {
	w.once.Do(w.reached.Done)
	<-w.release
	w.most = max(w.most, len(data))
	return w.ResponseRecorder.Write(data)
}

// noise is what compresses badly.
func noise(size int) string {
	var out strings.Builder
	for state := uint64(1); out.Len() < size; {
		state = state*6364136223846793005 + 1442695040888963407
		out.WriteByte('0' + byte(state>>58))
	}
	return out.String()
}

// Clients that read nothing keep nobody else from compressing, however many they are, and no compressed answer
// is kept whole where it is large.
func TestNobodyWaitsForAClient(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"a page": text(50_000), "an export": noise(3 << 20)} {
		handler := coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, body)
		}))
		var reached, ended sync.WaitGroup
		release := make(chan struct{})
		for i := range 5 * runtime.GOMAXPROCS(0) {
			request := httptest.NewRequest(http.MethodGet, "/", nil)
			request.Header.Set("Accept-Encoding", []string{"gzip", "zstd"}[i%2])
			reached.Add(1)
			ended.Go(func() {
				client := &deaf{ResponseRecorder: httptest.NewRecorder(), reached: &reached, release: release}
				handler.ServeHTTP(client, request)
				if got := unpack(t, client.Header(), client.Body); got != body {
					t.Errorf("%s: %d bytes", name, len(got))
				}
				if client.most > 512<<10 {
					t.Errorf("%s: %d bytes were kept", name, client.most)
				}
			})
		}
		reached.Wait() // for ever, where seats are kept
		close(release)
		ended.Wait()
	}
}

// A request for another protocol gets the connection itself.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	_, url := client(t, coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "gzip;q=0.3" {
			t.Errorf("the request was changed: %q", got)
		}
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(buffered, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n%s", text(5000))
		_ = buffered.Flush()
		_ = connection.Close()
	})))
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	request.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"a"}, "Accept-Encoding": {"gzip;q=0.3"}}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(bufio.NewReader(response.Body))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != text(5000) ||
		response.StatusCode != http.StatusSwitchingProtocols || response.Header.Get("Vary") != "" {
		t.Errorf("%d, %d bytes, %v, %v", response.StatusCode, len(got), response.Header, err)
	}
}

// sink is a client that takes everything and keeps nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header            { return s.header }
func (s *sink) WriteHeader(int)                {}
func (s *sink) Write(data []byte) (int, error) { return len(data), nil }
func (s *sink) reset()                         { clear(s.header) }
func listing() []byte                          { return []byte(listingOf(50)) }
func (s *sink) serve(h http.Handler, accept string) {
	s.reset()
	h.ServeHTTP(s, &http.Request{Method: http.MethodPost, Header: http.Header{"Accept-Encoding": {accept}}})
}

// listingOf is an answer of about a kilobyte for each conversation.
func listingOf(count int) string {
	var out bytes.Buffer
	for i := range count {
		fmt.Fprintf(&out, `{"node":{"id":"Q29udmVyc2F0aW9uOj%d","startedAt":"2026-03-%02dT09:%02d:00Z","durationSeconds":%d,`+
			`"direction":"INBOUND","types":["CALL","CHAT"],"isReviewable":true,"mediaStatus":"AVAILABLE","participants":[`,
			i*7919, i%28+1, i%60, i*37%900)
		for p := range 2 {
			fmt.Fprintf(&out, `{"role":"CUSTOMER","name":"Person %d","phoneNumber":"+420777%06d","isPhoneNumberAnonymized":false,`+
				`"digitalAddress":"person%d.%d@example.com","isDigitalAddressAnonymized":false},`, i, i*7919%1_000_000, i, p)
		}
		out.WriteString(`],"metadata":[`)
		for m := range 5 {
			fmt.Fprintf(&out, `{"key":"key.%d","value":"value %d","isAnonymized":false},`, m, i*m*31%1000)
		}
		out.WriteString("]}},")
	}
	return out.String()
}

func around(body []byte) http.Handler {
	length := strconv.Itoa(len(body))
	return coding.Answers(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", length)
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
	}))
}

// fewest is the least that a run allocates: the race detector empties pools at random.
func fewest(run func()) float64 {
	least := testing.AllocsPerRun(1, run)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, run))
	}
	return least
}

// TestAllocationsOfAnAnswer holds what is allocated around an answer, whatever its size.
func TestAllocationsOfAnAnswer(t *testing.T) {
	for accept, most := range map[string]float64{"": 10, "gzip": 14, "zstd": 14} {
		handler, client := around(listing()), &sink{http.Header{}}
		client.serve(handler, accept)
		if got := fewest(func() { client.serve(handler, accept) }); got > most {
			t.Errorf("%q: %.0f allocations, at most %.0f", accept, got, most)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	for _, accept := range []string{"", "gzip", "zstd"} {
		b.Run(strconv.Quote(accept), func(b *testing.B) {
			body := listing()
			handler, client := around(body), &sink{http.Header{}}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				client.serve(handler, accept)
			}
		})
	}
}
