package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is the program, running.
type process struct {
	*exec.Cmd
	address string
	lines   chan string
}

// startDemo starts the demo as a process and waits until it says where it is.
func startDemo(t *testing.T, dir string, arguments ...string) *process {
	t.Helper()
	return startDemoWithLog(t, os.Stderr, dir, arguments...)
}

// startDemoWithLog is startDemo with the log of its own.
func startDemoWithLog(t *testing.T, log io.Writer, dir string, arguments ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, append([]string{"demo", "--data", dir, "--listen", "127.0.0.1:0"},
		arguments...)...), lines: make(chan string, 1000)}
	p.Env = append(os.Environ(), asProgram+"=1")
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = log
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
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.address+"/graphql",
		strings.NewReader(graphQL(operation)))
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

// ended is what a process of the program said, and how it ended.
type ended struct {
	status      int
	out, errors string
}

func (e ended) String() string { return fmt.Sprintf("status %d\n%s%s", e.status, e.out, e.errors) }

// process is the program on an installation, to be started, as an operator does.
func (p *installation) process(t *testing.T, input string, arguments ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, arguments...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "DATABASE_URL="+p.flags.Database, "MEDIA_URL="+p.flags.MediaURL)
	cmd.Stdin = strings.NewReader(input)
	return cmd
}

// run runs the program to its end.
func (p *installation) run(t *testing.T, input string, arguments ...string) ended {
	t.Helper()
	cmd := p.process(t, input, arguments...)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{cmd.ProcessState.ExitCode(), out.String(), errors.String()}
}

// watched is a process whose lines are read.
type watched struct {
	cmd   *exec.Cmd
	lines chan string
}

func (p *installation) watch(t *testing.T, arguments ...string) *watched {
	t.Helper()
	cmd := p.process(t, "", arguments...)
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	w := &watched{cmd, make(chan string, 100_000)}
	go (&process{lines: w.lines}).read(reader)
	return w
}

func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				t.Fatalf("it ended before it said %q", text)
			}
			if strings.Contains(line, text) {
				return
			}
		case <-ctx.Done():
			t.Fatalf("it does not say %q", text)
		}
	}
}

func (w *watched) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := w.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	_ = w.cmd.Wait()
	return w.cmd.ProcessState.ExitCode()
}

// useUpRoom makes every write to a file fail, as on a full disk.
func useUpRoom() {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{}); err != nil {
		panic(err)
	}
}
