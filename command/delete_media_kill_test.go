package command

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"qm-compliance/graph"
)

// killed is a running demo whose recordings two Delete tools delete, which are killed again and again.
type killed struct {
	*process
	dir      string
	on       *installation
	random   *rand.Rand
	token    string
	keys     map[int64]string // of every file that the store ever had
	gone     map[int64]bool   // those that were seen to be gone from the store after their status said so
	halfDone int              // how often files were seen that a killed tool may have deleted without saying so
}

func newKilled(t *testing.T, random *rand.Rand) *killed {
	t.Helper()
	dir := newDataDir(t)
	k := &killed{process: startDemo(t, dir), dir: dir, random: random, keys: map[int64]string{}, gone: map[int64]bool{}}
	k.on = join(t, dir)
	k.ask(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1,
		basicData: {mediaFiles: true}}) { userErrors { code } } }`)
	k.token = k.signIn(t, "manager")
	return k
}

// feed brings in a call with a recording and anonymizes it, while its file is protected, protected too late,
// released, or none of these.
func (k *killed) feed(t *testing.T, number int) {
	t.Helper()
	sound := make([]byte, 3000)
	for i := range sound {
		sound[i] = byte(k.random.UintN(256))
	}
	uuid := fmt.Sprintf("0190d1e5-0000-8000-8000-%012d", number)
	k.send(t, "/import", fmt.Sprintf(`{"vcon": "0.4.0", "uuid": %q, "created_at": "2026-03-01T09:30:00Z",
		"parties": [{"name": "Ada"}], "dialog": [{"type": "recording", "start": "2026-03-01T09:30:00Z",
		"duration": 3, "parties": [0], "mediatype": "audio/wav", "encoding": "base64url",
			"body": %q}]}`, uuid, base64.RawURLEncoding.EncodeToString(sound)))
	var file, conversation int64
	var key string
	err := k.on.pool.QueryRow(t.Context(), `SELECT f.id, f.conversation_id, f.store_key FROM media_files AS f
		JOIN vcons AS v USING (conversation_id) WHERE v.uuid = $1`, uuid).Scan(&file, &conversation, &key)
	if err != nil || key == "" {
		t.Fatal(err, key)
	}
	k.keys[file] = key
	protect := fmt.Sprintf(`protectMedia(input: {mediaFileIds: [%q], reason: LEGAL_CLAIM}) { userErrors { code } }`,
		graph.GlobalID("MediaFile", file))
	release := fmt.Sprintf(`releaseMedia(input: {mediaFileIds: [%q]}) { userErrors { code } }`,
		graph.GlobalID("MediaFile", file))
	anonymize := fmt.Sprintf(`anonymizeConversations(input: {conversationIds: [%q]}) { userErrors { code } }`,
		graph.GlobalID("Conversation", conversation))
	for _, mutation := range [][]string{{anonymize}, {protect, anonymize}, {anonymize, protect},
		{protect, anonymize, release}}[number%4] {
		k.send(t, "/graphql", graphQL("mutation { "+mutation+" }"))
	}
}

// compare holds what the database says against the store: what is called deleted is gone, now and from then
// on.
func (k *killed) compare(t *testing.T) {
	t.Helper()
	var deleted, halfDone []int64
	const query = `SELECT coalesce(array_agg(id) FILTER (WHERE status = 'DELETED'), '{}'),
		coalesce(array_agg(id) FILTER (WHERE deleting_at IS NOT NULL AND status <> 'DELETED'), '{}')
		FROM media_files`
	if err := k.on.pool.QueryRow(t.Context(), query).Scan(&deleted, &halfDone); err != nil {
		t.Fatal(err)
	}
	k.halfDone += len(halfDone)
	for _, id := range deleted {
		if k.gone[id] {
			continue
		}
		if there, err := k.on.media.Exists(t.Context(), k.keys[id]); there || err != nil {
			t.Errorf("file %d is called deleted, and is there: %v, %v", id, there, err)
		}
		k.gone[id] = true
	}
}

// instant is when a Delete tool is killed: delay after it has begun to print, after its first deletion, or at
// once.
type instant struct {
	after string // a part of the line that delay counts from; empty for the start of the process
	delay time.Duration
}

// instants are the instants of one tool after the other. Every third kill or so comes amid deletions,
// whatever the seed is.
func instants(random *rand.Rand, kills int) []instant {
	all := make([]instant, kills)
	for i := range all {
		all[i].after = []string{`"DELETED"`, "{", `"DELETED"`, "{", ""}[i%5]
		all[i].delay = time.Duration(random.Int64N(int64(150 * time.Millisecond)))
	}
	random.Shuffle(kills, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// deleteAndDie runs the Delete tool, which makes one pass after the other, and kills it at an instant.
func (k *killed) deleteAndDie(t *testing.T, at instant, deleted *atomic.Int64) {
	self, err := os.Executable()
	if err != nil {
		t.Error(err)
		return
	}
	tool := exec.Command(self, "delete-media", "--data", k.dir, "--watch", "1ms", "--json")
	tool.Env, tool.Stderr = append(os.Environ(), asProgram+"=1"), os.Stderr
	out, err := tool.StdoutPipe()
	if err == nil {
		err = tool.Start()
	}
	if err != nil {
		t.Error(err)
		return
	}
	// However long it waits for its line, it dies in the end.
	timer := time.AfterFunc(patience, func() { _ = tool.Process.Kill() })
	defer timer.Stop()
	waiting := true
	kill := func() {
		waiting = false
		timer.Reset(at.delay)
	}
	if at.after == "" {
		kill()
	}
	for said := bufio.NewScanner(out); said.Scan(); {
		if strings.Contains(said.Text(), `"DELETED"`) {
			deleted.Add(1)
		}
		if waiting && strings.Contains(said.Text(), at.after) {
			kill()
		}
	}
	_ = tool.Wait()
}

// killSeed is the seed of the kill test: QM_SEED to repeat a run, or else a new one.
func killSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if given := os.Getenv("QM_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal("QM_SEED:", err)
		}
	}
	t.Logf("QM_SEED=%d repeats the instants of this run", seed)
	return seed
}

// The Delete tool is killed at random instants, while another one and a server run: in the end every planned
// file that nobody protects is gone and called so, no protected one is touched, and at no time is a file
// called deleted that is still there (design, section 4, "Media deletion"). QM_DRILL=1 kills it a hundred
// times.
func TestKilledDeleteToolLeavesNothingWrong(t *testing.T) {
	t.Parallel()
	kills := 5 // of each of the two
	if os.Getenv("QM_DRILL") != "" {
		kills = 50
	}
	seed := killSeed(t)
	k := newKilled(t, rand.New(rand.NewPCG(seed, 0)))
	var deleted atomic.Int64
	var tools sync.WaitGroup
	for number := range uint64(2) {
		tools.Go(func() {
			for _, at := range instants(rand.New(rand.NewPCG(seed, 1+number)), kills) {
				k.deleteAndDie(t, at, &deleted)
			}
		})
	}
	ended := make(chan struct{})
	go func() { tools.Wait(); close(ended) }()
	fed := 0
	for running := true; running; fed++ {
		k.feed(t, fed)
		k.compare(t)
		select {
		case <-ended:
			running = false
		default:
		}
	}
	if status, out, errors := command(t, "delete-media", "--data", k.dir); status != 0 {
		t.Fatalf("the last pass ended with %d: %s%s", status, out, errors)
	}
	k.compare(t)
	k.checkEnd(t)
	t.Logf("%d kills, %d recordings, %d deleted by tools that were killed, %d seen half done", 2*kills, fed,
		deleted.Load(), k.halfDone)
	if deleted.Load() == 0 {
		t.Error("no tool that was killed had deleted anything, so that nothing is proved")
	}
}

// checkEnd looks at every file: planned are none, and in the store are those alone that are not deleted, all
// of them.
func (k *killed) checkEnd(t *testing.T) {
	t.Helper()
	rows, err := k.on.pool.Query(t.Context(), "SELECT id, status, protected, store_key FROM media_files")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	kept := map[string]bool{}
	for rows.Next() {
		var id int64
		var status, key string
		var protected bool
		if err := rows.Scan(&id, &status, &protected, &key); err != nil {
			t.Fatal(err)
		}
		there, err := k.on.media.Exists(t.Context(), orKey(key, k.keys[id]))
		available := status == "AVAILABLE"
		if status == "PLANNED_FOR_DELETION" || there != available || protected && !available || err != nil {
			t.Errorf("file %d is %s, protected %v, in the store %v, %v", id, status, protected, there, err)
		}
		kept[key] = true
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	for key, err := range k.on.media.Keys(t.Context()) {
		if err != nil || !kept[key] {
			t.Errorf("the store has %s, which is nobody's, %v", key, err)
		}
	}
}

func orKey(key, before string) string {
	if key != "" {
		return key
	}
	return before
}

// send posts to the server, and fails the test unless that went well. An error that
// the user can fix, such as protecting what is deleted, is part of the race.
func (k *killed) send(t *testing.T, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+k.address+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+k.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 ||
		strings.Contains(string(text), `"errors"`) {
		t.Fatalf("%s: %d %s %v", body, answer.StatusCode, text, err)
	}
}
