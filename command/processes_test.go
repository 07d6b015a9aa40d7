package command

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
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
		"delete-media --limit=-1":                              {80, "a limit is 1 or more; leave it out to delete all that is planned"},
		"delete-media --limit 0":                               {80, "a limit is 1 or more"},
		"delete-media --limit many":                            {80, "--limit: expected a valid 64 bit int but got \"many\""},
		"delete-media --watch=-1s":                             {80, "an interval below zero cannot be meant"},
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
