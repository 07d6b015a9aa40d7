package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/coder/websocket"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"qm-compliance/db"
)

// telltale is the program under watch: everything that it logs, measures and traces is kept.
type telltale struct {
	*installation
	issuer      *issuer
	traces      *httptest.Server
	interaction *httptest.Server
	address     string

	log, metrics, answers output

	mu    sync.Mutex
	raw   bytes.Buffer   // the traces as they were exported
	spans map[string]int // how many there are of each name
}

func newTelltale(t *testing.T) *telltale {
	t.Helper()
	w := &telltale{installation: newInstallation(t), issuer: newIssuer(t), spans: map[string]int{}}
	w.traces = httptest.NewServer(http.HandlerFunc(w.collect))
	t.Cleanup(w.traces.Close)
	// An Interaction service that fails, and repeats what it was sent.
	w.interaction = httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		answer.WriteHeader(http.StatusInternalServerError)
		_, _ = io.Copy(answer, r.Body)
	}))
	t.Cleanup(w.interaction.Close)
	return w
}

// collect takes spans, as an OpenTelemetry collector does.
func (w *telltale) collect(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var export collector.ExportTraceServiceRequest
	w.mu.Lock()
	defer w.mu.Unlock()
	w.raw.Write(body)
	if proto.Unmarshal(body, &export) != nil {
		w.spans["not a span"]++
	}
	for _, resource := range export.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				w.spans[span.Name]++
			}
		}
	}
}

func (w *telltale) exported() (raw string, spans map[string]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.raw.String(), maps.Clone(w.spans)
}

// program is the program with everything at debug level and with traces. Its log is kept.
func (w *telltale) program(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	cmd := w.process(t, "", arguments...)
	cmd.Env = append(cmd.Env, "QM_LOG_LEVEL=debug", "QM_LOG_FORMAT=json", "OIDC_ISSUER="+w.issuer.URL,
		"INTERACTION_SERVICE_URL="+w.interaction.URL, "OTEL_EXPORTER_OTLP_ENDPOINT="+w.traces.URL, "OTEL_BSP_SCHEDULE_DELAY=50",
		"QM_TRUSTED_PROXY=127.0.0.0/8", "QM_AUDIT_VIEWS=true")
	cmd.Stdout, cmd.Stderr = &w.answers, &w.log
	return cmd
}

var servingAtJSON = regexp.MustCompile(`"msg":"serving","address":"([^"]+)"`)

// serve starts the server; stop ends it.
func (w *telltale) serve(t *testing.T) (stop func()) {
	t.Helper()
	cmd := w.program(t, "serve", "--listen", "127.0.0.1:0", "--drain", "0s")
	log := newLines(servingAtJSON)
	cmd.Stderr = io.MultiWriter(&w.log, log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve ended with %v\n%s", err, w.log.String())
		}
	})
	t.Cleanup(stop)
	w.address = log.await(t)
	until(t, "the server is ready", func() bool {
		answer, err := http.Get("http://" + w.address + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return stop
}

// ask sends a request, and keeps the answer.
func (w *telltale) ask(t *testing.T, method, path, body string, header map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+w.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	if path == "/metrics" {
		_, _ = w.metrics.Write(text)
	} else {
		_, _ = w.answers.Write(text)
	}
	return answer.StatusCode, string(text)
}

// run runs an operation with variables.
func (w *telltale) operate(t *testing.T, token, document string, variables map[string]any) map[string]any {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"query": document, "variables": variables})
	_, text := w.ask(t, http.MethodPost, "/graphql", string(body), map[string]string{"Authorization": "Bearer " + token})
	var answer struct{ Data map[string]any }
	_ = json.Unmarshal([]byte(text), &answer)
	return answer.Data
}

// speak sends messages over a WebSocket, each after an answer to the one before, and keeps what comes.
func (w *telltale) speak(t *testing.T, messages ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, answer, err := websocket.Dial(ctx, "ws://"+w.address+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(answer, err)
	}
	defer func() { _ = conn.CloseNow() }()
	for _, message := range messages {
		if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
			return // the server has closed it, as it should
		}
		_, text, err := conn.Read(ctx)
		_, _ = w.answers.Write(text)
		if err != nil {
			return
		}
	}
}

// stored returns the values of every column that holds personal data, by column, but for the ids of those who use
// the program, which the log shows.
func (w *telltale) stored(t *testing.T) map[string][]string {
	t.Helper()
	values := map[string][]string{}
	for _, column := range db.PersonalColumns() {
		ids := []string{
			"saved_by", "subject", "requested_by", "actor_id", "planned_by", "started_by", "paused_by", "cancelled_by",
		}
		if slices.Contains(ids, column.Column) {
			continue
		}
		var found []string
		query := fmt.Sprintf("SELECT DISTINCT %[1]s::text FROM %[2]s WHERE %[1]s::text <> ''", column.Column, column.Table)
		if err := w.bun.NewRaw(query).Scan(t.Context(), &found); err != nil {
			t.Fatal(err)
		}
		name := column.Table + "." + column.Column
		values[name] = append(values[name], found...)
	}
	return values
}
