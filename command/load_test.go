//go:build load

package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"qm-compliance/postgres"
)

// mostLoadMegabytes is the memory that a server may take under load.
const mostLoadMegabytes = 500

// loaded is two servers on one database, and what their clients have seen.
type loaded struct {
	t        *testing.T
	servers  [2]*target
	manager  string
	mu       sync.Mutex
	outcomes map[string]int
	// done are the conversations whose anonymizing was acknowledged.
	done   map[string]bool
	events atomic.Int64
}

func (l *loaded) saw(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outcomes[what]++
}

// Two servers answer listings, details, anonymizing and subscriptions, while PostgreSQL is restarted. Nobody
// gets an error but the limits that are announced, and UNAVAILABLE while the database is away; every
// acknowledged change is there in the end.
func TestLoad(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("LOAD_TIME"))
	if err != nil {
		t.Fatal(err)
	}
	clients, err := strconv.Atoi(os.Getenv("LOAD_CLIENTS"))
	if err != nil {
		t.Fatal(err)
	}
	dir, provider := newDataDir(t), newIssuer(t)
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	l := &loaded{t: t, outcomes: map[string]int{}, done: map[string]bool{}}
	var log output
	for i := range l.servers {
		l.servers[i] = startTarget(t, provider, &log, "--database-url", server.URL(), "--media-url", filepath.Join(dir, "media"))
		if i == 0 {
			l.servers[i].load(t)
		}
	}
	l.manager = l.servers[0].tokenOf("manager", "DEFAULT_CC_MANAGER")
	l.run(length, clients, server.Dir())
	l.check(t, clients, length, log.String())
}

// run puts the servers under load, and restarts PostgreSQL in the middle. A tenth of the clients subscribe, a
// twentieth anonymizes, and vegeta sends what the others read, as if each of them read twice in ten seconds.
func (l *loaded) run(length time.Duration, clients int, data string) {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	ids := l.servers[0].someIDs(l.t, l.manager, 100)
	var group sync.WaitGroup
	subscribers, writers := max(1, clients/10), max(1, clients/20)
	for i := range subscribers {
		group.Go(func() { l.subscribe(ctx, i, ids) })
	}
	work := make(chan string)
	go func() {
		defer close(work)
		for _, id := range ids {
			select {
			case work <- id:
			case <-ctx.Done():
				return
			}
			select { // spread over the time
			case <-time.After(length / time.Duration(len(ids)+1)):
			case <-ctx.Done():
				return
			}
		}
	}()
	for i := range writers {
		group.Go(func() { l.anonymize(ctx, i, work) })
	}
	group.Go(func() { l.read(length, clients-subscribers-writers, ids) })
	group.Go(func() {
		<-time.After(length / 2)
		l.restart(data)
	})
	group.Wait()
}

// restart restarts PostgreSQL, which keeps its own options in the data directory.
func (l *loaded) restart(data string) {
	pid, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		l.t.Error(err)
		return
	}
	number, _, _ := strings.Cut(string(pid), "\n")
	exe, err := os.Readlink("/proc/" + number + "/exe")
	if err != nil {
		l.t.Error(err)
		return
	}
	control := filepath.Join(filepath.Dir(exe), "pg_ctl")
	arguments := []string{control, "restart", "-w", "-m", "fast", "-D", data}
	if os.Geteuid() == 0 {
		owner, err := exec.Command("stat", "-c", "%U", data).Output()
		if err != nil {
			l.t.Error(err)
			return
		}
		arguments = append([]string{"setpriv", "--reuid", strings.TrimSpace(string(owner)), "--clear-groups"}, arguments...)
	}
	begun := time.Now() // its output is not read: PostgreSQL would keep the pipe open
	if err := exec.Command(arguments[0], arguments[1:]...).Run(); err != nil {
		l.t.Errorf("PostgreSQL is not restarted: %v", err)
	}
	l.t.Logf("PostgreSQL was restarted, in %s", time.Since(begun).Round(time.Millisecond))
}

// read lets vegeta read listings and details from both servers.
func (l *loaded) read(length time.Duration, clients int, ids []string) {
	dir := l.t.TempDir()
	var targets bytes.Buffer
	encoder := json.NewEncoder(&targets)
	for i := range 1000 {
		server := l.servers[i%2]
		query := `{ conversations(first: 20) { nodes { id startedAt types participants { name } } pageInfo { endCursor } } }`
		if i%4 > 1 {
			query = fmt.Sprintf(`{ conversation(id: %q) { id participants { name } segments { messages { nodes { text } } } } }`,
				ids[i%len(ids)])
		}
		_ = encoder.Encode(map[string]any{
			"method": http.MethodPost, "url": "http://" + server.address + "/graphql", "body": []byte(graphQL(query)),
			"header": map[string][]string{
				"Content-Type":  {"application/json"},
				"Authorization": {"Bearer " + server.tokenOf(fmt.Sprint("reader ", i%200), "DEFAULT_CC_MANAGER")},
			},
		})
	}
	file, results := filepath.Join(dir, "targets"), filepath.Join(dir, "results")
	if err := os.WriteFile(file, targets.Bytes(), 0o600); err != nil {
		l.t.Error(err)
		return
	}
	vegeta := filepath.Join(filepath.Dir(os.Getenv("QM_BINARY")), "vegeta")
	attack := exec.Command(vegeta, "attack", "-format", "json", "-targets", file, "-output", results, "-duration", length.String(),
		"-rate", fmt.Sprint(max(1, clients/5)), "-workers", fmt.Sprint(clients), "-max-workers", fmt.Sprint(clients),
		"-connections", fmt.Sprint(clients), "-timeout", "40s")
	if out, err := attack.CombinedOutput(); err != nil {
		l.t.Errorf("vegeta: %v %s", err, out)
		return
	}
	report, err := exec.Command(vegeta, "report", results).Output()
	if err != nil {
		l.t.Error(err)
	}
	l.t.Logf("what was read:\n%s", report)
	for _, match := range regexp.MustCompile(`(\d+):(\d+)`).FindAllStringSubmatch(lineOf(string(report), "Status Codes"), -1) {
		switch match[1] {
		case "200", "503", "429":
		default:
			l.t.Errorf("%s reads were answered %s", match[2], match[1])
		}
	}
}

func lineOf(text, begin string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, begin) {
			return line
		}
	}
	return ""
}

// anonymize anonymizes what comes, and tries again what it is told to.
func (l *loaded) anonymize(ctx context.Context, number int, work <-chan string) {
	server := l.servers[number%2]
	token := server.tokenOf(fmt.Sprint("writer ", number), "DEFAULT_CC_MANAGER")
	for id := range work {
		for ctx.Err() == nil {
			got := server.ask(token, fmt.Sprintf(
				`mutation { anonymizeConversations(input: {conversationIds: [%q]}) { conversations { id } userErrors { code } } }`, id))
			l.saw("anonymizing: " + shortly(got))
			if got.status == 200 && strings.Contains(got.body, `"userErrors":[]`) {
				l.mu.Lock()
				l.done[id] = true
				l.mu.Unlock()
				break
			}
			if got.status != 503 && got.status != 429 && !strings.Contains(got.body, "UNAVAILABLE") {
				l.t.Errorf("anonymizing: %s", got)
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

func shortly(r reply) string {
	_, after, found := strings.Cut(r.body, `"code":"`)
	if code, _, ok := strings.Cut(after, `"`); found && ok {
		return fmt.Sprint(r.status, " ", code)
	}
	return fmt.Sprint(r.status)
}

// subscribe listens to changes of all, and again after each end.
func (l *loaded) subscribe(ctx context.Context, number int, ids []string) {
	server := l.servers[number%2]
	token := server.tokenOf(fmt.Sprint("listener ", number), "DEFAULT_CC_MANAGER")
	message := `{"id":"1","type":"subscribe","payload":` + graphQL(`subscription { conversationChanged(ids: ["`+
		strings.Join(ids, `","`)+`"]) { id } }`) + `}`
	for ctx.Err() == nil {
		conn, err := server.socket(ctx, token)
		if err == nil {
			err = conn.Write(ctx, websocket.MessageText, []byte(message))
		}
		for err == nil {
			var data []byte
			if _, data, err = conn.Read(ctx); err == nil && bytes.Contains(data, []byte(`"next"`)) {
				l.events.Add(1)
			} else if err == nil && bytes.Contains(data, []byte(`"error"`)) {
				l.saw("subscription: " + shortly(reply{body: string(data)}))
				err = fmt.Errorf("ended")
			}
		}
		if conn != nil {
			_ = conn.CloseNow()
		}
		if ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	}
}

// check looks whether every acknowledged change is there, and what the servers say of themselves.
func (l *loaded) check(t *testing.T, clients int, length time.Duration, log string) {
	t.Logf("%d clients for %s: %d changes acknowledged, %d pushed, %v", clients, length, len(l.done), l.events.Load(), l.outcomes)
	if len(l.done) == 0 || l.events.Load() == 0 {
		t.Error("nothing was done, so that nothing is proved")
	}
	for id := range l.done {
		got := l.servers[1].ask(l.manager, fmt.Sprintf(`{ conversation(id: %q) { anonymization { anonymizedAt } } }`, id))
		if !strings.Contains(got.body, `"anonymizedAt":"`) {
			t.Errorf("an acknowledged change is not there: %s", got)
		}
	}
	for i, server := range l.servers {
		peak := server.peak()
		metrics := server.send(http.MethodGet, "/metrics", "", nil).body
		t.Logf("server %d: %d MB, %s of a processor, %d lines in both logs", i, peak, server.cpu().Round(time.Second), strings.Count(log, "\n"))
		if peak > mostLoadMegabytes {
			t.Errorf("server %d took %d MB", i, peak)
		}
		for line := range strings.Lines(metrics) {
			operation := strings.HasPrefix(line, "qm_operation_seconds_count")
			announced := strings.Contains(line, `code="OK"`) || strings.Contains(line, `code="UNAVAILABLE"`)
			wrong := strings.HasPrefix(line, `qm_refused_total{reason="document"}`) && strings.TrimSpace(line) != `qm_refused_total{reason="document"} 0`
			if operation && !announced || wrong {
				t.Errorf("server %d: %s", i, line)
			}
			if operation || strings.HasPrefix(line, "qm_refused_total") {
				t.Logf("server %d: %s", i, strings.TrimSpace(line))
			}
		}
		if status := server.stop(); status != 0 {
			t.Errorf("server %d ends with %d", i, status)
		}
	}
}
