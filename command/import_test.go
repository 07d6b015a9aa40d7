package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const oneVcon = `{"uuid": "00000000-0000-8000-8000-0000000000ff", "created_at": "2026-11-01T09:00:00Z",
	"parties": [{"name": "Ada"}],
	"dialog": [{"type": "text", "start": "2026-11-01T09:00:00Z", "parties": [0], "body": "Hello there."}]}`

// An import goes on past what it refuses, names each with its reason, and says so by its status.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	files := filepath.Join(dir, "files")
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"good.json": oneVcon, "broken.json": oneVcon[:100], "binary.json": "\x00\x01\x02",
		"deep.json": strings.Repeat("[", 100_000), "list.json": "[]", "empty.json": "",
		"nul.json": strings.Replace(oneVcon, "{", `{"a\u0000": 1, `, 1), "notgzip.json.gz": "\x1f\x8b nothing",
	} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errors := command(t, "import", "--data", dir, files, filepath.Join(dir, "nowhere"))
	if status != 2 || !strings.Contains(out, "1 added, 0 updated, 0 unchanged, 8 refused") {
		t.Errorf("status %d: %s%s", status, out, errors)
	}
	for _, part := range []string{
		"broken.json: ", "binary.json: ", "deep.json: ",
		"list.json: ", "empty.json: ", "nul.json: ", "notgzip.json.gz: ", "nowhere: ",
	} {
		if !strings.Contains(errors, part) {
			t.Errorf("nothing is said of %s:\n%s", part, errors)
		}
	}
	if status, out, _ := command(t, "import", "--data", dir, filepath.Join(files, "good.json")); status != 0 ||
		!strings.Contains(out, "0 added, 0 updated, 1 unchanged, 0 refused") {
		t.Errorf("again: status %d: %s", status, out)
	}
}

// An import whose recordings have nowhere to go says so and takes nothing in; what has no recording comes in
// all the same.
func TestImportWithoutItsStore(t *testing.T) {
	t.Parallel()
	p := newInstallation(t)
	if got := p.run(t, tripMail+tripCall, "import", "--media-url", goneStore, "/dev/stdin"); got.status == 0 {
		t.Errorf("two documents on one line: %v", got)
	}
	call, mail := strings.ReplaceAll(tripCall, "\n", ""), strings.ReplaceAll(tripMail, "\n", "")
	got := p.run(t, call+"\n"+mail+"\n", "import", "--media-url", goneStore, "/dev/stdin")
	if got.status != 1 || !strings.Contains(got.errors, "the media store is unavailable") ||
		!strings.Contains(got.out, "0 added") || p.count(t, "SELECT count(*) FROM conversations") != 0 {
		t.Errorf("a call: %v", got)
	}
	if got := p.run(t, mail, "import", "--media-url", goneStore, "/dev/stdin"); got.status != 0 ||
		!strings.Contains(got.out, "1 added") {
		t.Errorf("an e-mail: %v", got)
	}
	if got := p.run(t, call+"\n"+mail+"\n", "import", "/dev/stdin"); got.status != 0 ||
		!strings.Contains(got.out, "1 added, 0 updated, 1 unchanged") || len(p.recordings(t)) != 2 {
		t.Errorf("mended: %v", got)
	}
}

// A recording that is not beside its vCon is said, without its name, and told by the status; the conversation is
// stored. Once it is there, nothing is missing.
func TestImportOfMissingRecordings(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	files := filepath.Join(dir, "files")
	if err := os.Mkdir(files, 0o755); err != nil {
		t.Fatal(err)
	}
	dialog := strings.Replace(oneVcon, `{"type": "text", "start": "2026-11-01T09:00:00Z", "parties": [0], "body": "Hello there."}`,
		`{"type": "recording", "start": "2026-11-01T09:00:00Z", "duration": 5, "parties": [0], "url": "Ada Berg.wav"}`, 1)
	if err := os.WriteFile(filepath.Join(files, "call.json"), []byte(dialog), 0o644); err != nil {
		t.Fatal(err)
	}
	status, out, errors := command(t, "import", "--data", dir, files)
	if status != 2 || !strings.Contains(out, "1 added, 0 updated, 0 unchanged, 0 refused\nmissing recordings: 1; ") ||
		!strings.Contains(errors, "missing "+filepath.Join(files, "call.json")+": dialog[0]: the recording is missing: no file") ||
		strings.Contains(out+errors, "Berg") {
		t.Errorf("status %d: %s%s", status, out, errors)
	}
	if err := os.WriteFile(filepath.Join(files, "ADA BERG.wav"), []byte("sound"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, out, errors := command(t, "import", "--data", dir, files); status != 0 ||
		!strings.Contains(out, "0 added, 1 updated") || strings.Contains(out, "missing") {
		t.Errorf("it came: status %d: %s%s", status, out, errors)
	}
}
