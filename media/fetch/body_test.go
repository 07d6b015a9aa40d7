package fetch_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"qm-compliance/media/fetch"
)

func TestARecordingIsFetched(t *testing.T) {
	t.Parallel()
	body, content, err := fromSite(t, 10, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/secret?key=secret" || r.Header.Get("Authorization") != "" ||
			r.Header.Get("Accept-Encoding") != "identity" || !strings.HasPrefix(r.Host, "media.example:") {
			t.Errorf("asked %s of %s with %v", r.URL, r.Host, r.Header)
		}
		w.Header().Set("Content-Type", "Audio/WAV; rate=8000")
		_, _ = io.WriteString(w, "0123456789")
	})
	if err != nil || content != "0123456789" || body.MediaType != "audio/wav" || body.Size != 10 {
		t.Errorf("%q, %q, %d, %v", content, body.MediaType, body.Size, err)
	}
}

func TestARecordingOfUnknownLengthIsFetched(t *testing.T) {
	t.Parallel()
	body, content, err := fromSite(t, 10, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		_, _ = io.WriteString(w, "01234")
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "56789")
	})
	if err != nil || content != "0123456789" || body.MediaType != "" || body.Size != -1 {
		t.Errorf("%q, %q, %d, %v", content, body.MediaType, body.Size, err)
	}
}

// raw answers with bytes and closes the connection.
func raw(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(connection, answer)
		_ = connection.Close()
	}
}

func TestAnswersThatAreNoWholeRecording(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		content string // what was read before the error
		cause   error
		problem string
	}{
		"too large, as it says": {raw("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a"), "",
			fetch.ErrTooLarge, "larger than 10 bytes"},
		"too large, unsaid": {raw("HTTP/1.1 200 OK\r\n\r\n0123456789a"), "0123456789", fetch.ErrTooLarge,
			"larger than 10 bytes"},
		"too large, in chunks": {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " +
			"chunked\r\n\r\n8\r\n01234567\r\n8\r\n89abcdef\r\n0\r\n\r\n"), "0123456789", fetch.ErrTooLarge,
			"larger than 10 bytes"},
		"truncated": {raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"), "01234",
			fetch.ErrTruncated, "closed the connection"},
		"truncated in chunks": {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n"),
			"01234", fetch.ErrTruncated, "closed the connection"},
		"truncated within a chunk": {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n012"), "012",
			fetch.ErrTruncated, "closed the connection"},
		"a chunk that is none": {raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: " +
			"chunked\r\n\r\n5\r\n01234\r\nsecret\r\n"), "01234", fetch.ErrTruncated, "closed the connection"},
		"truncated before it": {raw("HTTP/1.1 200 OK\r\n"), "", fetch.ErrTruncated,
			"closed the connection"},
		"nothing": {raw(""), "", fetch.ErrTruncated, "closed the connection"},
		"compressed": {raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n0"), "", nil,
			"compressed"},
		"no HTTP": {raw("220 secret mail\r\n\r\n"), "", nil, "could not be reached"},
		"a header without end": {raw("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("secret", 100_000) +
			"\r\n\r\n"), "", nil, "could not be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, content, err := fromSite(t, 10, test.handler)
			if err == nil || !strings.Contains(err.Error(), test.problem) ||
				!strings.Contains(err.Error(), "the host media.example:") || test.cause != nil &&
				!errors.Is(err, test.cause) {
				t.Errorf("got %v; want %q", err, test.problem)
			}
			if content != test.content {
				t.Errorf("read %q; want %q", content, test.content)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 203, 204, 206, 300, 304, 400, 401, 403, 404, 410, 429, 500, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			_, _, err := fromSite(t, 10, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
			if failed, ok := errors.AsType[*fetch.Error](err); !ok || failed.Status != status ||
				!strings.HasPrefix(failed.Host, "media.example:") {
				t.Errorf("got %v; want an error of status %d", err, status)
			}
		})
	}
}
