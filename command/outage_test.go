package command

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/jackc/pgx/v5"
)

// until asks again and again until the answer is yes.
func until(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for tick := time.NewTicker(20 * time.Millisecond); !yes(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func (p *process) status(t *testing.T, path string) int {
	t.Helper()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.address+path, nil)
	status, _ := fetchText(t, request)
	return status
}

// holdStart keeps every program from starting the embedded server of a data directory until release is
// called.
func holdStart(t *testing.T, dir string) (release func()) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, "postgres", "start.lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the start lock is free", func() bool {
		return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
	})
	return func() { _ = file.Close() }
}

// endPostgres sends a signal to the main process of the embedded server.
func endPostgres(t *testing.T, dir string, signal syscall.Signal) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "postgres", "data", "postmaster.pid"))
	first, _, _ := strings.Cut(string(content), "\n")
	pid, parseErr := strconv.Atoi(first)
	if err != nil || parseErr != nil {
		t.Fatal(err, parseErr)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

// subscribe receives a value whenever the compliance settings change.
func (p *process) subscribe(t *testing.T) <-chan string {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), "ws://"+p.address+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	for _, message := range []map[string]any{
		{"type": "connection_init", "payload": map[string]any{"Authorization": "Bearer " + p.signIn(t, "manager")}},
		{"type": "subscribe", "id": "1", "payload": map[string]any{
			"query": "subscription { complianceSettingsChanged { version } }",
		}},
	} {
		if err := wsjson.Write(t.Context(), conn, message); err != nil {
			t.Fatal(err)
		}
		if message["type"] == "connection_init" {
			var acknowledged map[string]any
			if err := wsjson.Read(t.Context(), conn, &acknowledged); err != nil {
				t.Fatal(err)
			}
		}
	}
	values := make(chan string, 100)
	go func() {
		defer close(values)
		for {
			var message json.RawMessage
			if wsjson.Read(context.Background(), conn, &message) != nil {
				return
			}
			if strings.Contains(string(message), `"next"`) {
				values <- string(message)
			}
		}
	}()
	return values
}

// A running server outlives its embedded PostgreSQL, whether that was killed or stopped by itself, as on a
// full disk: meanwhile the process is well and not ready, and tells no data; afterwards requests,
// subscriptions and the work in the background go on by themselves.
func TestEmbeddedPostgresEndsUnderAServer(t *testing.T) {
	t.Parallel()
	dir, log := newDataDir(t), &output{}
	demo := startDemoWithLog(t, log, dir)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(log.String())
		}
	})
	checkJobsAreDone(t, dir, time.Time{}) // so that all of it runs
	version := 1
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
		release := holdStart(t, dir)
		endPostgres(t, dir, signal)
		until(t, "the server is not ready", func() bool { return demo.status(t, "/readyz") == 503 })
		if status := demo.status(t, "/healthz"); status != 200 {
			t.Errorf("the process is called ill: %d", status)
		}
		until(t, "requests are refused", func() bool { // some sessions take a moment to notice
			return !strings.Contains(demo.ask(t, "manager", `{ conversations { totalCount } }`), "300")
		})
		release()
		until(t, "the server is ready", func() bool { return demo.status(t, "/readyz") == 200 })
		until(t, "requests are answered", func() bool {
			return strings.Contains(demo.ask(t, "manager", `{ conversations { totalCount } }`), "300")
		})
		demo.checkChangesAreTold(t, version)
		version++
		checkJobsAreDone(t, dir, time.Now())
	}
	demo.end(t, os.Interrupt)
	for _, words := range []string{"PostgreSQL has ended", "PostgreSQL is running again"} {
		if count := strings.Count(log.String(), words); count != 2 {
			t.Errorf("%q is logged %d times, not twice:\n%s", words, count, log.String())
		}
	}
}

// checkChangesAreTold saves the compliance settings, whose version was known, and waits until a subscriber is
// told.
func (p *process) checkChangesAreTold(t *testing.T, version int) {
	t.Helper()
	told := p.subscribe(t)
	answer := p.ask(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: `+strconv.Itoa(version)+
		`, basicData: {mediaFiles: `+strconv.FormatBool(version%2 == 1)+`}}) { userErrors { code } } }`)
	if !strings.Contains(answer, `"userErrors":[]`) {
		t.Fatal(answer)
	}
	until(t, "a subscriber is told of the change", func() bool {
		select {
		case message, open := <-told:
			if !open {
				t.Fatal("the subscription has ended")
			}
			return strings.Contains(message, `"version":`+strconv.Itoa(version+1))
		default:
			return false
		}
	})
}

// checkJobsAreDone waits until a job has ended after since. It uses no server of its own, which would be one
// more that starts PostgreSQL again.
func checkJobsAreDone(t *testing.T, dir string, since time.Time) {
	t.Helper()
	address := "postgres://qm_compliance@/qm_compliance?host=" + filepath.Join(dir, "postgres", "socket")
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	until(t, "a job is done", func() (done bool) {
		err := conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM river_job
			WHERE kind = 'expire_protections' AND finalized_at > $1)`, since).Scan(&done)
		if err != nil {
			t.Fatal(err)
		}
		return done
	})
}
