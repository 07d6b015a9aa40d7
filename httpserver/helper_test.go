package httpserver

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/refusals"
	"qm-compliance/media/filestore"
	"qm-compliance/media/playback"
	"qm-compliance/migrations"
	"qm-compliance/notify"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	postgrestest.Main(m, func(ctx context.Context, url string) error {
		pool, bun, err := db.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		defer func() { _ = bun.Close() }()
		_, err = migrations.Run(ctx, bun)
		return err
	})
}

// quiet is a logger that logs nothing.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// site is the server on a database of the test's own, as the demo has it, with the manager signed in.
type site struct {
	api    *Handler
	store  *db.Store
	bun    *bun.DB
	pool   *pgxpool.Pool
	probe  *db.Probe
	media  *filestore.Files
	issuer *auth.DemoIssuer
	token  string
}

func newSite(t *testing.T, mediaURL string, redirect bool, changes ...func(*Options)) *site {
	t.Helper()
	pool, bun, err := db.Connect(t.Context(), postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	probe, err := db.NewProbe(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = probe.Close() })
	files, err := filestore.Open(t.Context(), mediaURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	store, err := db.New(t.Context(), bun, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.PlaybackKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	links, err := playback.NewLinks(key, time.Minute, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.Token("manager")
	if err != nil {
		t.Fatal(err)
	}
	options := Options{
		Store: store, Database: bun, Probe: probe, Hub: notify.NewHub(pool, quiet()), Media: files, Links: links, Redirect: redirect,
		SignIn: DemoSignIn(issuer), Limits: Limits{GraphQL: graph.DefaultLimits(), ImportBytes: 1 << 20}, Logger: quiet(),
		Refusals: refusals.New(refusals.Options{Record: store.Record, Logger: quiet()}), Schema: Schema{GraphiQL: true},
	}
	for _, change := range changes {
		change(&options)
	}
	return &site{NewHandler(options), store, bun, pool, probe, files, issuer, token}
}

func (s *site) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.token)
	recorder := httptest.NewRecorder()
	s.api.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// byName signs in whoever gives a name for a token, with the roles of a manager.
func byName(_ context.Context, name string) (*auth.Viewer, error) {
	return &auth.Viewer{Subject: name, Name: name, Roles: []auth.Role{auth.RoleAddCall}, ExpiresAt: time.Now().Add(time.Hour)}, nil
}
