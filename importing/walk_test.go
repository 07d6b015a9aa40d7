package importing_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// walked writes what a walk found: each file, with its line where it has one, and the beginning of its reason
// where it was refused.
func walked(t *testing.T, root string, paths ...string) []string {
	t.Helper()
	var all []string
	for item := range importing.Walk(t.Context(), paths,
		importing.ReadOptions{Vcon: vcon.Options{MaxBytes: 4096}}) {
		all = append(all, shown(t, strings.TrimPrefix(item.File, root+string(filepath.Separator)), item))
	}
	return all
}

func TestWalk(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"b.json": document(hello), "a/z.vcon": document(hello), "a/.hidden.json": "x", ".git/config": "x",
		"c.txt": "From: x\n\nHello", "d.bin": "\x00\x01",
		"e.json": "", "f.json": document(hello)[:50],
		"g.json": document(hello, `"x": "`+strings.Repeat("x", 5000)+`"`), "h.json": "[]",
		"i.json":   strings.Repeat("[", 2000),
		"j.ndjson": document(hello) + "\n{}\n", "k.json": document(hello),
	})
	want := []string{
		"a/z.vcon", "b.json", "c.txt: this is an e-mail", "d.bin: the document is binary",
		"e.json: the document is empty", "f.json: the JSON ends early",
		"g.json: the document is larger", "h.json: the document is a", "i.json: the document is nested",
		"j.ndjson:1", "j.ndjson:2: uuid: is missing", "k.json", "nowhere: there is no such",
	}
	if diff := cmp.Diff(want, walked(t, root, root, filepath.Join(root, "nowhere"))); diff != "" {
		t.Error(diff)
	}
	if count := importing.Count([]string{root, filepath.Join(root, "nowhere")}); count != 12 {
		t.Errorf("%d files are counted", count)
	}
	if got := walked(t, root, filepath.Join(root, "a", ".hidden.json")); len(got) != 1 ||
		!strings.HasPrefix(got[0], "a/.hidden.json: not JSON") {
		t.Errorf("a hidden file that is named itself: %v", got)
	}
}

// Links to files are followed, those to folders said; what is no file is passed over, and a named link to a
// folder is the folder.
func TestWalkFollowsLinks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege on Windows")
	}
	root := folder(t, map[string]string{"in/a.json": document(hello), "other/b.json": document(hello)})
	for name, target := range map[string]string{"in/b.json": "../other/b.json", "in/c": "../other",
		"in/d.json": "nowhere", "link": "in"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"in/a.json", "in/b.json", "in/c: is a link to", "in/d.json: there is no such"}
	if diff := cmp.Diff(want, walked(t, root, filepath.Join(root, "in"))); diff != "" {
		t.Error(diff)
	}
	if got := walked(t, root, filepath.Join(root, "link")); len(got) != 4 || got[0] != "link/a.json" {
		t.Errorf("through a link: %v", got)
	}
}

func TestWalkStops(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{"a.ndjson": strings.Repeat(document(hello)+"\n", 10),
		"b.json": document(hello)})
	read := 0
	for range importing.Walk(t.Context(), []string{root}, importing.ReadOptions{}) {
		if read++; read == 3 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range importing.Walk(ctx, []string{root}, importing.ReadOptions{}) {
		read++
		cancel()
	}
	if read != 4 {
		t.Errorf("%d documents were read", read)
	}
}
