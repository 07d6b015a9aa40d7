//go:build attack || load || upgrade

package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"

	"qm-compliance/demo"
)

// target is the built program, serving, as a process.
type target struct {
	*exec.Cmd
	provider *issuer
	address  string
	client   *http.Client
	ended    chan struct{}
}

// startTarget starts the program that QM_BINARY names.
func startTarget(t *testing.T, provider *issuer, log io.Writer, arguments ...string) *target {
	t.Helper()
	binary := os.Getenv("QM_BINARY")
	if binary == "" {
		t.Fatal("QM_BINARY names no program; run make attack, make load or make upgrade-drill")
	}
	return startProgram(t, binary, provider, log, append([]string{"--migrate", "--drain", "100ms"}, arguments...)...)
}

// startProgram starts a program, whose database is current.
func startProgram(t *testing.T, binary string, provider *issuer, log io.Writer, arguments ...string) *target {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"serve", "--listen", "127.0.0.1:0", "--oidc-issuer", provider.URL},
		arguments...)...)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: 2_000}
	s := &target{cmd, provider, "", &http.Client{Transport: transport, Timeout: 2 * time.Minute}, make(chan struct{})}
	found := newLines(servingAt)
	go func() {
		_, _ = io.Copy(io.MultiWriter(log, found), reader)
		close(s.ended)
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	select {
	case s.address = <-found.found:
	case <-s.ended:
		t.Fatal("the program ended before it said where it listens")
	case <-time.After(patience):
		t.Fatal("the program does not say where it listens")
	}
	return s
}

// stop ends the program and returns its status.
func (s *target) stop() int {
	_ = s.Process.Signal(syscall.SIGTERM)
	<-s.ended
	_ = s.Wait()
	return s.ProcessState.ExitCode()
}

// tokenOf is a token of a person with roles.
func (s *target) tokenOf(subject string, roles ...string) string {
	claims, _ := json.Marshal(map[string]any{
		"iss": s.provider.URL, "aud": "qm-compliance", "sub": subject, "name": subject, "typ": "Bearer",
		"preferred_username": subject, "exp": time.Now().Add(time.Hour).Unix(),
		"realm_access": map[string]any{"roles": roles},
	})
	return oidctest.SignIDToken(s.provider.key, "one", oidc.RS256, string(claims))
}

// reply is what the program answered: no status where it cut the connection.
type reply struct {
	status int
	body   string // the beginning of it
	length int64
}

func (r reply) String() string { return fmt.Sprintf("%d %.120s", r.status, r.body) }

// post sends a body; the fields are pairs of a header's name and value.
func (s *target) post(path, token string, body io.Reader, fields ...string) reply {
	return s.send(http.MethodPost, path, token, body, fields...)
}

func (s *target) send(method, path, token string, body io.Reader, fields ...string) reply {
	request, err := http.NewRequest(method, "http://"+s.address+path, body)
	if err != nil {
		return reply{body: err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(fields); i += 2 {
		request.Header.Set(fields[i], fields[i+1])
	}
	response, err := s.client.Do(request)
	if err != nil {
		return reply{body: err.Error()}
	}
	defer func() { _ = response.Body.Close() }()
	var text bytes.Buffer
	begin, _ := io.Copy(&text, io.LimitReader(response.Body, 64<<10))
	rest, _ := io.Copy(io.Discard, response.Body)
	return reply{response.StatusCode, text.String(), begin + rest}
}

// ask runs an operation.
func (s *target) ask(token, operation string) reply {
	return s.post("/graphql", token, strings.NewReader(graphQL(operation)))
}

// load imports the demo's conversations.
func (s *target) load(t *testing.T) {
	t.Helper()
	var documents bytes.Buffer
	for document := range demo.VCons(time.Now().Truncate(time.Minute)) {
		var line bytes.Buffer
		if err := json.Compact(&line, document); err != nil {
			t.Fatal(err)
		}
		documents.Write(append(line.Bytes(), '\n'))
	}
	if got := s.post("/import", s.tokenOf("loader", "ADD_CALL"), &documents); got.status != 200 {
		t.Fatal(got)
	}
}

// someIDs are conversations.
func (s *target) someIDs(t *testing.T, token string, count int) (ids []string) {
	t.Helper()
	got := s.ask(token, fmt.Sprintf(`{ conversations(first: %d) { nodes { id } } }`, count))
	var read struct {
		Data struct {
			Conversations struct{ Nodes []struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(got.body), &read); err != nil || len(read.Data.Conversations.Nodes) == 0 {
		t.Fatal(got, err)
	}
	for _, node := range read.Data.Conversations.Nodes {
		ids = append(ids, node.ID)
	}
	return ids
}

// socket opens a WebSocket, with a token in its first message unless it is empty.
func (s *target) socket(ctx context.Context, token string) (*websocket.Conn, error) {
	conn, _, err := websocket.Dial(ctx, "ws://"+s.address+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil || token == "" {
		return conn, err
	}
	conn.SetReadLimit(64 << 20)
	init := `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
	if err := conn.Write(ctx, websocket.MessageText, []byte(init)); err != nil {
		return conn, err
	}
	_, _, err = conn.Read(ctx)
	return conn, err
}

// cpu is how much of the processors the program has used.
func (s *target) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.Process.Pid))
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	const ticks = 100 // a second, on every Linux
	return time.Duration(user+system) * time.Second / ticks
}

// peak is the most memory that the program has had, in megabytes.
func (s *target) peak() int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _ := strconv.Atoi(strings.Fields(after + " 0")[0])
	return kilobytes / 1024
}
