package importing_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"qm-compliance/auth"
	"qm-compliance/importing"
)

// overHTTP serves /import to one importer, and returns its address.
func (r *rig) overHTTP(t *testing.T, duration time.Duration) string {
	t.Helper()
	handler := importing.Handler(importing.Options{
		Config: r.config, Logger: slog.New(slog.DiscardHandler), MaxBytes: 1 << 30, Duration: duration,
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		ctx := auth.NewContext(request.Context(), &auth.Viewer{Subject: "importer"})
		handler.ServeHTTP(w, request.WithContext(ctx))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// post sends a body that goes on for as long as the writer does, and returns the status and the answer.
func post(t *testing.T, url string, body io.Reader) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func chatLine(number int) string {
	return strings.Replace(document(hello), "dd37220d739c", fmt.Sprintf("%012d", number), 1) + "\n"
}

// What is sent over HTTP comes in in its order, while the rest is read.
func TestReadingAheadOverHTTP(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var body strings.Builder
	for n := range 450 {
		body.WriteString(chatLine(n))
		if n%100 == 50 {
			body.WriteString("{}\n")
		}
	}
	status, answer := post(t, r.overHTTP(t, 0), strings.NewReader(body.String()))
	if status != http.StatusOK || !strings.Contains(answer, `"added":450,`) || !strings.Contains(answer,
		`"refusedCount":4,"refused":[{"source":"body:52"`) || !strings.Contains(answer, `"source":"body:355"`) {
		t.Errorf("%d: %s", status, answer)
	}
	if got := r.count(t, "conversations"); got != 450 {
		t.Errorf("%d conversations came in", got)
	}
}

// An import that ends early is answered soon, though the client sends on, or waits.
func TestAnImportThatEndsEarlyDoesNotWaitForTheRest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		duration time.Duration
		breaks   bool
		sends    int
		want     string
	}{
		"the database is gone, the client waits":    {0, true, 300, "the import was interrupted"},
		"the database is gone, the client sends on": {0, true, 1_000_000, "the import was interrupted"},
		"it takes too long":                         {300 * time.Millisecond, false, 300, "TIMEOUT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if test.breaks {
				_ = r.bun.Close()
			}
			body, client := io.Pipe()
			defer func() { _ = client.Close() }()
			go func() { // it sends more than a batch; there is no end
				for n := range test.sends {
					if _, err := io.WriteString(client, chatLine(n)); err != nil {
						return
					}
				}
			}()
			if _, answer := post(t, r.overHTTP(t, test.duration), body); !strings.Contains(answer, test.want) {
				t.Errorf("answered %s", answer)
			}
		})
	}
}
