//go:build upgrade

package command

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"qm-compliance/postgres"
)

// drill is an installation whose servers are replaced one by one, behind a balancer that asks /readyz.
type drill struct {
	t             *testing.T
	url, media    string
	provider      *issuer
	log           output
	before, after string // the programs
	token         string

	mu       sync.Mutex
	servers  []*target
	turn     int
	answered map[string]*atomic.Int64
	done     []string // the conversations whose anonymizing was acknowledged
	stop     chan struct{}
	group    sync.WaitGroup
}

// Two servers of the version before serve under load, while this version, with two steps more, migrates the
// database, replaces one and then the other, and while one of the version before comes back. No client sees
// an error, and what was acknowledged holds.
func TestUpgrade(t *testing.T) {
	dir := newDataDir(t)
	database, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	d := &drill{
		t: t, url: database.URL(), media: filepath.Join(dir, "media"), provider: newIssuer(t),
		before: os.Getenv("QM_BINARY_BEFORE"), after: os.Getenv("QM_BINARY_AFTER"), stop: make(chan struct{}),
		answered: map[string]*atomic.Int64{"list": {}, "detail": {}, "anonymize": {}, "stage": {}},
	}
	late := d.editedInPlace()
	if late {
		t.Log("the structure was edited in place since, as before the first release: this version makes it, and the one before runs on it")
		d.run(os.Getenv("QM_BINARY"), "migrate")
	} else {
		d.run(d.before, "migrate")
	}
	d.add(d.before)
	d.add(d.before)
	d.servers[0].load(t)
	d.token = d.servers[0].tokenOf("manager", "DEFAULT_CC_MANAGER")
	all := d.servers[0].someIDs(t, d.token, 100)
	d.load(all)

	d.phase("two of the version before")
	d.run(d.after, "migrate")
	d.phase("migrated")
	d.replace(d.after)
	d.phase("one of each")
	d.replace(d.after)
	d.phase("two of this version")
	d.replace(d.before)
	d.phase("one of the version before is back")
	d.replace(d.after)
	close(d.stop)
	d.group.Wait()
	d.run(d.after, "delete-media")
	d.check()
	for _, server := range d.servers {
		if status := server.stop(); status != 0 {
			t.Errorf("a server ended with %d", status)
		}
	}
	if strings.Contains(d.log.String(), "level=ERROR") {
		t.Errorf("the servers logged %s", d.log.String())
	}
}

// editedInPlace reports whether a step that both versions know is not the same in both.
func (d *drill) editedInPlace() bool {
	steps, err := filepath.Glob("../migrations/*.sql")
	if err != nil || len(steps) == 0 {
		d.t.Fatal(steps, err)
	}
	for _, step := range steps {
		now, err := os.ReadFile(step)
		if err != nil {
			d.t.Fatal(err)
		}
		then, err := os.ReadFile(filepath.Join(os.Getenv("QM_STRUCTURE_BEFORE"), filepath.Base(step)))
		if err == nil && !bytes.Equal(now, then) {
			return true
		}
	}
	return false
}

// run runs a command of a program to its end.
func (d *drill) run(program string, arguments ...string) {
	d.t.Helper()
	arguments = append(arguments, "--database-url", d.url, "--media-url", d.media)
	out, err := exec.Command(program, arguments...).CombinedOutput()
	d.t.Logf("%s: %s", strings.Join(arguments[:1], " "), bytes.TrimSpace(out))
	if err != nil {
		d.t.Fatal(err)
	}
}

// add starts a server, and balances to it.
func (d *drill) add(program string) {
	server := startProgram(d.t, program, d.provider, &d.log, "--database-url", d.url, "--media-url", d.media, "--drain", "1s",
		"--rate", "0")
	waitUntil(d.t, "the server is not ready", func() bool { return server.send(http.MethodGet, "/readyz", "", nil).status == 200 })
	d.mu.Lock()
	defer d.mu.Unlock()
	d.servers = append(d.servers, server)
}

// replace adds a server, and ends the oldest one: it is balanced to until it says that it is not ready.
func (d *drill) replace(program string) {
	d.add(program)
	d.mu.Lock()
	oldest := d.servers[0]
	d.mu.Unlock()
	ended := make(chan int)
	go func() { ended <- oldest.stop() }()
	waitUntil(d.t, "the server does not drain", func() bool {
		return oldest.send(http.MethodGet, "/readyz", "", nil).status != 200
	})
	d.mu.Lock()
	d.servers = d.servers[1:]
	d.mu.Unlock()
	if status := <-ended; status != 0 {
		d.t.Errorf("a server ended with %d", status)
	}
}

// next is the server for a request.
func (d *drill) next() *target {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn++
	return d.servers[d.turn%len(d.servers)]
}

// load reads and writes until the drill stops.
func (d *drill) load(ids []string) {
	begin := func(name string, operation func(i int) string) {
		d.group.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-d.stop:
					return
				default:
				}
				query := operation(i)
				if query == "" {
					return
				}
				if got := d.next().ask(d.token, query); got.status != 200 || strings.Contains(got.body, `"errors"`) ||
					strings.Contains(got.body, `"message"`) {
					d.t.Errorf("%s: %s", name, got)
				}
				d.answered[name].Add(1)
			}
		})
	}
	for range 2 {
		begin("list", func(int) string {
			return `{ conversations(first: 20) { totalCount nodes { id isReviewable participants { name phoneNumber } } } }`
		})
		begin("detail", func(i int) string {
			return `{ conversation(id: "` + ids[i%len(ids)] + `") { id mediaStatus segments { id } history { nodes { id } } } }`
		})
	}
	begin("stage", func(int) string {
		return `mutation { stageComplianceSettings(input: {basicData: {mediaFiles: true}}) { userErrors { message } } }`
	})
	previous := ""
	begin("anonymize", func(int) string {
		if previous != "" {
			d.done = append(d.done, previous)
		}
		previous = ids[len(d.done)%len(ids)]
		return `mutation { anonymizeConversations(input: {conversationIds: ["` + previous + `"]}) { userErrors { message } } }`
	})
}

// phase waits until each kind of request was answered many times more.
func (d *drill) phase(name string) {
	d.t.Helper()
	const many = 50
	counts := map[string]int64{}
	for kind, count := range d.answered {
		counts[kind] = count.Load()
	}
	waitUntil(d.t, "the requests are not answered", func() bool {
		for kind, count := range d.answered {
			if count.Load() < counts[kind]+many {
				return false
			}
		}
		return true
	})
	for kind, count := range d.answered {
		counts[kind] = count.Load() - counts[kind]
	}
	d.t.Logf("%s: %v answered", name, counts)
}

// check asks for all that was acknowledged.
func (d *drill) check() {
	for _, id := range d.done[:min(100, len(d.done))] {
		got := d.next().ask(d.token, `{ conversation(id: "`+id+`") { anonymization { anonymizedAt } } }`)
		var read struct {
			Data struct{ Conversation map[string]any }
		}
		if err := json.Unmarshal([]byte(got.body), &read); err != nil || read.Data.Conversation["anonymization"] == nil {
			d.t.Errorf("%s is not anonymized: %s", id, got)
		}
	}
	d.t.Logf("%d were acknowledged as anonymized", len(d.done))
}
