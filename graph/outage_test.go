package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qm-compliance/graph"
)

// terminate ends the backends of the API's database that wait for a lock, once there are so many.
func (a *api) terminate(t *testing.T, many int) {
	t.Helper()
	waitFor(t, "nothing waits", func() bool {
		var waiting int
		if err := a.pool.QueryRow(t.Context(), waitingBackends).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		return waiting >= many
	})
	a.asOwner(t, strings.Replace(waitingBackends, "count(*)", "pg_terminate_backend(pid)", 1))
}

// waitingBackends goes by locks: a role is not shown what the sessions of others wait for.
const waitingBackends = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted)`

// lock keeps everybody from a table until it is let go.
func (a *api) lock(t *testing.T, table string) (letGo func()) {
	t.Helper()
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE "+pgx.Identifier{table}.Sanitize()+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		_ = tx.Rollback(t.Context())
		t.Fatal(err)
	}
	return sync.OnceFunc(func() { _ = tx.Rollback(t.Context()) })
}

// A read during which the connection dies is answered as if nothing had happened.
func TestReadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	letGo := a.lock(t, "conversations")
	defer letGo()
	var group sync.WaitGroup
	group.Go(func() {
		if got := a.do(t, "manager", `{ conversations { totalCount nodes { id } } }`, nil); got.code() != "" || got.Data["conversations"].(map[string]any)["totalCount"].(float64) != 5 {
			t.Errorf("the answer is %+v", got)
		}
	})
	a.terminate(t, 1)
	letGo()
	group.Wait()
}

// A change during which the connection dies is not tried again; it is told that it may have been made.
func TestChangesAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	letGo := a.lock(t, "compliance_settings")
	defer letGo()
	var group sync.WaitGroup
	group.Go(func() {
		query := asked{as: "manager", method: http.MethodPost, contentType: "application/json",
			body: `{"query": "mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }"}`}
		got := a.request(t, query)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || !strings.Contains(got.Body.String(), `"UNAVAILABLE"`) ||
			!strings.Contains(got.Body.String(), "check whether the change was made") {
			t.Errorf("%d %v %s", got.Code, got.Header(), got.Body)
		}
	})
	a.terminate(t, 1)
	letGo()
	group.Wait()
	if got := a.do(t, "manager", `{ complianceSettings { version } }`, nil); fmt.Sprint(got.Data) != "map[complianceSettings:map[version:1]]" {
		t.Errorf("after that: %+v", got)
	}
}

// What the database refuses for reasons of its own is UNAVAILABLE, and said once in the log.
func TestADatabaseThatCannot(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ setting, lock, query string }{
		"read-only":         {"default_transaction_read_only = on", "", `mutation { stageComplianceSettings(input: {basicData: {mediaFiles: true}}) { userErrors { code } } }`},
		"statement timeout": {"statement_timeout = 200", "conversations", `{ conversations { nodes { id } } }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			var database string
			if err := a.pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&database); err != nil {
				t.Fatal(err)
			}
			if row.lock != "" {
				defer a.lock(t, row.lock)()
			}
			a.asOwner(t, "ALTER DATABASE "+pgx.Identifier{database}.Sanitize()+" SET "+row.setting)
			a.pool.Reset() // connections that are made from here on have the setting
			for range 3 {
				got := a.do(t, "manager", row.query, nil)
				if got.code() != "UNAVAILABLE" || strings.Contains(got.Errors[0].Message, "PostgreSQL") {
					t.Errorf("the answer is %+v", got.Errors)
				}
			}
			if lines := strings.Count(a.log.String(), "level=ERROR"); lines != 1 {
				t.Errorf("the log has %d lines: %s", lines, a.log)
			}
		})
	}
}

// What takes too long is not the client's fault alone: the code says TIMEOUT, and nothing of it is logged as an error of this program.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	a := newAPI(t, soon)
	defer a.lock(t, "conversations")()
	start := time.Now()
	got := a.do(t, "manager", `{ conversations { nodes { id } } }`, nil)
	if got.code() != "TIMEOUT" || time.Since(start) > 15*time.Second {
		t.Errorf("after %s: %+v", time.Since(start), got.Errors)
	}
	if log := a.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log says %s", log)
	}
}

func soon(o *graph.Options) { o.Limits.Duration = 300 * time.Millisecond }
