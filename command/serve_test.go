package command

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// issuer is an OpenID Connect provider of the test's own. While it is away it answers 503.
type issuer struct {
	*httptest.Server
	key  *rsa.PrivateKey
	away atomic.Bool
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	provider := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "one",
		Algorithm: oidc.RS256}}}
	made := &issuer{key: key}
	made.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if made.away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		provider.ServeHTTP(w, r)
	}))
	// The provider knows its name before it serves: a program of another test, whose provider had this port and is
	// gone, may ask at once.
	provider.SetIssuer("http://" + made.Listener.Addr().String())
	made.Start()
	t.Cleanup(made.Close)
	return made
}

// token is an access token as Keycloak writes it.
func (i *issuer) token(audience string, roles ...string) string {
	return i.tokenWith(audience, map[string]any{"realm_access": map[string]any{"roles": roles}})
}

// tokenWith is one with more claims.
func (i *issuer) tokenWith(audience string, more map[string]any) string {
	all := map[string]any{
		"iss": i.URL, "aud": audience, "sub": "u1", "name": "Una", "typ": "Bearer", "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(all, more)
	claims, _ := json.Marshal(all)
	return oidctest.SignIDToken(i.key, "one", oidc.RS256, string(claims))
}

var (
	servingAt     = regexp.MustCompile(`address=(\S+)`)
	issuerAway    = regexp.MustCompile(`level=WARN .*no one can sign in.* retryIn=(\S+)`)
	issuerAnswers = regexp.MustCompile(`msg="the OpenID Connect provider (responds)"`)
)

// startServe runs serve in this process until the test ends, and returns where it listens.
func startServe(t *testing.T, arguments ...string) string {
	t.Helper()
	return startServeLogging(t, io.Discard, arguments...)
}

// startServeLogging writes the log to more as well.
func startServeLogging(t *testing.T, more io.Writer, arguments ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log := newLines(servingAt)
	all := io.MultiWriter(log, more)
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--drain", "0s"}, arguments...),
			Streams{all, all})
	}()
	t.Cleanup(func() {
		cancel()
		if status := <-ended; status != 0 {
			t.Errorf("serve ended with %d", status)
		}
	})
	select {
	case address := <-log.found:
		return "http://" + address
	case status := <-ended:
		ended <- status
		t.Fatalf("serve ended with %d", status)
	case <-time.After(patience):
		t.Fatal("serve does not say where it listens")
	}
	return ""
}

// lines finds in a log the first match of a pattern.
type lines struct {
	pattern *regexp.Regexp
	found   chan string
}

func newLines(pattern *regexp.Regexp) *lines { return &lines{pattern, make(chan string, 1)} }

func (l *lines) Write(text []byte) (int, error) {
	if match := l.pattern.FindSubmatch(text); match != nil {
		select {
		case l.found <- string(match[1]):
		default:
		}
	}
	return len(text), nil
}

// await returns the match.
func (l *lines) await(t *testing.T) string {
	t.Helper()
	select {
	case found := <-l.found:
		return found
	case <-time.After(patience):
		t.Fatalf("the log has nothing like %s", l.pattern)
	}
	return ""
}

// serve lets in whom the provider signs in, with what their roles allow, over GraphQL and over /import.
func TestServe(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	provider := newIssuer(t)
	address := startServe(t, "--data", dir, "--migrate", "--oidc-issuer", provider.URL, "--allow-origin",
		"https://app.example")
	for name, row := range map[string]struct {
		method, path, token, body string
		status                    int
		part                      string
	}{
		"viewer": {"POST", "/graphql", provider.token("qm-compliance", "DEFAULT_AGENT"),
			`{"query": "{ viewer { name roles } }"}`, 200,
			`{"name":"Una","roles":["VIEW_CONVERSATIONS_SCREEN","INTERACTIONS_AGENT_VIEW"]}`},
		"other audience": {"POST", "/graphql", provider.token("another"), `{"query": "{ viewer { name } }"}`, 401,
			"UNAUTHENTICATED"},
		"suggestions": {"POST", "/graphql", provider.token("qm-compliance", "DEFAULT_AGENT"),
			`{"query": "{ viewer { nam } }"}`, 200, `"Cannot query field \"nam\" on type \"Viewer\"."`},
		"import": {"POST", "/import", provider.token("qm-compliance", "ADD_CALL"), oneVcon, 200, `"added":1`},
		"import refused": {"POST", "/import", provider.token("qm-compliance", "ADD_CALL"), `{"uuid": 1}`, 422,
			`"reason":"uuid: `},
		"import by agent": {"POST", "/import", provider.token("qm-compliance", "DEFAULT_AGENT"), oneVcon, 403, "ADD_CALL"},
		"import, nobody":  {"POST", "/import", "", oneVcon, 401, "UNAUTHENTICATED"},
		"import by GET":   {"GET", "/import", provider.token("qm-compliance", "ADD_CALL"), "", 405, "by POST"},
		"no demo here":    {"POST", "/demo/token?as=manager", "", "", 404, ""},
		"explorer":        {"GET", "/graphiql", "", "", 200, "GraphiQL"},
		"health":          {"GET", "/healthz", "", "", 200, "ok"},
		"ready":           {"GET", "/readyz", "", "", 200, "ready"},
		"metrics":         {"GET", "/metrics", "", "", 200, "qm_subscriptions 0"},
	} {
		t.Run(name, func(t *testing.T) {
			request, _ := http.NewRequestWithContext(t.Context(), row.method, address+row.path, strings.NewReader(row.body))
			request.Header.Set("Content-Type", "application/json")
			if row.token != "" {
				request.Header.Set("Authorization", "Bearer "+row.token)
			}
			status, text := fetchText(t, request)
			if status != row.status || !strings.Contains(text, row.part) {
				t.Errorf("%d %.300s", status, text)
			}
		})
	}
	log := auditOf(t, address, provider.token("qm-compliance", "VIEW_AUDIT"))
	if !strings.Contains(log, `"operation":"import","code":"FORBIDDEN"`) {
		t.Errorf("the refused import is not in the audit log: %s", log)
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", nil)
	if _, text := fetchText(t, request); !strings.Contains(text, `qm_refused_total{reason="unauthenticated"} 2`) {
		t.Error("the metrics do not count who was not signed in")
	}
}

// Imports by nobody are audited as one event a minute; those by people without the role one by one.
func TestRefusedImportsAreAudited(t *testing.T) {
	t.Parallel()
	i := join(t, newDataDir(t))
	manager := i.token
	for _, token := range []string{"", "", "junk"} {
		i.token = token
		if status, text := i.post(t, "/import", oneVcon); status != http.StatusUnauthorized {
			t.Errorf("%d %s", status, text)
		}
	}
	i.token, _ = i.issuer.Token("agent")
	if status, text := i.post(t, "/import", oneVcon); status != http.StatusForbidden {
		t.Errorf("%d %s", status, text)
	}
	i.refusals.Flush(t.Context())
	i.token = manager
	_, log := i.post(t, "/graphql", `{"query": "{ auditEvents(filter: {activities: ACCESS_DENIED}) { nodes { user { name } `+
		`details { ... on AccessDenial { operation code count } } } } }"}`)
	const nobody = `{"user":{"name":"not signed in, from 192.0.2.1"},` +
		`"details":{"operation":"import","code":"UNAUTHENTICATED","count":3}}`
	const agent = `{"user":{"name":"Tomas Lind"},"details":{"operation":"import","code":"FORBIDDEN","count":1}}`
	if !strings.Contains(log, `[`+nobody+`,`+agent+`]`) {
		t.Errorf("the audit log says %s", log)
	}
}

func auditOf(t *testing.T, address, token string) string {
	t.Helper()
	body := graphQL(`{ auditEvents(filter: {activities: ACCESS_DENIED}) { nodes { details { ... on AccessDenial { operation code } } } } }`)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/graphql", strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	_, text := fetchText(t, request)
	return text
}

func fetchText(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// serve does not touch a database that lacks migrations unless it is told to.
func TestServeRefusesADatabaseThatLacksMigrations(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	status, _, errors := command(t, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--oidc-issuer", newIssuer(t).URL)
	if status != 1 || !strings.Contains(errors, "lacks 9 migrations") || !strings.Contains(errors, "--migrate") {
		t.Errorf("status %d: %s", status, errors)
	}
}

// serve starts without the provider, says that it waits, and is ready when the provider answers.
func TestServeWaitsForTheProvider(t *testing.T) {
	t.Parallel()
	provider := newIssuer(t)
	provider.away.Store(true)
	waits, answers := newLines(issuerAway), newLines(issuerAnswers)
	address := startServeLogging(t, io.MultiWriter(waits, answers), "--data", newDataDir(t), "--migrate",
		"--oidc-issuer", provider.URL)
	if delay, err := time.ParseDuration(waits.await(t)); err != nil || delay > 2*time.Second {
		t.Errorf("it tries again after %s (%v)", delay, err)
	}
	token := provider.token("qm-compliance", "DEFAULT_AGENT")
	check := func(path string, status int, part string) {
		t.Helper()
		method, body := http.MethodGet, ""
		if path == "/graphql" || path == "/import" {
			method, body = http.MethodPost, `{"query": "{ viewer { name } }"}`
		}
		request, _ := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		if got, text := fetchText(t, request); got != status || !strings.Contains(text, part) {
			t.Errorf("%s: %d %.300s", path, got, text)
		}
	}
	check("/healthz", 200, "ok")
	check("/readyz", 503, "not ready: the OpenID Connect provider")
	check("/graphql", 503, "the identity provider cannot be reached")
	check("/import", 503, "the identity provider cannot be reached")
	provider.away.Store(false)
	answers.await(t)
	check("/readyz", 200, "ready")
	check("/graphql", 200, `"name":"Una"`)
	provider.away.Store(true)
	check("/readyz", 200, "ready")
	check("/graphql", 200, `"name":"Una"`)
}

// The flags say which clients' tokens are accepted (the console's always are), and by which algorithms.
func TestServeAcceptsTheTokensOfSomeClients(t *testing.T) {
	t.Parallel()
	provider := newIssuer(t)
	dir := newDataDir(t)
	address := startServe(t, "--data", dir, "--migrate", "--oidc-issuer", provider.URL, "--oidc-client", "the-api",
		"--oidc-authorized-party", "ingest", "--oidc-authorized-party", "reports", "--console-client-id", "web",
		"--oidc-algorithm", "RS256")
	roles := map[string]any{"the-api": map[string]any{"roles": []string{"ADD_CALL"}}}
	for name, row := range map[string]struct {
		claims map[string]any
		status int
		part   string
	}{
		"the console":         {map[string]any{"azp": "web"}, 200, `"roles":["ADD_CALL"]`},
		"the first":           {map[string]any{"azp": "ingest"}, 200, `"roles":["ADD_CALL"]`},
		"the second":          {map[string]any{"client_id": "reports"}, 200, `"roles":["ADD_CALL"]`},
		"the client of roles": {map[string]any{"azp": "the-api"}, 401, "UNAUTHENTICATED"},
		"another":             {map[string]any{"cid": "other"}, 401, "UNAUTHENTICATED"},
		"none":                {map[string]any{}, 401, "UNAUTHENTICATED"},
	} {
		row.claims["resource_access"] = roles
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/graphql",
			strings.NewReader(`{"query": "{ viewer { roles } }"}`))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+provider.tokenWith("qm-compliance", row.claims))
		if status, text := fetchText(t, request); status != row.status || !strings.Contains(text, row.part) {
			t.Errorf("%s: %d %.300s", name, status, text)
		}
	}
	status, _, said := command(t, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--oidc-issuer", provider.URL,
		"--oidc-algorithm", "HS256")
	if status == 0 || !strings.Contains(said, "--oidc-algorithm") {
		t.Errorf("HS256: status %d: %s", status, said)
	}
}
