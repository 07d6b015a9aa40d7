package playback_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
	"qm-compliance/media/playback"
)

// library says what it was told about the only file there is, number 7. Anna may see it.
type library struct {
	mu        sync.Mutex
	recording playback.Recording
	err       error
	// played are the links that were recorded as played, each time; unaudited is why none is.
	played    []string
	unaudited error
}

func (l *library) Played(_ context.Context, grant playback.Grant, _ playback.Recording) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unaudited == nil {
		l.played = append(l.played, grant.Link)
	}
	return l.unaudited
}

func (l *library) Recording(_ context.Context, grant playback.Grant) (playback.Recording, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if grant.FileID != 7 || grant.Subject != "anna" {
		return playback.Recording{}, l.err
	}
	return l.recording, l.err
}

// set changes what the library says.
func (l *library) set(change func(l *library)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// stage is a server with one recording, and a link to it.
type stage struct {
	t       testing.TB
	content []byte
	library *library
	store   *filestore.Files
	options playback.Options
	link    string
	log     *bytes.Buffer
}

// newStage stores content in the store at an address.
func newStage(t testing.TB, address string, content []byte) *stage {
	t.Helper()
	s, err := filestore.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := filestore.NewKey(noon())
	if _, err := s.Put(t.Context(), at, "audio/wav", bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	recording := playback.Recording{State: playback.Playable, Key: at, Size: int64(len(content)),
		MediaType: "audio/x-wav", Hash: hex.EncodeToString(sum[:])}
	st := &stage{t: t, content: content, library: &library{recording: recording}, store: s,
		log: new(bytes.Buffer)}
	st.options = playback.Options{Links: links(t, key(1), noon), Recordings: st.library, Store: s,
		Logger: slog.New(slog.NewTextHandler(st.log, nil))}
	st.link = st.options.Links.Seal(playback.Grant{FileID: 7, Subject: "anna"})
	return st
}

// addresses are stores to try everything on.
func addresses() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"memory": func(testing.TB) string { return "mem://" },
		"folder": func(t testing.TB) string { return t.TempDir() },
		"S3":     s3test.Start,
	}
}

// request answers a request for path with headers in pairs.
func (s *stage) request(method, path string, headers ...string) *http.Response {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	playback.Handler(s.options).ServeHTTP(w, r)
	return w.Result()
}

func body(t testing.TB, response *http.Response) []byte {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// checkProblem fails the test unless the answer is an error with a status and a code, and tells nothing
// of the file.
func checkProblem(t testing.TB, response *http.Response, status int, code string) {
	t.Helper()
	var said struct {
		Error struct{ Code, Message string }
	}
	raw := body(t, response)
	if err := json.Unmarshal(raw, &said); err != nil || said.Error.Message == "" {
		t.Errorf("not an error as JSON: %q, %v", raw, err)
	}
	if response.StatusCode != status || said.Error.Code != code {
		t.Errorf("answers %d %s, want %d %s", response.StatusCode, said.Error.Code, status, code)
	}
	for _, header := range []string{"ETag", "Content-Range", "Last-Modified", "Location",
		"Content-Disposition"} {
		if value := response.Header.Get(header); value != "" {
			t.Errorf("an error has %s: %s", header, value)
		}
	}
	checkProtected(t, response)
}

// checkProtected fails the test unless the answer has the headers that every answer must have.
func checkProtected(t testing.TB, response *http.Response) {
	t.Helper()
	for header, want := range map[string]string{
		"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "cross-origin", "Referrer-Policy": "no-referrer",
	} {
		if got := response.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy,
		"default-src 'none'") || !strings.Contains(policy, "sandbox") {
		t.Errorf("the content security policy is %q", policy)
	}
}

// sound is a WAV of a tone, of some seconds: 48 kHz, 16 bits, one channel.
func sound(seconds int) []byte {
	const rate = 48_000
	size := uint32(seconds * rate * 2)
	little := binary.LittleEndian
	wav := little.AppendUint32([]byte("RIFF"), size+36)
	wav = append(wav, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	wav = little.AppendUint32(little.AppendUint32(wav, rate), rate*2)
	wav = append(wav, "\x02\x00\x10\x00data"...)
	wav = little.AppendUint32(wav, size)
	for i := range seconds * rate {
		wav = little.AppendUint16(wav, uint16(i%100*50+i/rate)) // differs from second to second
	}
	return wav
}

func at(later time.Duration) func() time.Time {
	return func() time.Time { return noon().Add(later) }
}
