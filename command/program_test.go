package command

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres"
	"qm-compliance/postgres/postgrestest"
)

// TestMain lets the test binary stand in for the program, so that tests can start it as a process.
func TestMain(m *testing.M) {
	postgres.RunWatcher()
	if os.Getenv("QM_TEST_AS_PROGRAM") != "" {
		if os.Getenv(withoutRoom) != "" {
			useUpRoom()
		}
		asProgram()
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

// asProgram does in a test binary what server.go does in the program.
func asProgram() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], Streams{os.Stdout, os.Stderr}))
}

// process is the program, running.
type process struct {
	*exec.Cmd
	address string
	lines   chan string
}

// startDemo starts the demo as a process and waits until it says where it is.
func startDemo(t *testing.T, dir string, arguments ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, append([]string{"demo", "--data", dir, "--listen", "127.0.0.1:0"}, arguments...)...), lines: make(chan string, 1000)}
	p.Env = append(os.Environ(), "QM_TEST_AS_PROGRAM=1")
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	go p.read(out)
	p.waitReady(t)
	return p
}

func (p *process) read(out io.Reader) {
	defer close(p.lines)
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		p.lines <- scanner.Text()
	}
}

// patience is how long a test waits for the program on a machine that has much else to do.
const patience = 3 * time.Minute

var apiLine = regexp.MustCompile(`API\s+http://(\S+)/graphql`)

func (p *process) waitReady(t *testing.T) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case line, open := <-p.lines:
			if !open {
				t.Fatal("the demo ended before it was ready")
			}
			if match := apiLine.FindStringSubmatch(line); match != nil {
				p.address = match[1]
				return
			}
		case <-deadline:
			t.Fatal("the demo is not ready after three minutes")
		}
	}
}

// signIn returns a token of one of the demo's people.
func (p *process) signIn(t *testing.T, as string) string {
	t.Helper()
	response, err := http.Post("http://"+p.address+"/demo/token?as="+as, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var token struct{ AccessToken string }
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil || token.AccessToken == "" {
		t.Fatal("no token", err)
	}
	return token.AccessToken
}

// ask runs an operation as one of the demo's people.
func (p *process) ask(t *testing.T, as, operation string) string {
	t.Helper()
	token := p.signIn(t, as)
	body, _ := json.Marshal(map[string]string{"query": operation})
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/graphql", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	return string(text)
}

func (p *process) end(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil && signal != os.Kill {
		t.Errorf("the demo ended with %v", err)
	}
}

// The demo as its user sees it: 300 conversations, four people with what their roles allow; what was changed is there after a restart, and also
// after kill -9; --fresh begins anew.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	demo := startDemo(t, dir)
	for as, want := range map[string]string{"manager": `"totalCount":300`, "analyst": `"totalCount":300`, "agent": `"totalCount":31`} {
		if answer := demo.ask(t, as, `{ conversations { totalCount } }`); !strings.Contains(answer, want) {
			t.Errorf("the %s sees %s", as, answer)
		}
	}
	if answer := demo.ask(t, "manager", `{ complianceSettings { customData { key } otherData { key isCorrelationKey } } }`); !strings.Contains(answer, `{"key":"crm.customerNumber","isCorrelationKey":true}`) ||
		!strings.Contains(answer, `"customData":[{"key":"case.category"},{"key":"crm.segment"},{"key":"routing.language"},{"key":"routing.queue"}]`) {
		t.Errorf("the settings are %s", answer)
	}
	demo.ask(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`)
	demo.end(t, os.Kill)
	demo = startDemo(t, dir)
	if answer := demo.ask(t, "manager", `{ complianceSettings { version } conversations { totalCount } }`); !strings.Contains(answer, `"version":2`) || !strings.Contains(answer, `300`) {
		t.Errorf("after kill -9: %s", answer)
	}
	demo.end(t, syscall.SIGTERM)
	demo = startDemo(t, dir, "--fresh")
	if answer := demo.ask(t, "manager", `{ complianceSettings { version } conversations { totalCount } }`); !strings.Contains(answer, `"version":1`) || !strings.Contains(answer, `300`) {
		t.Errorf("after --fresh: %s", answer)
	}
	demo.end(t, os.Interrupt)
}

// A second command shares the server of a running demo.
func TestImportIntoARunningDemo(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	demo := startDemo(t, dir)
	file := filepath.Join(dir, "one.json")
	if err := os.WriteFile(file, []byte(oneVcon), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, out, errors := command(t, "import", "--data", dir, file); status != 0 || !strings.Contains(out, "1 added") {
		t.Fatalf("import ended with %d: %s%s", status, out, errors)
	}
	if answer := demo.ask(t, "manager", `{ conversations { totalCount } }`); !strings.Contains(answer, `"totalCount":301`) {
		t.Errorf("the demo sees %s", answer)
	}
	demo.end(t, os.Interrupt)
}

const oneVcon = `{"uuid": "00000000-0000-8000-8000-0000000000ff", "created_at": "2026-11-01T09:00:00Z", "parties": [{"name": "Ada"}],
	"dialog": [{"type": "text", "start": "2026-11-01T09:00:00Z", "parties": [0], "body": "Hello there."}]}`

// What an operator gets wrong ends with a message that says what to do.
func TestWrongCommands(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, row := range map[string]struct {
		arguments []string
		message   string
	}{
		"a port in use":                   {[]string{"demo", "--listen", taken.Addr().String()}, "is already in use; stop what listens there, or choose another address with --listen"},
		"a public demo":                   {[]string{"demo", "--listen", "0.0.0.0:8080"}, "listens on this machine only"},
		"an address that is none":         {[]string{"demo", "--listen", "127.0.0.1:notaport"}, "choose an address with --listen"},
		"serve without an issuer":         {[]string{"serve"}, "--oidc-issuer"},
		"an issuer out of reach":          {[]string{"serve", "--listen", "127.0.0.1:0", "--oidc-issuer", "http://127.0.0.1:1"}, "check --oidc-issuer"},
		"no PostgreSQL there":             {[]string{"migrate", "--database-url", "postgres://x@127.0.0.1:1/x"}, "check that it runs, and the host and port in DATABASE_URL"},
		"no PostgreSQL address":           {[]string{"migrate", "--database-url", "mysql://x"}, "it should read postgres://USER@HOST:PORT/DATABASE"},
		"an unknown command":              {[]string{"anonymise"}, "unexpected argument anonymise"},
		"import without a path":           {[]string{"import"}, "expected \"<path> ...\""},
		"a key that is none":              {[]string{"import", "--key", "../go.mod", "../go.mod"}, "is neither a public key nor a certificate"},
		"a data directory that is a file": {[]string{"migrate", "--data", "../go.mod"}, "the data directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errors := command(t, row.arguments...)
			if status == 0 || !strings.Contains(out+errors, row.message) {
				t.Errorf("status %d, said: %s%s; want: %s", status, out, errors, row.message)
			}
		})
	}
}

// An import goes on past what it refuses, names each with its reason, and says so by its status.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	files := filepath.Join(dir, "files")
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"good.json": oneVcon, "broken.json": oneVcon[:100], "binary.json": "\x00\x01\x02", "deep.json": strings.Repeat("[", 100_000), "list.json": "[]", "empty.json": "",
		"nul.json": strings.Replace(oneVcon, "Hello", `Hello\u0000`, 1), "notgzip.json.gz": "\x1f\x8b nothing",
	} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errors := command(t, "import", "--data", dir, files, filepath.Join(dir, "nowhere"))
	if status != 2 || !strings.Contains(out, "1 added, 0 updated, 0 unchanged, 8 refused") {
		t.Errorf("status %d: %s%s", status, out, errors)
	}
	for _, part := range []string{
		"broken.json: ", "binary.json: ", "deep.json: ", "list.json: ", "empty.json: ", "nul.json: ", "notgzip.json.gz: ", "nowhere: ",
	} {
		if !strings.Contains(errors, part) {
			t.Errorf("nothing is said of %s:\n%s", part, errors)
		}
	}
	if status, out, _ := command(t, "import", "--data", dir, filepath.Join(files, "good.json")); status != 0 || !strings.Contains(out, "0 added, 0 updated, 1 unchanged, 0 refused") {
		t.Errorf("again: status %d: %s", status, out)
	}
}

// Requests under way finish when the program is told to stop.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	listener, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	begun, finish := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		_, _ = io.WriteString(w, "finished")
	})
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, listener, handler, quiet()) }()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		answered <- string(text)
	}()
	<-begun
	stop()
	close(finish)
	if text := <-answered; text != "finished" {
		t.Errorf("the request under way got %q", text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
