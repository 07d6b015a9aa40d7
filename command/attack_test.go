//go:build attack

package command

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// The bounds that every attack has to keep.
const (
	mostMegabytes = 300
	mostCPU       = 50 * time.Millisecond // of one request without a token
	mostRows      = 10                    // of the audit log in a minute, for all who are not signed in
)

// attack is one way to use the server up.
type attack struct {
	name string
	// stranger is whether it is done without a token: then each request has a bound of processor time.
	stranger bool
	// do attacks and says what came of each request.
	do func(a *attacker) map[string]int
	// never is what must not come of a request.
	never string
}

type attacker struct {
	*target
	t                       *testing.T
	manager, agent, loading string // other people for each attack, since each has a rate of their own
	// watcher is the token of who looks what it cost.
	watcher string
	ids     []string
}

// What a stranger, or a person with few or many rights, can use up of the built program: memory, processor
// time, rows of the audit log. It prints a table, and fails where a bound is broken.
func TestAttack(t *testing.T) {
	provider, dir := newIssuer(t), newDataDir(t)
	var log output
	flags := []string{"--data", dir, "--idle-timeout", "3s", "--stall", "3s", "--shutdown-timeout", "3s"}
	s := startTarget(t, provider, &log, flags...)
	s.load(t)
	a := &attacker{target: s, t: t}
	a.watcher = s.tokenOf("watcher", "DEFAULT_CC_MANAGER")
	a.ids = s.someIDs(t, a.watcher, 100)
	rows := a.auditRows()
	begun := time.Now()
	t.Logf("%-52s %8s %7s %9s %9s %5s  %s", "attack", "requests", "MB", "CPU", "each", "rows", "what it got")
	for _, attack := range attacks() {
		if !strings.Contains(attack.name, os.Getenv("ATTACK")) {
			continue
		}
		rows = a.run(attack, rows)
	}
	if status := s.stop(); status != 0 {
		t.Errorf("after all that it ends with status %d", status)
	}
	s = startTarget(t, provider, &log, flags...)
	a.target = s
	minutes := int(time.Since(begun)/time.Minute) + 1
	nobodys := a.nobodysRows()
	t.Logf("strangers caused %d rows of the audit log in %d minutes", nobodys, minutes)
	if nobodys > mostRows*minutes || nobodys == 0 && os.Getenv("ATTACK") == "" {
		t.Errorf("that is none, or more than %d a minute", mostRows)
	}
	s.stop()
	for line := range strings.Lines(log.String()) {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("the log has an unstructured line: %.200q", line)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines > 500 {
		t.Errorf("the log has %d lines", lines)
	}
}

// run attacks once, and returns the rows of the audit log after it.
func (a *attacker) run(attack attack, before int) int {
	a.manager = a.tokenOf("manager, "+attack.name, "DEFAULT_CC_MANAGER")
	a.agent, a.loading = a.tokenOf("agent, "+attack.name, "DEFAULT_AGENT"), a.tokenOf(attack.name, "ADD_CALL")
	a.forgetPeak()
	cpu := a.cpu()
	results := attack.do(a)
	cpu = a.cpu() - cpu
	requests := 0
	for _, n := range results {
		requests += n
	}
	each := cpu / time.Duration(max(1, requests))
	rows, peak := a.auditRows(), a.peak()
	var got []string
	for _, result := range slices.Sorted(maps.Keys(results)) {
		got = append(got, fmt.Sprintf("%d x %s", results[result], result))
		if attack.never != "" && strings.Contains(result, attack.never) || strings.HasPrefix(result, "500") {
			a.t.Errorf("%s: got %s", attack.name, result)
		}
	}
	a.t.Logf("%-52s %8d %7d %9s %9s %5d  %s", attack.name, requests, peak, cpu.Round(10*time.Millisecond),
		each.Round(100*time.Microsecond), rows-before, strings.Join(got, "; "))
	if peak > mostMegabytes {
		a.t.Errorf("%s: %d MB", attack.name, peak)
	}
	if attack.stranger && each > mostCPU {
		a.t.Errorf("%s: each request costs %s", attack.name, each)
	}
	if rows-before > mostRows {
		a.t.Errorf("%s: %d rows of the audit log", attack.name, rows-before)
	}
	if got := a.ask(a.watcher, `{ viewer { userId } }`); got.status != 200 {
		a.t.Errorf("%s: after it the server answers %s", attack.name, got)
	}
	return rows
}

func (a *attacker) auditRows() int { return len(a.denied()) }

func (a *attacker) nobodysRows() (count int) {
	for _, name := range a.denied() {
		if strings.HasPrefix(name, "not signed in") {
			count++
		}
	}
	return count
}

// denied are the names in the events of refusals.
func (a *attacker) denied() (names []string) {
	after := "null"
	for {
		got := a.ask(a.watcher, `{ auditEvents(first: 100, after: `+after+`, filter: {activities: ACCESS_DENIED}) {
			nodes { user { name } } pageInfo { hasNextPage endCursor } } }`)
		var read struct {
			Data struct {
				AuditEvents struct {
					Nodes    []struct{ User struct{ Name string } }
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(got.body), &read); err != nil || got.status != 200 {
			a.t.Fatal(got, err)
		}
		page := read.Data.AuditEvents
		for _, node := range page.Nodes {
			names = append(names, node.User.Name)
		}
		if !page.PageInfo.HasNextPage {
			return names
		}
		after = fmt.Sprintf("%q", page.PageInfo.EndCursor)
	}
}

// outcome is a reply in a few words: its status and, of GraphQL, its code.
func outcome(r reply) string {
	if r.status == 0 {
		return "cut off"
	}
	_, after, found := strings.Cut(r.body, `"code":"`)
	if code, _, ok := strings.Cut(after, `"`); found && ok {
		return fmt.Sprint(r.status, " ", code)
	}
	return fmt.Sprint(r.status)
}

// repeated is one operation, again and again; the number in it makes every one new.
func repeated(n int, token func(*attacker) string, operation func(i int) string) func(*attacker) map[string]int {
	return func(a *attacker) map[string]int {
		return atOnce(n, 8, func(i int) string { return outcome(a.ask(token(a), operation(i))) })
	}
}

func nobody(*attacker) string    { return "" }
func manager(a *attacker) string { return a.manager }
func agent(a *attacker) string   { return a.agent }

func always(operation string) func(int) string { return func(int) string { return operation } }

func aliases(n int, field string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: %s ", i, field)
	}
	return b.String()
}

// packed is the gzip of a document's beginning, of a part many times, and of its end.
func packed(begin, part string, times int, end string) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = io.WriteString(zip, begin)
	many := strings.Repeat(part, 10_000)
	for range times / 10_000 {
		_, _ = io.WriteString(zip, many)
	}
	_, _ = io.WriteString(zip, end)
	_ = zip.Close()
	return out.Bytes()
}

const vconHead = `{"vcon":"0.4.0","uuid":"019543da-b5aa-8d63-9dd8-dd37220d739c","created_at":"2026-03-01T09:30:00Z",` +
	`"parties":[{"tel":"+420777123456"}],"dialog":[{"type":"text","start":"2026-03-01T09:30:00Z","parties":[0],` +
	`"body":"a","encoding":"none","mediatype":"text/plain"}]`

// zipped is a gzip that somebody sends who may.
func zipped(begin, part string, times int, end string) func(*attacker) map[string]int {
	body := packed(begin, part, times, end)
	return func(a *attacker) map[string]int {
		return atOnce(1, 1, func(int) string { return outcome(a.post("/import", a.loading, bytes.NewReader(body))) })
	}
}

// raw sends text over a connection of its own, and then a piece again and again, until the server cuts it or
// time is over. It says whether it was cut.
func (a *attacker) raw(first, each string) string {
	conn, err := a.dial()
	if err != nil {
		return "refused"
	}
	defer func() { _ = conn.Close() }()
	const patience = 20 * time.Second
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, first)
	done := make(chan struct{})
	defer close(done)
	if each != "" {
		go func() {
			for ticker := time.NewTicker(200 * time.Millisecond); ; {
				select {
				case <-done:
					ticker.Stop()
					return
				case <-ticker.C:
					_, _ = io.WriteString(conn, each)
				}
			}
		}()
	}
	_, err = io.Copy(io.Discard, conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		return "still open"
	}
	return "ended"
}

func raws(n int, first, each string) func(*attacker) map[string]int {
	return func(a *attacker) map[string]int { return atOnce(n, n, func(int) string { return a.raw(first, each) }) }
}

// sockets opens so many at once, and keeps them until all are open; do says what each does.
func sockets(n int, token func(*attacker) string, do func(*attacker, *websocket.Conn) string) func(*attacker) map[string]int {
	return func(a *attacker) map[string]int {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		return atOnce(n, n, func(int) string {
			conn, err := a.socket(ctx, token(a))
			if conn != nil {
				defer func() { _ = conn.CloseNow() }()
			}
			switch {
			case conn == nil:
				return "refused"
			case err != nil:
				return fmt.Sprint("closed ", int(websocket.CloseStatus(err)))
			}
			return do(a, conn)
		})
	}
}

// closed is how the server ends a socket.
func closed(conn *websocket.Conn) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			if ctx.Err() != nil {
				return "still open"
			}
			return fmt.Sprint("closed ", int(websocket.CloseStatus(err)))
		}
	}
}

func (s *target) dial() (net.Conn, error) { return net.Dial("tcp", s.address) }

// forgetPeak lets peak begin anew.
func (s *target) forgetPeak() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.Process.Pid), []byte("5"), 0o200)
}

// atOnce runs something n times, so many at once, and counts what came of it.
func atOnce(n, workers int, do func(i int) string) map[string]int {
	var mu sync.Mutex
	var group sync.WaitGroup
	next, results := 0, map[string]int{}
	for range workers {
		group.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				result := do(i)
				mu.Lock()
				results[result]++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return results
}
