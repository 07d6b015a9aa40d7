package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/admission"
)

const exportOne = `{ exportConversation(id: "%s") }`

// held is an API in which exports go on until they are let go; change makes other limits.
func held(t *testing.T, limits admission.Limits, change func(*graph.Limits)) (a *api, meter *meter, letGo func()) {
	t.Helper()
	meter = newMeter()
	hold := make(chan struct{})
	a = newEmptyAPI(t, func(o *graph.Options) {
		o.Meter, o.Limits.Admission = meter, limits
		change(&o.Limits)
		o.Export = func(context.Context, audit.Operation, db.Access, int64, bool) ([]byte, error) {
			meter.Active("exporting", 1)
			defer meter.Active("exporting", -1)
			<-hold
			return []byte(`{}`), nil
		}
	})
	return a, meter, sync.OnceFunc(func() { close(hold) })
}

// anyExports lets exports be operations like any other.
func anyExports(l *graph.Limits) { l.ExportsAtOnce, l.ExportsEach = 0, 0 }

func exporting() asked {
	query, _ := json.Marshal(map[string]string{"query": fmt.Sprintf(exportOne, graph.GlobalID("Conversation", 1))})
	return asked{as: "manager", method: http.MethodPost, contentType: "application/json", body: string(query)}
}

func waitFor(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !reached(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// Too much at once is refused at once, with what to do, over HTTP as over a socket; when it is over, everything is well again.
func TestTooMuchAtOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		limits       admission.Limits
		reason, code string
		status       int
	}{
		"of a person": {admission.Limits{Operations: 10, OperationsEach: 2}, "person", "RATE_LIMITED", http.StatusTooManyRequests},
		"in all":      {admission.Limits{Operations: 1, OperationsEach: 5, Queue: 1}, "overload", "UNAVAILABLE", http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, meter, letGo := held(t, row.limits, anyExports)
			defer letGo()
			s := dial(t, a.Handler, a.authorization(t, "manager"))
			s.next()
			var group sync.WaitGroup
			for i := range 2 {
				group.Go(func() {
					if got := a.request(t, exporting()); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `{"exportConversation":{}}`) {
						t.Errorf("what was admitted is answered %d %s", got.Code, got.Body)
					}
				})
				waitFor(t, "it does not begin", func() bool { return meter.active()["operations"]+meter.active()["waiting"] == i+1 })
			}
			got := a.request(t, asked{as: "manager", method: http.MethodPost, contentType: "application/json", body: `{"query": "{ viewer { userId } }"}`})
			if seconds, err := strconv.Atoi(got.Header().Get("Retry-After")); got.Code != row.status || err != nil || seconds < 1 || !strings.Contains(got.Body.String(), row.code) {
				t.Errorf("one more: %d %v %s", got.Code, got.Header(), got.Body)
			}
			s.subscribe("1", `{ viewer { userId } }`)
			if f := s.next(); f.Type != "error" || frameCode(t, f) != row.code {
				t.Errorf("one more over the socket: %s %s", f.Type, f.Payload)
			}
			if meter.refused(row.reason) != 2 {
				t.Errorf("counted: %v", meter.refusals)
			}
			letGo()
			group.Wait()
			if got := a.do(t, "manager", `{ viewer { userId } }`, nil); got.code() != "" {
				t.Errorf("after that: %+v", got)
			}
			s.subscribe("2", `{ viewer { userId } }`)
			if f := s.next(); f.Type != "next" {
				t.Errorf("after that, over the socket: %s %s", f.Type, f.Payload)
			}
			waitFor(t, "something is still under way", func() bool { a := meter.active(); delete(a, "sockets"); return len(a) == 0 })
		})
	}
}

// Exports are made one after another, each with its recordings in memory, and a person has few at once; they keep
// no place of other operations.
func TestExportsAtOnce(t *testing.T) {
	t.Parallel()
	a, meter, letGo := held(t, admission.Limits{Operations: 1, Queue: 10}, func(*graph.Limits) {})
	defer letGo()
	as := func(who string) asked {
		q := exporting()
		q.as = who
		return q
	}
	var group sync.WaitGroup
	for i := range 2 {
		group.Go(func() {
			if got := a.request(t, as("manager")); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `{"exportConversation":{}}`) {
				t.Errorf("what was admitted is answered %d %s", got.Code, got.Body)
			}
		})
		waitFor(t, "it does not begin", func() bool { return meter.active()["operations"] == i+1 })
		if got := a.do(t, "analyst", `{ viewer { userId } }`, nil); got.code() != "" {
			t.Errorf("another operation beside %d exports: %+v", i+1, got)
		}
	}
	if got := a.request(t, as("manager")); got.Code != http.StatusTooManyRequests || !strings.Contains(got.Body.String(), "RATE_LIMITED") {
		t.Errorf("a third export: %d %s", got.Code, got.Body)
	}
	s := dial(t, a.Handler, a.authorization(t, "manager"))
	s.next()
	s.subscribe("1", fmt.Sprintf(exportOne, graph.GlobalID("Conversation", 1)))
	if f := s.next(); f.Type != "error" || frameCode(t, f) != "RATE_LIMITED" {
		t.Errorf("a third export over a socket: %s %s", f.Type, f.Payload)
	}
	if most := meter.most("exporting"); most != 1 {
		t.Errorf("%d were made at once", most)
	}
	letGo()
	group.Wait()
	if got := a.request(t, as("manager")); got.Code != http.StatusOK {
		t.Errorf("after that: %d %s", got.Code, got.Body)
	}
}

// While the database is slow for everybody, the server refuses without a wait what it cannot run, and is well
// again when the database is.
func TestASlowDatabase(t *testing.T) {
	t.Parallel()
	meter := newMeter()
	a := newAPI(t, func(o *graph.Options) {
		o.Meter = meter
		o.Limits.Admission = admission.Limits{Operations: 2, Queue: 100, Wait: 2 * time.Second}
	})
	lock, err := a.bun.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Rollback() }()
	if _, err := lock.ExecContext(t.Context(), `LOCK TABLE conversations`); err != nil {
		t.Fatal(err)
	}
	list := asked{as: "manager", method: http.MethodPost, contentType: "application/json",
		body: `{"query": "{ conversations(first: 1) { nodes { id } } }"}`}
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if got := a.request(t, list); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "errors") {
				t.Errorf("what was admitted is answered %d %s", got.Code, got.Body)
			}
		})
	}
	waitFor(t, "the list does not begin", func() bool { return meter.active()["operations"] == 2 })
	const many = 100
	begun := time.Now()
	for i := range many { // the first of them waits, in vain
		got := a.request(t, list)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "2" || !strings.Contains(got.Body.String(), "UNAVAILABLE") {
			t.Fatalf("%d: %d %v %s", i, got.Code, got.Header(), got.Body)
		}
	}
	if took := time.Since(begun); took > many*time.Second {
		t.Errorf("refusing %d took %s", many, took)
	}
	if meter.active()["overload"] != 1 || meter.refused("overload") != many {
		t.Errorf("counted: %v %v", meter.active(), meter.refusals)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if got := a.do(t, "manager", `{ conversations(first: 1) { nodes { id } } }`, nil); got.code() != "" || meter.active()["overload"] != 0 {
		t.Errorf("after that: %+v, %v", got, meter.active())
	}
}

// Who asks too often is refused, whatever is asked; others are not.
func TestTooOften(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t, func(o *graph.Options) { o.Limits.Admission = admission.Limits{Rate: 0.001, Burst: 3} })
	for i, want := range []string{"", "INVALID", "", "RATE_LIMITED", "RATE_LIMITED"} {
		query := `{ viewer { userId } }`
		if i == 1 {
			query = `{`
		}
		if got := a.do(t, "manager", query, nil); got.code() != want {
			t.Errorf("operation %d: %q", i, got.code())
		}
	}
	if got := a.do(t, "analyst", `{ viewer { userId } }`, nil); got.code() != "" {
		t.Errorf("somebody else: %q", got.code())
	}
	s := dial(t, a.Handler, a.authorization(t, "manager"))
	s.next()
	s.subscribe("1", `subscription { complianceSettingsChanged { version } }`)
	if f := s.next(); f.Type != "error" || frameCode(t, f) != "RATE_LIMITED" {
		t.Errorf("over a socket: %s %s", f.Type, f.Payload)
	}
}
