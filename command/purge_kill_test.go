package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qm-compliance/postgres"
)

// purged is an installation on which purge is killed again and again, while it rewrites rows that hold
// personal data.
type purged struct {
	*installation
	dir    string
	random *rand.Rand
	// needles are texts and addresses that came in, each unlike all others.
	needles []string
	keys    int          // the foreign keys that there are
	left    int          // how often a kill left files
	struck  atomic.Int64 // how often a process of PostgreSQL was killed
}

// blow is one kill: of whom, and when.
type blow struct {
	victim string // "backend" that rewrites, "postmaster", "program"
	after  string // a part of the step that delay counts from
	delay  time.Duration
	locked bool // whether it rewrites tables where they are
}

// blows are the kills of a run. The first ones meet the rewriting of messages whatever the seed is, because that waits
// for its index: while the table is locked, which leaves files, and while a new table is made, which leaves that.
func blows(random *rand.Rand, kills int) []blow {
	steps := []string{"rewriting conversations", "rewriting participants", "rewriting segments", "rewriting messages",
		"rewriting metadata", "rewriting the planner's statistics", "removing old write-ahead log"}
	all := []blow{
		{"backend", "rewriting messages", time.Second, true},
		{"postmaster", "rewriting messages", time.Second, true},
		{"backend", "rewriting messages", time.Second, false},
		{"postmaster", "rewriting messages", time.Second, false},
		{"program", "rewriting messages", time.Second, false},
	}
	for len(all) < kills {
		all = append(all, blow{
			[]string{"backend", "backend", "postmaster", "program"}[random.IntN(4)], steps[random.IntN(len(steps))],
			time.Duration(random.Int64N(int64(80 * time.Millisecond))), random.IntN(4) == 0,
		})
	}
	return all
}

// feed brings in calls that hold new personal data.
func (p *purged) feed(t *testing.T, round int) {
	t.Helper()
	var documents []string
	for number := range 12 {
		address := fmt.Sprintf("r%dn%dx%x@left.example", round, number, p.random.Uint64())
		p.needles = append(p.needles, address)
		var dialogs []map[string]any
		for turn := range 10 {
			text := fmt.Sprintf("said in round %d, %d, %d: %x", round, number, turn, p.random.Uint64())
			p.needles = append(p.needles, text)
			dialogs = append(dialogs, map[string]any{
				"type": "text", "start": "2026-03-01T09:30:00Z", "parties": []int{turn % 2}, "mediatype": "text/plain",
				"encoding": "none", "body": text + strings.Repeat(" and so on", 30),
			})
		}
		document, err := json.Marshal(map[string]any{
			"vcon": "0.4.0", "uuid": fmt.Sprintf("0190d1e5-0000-8000-8000-%06d%06d", round, number),
			"created_at": "2026-03-01T09:30:00Z", "dialog": dialogs,
			"parties": []map[string]any{{"mailto": address, "role": "customer"}, {"name": "Ada", "role": "agent"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(document))
	}
	p.take(t, documents...)
}

// slowMessages gives the messages an index that takes two seconds or so to build for what one round brings in,
// and nothing for what is anonymized.
func (p *purged) slowMessages(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		`CREATE FUNCTION wait(number integer, anonymized boolean, OUT integer) IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
			PERFORM pg_sleep(CASE WHEN number % 4 = 0 AND NOT anonymized THEN 0.06 ELSE 0 END); $3 := number; END $$`,
		"CREATE INDEX wait ON messages (wait(position, text_anonymized))",
	} {
		if _, err := p.pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// strike runs purge as a program and kills at an instant.
func (p *purged) strike(t *testing.T, at blow) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	witness, err := pgx.ConnectConfig(t.Context(), p.pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = witness.Close(context.Background()) }()
	before := p.struck.Load()
	purge := exec.Command(self, "purge", "--data", p.dir, fmt.Sprintf("--locked=%t", at.locked))
	purge.Env = append(os.Environ(), asProgram+"=1")
	out, err := purge.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := purge.Start(); err != nil {
		t.Fatal(err)
	}
	// However long it waits for its step, it dies in the end.
	last := time.AfterFunc(patience, func() { _ = purge.Process.Kill() })
	defer last.Stop()
	killed, begun := make(chan struct{}), false
	for said := bufio.NewScanner(out); said.Scan(); {
		if !begun && strings.Contains(said.Text(), at.after) {
			begun = true
			time.AfterFunc(at.delay, func() { p.kill(at.victim, purge.Process); close(killed) })
		}
	}
	_ = purge.Wait()
	if begun {
		<-killed
	}
	if p.struck.Load() > before {
		until(t, "the server has cut every session", func() bool { return witness.Ping(t.Context()) != nil })
	}
	p.awaitServer(t)
}

// kill kills the victim. A backend that rewrites nothing any more is spared.
func (p *purged) kill(victim string, program *os.Process) {
	if victim == "program" {
		_ = program.Kill()
		return
	}
	pids := map[string]func() []int{"backend": p.rewriters, "postmaster": p.postmaster}[victim]()
	for _, pid := range pids {
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			p.struck.Add(1)
		}
	}
}

func (p *purged) postmaster() []int {
	content, err := os.ReadFile(filepath.Join(p.server.Dir(), "postmaster.pid"))
	first, _, _ := strings.Cut(string(content), "\n")
	pid, parseErr := strconv.Atoi(first)
	if err != nil || parseErr != nil {
		return nil
	}
	return []int{pid}
}

// rewriting is what a process of PostgreSQL says that it does while it rewrites a table, one way or the other.
var rewriting = regexp.MustCompile(`^postgres:.* (VACUUM|INSERT|CREATE INDEX|ALTER TABLE|DO|LOCK TABLE|DROP SCHEMA)`)

// rewriters are the processes of this server that rewrite a table, by the titles that they give themselves.
func (p *purged) rewriters() (pids []int) {
	titles, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range titles {
		title, _ := os.ReadFile(file)
		if !rewriting.Match(title) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parent := parentOf(pid)
		if err == nil && len(p.postmaster()) == 1 && parent == p.postmaster()[0] {
			pids = append(pids, pid)
		}
	}
	return pids
}

func parentOf(pid int) int {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// awaitServer waits until the server has recovered, or was started again, and counts what the kill left.
func (p *purged) awaitServer(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		p.pool.Reset()
		files, err := postgres.Leftovers(ctx, p.bun.DB, patience)
		if err == nil {
			p.left += min(len(files), 1)
			return
		}
		if ctx.Err() != nil {
			t.Fatal("the server does not come back: ", err)
		}
	}
}

// anonymizeNew anonymizes what came in since.
func (p *purged) anonymizeNew(t *testing.T, round int) {
	t.Helper()
	if round == 0 {
		p.anonymizeEverything(t)
		return
	}
	var ids []string
	for _, node := range nodes(p.query(t, `{ conversations(first: 100, filter: {isAnonymized: false}) { nodes { id } } }`)) {
		ids = append(ids, fmt.Sprintf("%q", node["id"]))
	}
	p.query(t, `mutation { anonymizeConversations(input: {conversationIds: [`+strings.Join(ids, ", ")+`]}) {
		userErrors { message } } }`)
}

// found counts the needles in the files of the data directory, and names one of the files.
func (p *purged) found(t *testing.T) (count int, where string) {
	t.Helper()
	for path, content := range readTree(t, p.dir) {
		for _, needle := range p.needles {
			if bytes.Contains(content, []byte(needle)) {
				count, where = count+1, path
			}
		}
	}
	return count, where
}

const foreignKeys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"

// keepsEverything fails where a row is gone, or something of a purge that was broken off is there.
func (p *purged) keepsEverything(t *testing.T, rounds int) {
	t.Helper()
	for query, want := range map[string]int{
		"SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL": 12 * rounds,
		"SELECT count(*) FROM messages WHERE text_anonymized":                120 * rounds,
		"SELECT count(*) FROM participants":                                  24 * rounds,
		"SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'qm%'":         0,
		"SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'qm%'":            0,
		"SELECT count(*) FROM pg_constraint WHERE NOT convalidated":          0,
		foreignKeys: p.keys,
	} {
		var found int
		if err := p.pool.QueryRow(t.Context(), query).Scan(&found); err != nil || found != want {
			t.Errorf("%s: %d, want %d (%v)", query, found, want, err)
		}
	}
}

// Purge is killed while it rewrites tables whose rows are in clear, or PostgreSQL is. Afterwards the rows are
// anonymized. When purge has run to its end once, no byte of an old value is in the data directory (design,
// section 4, "Overwritten means gone"). QM_DRILL=1 kills fifty times.
func TestKilledPurgeLeavesNothing(t *testing.T) {
	t.Parallel()
	kills := 5
	if os.Getenv("QM_DRILL") != "" {
		kills = 50
	}
	dir := newDataDir(t)
	p := &purged{installation: join(t, dir), dir: dir, random: rand.New(rand.NewPCG(killSeed(t), 0))}
	storeUncompressed(t, p.installation)
	p.slowMessages(t)
	if err := p.pool.QueryRow(t.Context(), foreignKeys).Scan(&p.keys); err != nil {
		t.Fatal(err)
	}
	for round, at := range blows(p.random, kills) {
		p.feed(t, round)
		p.strike(t, at)
		if count, _ := p.found(t); count == 0 {
			t.Fatal("nothing is found before anonymizing: the search is blind")
		}
		p.anonymizeNew(t, round)
	}
	if status, out, errors := command(t, "purge", "--data", dir); status != 0 {
		t.Fatalf("the last purge ended with %d: %s%s", status, out, errors)
	}
	if count, where := p.found(t); count > 0 {
		t.Errorf("%d values are still there, such as in %s", count, where)
	}
	p.keepsEverything(t, kills)
	t.Logf("%d kills, %d processes of PostgreSQL killed, files left by %d of them, %d values", kills, p.struck.Load(), p.left,
		len(p.needles))
	if p.left == 0 || p.struck.Load() < 2 {
		t.Error("no kill left a file, so that nothing is proved")
	}
}
