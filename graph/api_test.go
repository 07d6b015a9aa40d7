package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/graph"
	"qm-compliance/graph/refusals"
	"qm-compliance/importing"
	"qm-compliance/media/filestore"
	"qm-compliance/migrations"
	"qm-compliance/notify"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, migrate) }

func migrate(ctx context.Context, url string) error {
	pool, bun, err := db.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	defer func() { _ = bun.Close() }()
	if _, err := migrations.Run(ctx, bun); err != nil {
		return err
	}
	return migrations.Grant(ctx, bun, postgrestest.ServerRole)
}

// testNow is when everything in a test happens, but for tokens, whose end is checked against the real time.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// api is the real handler on a database of its own, with the demo's people to sign in.
type api struct {
	media *filestore.Files
	http.Handler
	// address is that of the database, as its owner.
	address string
	store   *db.Store
	pool    *pgxpool.Pool
	bun     *bun.DB
	hub     *notify.Hub
	issuer  *auth.DemoIssuer
	log     *keptLog
	logger  *slog.Logger
	// refused is what was refused and is not in the audit log yet.
	refused *refusals.Log
	// statements counts what the store asks of the database.
	statements *statements
}

// newAPI holds the conversations of testdata/conversations.ndjson.
func newAPI(t testing.TB, change ...func(*graph.Options)) *api {
	t.Helper()
	a := newEmptyAPI(t, change...)
	fixture, err := os.Open("testdata/conversations.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fixture.Close() }()
	refused := func(r importing.Refusal) { t.Errorf("%s is refused: %s", r.Source, r.Reason) }
	items := importing.Read(t.Context(), fixture, "conversations.ndjson", importing.ReadOptions{})
	if _, err := importing.Run(t.Context(), importing.Config{Store: a.store, Media: a.media}, audit.CommandActor("test"), items, importing.Observer{Refused: refused}); err != nil {
		t.Fatal(err)
	}
	if _, measured := t.(*testing.B); !measured {
		a.keepLogClean(t)
	}
	return a
}

// newEmptyAPI has no conversations. All that it does, it does as a role that has a server's rights alone.
func newEmptyAPI(t testing.TB, change ...func(*graph.Options)) *api {
	t.Helper()
	address := postgrestest.URL(t)
	pool, bun, err := db.Connect(t.Context(), postgrestest.AsServer(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	now := func() time.Time { return testNow }
	counter := new(statements)
	store, err := db.New(t.Context(), bun.WithQueryHook(counter), now)
	if err != nil {
		t.Fatal(err)
	}
	store = store.CountingReads(func(statements int) { counter.count.Add(int64(statements)) })
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a := &api{address: address, store: store, pool: pool, bun: bun, issuer: issuer, log: new(keptLog), statements: counter}
	level := slog.LevelDebug
	if _, measured := t.(*testing.B); measured {
		level = slog.LevelWarn
	}
	a.logger = slog.New(slog.NewTextHandler(a.log, &slog.HandlerOptions{Level: level}))
	a.hub = notify.NewHub(pool, a.logger)
	if a.media, err = filestore.Open(t.Context(), "mem://"); err != nil {
		t.Fatal(err)
	}
	a.refused = refusals.New(refusals.Options{Record: store.Record, Logger: a.logger})
	options := graph.Options{
		Refusals: a.refused, Suggestions: true,
		Store: store, Hub: a.hub, Verify: issuer.Verifier().Verify, Limits: graph.DefaultLimits(), Logger: a.logger, Now: now,
		Link: func(_ *auth.Viewer, _ db.Access, fileID int64) string {
			return fmt.Sprintf("/media/link-to-file-%d", fileID)
		},
		Export: export.Exporter{Store: store, Media: a.media}.One,
	}
	for _, c := range change {
		c(&options)
	}
	a.Handler = graph.NewHandler(options)
	return a
}

// asOwner runs a statement as the owner of the database.
func (a *api) asOwner(t testing.TB, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), a.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// token signs one of the demo's people in; "nobody" and "" stay signed out, anything else is taken for a token.
func (a *api) authorization(t testing.TB, as string) string {
	t.Helper()
	if as == "" || as == "nobody" {
		return ""
	}
	token, err := a.issuer.Token(as)
	if err != nil {
		token = as
	}
	return "Bearer " + token
}

// post sends an operation and returns status and body.
func (a *api) post(t testing.TB, as, query string, variables map[string]any) (int, []byte) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	return a.send(t, as, body)
}

func (a *api) send(t testing.TB, as string, body []byte) (int, []byte) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	if authorization := a.authorization(t, as); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.Bytes()
}

// answer is a response, read.
type answer struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

func (a *api) do(t testing.TB, as, query string, variables map[string]any) answer {
	t.Helper()
	_, body := a.post(t, as, query, variables)
	var read answer
	if err := json.Unmarshal(body, &read); err != nil {
		t.Fatalf("not JSON: %s", body)
	}
	return read
}

// code is the code of the first error, "" where there is none.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	return code
}

// conversationIDs are the global ids of the fixture's conversations, in the order of the file.
func (a *api) conversationIDs(t testing.TB) []string {
	t.Helper()
	var ids []string
	list := a.do(t, "manager", `{ conversations(first: 100, orderBy: {field: STARTED_AT, direction: ASC}) { nodes { id } } }`, nil)
	for _, node := range list.Data["conversations"].(map[string]any)["nodes"].([]any) {
		ids = append(ids, node.(map[string]any)["id"].(string))
	}
	return ids
}

// statements counts what is asked of the database.
type statements struct{ count atomic.Int64 }

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (s *statements) AfterQuery(context.Context, *bun.QueryEvent) { s.count.Add(1) }
