package postgres

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestFilesOfAnotherVersion(t *testing.T) {
	t.Parallel()
	for version, words := range map[string][]string{
		"99\n":  {"were made by PostgreSQL 99", "Install PostgreSQL 99", "--data"},
		"9.6\n": {"were made by PostgreSQL 9", "too old", "--data"},
		"\n":    {"names no version", "--data"},
	} {
		dir := newDir(t)
		data := filepath.Join(dir, "postgres", "data")
		fatal(t, os.MkdirAll(data, 0o700))
		fatal(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(version), 0o600))
		refused(t, Options{Dir: dir, Finder: Finder{NPM: "/nowhere/npm"}}, append(words, dir)...)
		if content, err := os.ReadFile(filepath.Join(data, "PG_VERSION")); err != nil ||
			string(content) != version {
			t.Errorf("the files were touched: %q, %v", content, err)
		}
	}
}

func TestAServerThatDoesNotStartTellsWhy(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	refused(t, Options{Dir: dir, Settings: map[string]string{"shared_buffers": "nonsense"}}, dir,
		"did not start", "ended by itself", `"shared_buffers": "nonsense"`, "--data")
	server := start(t, Options{Dir: dir}) // nothing was spoilt
	fatal(t, server.Close())
}

func TestAnInitdbThatFailsTellsWhyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	finder := Finder{Path: []string{fakePrograms(t, 16, "",
		"echo half > data.new/made; echo 'could not create shared memory' >&2; exit 1")}}
	refused(t, Options{Dir: dir, Finder: finder}, dir, "could not create its files",
		"could not create shared memory", "--data")
	if left, _ := filepath.Glob(filepath.Join(dir, "postgres", "data*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// An initdb that was interrupted leaves its files beside the place where they would count.
func TestAnInterruptedFirstStart(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	fatal(t, os.MkdirAll(dir, 0o755))
	half := filepath.Join(dir, "postgres", "data.new")
	fatal(t, os.MkdirAll(half, 0o700))
	fatal(t, os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600))
	server := start(t, Options{Dir: dir})
	fatal(t, server.Close())
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("left behind: %v", err)
	}
}

func TestADataDirectoryThatIsAFile(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	fatal(t, os.WriteFile(dir, nil, 0o600))
	refused(t, Options{Dir: dir}, dir, "not a directory", "--data")
	refused(t, Options{Dir: filepath.Join(dir, "below")}, dir, "not a directory", "--data")
	fatal(t, os.Remove(dir))
}

func TestASocketFolderThatOthersCanEnter(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	fatal(t, server.Close())
	fatal(t, os.Chmod(server.socket, 0o755))
	refused(t, Options{Dir: dir}, server.socket, "only", "can enter", "remove it")
}

// The server's user must not be able to make root write elsewhere.
func TestALinkInPlaceOfTheLogIsNotFollowed(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	fatal(t, server.Close())
	precious := filepath.Join(t.TempDir(), "precious")
	fatal(t, os.WriteFile(precious, []byte("kept"), 0o600))
	fatal(t, os.Remove(server.LogFile()))
	fatal(t, os.Symlink(precious, server.LogFile()))
	refused(t, Options{Dir: dir}, dir, "--data")
	if content, err := os.ReadFile(precious); err != nil || string(content) != "kept" {
		t.Errorf("it holds %q (%v)", content, err)
	}
}

func TestSpace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		free   uint64
		err    error
		refuse bool
	}{{free: 99 << 20, refuse: true}, {free: 100 << 20}, {err: fs.ErrPermission, refuse: true}} {
		h := home{dir: "DIR", freeSpace: func(string) (uint64, error) { return c.free, c.err }}
		err := h.needSpace(100)
		if (err != nil) != c.refuse {
			t.Errorf("%+v: %v", c, err)
		}
		if c.refuse && c.err == nil {
			wantWords(t, err.Error(), "the disk is full", "needs 100 MB in DIR", "99 MB are free", "--data")
		}
	}
}
