package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
	"qm-compliance/migrations"
	"qm-compliance/postgres"
	"qm-compliance/postgres/postgrestest"
)

// asProgram in the environment of the test binary makes it stand in for the program, so that tests can start
// the program as a process. withoutRoom makes the program find every disk full.
const (
	asProgram   = "QM_TEST_AS_PROGRAM"
	withoutRoom = "QM_TEST_WITHOUT_ROOM"
)

func TestMain(m *testing.M) {
	postgres.RunWatcher()
	if os.Getenv(asProgram) != "" {
		if os.Getenv(withoutRoom) != "" {
			useUpRoom()
		}
		// What follows is what server.go does.
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(Run(ctx, os.Args[1:], Streams{os.Stdout, os.Stderr}))
	}
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

// patience is how long a test waits for the program on a machine that has much else to do.
const patience = 3 * time.Minute

// goneStore is the address of a file store that cannot be reached.
const goneStore = "s3://recordings?region=us-east-1&endpoint=http://127.0.0.1:1&use_path_style=true"

// newDataDir is a data directory that the user of the embedded server can enter, also if the tests run as
// root.
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
	status = Run(t.Context(), arguments, Streams{&stdout, &stderr})
	return status, stdout.String(), stderr.String()
}

// output is what a command prints. Unlike bytes.Buffer it takes what several goroutines print, as a terminal
// does.
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

// installation is an app that a test shares with the commands that it runs on the same data, with the API
// that the demo serves, and the manager signed in.
type installation struct {
	*app
	flags  sharedFlags
	api    http.Handler
	issuer *auth.DemoIssuer
	token  string
}

// newInstallation is an installation of the test's own: an empty database and an empty folder for recordings.
func newInstallation(t *testing.T) *installation {
	t.Helper()
	return open(t, sharedFlags{Database: postgrestest.URL(t), MediaURL: filepath.Join(t.TempDir(), "media")})
}

// join opens the installation of a data directory.
func join(t *testing.T, dir string) *installation {
	t.Helper()
	return open(t, sharedFlags{Data: dir})
}

func open(t *testing.T, flags sharedFlags) *installation {
	t.Helper()
	var log output
	app, err := flags.environment(Streams{&log, &log}).openApp(t.Context(), openOptions{migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.close(); err != nil {
			t.Error(err)
		}
	})
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := issuer.Token("manager")
	if err != nil {
		t.Fatal(err)
	}
	links, err := app.links(t.Context(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	api := httpserver.NewHandler(httpserver.Options{
		Store: app.store, Database: app.bun, Probe: app.probe, Hub: app.hub, Media: app.media, Links: links,
		SignIn: httpserver.DemoSignIn(issuer), Refusals: app.refusals, Schema: httpserver.Schema{GraphiQL: true},
		Limits: httpserver.Limits{GraphQL: graph.DefaultLimits(), ImportBytes: 1 << 20}, Logger: app.logger,
	})
	return &installation{app, flags, api, issuer, token}
}

func (i *installation) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+i.token)
	recorder := httptest.NewRecorder()
	i.api.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

// graphQL is the body of a request that runs an operation.
func graphQL(operation string) string {
	body, _ := json.Marshal(map[string]string{"query": operation})
	return string(body)
}

// query runs an operation that must succeed.
func (i *installation) query(t *testing.T, operation string) map[string]any {
	t.Helper()
	_, answer := i.post(t, "/graphql", graphQL(operation))
	var read struct {
		Data   map[string]any
		Errors []any
	}
	if err := json.Unmarshal([]byte(answer), &read); err != nil || len(read.Errors) > 0 ||
		strings.Contains(answer, `"message"`) {
		t.Fatalf("%.300s: %v %.600s", operation, err, answer)
	}
	return read.Data
}

// take imports documents, one a line.
func (i *installation) take(t *testing.T, documents ...string) {
	t.Helper()
	var lines []string
	for _, document := range documents {
		lines = append(lines, strings.ReplaceAll(document, "\n", ""))
	}
	if status, body := i.post(t, "/import", strings.Join(lines, "\n")); status != 200 ||
		!strings.Contains(body, `"refusedCount":0`) {
		t.Fatal(status, body)
	}
}

func nodes(answer map[string]any) (all []map[string]any) {
	for _, node := range answer["conversations"].(map[string]any)["nodes"].([]any) {
		all = append(all, node.(map[string]any))
	}
	return all
}

// ids are those of the conversations, the oldest first.
func (i *installation) ids(t *testing.T) (ids []string) {
	t.Helper()
	const oldestFirst = `{ conversations(orderBy: {field: STARTED_AT, direction: ASC}) { nodes { id } } }`
	for _, node := range nodes(i.query(t, oldestFirst)) {
		ids = append(ids, node["id"].(string))
	}
	return ids
}

// anonymizeAll anonymizes every conversation by the settings as they are.
func (i *installation) anonymizeAll(t *testing.T) {
	t.Helper()
	ids, _ := json.Marshal(i.ids(t))
	i.query(t, `mutation { anonymizeConversations(input: {conversationIds: `+string(ids)+`}) { userErrors { message } } }`)
}

// switchEverythingOn saves settings with every switch on.
func (i *installation) switchEverythingOn(t *testing.T) {
	t.Helper()
	settings := i.query(t, `{ complianceSettings { otherData { key } } }`)["complianceSettings"].(map[string]any)
	var keys []string
	for _, key := range settings["otherData"].([]any) {
		keys = append(keys, fmt.Sprintf(`{key: %q, isAnonymized: true}`, key.(map[string]any)["key"]))
	}
	i.query(t, `mutation { saveComplianceSettings(input: {baseVersion: 1,
		basicData: {subjectAndBody: true, mediaFiles: true}, otherData: [`+
		strings.Join(keys, ", ")+`]}) { userErrors { message } } }`)
}

// anonymizeEverything turns every switch on and anonymizes every conversation, page by page.
func (i *installation) anonymizeEverything(t *testing.T) {
	t.Helper()
	i.switchEverythingOn(t)
	for {
		page := nodes(i.query(t, `{ conversations(first: 100, filter: {isAnonymized: false}) { nodes { id } } }`))
		if len(page) == 0 {
			return
		}
		var ids []string
		for _, node := range page {
			ids = append(ids, fmt.Sprintf("%q", node["id"]))
		}
		i.query(t, `mutation { anonymizeConversations(input: {conversationIds: [`+strings.Join(ids, ", ")+`]}) {
			conversations { id } userErrors { message } } }`)
	}
}

// count is the number that a query of the database answers with.
func (i *installation) count(t *testing.T, query string) (count int) {
	t.Helper()
	if err := i.bun.NewRaw(query).Scan(t.Context(), &count); err != nil {
		t.Fatal(err)
	}
	return count
}
