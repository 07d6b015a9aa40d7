package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/refusals"
	"qm-compliance/media/playback"
	"qm-compliance/media/store"
	"qm-compliance/postgres"
)

// newDataDir is a data directory that the user of the embedded server can enter, also where the tests run as root.
func newDataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "qm-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// command runs the program in this process and returns its status and what it printed.
func command(t *testing.T, arguments ...string) (status int, out, errors string) {
	t.Helper()
	var stdout, stderr output
	status = run(t.Context(), arguments, streams{&stdout, &stderr})
	return status, stdout.String(), stderr.String()
}

// output is what a command prints. Unlike bytes.Buffer it takes what several goroutines print, as a terminal does.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// quiet is a logger that says nothing.
func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// joined is the server of a data directory, shared with the commands that a test runs on it.
type joined struct {
	server   *postgres.Server
	database *database
	store    *db.Store
	api      http.Handler
	token    string
	links    *playback.Links
	redirect bool
	issuer   *auth.DemoIssuer
	refusals *refusals.Log
}

func join(t *testing.T, dir string) *joined {
	t.Helper()
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: dir, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	j := &joined{server: server}
	j.database = connect(t, server.URL())
	if j.store, err = j.database.store(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	j.serve(t)
	return j
}

func connect(t *testing.T, url string) *database {
	t.Helper()
	pool, bun, err := db.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	opened := &database{pool: pool, bun: bun}
	t.Cleanup(func() { _ = opened.close() })
	return opened
}

// serve makes the API as the demo serves it, with the manager signed in.
func (j *joined) serve(t *testing.T) {
	t.Helper()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	j.issuer = issuer
	if j.token, err = issuer.Token("manager"); err != nil {
		t.Fatal(err)
	}
	if j.database.media == nil {
		if j.database.media, err = store.Open(t.Context(), "mem://"); err != nil {
			t.Fatal(err)
		}
	}
	if j.links, err = newLinks(t.Context(), j.store, time.Minute); err != nil {
		t.Fatal(err)
	}
	j.refusals = refusals.New(refusals.Options{Record: j.store.Record, Logger: quiet()})
	j.api = site{
		links: j.links, redirect: j.redirect,
		database: j.database, store: j.store, hub: db.NewHub(j.database.pool, quiet()), verify: issuer.Verifier().Verify,
		refusals: j.refusals,
		limits:   graph.DefaultLimits(), schema: schemaFlags{GraphiQL: true}, demo: issuer, importBytes: 1 << 20, logger: quiet(),
	}.handler()
}

func (j *joined) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+j.token)
	recorder := httptest.NewRecorder()
	j.api.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}
