package command

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/alecthomas/kong"

	"qm-compliance/graph"
	"qm-compliance/httpserver"
)

func parseServe(t *testing.T, arguments ...string) serveCommand {
	t.Helper()
	var cli cli
	parser, err := kong.New(&cli, kong.Vars{"data": "data"}, limitVars())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, arguments...)); err != nil {
		t.Fatal(err)
	}
	return cli.Serve
}

// leaves are the values of a struct and of those in it, by their path.
func leaves(value reflect.Value, path string) map[string]any {
	found := map[string]any{}
	for i := range value.NumField() {
		name := path + "." + value.Type().Field(i).Name
		if value.Field(i).Kind() == reflect.Struct {
			for name, leaf := range leaves(value.Field(i), name) {
				found[name] = leaf
			}
			continue
		}
		found[name] = value.Field(i).Interface()
	}
	return found
}

// The flags begin as the defaults of the packages, and every limit has a flag of its own.
func TestEveryLimitHasAFlag(t *testing.T) {
	plain := parseServe(t)
	limits := plain.limits(plain.Stall)
	if limits.GraphQL != graph.DefaultLimits() {
		t.Errorf("the flags give %+v, not %+v", limits.GraphQL, graph.DefaultLimits())
	}
	if plain.timeouts() != httpserver.DefaultTimeouts() {
		t.Errorf("the flags give %+v, not %+v", plain.timeouts(), httpserver.DefaultTimeouts())
	}
	type all struct {
		Limits   httpserver.Limits
		Timeouts httpserver.Timeouts
	}
	before := leaves(reflect.ValueOf(all{limits, plain.timeouts()}), "")
	changed := map[string]bool{".Timeouts.Header": true} // that one has no flag
	for _, flags := range []reflect.Type{reflect.TypeFor[limitFlags](), reflect.TypeFor[connectionFlags]()} {
		for field := range flags.Fields() {
			value := map[string]string{"int": "7", "int64": "7", "float64": "7", "Duration": "7s"}[field.Type.Name()]
			if value == "" {
				continue
			}
			name, help := field.Tag.Get("env"), field.Tag.Get("help")
			if !strings.HasPrefix(name, "QM_") || help == "" {
				t.Errorf("%s has the variable %q and the help %q", field.Name, name, help)
			}
			t.Setenv(name, value)
			now := parseServe(t)
			_ = os.Unsetenv(name)
			for path, leaf := range leaves(reflect.ValueOf(all{now.limits(now.Stall), now.timeouts()}), "") {
				if leaf != before[path] {
					changed[path] = true
				}
			}
		}
	}
	for path := range before {
		if !changed[path] {
			t.Errorf("no flag changes %s", path)
		}
	}
}

// serveProcess starts serve as a process.
func serveProcess(t *testing.T, arguments ...string) (*watched, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", newDataDir(t), "--migrate",
		"--oidc-issuer", newIssuer(t).URL}, arguments...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	w := &watched{cmd, make(chan string, 10_000)}
	go (&process{lines: w.lines}).read(reader)
	deadline := time.After(patience)
	for {
		select {
		case line, open := <-w.lines:
			if match := servingAt.FindStringSubmatch(line); match != nil {
				return w, "http://" + match[1]
			}
			if !open {
				t.Fatal("serve ended before it said where it listens")
			}
		case <-deadline:
			t.Fatal("serve does not say where it listens")
		}
	}
}

// The first signal drains and ends with status 0, also where somebody sends a body without an end; the second
// ends at once.
func TestSignals(t *testing.T) {
	t.Parallel()
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		w, address := serveProcess(t, "--drain", "10ms", "--shutdown-timeout", "300ms", "--stall", "1h")
		body, send := io.Pipe()
		defer func() { _ = send.Close() }()
		go func() {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/import", body)
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
			}
		}()
		_, _ = send.Write([]byte("x"))
		if status := w.stop(t, syscall.SIGTERM); status != 0 {
			t.Errorf("status %d", status)
		}
	})
	t.Run("two", func(t *testing.T) {
		t.Parallel()
		w, address := serveProcess(t, "--drain", "1h")
		if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		w.await(t, "draining")
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/readyz", nil)
		if status, text := fetchText(t, request); status != http.StatusServiceUnavailable {
			t.Errorf("%d %s", status, text)
		}
		w.stop(t, syscall.SIGTERM)
		if state := w.cmd.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() {
			t.Errorf("it ended with %v", w.cmd.ProcessState)
		}
	})
}

// TestMemoryLimit holds how a server's garbage collector is set. A zero leaves to Go what the environment says.
func TestMemoryLimit(t *testing.T) {
	const mib = 1 << 20
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for _, row := range []struct {
		flag      int64
		env       string
		container memlimit.Provider
		share     float64
		want      memory
	}{
		{0, "", none, 0.9, memory{400, 192 * mib}},
		{0, "", none, 0.5, memory{400, 192 * mib}},
		{0, "", memlimit.Limit(200 * mib), 0.9, memory{400, 180 * mib}},
		{0, "", memlimit.Limit(200 * mib), 0.5, memory{400, 100 * mib}},
		{0, "", memlimit.Limit(4000 * mib), 0.5, memory{400, 192 * mib}},
		{0, "", memlimit.Limit(20 * mib), 0.9, memory{400, 64 * mib}},
		{0, "", memlimit.Limit(math.MaxUint64), 1, memory{400, 192 * mib}},
		{256 * mib, "", memlimit.Limit(1000 * mib), 0.9, memory{400, 256 * mib}},
		{64 * mib, "", none, 0.9, memory{400, 64 * mib}},
		{0, "GOGC", none, 0.9, memory{0, 192 * mib}},
		{0, "GOMEMLIMIT", memlimit.Limit(1000 * mib), 0.9, memory{400, 0}},
		{0, "GOGC GOMEMLIMIT", none, 0.9, memory{0, 0}},
		{256 * mib, "GOGC GOMEMLIMIT", none, 0.9, memory{0, 256 * mib}},
	} {
		getenv := func(name string) string {
			if slices.Contains(strings.Fields(row.env), name) {
				return "set"
			}
			return ""
		}
		got, err := memoryFlags{MemoryLimit: row.flag}.choose(getenv, row.container, row.share)
		if err != nil || got != row.want {
			t.Errorf("%+v: %+v, %v", row, got, err)
		}
	}
	for _, flag := range []int64{-1, 1, 64*mib - 1} {
		_, err := memoryFlags{MemoryLimit: flag}.choose(os.Getenv, none, 0.9)
		if err == nil || !strings.Contains(err.Error(), "--memory-limit") {
			t.Errorf("%d: %v", flag, err)
		}
	}
}

// The program sets what it chose, and its log says so.
func TestServeSetsTheMemoryLimit(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	var log bytes.Buffer
	env := sharedFlags{Database: "postgres://elsewhere"}.environment(Streams{io.Discard, &log})
	if err := (memoryFlags{MemoryLimit: 100 << 20}).bound(t.Context(), env); err != nil {
		t.Fatal(err)
	}
	if got := debug.SetGCPercent(100); got != garbagePercent {
		t.Errorf("GOGC is %d", got)
	}
	if got := debug.SetMemoryLimit(-1); got != 100<<20 || !strings.Contains(log.String(), "bytes=104857600") {
		t.Errorf("the limit is %d, and the log says %s", got, log.String())
	}
	if err := (memoryFlags{MemoryLimit: 100}).bound(t.Context(), env); err == nil {
		t.Error("100 bytes are enough")
	}
}
