package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

// laterSteps are steps as a later version may bring: a column, and an index beside writers.
func laterSteps() fs.FS { return os.DirFS("testdata/upgrade") }

// traffic reads and writes through a server until it is stopped, and counts what was answered.
type traffic struct {
	answered [2]atomic.Int64 // reads, writes
	stop     context.CancelFunc
	group    sync.WaitGroup
}

func newTraffic(t *testing.T, address, token string) *traffic {
	ctx, stop := context.WithCancel(t.Context())
	made := &traffic{stop: stop}
	for kind, operation := range []string{
		`{ conversations { totalCount nodes { id participants { name } } } }`,
		`mutation { stageComplianceSettings(input: {basicData: {mediaFiles: true}}) { userErrors { code } } }`,
	} {
		made.group.Go(func() {
			for ctx.Err() == nil {
				request, _ := http.NewRequestWithContext(ctx, http.MethodPost, address+"/graphql", strings.NewReader(graphQL(operation)))
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set("Authorization", "Bearer "+token)
				response, err := http.DefaultClient.Do(request)
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					return
				}
				text, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if ctx.Err() == nil && (response.StatusCode != 200 || bytes.Contains(text, []byte(`"errors"`))) {
					t.Errorf("%s %s", response.Status, text)
				}
				made.answered[kind].Add(1)
			}
		})
	}
	return made
}

// more waits until so many more reads and writes are answered.
func (f *traffic) more(t *testing.T, count int64) {
	t.Helper()
	reads, writes := f.answered[0].Load()+count, f.answered[1].Load()+count
	waitUntil(t, "reads and writes are not answered", func() bool {
		return f.answered[0].Load() >= reads && f.answered[1].Load() >= writes
	})
}

func (f *traffic) end() {
	f.stop()
	f.group.Wait()
}

// A later version migrates the database beside a server that serves: with a transaction in the way that does
// not end, with another process that migrates at the same time. Nobody waits for long, nothing fails, and
// this version serves on, and starts anew, on the structure of the later one.
func TestALaterVersionMigratesBesideAServer(t *testing.T) {
	t.Parallel()
	superuser, provider := postgrestest.EmptyURL(t), newIssuer(t)
	if status, _, said := command(t, "migrate", "--database-url", superuser, "--grant", postgrestest.ServerRole); status != 0 {
		t.Fatal(said)
	}
	serve := func() string {
		return startServe(t, "--database-url", postgrestest.AsServer(superuser), "--media-url", "mem://", "--oidc-issuer", provider.URL,
			"--rate", "0", "--excess-rights", "refuse")
	}
	token := provider.token("qm-compliance", "DEFAULT_CC_MANAGER")
	requests := newTraffic(t, serve(), token)
	defer requests.end()
	requests.more(t, 3)

	pool, owner, err := db.Connect(t.Context(), superuser)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(); pool.Close() })
	reader, err := owner.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Rollback() }()
	if _, err := reader.ExecContext(t.Context(), "SELECT FROM conversations"); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	var applied atomic.Int64
	for range 2 {
		group.Go(func() {
			names, err := migrations.Run(t.Context(), owner, laterSteps())
			if err != nil {
				t.Error(err)
			}
			applied.Add(int64(len(names)))
		})
	}
	waitUntil(t, "no step waits for the table", func() bool {
		var waits bool
		err := owner.NewRaw(`SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
			AND relation = 'conversations'::regclass)`).Scan(t.Context(), &waits)
		return err == nil && waits
	})
	requests.more(t, 3) // though the step waits, again and again
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if applied.Load() != 2 {
		t.Errorf("%d steps were applied", applied.Load())
	}
	var valid bool
	if err := owner.NewRaw("SELECT indisvalid FROM pg_index WHERE indexrelid = 'conversations_mood'::regclass").
		Scan(t.Context(), &valid); err != nil || !valid {
		t.Errorf("the index is valid: %v, %v", valid, err)
	}
	requests.more(t, 3)
	again := newTraffic(t, serve(), token)
	again.more(t, 3)
	again.end()
}

// A version whose structure lacks something that this one needs refuses to start; so does this one on the
// structure of a later version that has taken something away.
func TestServeRefusesAStructureWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	address, provider := postgrestest.URL(t), newIssuer(t)
	pool, owner, err := db.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close(); pool.Close() })
	for _, row := range []struct{ change, message string }{
		{"INSERT INTO installation (name, value) VALUES ('oldest_step', '99990101000001')", "of a later version"},
		{"UPDATE installation SET value = '20200101000001' WHERE name = 'oldest_step'", ""},
		{"DELETE FROM river_migration WHERE version = (SELECT max(version) FROM river_migration)", "lacks 1 migrations"},
	} {
		if _, err := owner.ExecContext(t.Context(), row.change); err != nil {
			t.Fatal(err)
		}
		if row.message == "" {
			startServe(t, "--database-url", address, "--media-url", "mem://", "--oidc-issuer", provider.URL)
			continue
		}
		status, _, said := command(t, "serve", "--database-url", address, "--media-url", "mem://", "--listen", "127.0.0.1:0",
			"--oidc-issuer", provider.URL)
		if status != 1 || !strings.Contains(said, row.message) {
			t.Errorf("%s: %d %s", row.change, status, said)
		}
	}
}

// waitUntil asks again and again until the answer is yes.
func waitUntil(t *testing.T, complaint string, ask func() bool) {
	t.Helper()
	tick, late := time.NewTicker(10*time.Millisecond), time.After(patience)
	defer tick.Stop()
	for !ask() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal(complaint)
		}
	}
}
