package command

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the last word of a command line can become.
func TestCompletion(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"se": "serve", "exp": "export", "nothing": "", "comple": "completion", "serve --excess": "--excess-rights",
		"serve --excess-rights ": "warn refuse", "serve --excess-rights r": "refuse", "serve --listen ": "",
		"serve --migrate --excess-rights w": "warn", "--data migrate ser": "serve", "-q ser": "serve",
		"completion ": "bash zsh fish", "completion z": "zsh", "delete-media --dry": "--dry-run",
		"delete-media --database-u": "--database-url --database-unprepared", "migrate --oidc": "",
	} {
		status, out, errors := command(t, append([]string{"complete", "--"}, strings.Split(line, " ")...)...)
		if status != 0 || strings.Join(strings.Fields(out), " ") != want {
			t.Errorf("%q: %d %q %s", line, status, out, errors)
		}
	}
	_, all, _ := command(t, "complete")
	for _, name := range []string{"demo", "serve", "migrate", "delete-media", "man"} {
		if !slices.Contains(strings.Fields(all), name) {
			t.Errorf("%s is not among %q", name, all)
		}
	}
	if strings.Contains(all, "complete\n") {
		t.Error("the hidden command is offered")
	}
}

// The script for bash completes in bash, with the program that is called, whatever its path.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program, script := filepath.Join(dir, "qm-compliance"), filepath.Join(dir, "script")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	_, text, _ := command(t, "completion", "bash")
	text += `COMP_WORDS=("$1" serve --excess-rights r); COMP_CWORD=3; _qm_compliance; printf '<%s>' "${COMPREPLY[@]}"
		COMP_WORDS=("$1" ""); COMP_CWORD=1; _qm_compliance; printf '<%s>' "${COMPREPLY[@]:0:2}"`
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", script, program)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "<refuse><demo><serve>" {
		t.Errorf("%s, %v", out, err)
	}
}

// The manual page has every command and flag of --help with its variable, and nothing that depends on the
// machine.
func TestManual(t *testing.T) {
	t.Parallel()
	status, page, errors := command(t, "man")
	if status != 0 {
		t.Fatal(errors)
	}
	model, err := manualModel()
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{".TH QM-COMPLIANCE 1", "By default by the processors.", "$XDG_DATA_HOME/qm\\-compliance"}
	for _, leaf := range model.Leaves(true) {
		parts = append(parts, ".SS "+escaped(leaf.Summary()), escaped(leaf.Help))
		for _, flag := range slices.Concat(leaf.Flags, model.Flags) {
			parts = append(parts, ".B "+escaped(flag.String()), escaped(flag.Help))
			if len(flag.Envs) > 0 {
				parts = append(parts, "$"+flag.Envs[0])
			}
		}
	}
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
	if strings.Contains(page, defaultDataDir()+".") || strings.Contains(page, "complete \\-\\-") {
		t.Error("the page names this machine's folder, or a hidden command")
	}
	for line := range strings.Lines(page) { // a line that begins so is a command of roff
		if (line[0] == '.' || line[0] == '\'') && !strings.Contains(".TH .SH .SS .TP .PP .B .I .RI", strings.Fields(line)[0]) {
			t.Errorf("roff does not know %q", line)
		}
	}
}
