package refusals_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/graph/refusals"
)

// auditLog is an audit log that remembers what it took, and takes nothing while it is away.
type auditLog struct {
	mu   sync.Mutex
	rows []string
	away bool
}

func (a *auditLog) Record(_ context.Context, op audit.Operation, event audit.Event) error {
	if a.away {
		return errors.New("away")
	}
	if op.Activity != audit.AccessDenied || event.Activity != audit.AccessDenied || event.Result != audit.Failure {
		return errors.New("this is no refusal")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	denial := event.Details.(audit.AccessDenial)
	row := fmt.Sprintf("%s %s: %s %s x%d", op.Actor.ID, op.Actor.Name, denial.Operation, denial.Code, denial.Count)
	a.rows = append(a.rows, strings.TrimSpace(row))
	return nil
}

// taken are the rows since the last time, sorted.
func (a *auditLog) taken() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	rows := a.rows
	a.rows = nil
	slices.Sort(rows)
	return rows
}

func newLog(a *auditLog) (*refusals.Log, *bytes.Buffer) {
	text := new(bytes.Buffer)
	return refusals.New(refusals.Options{Record: a.Record, Logger: slog.New(slog.NewTextHandler(text, nil))}), text
}

func from(address string) *http.Request {
	request := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	request.RemoteAddr = address
	return request
}

func person(id string) *auth.Viewer { return &auth.Viewer{Subject: id, Name: strings.ToUpper(id)} }

// The first refusal of a person and an operation is audited at once, the further ones of the minute as one event with their number.
func TestPersons(t *testing.T) {
	t.Parallel()
	a := new(auditLog)
	log, _ := newLog(a)
	for range 3 {
		log.Person(t.Context(), person("ann"), "protectMedia", audit.CodeForbidden)
	}
	log.Person(t.Context(), person("ann"), "import", audit.CodeForbidden)
	log.Person(t.Context(), person("bob"), "protectMedia", audit.CodeForbidden)
	atOnce := []string{"ann ANN: import FORBIDDEN x1", "ann ANN: protectMedia FORBIDDEN x1", "bob BOB: protectMedia FORBIDDEN x1"}
	if diff := cmp.Diff(atOnce, a.taken()); diff != "" {
		t.Errorf("at once (-want +got):\n%s", diff)
	}
	log.Flush(t.Context())
	if diff := cmp.Diff([]string{"ann ANN: protectMedia FORBIDDEN x2"}, a.taken()); diff != "" {
		t.Errorf("after the minute (-want +got):\n%s", diff)
	}
	log.Flush(t.Context())
	if got := a.taken(); len(got) != 0 {
		t.Errorf("a quiet minute writes %q", got)
	}
	log.Person(t.Context(), person("ann"), "protectMedia", audit.CodeForbidden)
	if got := a.taken(); len(got) != 1 {
		t.Errorf("the first of the next minute writes %q", got)
	}
}

// Whoever is not signed in causes ten events a minute at most, from however many addresses.
func TestNobody(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		addresses, each int
		want            []string
	}{
		{1, 5000, []string{"not signed in, from 10.0.0.0: graphql UNAUTHENTICATED x5000"}},
		{2, 1, []string{"not signed in, from 10.0.0.0: graphql UNAUTHENTICATED x1", "not signed in, from 10.0.0.1: graphql UNAUTHENTICATED x1"}},
		{9, 1, nil}, {10, 1, nil}, {250, 3, nil},
	} {
		a := new(auditLog)
		log, _ := newLog(a)
		for i := range row.addresses * row.each {
			log.Nobody(from(fmt.Sprintf("10.0.0.%d:4711", i%row.addresses)), "graphql")
		}
		if got := a.taken(); len(got) != 0 {
			t.Errorf("%d addresses write %q at once", row.addresses, got)
		}
		log.Flush(t.Context())
		got := a.taken()
		if row.want != nil && !slices.Equal(got, row.want) {
			t.Errorf("%d addresses: %q", row.addresses, got)
		}
		if len(got) != min(row.addresses, 10) {
			t.Errorf("%d addresses write %d events", row.addresses, len(got))
		}
		if row.addresses == 250 && got[9] != "not signed in, from several addresses: several UNAUTHENTICATED x723" {
			t.Errorf("the last of %q", got)
		}
	}
}

// However many people are refused, and however many operations, the events of a minute are bounded, and all are counted.
func TestManyPersons(t *testing.T) {
	t.Parallel()
	a := new(auditLog)
	log, _ := newLog(a)
	for i := range 5000 {
		log.Person(t.Context(), person(fmt.Sprint("p", i)), "protectMedia", audit.CodeForbidden)
	}
	log.Flush(t.Context())
	rows := a.taken()
	if len(rows) != 1000 || !slices.Contains(rows, "several people: several FORBIDDEN x4001") {
		t.Errorf("%d events, the last of them %q", len(rows), rows[len(rows)-1])
	}
}

// What the audit log does not take is written when it is there again, and said without what was refused.
func TestAnAuditLogThatIsAway(t *testing.T) {
	t.Parallel()
	a := &auditLog{away: true}
	log, said := newLog(a)
	log.Nobody(from("[2001:db8::1]:80"), "import")
	log.Person(t.Context(), person("ann"), "import", audit.CodeForbidden)
	log.Person(t.Context(), person("ann"), "import", audit.CodeForbidden)
	log.Flush(t.Context())
	if !strings.Contains(said.String(), "a refusal could not be audited") || strings.Contains(said.String(), "ann") {
		t.Errorf("the log says %s", said)
	}
	a.away = false
	log.Nobody(from("[2001:db8::1]:80"), "import")
	log.Flush(t.Context())
	want := []string{"ann ANN: import FORBIDDEN x2", "not signed in, from 2001:db8::1: import UNAUTHENTICATED x2"}
	if diff := cmp.Diff(want, a.taken()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A refusal is audited also where the one who was refused has gone.
func TestTheRefusedMayGo(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var wrote bool
	log := refusals.New(refusals.Options{Record: func(ctx context.Context, _ audit.Operation, _ audit.Event) error {
		wrote = true
		return ctx.Err()
	}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	log.Person(gone, person("ann"), "import", audit.CodeForbidden)
	if !wrote {
		t.Error("nothing was written")
	}
}

// Run writes each minute, and once more when it ends.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := new(auditLog)
		log, _ := newLog(a)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- log.Run(ctx) }()
		for minute := range 3 {
			log.Nobody(from("10.0.0.1:1"), "graphql")
			time.Sleep(59 * time.Second)
			synctest.Wait()
			if got := a.taken(); len(got) != 0 {
				t.Errorf("minute %d: %q too early", minute, got)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if got := a.taken(); len(got) != 1 {
				t.Errorf("minute %d: %q", minute, got)
			}
		}
		log.Nobody(from("10.0.0.1:1"), "graphql")
		cancel()
		if err := <-ended; err != nil || len(a.taken()) != 1 {
			t.Errorf("the last minute is lost (%v)", err)
		}
	})
}
