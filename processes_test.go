package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ended is what a process of the program said, and how it ended.
type ended struct {
	status      int
	out, errors string
}

func (e ended) String() string { return fmt.Sprintf("status %d\n%s%s", e.status, e.out, e.errors) }

// process starts the program on a place, as an operator does.
func (p *place) process(t *testing.T, input string, arguments ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, arguments...)
	cmd.Env = append(os.Environ(), "QM_TEST_AS_PROGRAM=1", "DATABASE_URL="+p.url, "MEDIA_URL="+p.folder)
	cmd.Stdin = strings.NewReader(input)
	return cmd
}

// run runs the program to its end.
func (p *place) run(t *testing.T, input string, arguments ...string) ended {
	t.Helper()
	cmd := p.process(t, input, arguments...)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{cmd.ProcessState.ExitCode(), out.String(), errors.String()}
}

// planned is a place with so many recordings that are planned for deletion.
func newPlanned(t *testing.T, files int) *place {
	t.Helper()
	p := newPlace(t)
	for i := range files {
		p.take(t, strings.Replace(tripOne, "$", fmt.Sprint(i), 2))
	}
	anonymized(t, p)
	return p
}

var tripOne = `{"vcon": "0.4.0", "uuid": "00000000-0000-8000-8000-00000000000$", "created_at": "2026-03-01T09:30:00Z", "parties": [{"name": "Ada"}],
	"dialog": [{"type": "recording", "start": "2026-03-01T09:30:0$Z", "duration": 60, "parties": [0], "mediatype": "audio/wav", "encoding": "base64url", "body": "` + coded("ten bytes!") + `"}]}`

// statuses counts the files of each status.
func (p *place) statuses(t *testing.T) (planned, deleted int) {
	t.Helper()
	err := p.database.bun.NewRaw("SELECT count(*) FILTER (WHERE status = 'PLANNED_FOR_DELETION'), count(*) FILTER (WHERE status = 'DELETED') FROM media_files").Scan(t.Context(), &planned, &deleted)
	if err != nil {
		t.Fatal(err)
	}
	return planned, deleted
}

// recordings are the files in the folder of the store.
func (p *place) recordings(t *testing.T) (paths []string) {
	t.Helper()
	for key, err := range p.database.media.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(p.folder, filepath.FromSlash(key)))
	}
	return paths
}

func (p *place) want(t *testing.T, planned, deleted int) {
	t.Helper()
	if gotPlanned, gotDeleted := p.statuses(t); gotPlanned != planned || gotDeleted != deleted || len(p.recordings(t)) != planned {
		t.Errorf("%d are planned, %d deleted, %d in the store; want %d planned and %d deleted", gotPlanned, gotDeleted, len(p.recordings(t)), planned, deleted)
	}
}

// The Delete tool from the first look to the last file: a dry run changes nothing, a limit bounds what a pass does, and each file is told where asked.
func TestDeleteMediaCommand(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 4)
	audit := p.rows(t, "SELECT count(*) FROM audit_events")
	for _, row := range []struct {
		arguments        string
		planned, deleted int
		lines            []string
	}{
		{"--dry-run", 4, 0, []string{"4 media files would be deleted (40 bytes), 0 failed"}},
		{"--dry-run --limit 3 --verbose", 4, 0, []string{"would delete media file ", "would delete", "would delete", "3 media files would be deleted (30 bytes)"}},
		{"--limit 1", 3, 1, []string{"1 media files deleted (10 bytes), 0 failed, 0 waiting for the Interaction service, 0 left"}},
		{"--limit 1 --verbose", 2, 2, []string{"deleted media file ", "1 media files deleted"}},
		{"", 0, 4, []string{"2 media files deleted (20 bytes)"}},
		{"--verbose", 0, 4, []string{"0 media files deleted (0 bytes)"}},
	} {
		got := p.run(t, "", append([]string{"delete-media"}, strings.Fields(row.arguments)...)...)
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if got.status != 0 || len(lines) != len(row.lines) {
			t.Fatalf("%s: %v", row.arguments, got)
		}
		for i, want := range row.lines {
			if !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s says %q; want %q", row.arguments, lines[i], want)
			}
		}
		p.want(t, row.planned, row.deleted)
		if row.deleted == 0 && p.rows(t, "SELECT count(*) FROM audit_events") != audit {
			t.Errorf("%s leaves something in the audit log", row.arguments)
		}
	}
}

func (p *place) rows(t *testing.T, query string) (count int) {
	t.Helper()
	if err := p.database.bun.NewRaw(query).Scan(t.Context(), &count); err != nil {
		t.Fatal(err)
	}
	return count
}

// With --json every line is a JSON object: one for each file, and the summary at last.
func TestDeleteMediaAsJSON(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	for _, row := range []struct{ flag, outcome, count string }{{"--dry-run", "WOULD_DELETE", "wouldDelete"}, {"--verbose", "DELETED", "deleted"}} {
		got := p.run(t, "", "delete-media", "--json", row.flag)
		var lines []map[string]any
		for line := range strings.Lines(got.out) {
			var read map[string]any
			if err := json.Unmarshal([]byte(line), &read); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, read)
		}
		if got.status != 0 || len(lines) != 3 || lines[2]["summary"] != true || lines[2][row.count] != 2.0 || lines[2]["bytes"] != 20.0 || lines[2]["dryRun"] != (row.flag == "--dry-run") {
			t.Fatal(got)
		}
		for _, line := range lines[:2] {
			if line["outcome"] != row.outcome || line["kind"] != "CALL" || line["bytes"] != 10.0 || line["mediaFile"] == "" || line["conversation"] == "" {
				t.Errorf("%v", line)
			}
		}
	}
}

// One file that cannot be deleted keeps no other from it: the status says so, the file stays planned with its reason, and the next pass finishes it.
func TestDeleteMediaWithABadFile(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 3)
	bad := p.recordings(t)[1]
	if err := os.Remove(bad); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(bad, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, arguments := range map[string][]string{"text": {"delete-media"}, "JSON": {"delete-media", "--json"}} {
		got := p.run(t, "", arguments...)
		if got.status != 2 || !strings.Contains(got.out, "directory not empty") || strings.Contains(got.String(), p.folder) || strings.Contains(got.String(), filepath.Base(bad)) {
			t.Errorf("%s: %v", name, got)
		}
		if planned, deleted := p.statuses(t); planned != 1 || deleted != 2 {
			t.Errorf("%d planned, %d deleted", planned, deleted)
		}
	}
	if answer := fmt.Sprint(p.query(t, `{ conversations { nodes { media { deletionFailure } } } }`)); strings.Count(answer, "directory not empty") != 1 {
		t.Errorf("the API tells %s", answer)
	}
	if err := os.RemoveAll(bad); err != nil {
		t.Fatal(err)
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 || !strings.Contains(got.out, "1 media files deleted") {
		t.Errorf("the next pass: %v", got)
	}
	p.want(t, 0, 3)
	if answer := fmt.Sprint(p.query(t, `{ conversations { nodes { media { deletionFailure } } } }`)); strings.Contains(answer, "directory") {
		t.Errorf("afterwards the API tells %s", answer)
	}
}

// Without its store the Delete tool does nothing, and says why; it never takes what it cannot reach for deleted.
func TestDeleteMediaWithoutItsStore(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	inTheWay := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(inTheWay, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for media, reason := range map[string]string{
		inTheWay: "opening the media store: the media store is unavailable: not a directory",
		"s3://recordings?region=us-east-1&endpoint=http://127.0.0.1:1&use_path_style=true": "checking the media store: the media store is unavailable",
		"ftp://media.example": "not the address of a media store: want a folder",
	} {
		got := p.run(t, "", "delete-media", "--media-url", media)
		if got.status != 1 || !strings.Contains(got.errors, reason) || got.out != "" {
			t.Errorf("%s: %v", media, got)
		}
		p.want(t, 1, 0)
	}
}

// What an operator gets wrong ends with a message that says what would be right, and changes nothing.
func TestWrongMediaCommands(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for arguments, row := range map[string]struct {
		status  int
		message string
	}{
		"delete-media --limit -1":                              {80, "--limit: expected int value but got \"-1\""},
		"delete-media --limit=-1":                              {80, "an interval or a limit below zero cannot be meant"},
		"delete-media --limit many":                            {80, "--limit: expected a valid 64 bit int but got \"many\""},
		"delete-media --watch=-1s":                             {80, "an interval or a limit below zero cannot be meant"},
		"delete-media --watch soon":                            {80, "--watch: expected duration but got \"soon\""},
		"delete-media --forever":                               {80, "unknown flag --forever"},
		"delete-media everything":                              {80, "unexpected argument everything"},
		"export --started-from yesterday":                      {80, "--started-from"},
		"export 17":                                            {80, "unexpected argument 17"},
		"export --output " + taken:                             {1, "taken exists already; name a file that does not"},
		"export --output /nowhere/export":                      {1, "the export cannot be written"},
		"import --fetch-media http://x/ -":                     {1, "give a name such as media.example"},
		"import --fetch-limit 0 --fetch-media media.example -": {1, "give a number above 0"},
		"import -": {2, "refused -: there is no such file or folder"},
	} {
		got := p.run(t, "", strings.Fields(arguments)...)
		if got.status != row.status || !strings.Contains(got.errors, row.message) {
			t.Errorf("%s: %v", arguments, got)
		}
	}
	p.want(t, 1, 0)
	if content, err := os.ReadFile(taken); err != nil || string(content) != "kept" {
		t.Errorf("the file that was there: %q, %v", content, err)
	}
}

// An export goes to standard output or to a file of its owner's alone, the same bytes; an import takes it from standard input.
func TestExportToAFileAndImportFromStandardInput(t *testing.T) {
	t.Parallel()
	from, to := newPlace(t), newPlace(t)
	from.take(t, tripCall, tripMail, tripChat)
	file := filepath.Join(t.TempDir(), "export.ndjson")
	out, named := from.run(t, "", "export"), from.run(t, "", "export", "--output", file)
	content, err := os.ReadFile(file)
	if err != nil || out.status != 0 || named.status != 0 || out.out != string(content) || named.out != "" || !strings.Contains(named.errors, "3 conversations exported") {
		t.Fatal(err, named)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if got := from.run(t, "", "export", "--no-media"); strings.Contains(got.out, coded("sound of it")) || !strings.Contains(got.out, "content_hash") {
		t.Errorf("without media: %v", got)
	}
	if got := from.run(t, "", "export", "--started-from", "2026-03-02T00:00:00Z", "--started-to", "2026-03-03T00:00:00Z"); strings.Count(got.out, "\n") != 1 || !strings.Contains(got.out, "written words") {
		t.Errorf("of one day: %v", got)
	}
	if got := to.run(t, out.out, "import", "/dev/stdin"); got.status != 0 || !strings.Contains(got.out, "3 added") {
		t.Fatal(got)
	}
	if again := to.run(t, "", "export"); again.out != out.out {
		t.Error("exported again it differs")
	}
}

// The Delete tool goes on until it is told to stop; then it ends well, with a summary of each pass.
func TestDeleteMediaWatches(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlanned(t, 1)
			w := p.watch(t, "delete-media", "--watch", "20ms")
			w.await(t, "1 media files deleted")
			p.take(t, strings.Replace(tripOne, "$", "7", 2))
			partlyMedia(t, p)
			w.await(t, "1 media files deleted")
			if status := w.stop(t, signal); status != 0 {
				t.Errorf("it ended with %d", status)
			}
			p.want(t, 0, 2)
		})
	}
}

// partlyMedia anonymizes what is not anonymized yet.
func partlyMedia(t *testing.T, p *place) {
	ids, _ := json.Marshal(p.ids(t))
	p.query(t, `mutation { anonymizeConversations(input: {conversationIds: `+string(ids)+`}) { userErrors { message } } }`)
}

// A pass that fails is told at once, also the first one, and the tool goes on.
func TestDeleteMediaWatchesAStoreThatIsGone(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	marker := filepath.Join(p.folder, ".media-store")
	id, err := os.ReadFile(marker)
	if err != nil {
		t.Fatal(err)
	}
	w := p.watch(t, "delete-media", "--watch", "1h", "--media-url", "s3://recordings?region=us-east-1&endpoint=http://127.0.0.1:1&use_path_style=true")
	w.await(t, "the media store is unavailable")
	if status := w.stop(t, os.Interrupt); status != 0 {
		t.Errorf("it ended with %d", status)
	}
	w = p.watch(t, "delete-media", "--watch", "20ms")
	w.await(t, "1 media files deleted")
	if err := os.Remove(marker); err != nil {
		t.Fatal(err)
	}
	w.await(t, "is the disk mounted?")
	if err := os.WriteFile(marker, id, 0o600); err != nil {
		t.Fatal(err)
	}
	w.await(t, "0 media files deleted")
	if status := w.stop(t, syscall.SIGTERM); status != 0 {
		t.Errorf("it ended with %d", status)
	}
}

// Told to stop in the middle of a pass, it leaves what it has not done, and says what it has.
func TestDeleteMediaIsInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 3)
	held, err := p.database.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback(context.Background()) }()
	if _, err := held.Exec(t.Context(), "SELECT FROM conversations WHERE id = (SELECT max(id) FROM conversations) FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	for arguments, status := range map[string]int{"delete-media --verbose": 1, "delete-media --verbose --watch 1h": 0} {
		_, before := p.statuses(t)
		w := p.watch(t, strings.Fields(arguments)...)
		for range 2 - before {
			w.await(t, "deleted media file")
		}
		w.awaitWaiting(t, p)
		if got := w.stop(t, os.Interrupt); got != status {
			t.Errorf("%s ended with %d", arguments, got)
		}
		if before == 0 {
			w.await(t, "2 media files deleted (20 bytes)")
		}
		p.want(t, 1, 2)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 {
		t.Error(got)
	}
	p.want(t, 0, 3)
}

// awaitWaiting waits until somebody waits for the lock that the test holds.
func (w *watched) awaitWaiting(t *testing.T, p *place) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(10 * time.Millisecond); ; {
		if p.rows(t, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0 {
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatal("nobody waits")
		}
	}
}

// watched is a process whose lines are read.
type watched struct {
	cmd   *exec.Cmd
	lines chan string
}

func (p *place) watch(t *testing.T, arguments ...string) *watched {
	t.Helper()
	cmd := p.process(t, "", arguments...)
	cmd.Cancel = func() error { return cmd.Process.Kill() }
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Close()
	w := &watched{cmd, make(chan string, 100_000)}
	go (&process{lines: w.lines}).read(reader)
	return w
}

func (w *watched) await(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				t.Fatalf("it ended before it said %q", text)
			}
			if strings.Contains(line, text) {
				return
			}
		case <-ctx.Done():
			t.Fatalf("it does not say %q", text)
		}
	}
}

func (w *watched) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := w.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	_ = w.cmd.Wait()
	return w.cmd.ProcessState.ExitCode()
}
