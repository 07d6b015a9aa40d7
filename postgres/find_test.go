package postgres

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePrograms is a folder with a postgres that tells a version and otherwise runs a shell script, and
// an initdb that runs another.
func fakePrograms(t *testing.T, major int, server, initdb string) string {
	t.Helper()
	dir := filepath.Join(newDir(t), fmt.Sprint(major), "bin")
	writePrograms(t, dir, major, server, initdb)
	return dir
}

func writePrograms(t *testing.T, dir string, major int, server, initdb string) {
	t.Helper()
	fatal(t, os.MkdirAll(dir, 0o755))
	answer := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'postgres (PostgreSQL) %d.4'; "+
		"exit; fi\n%s\n", major, server)
	writeProgram(t, filepath.Join(dir, "postgres"), answer)
	writeProgram(t, filepath.Join(dir, "initdb"), "#!/bin/sh\n"+initdb+"\n")
}

// nowhere finds nothing and cannot fetch anything.
func nowhere(t *testing.T) Finder {
	return Finder{Path: []string{}, Installed: []string{}, Cache: newDir(t),
		NPM: filepath.Join(t.TempDir(), "no-npm")}
}

func (f Finder) mustFind(t *testing.T, major int) binaries {
	t.Helper()
	found, err := f.find(t.Context(), requirement{major: major, user: serverUser(t)},
		slog.New(slog.DiscardHandler))
	fatal(t, err)
	return found
}

// cannotFind returns the error of finding nothing.
func (f Finder) cannotFind(t *testing.T, major int) string {
	t.Helper()
	found, err := f.find(t.Context(), requirement{major: major, user: serverUser(t), dir: "DIR"},
		slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatalf("found %+v", found)
	}
	return err.Error()
}

// serverUser is the user that a new server would run as.
func serverUser(t *testing.T) owner {
	t.Helper()
	user, err := ownerOf(filepath.Join(t.TempDir(), "none"))
	fatal(t, err)
	return user
}

func TestFindOnPath(t *testing.T) {
	t.Parallel()
	finder := nowhere(t)
	finder.Path = []string{"/nowhere", fakePrograms(t, 14, "", ""), fakePrograms(t, 17, "", ""),
		fakePrograms(t, 18, "", "")}
	if got := finder.mustFind(t, 0); got.dir != finder.Path[2] || got.major != 17 {
		t.Errorf("found %+v", got)
	}
}

func TestFindFollowsALink(t *testing.T) {
	t.Parallel()
	finder, programs := nowhere(t), fakePrograms(t, 16, "", "")
	linked := newDir(t)
	fatal(t, os.MkdirAll(linked, 0o755))
	fatal(t, os.Symlink(filepath.Join(programs, "postgres"), filepath.Join(linked, "postgres")))
	finder.Path = []string{linked}
	if got := finder.mustFind(t, 0); got.dir != programs {
		t.Errorf("found %+v", got)
	}
}

func TestFindInThePackagesNewestFirst(t *testing.T) {
	t.Parallel()
	root := newDir(t)
	for _, major := range []int{9, 14, 15, 16} {
		writePrograms(t, filepath.Join(root, fmt.Sprint(major), "bin"), major, "", "")
	}
	finder := nowhere(t)
	finder.Installed = []string{filepath.Join(root, "*", "bin")}
	if got := finder.mustFind(t, 0); got.major != 16 {
		t.Errorf("found %+v", got)
	}
	if got := finder.mustFind(t, 15); got.major != 15 {
		t.Errorf("for files of version 15 it found %+v", got)
	}
}

func TestARelativeFolderOfPathIsLeftOut(t *testing.T) {
	t.Parallel()
	finder := Finder{Path: []string{"", ".", "bin", "/usr/bin"}, Installed: []string{}}
	if got := finder.installed(); len(got) != 1 || got[0] != "/usr/bin" {
		t.Errorf("it looks in %q", got)
	}
}

func TestTooOldAndBrokenArePassedOver(t *testing.T) {
	t.Parallel()
	finder, broken := nowhere(t), fakePrograms(t, 17, "", "")
	writeProgram(t, filepath.Join(broken, "postgres"), "#!/bin/sh\nexit 3\n")
	mute := fakePrograms(t, 17, "", "")
	writeProgram(t, filepath.Join(mute, "postgres"), "#!/bin/sh\n")
	old := fakePrograms(t, 14, "", "")
	finder.Path = []string{old, broken, mute}
	text := finder.cannotFind(t, 0)
	wantWords(t, text, old+" was skipped: it is version 14", broken+" was skipped: it does not run",
		mute+" was skipped: it does not report its version")
}

func TestNoneIsAnErrorWithTheWaysOut(t *testing.T) {
	t.Parallel()
	wantWords(t, nowhere(t).cannotFind(t, 0), "no PostgreSQL of version 15 or later", "npm could not fetch it",
		"apt-get install postgresql", "Node.js", "DATABASE_URL")
}

func TestNoneOfTheFilesVersion(t *testing.T) {
	t.Parallel()
	finder := nowhere(t)
	finder.Path = []string{fakePrograms(t, 16, "", "")}
	wantWords(t, finder.cannotFind(t, 17), "DIR were made by PostgreSQL 17", "is version 16",
		"npm could fetch version 18 only", "Install PostgreSQL 17", "--data")
	wantWords(t, finder.cannotFind(t, 13), "DIR were made by PostgreSQL 13", "too old", "15 or later",
		"pg_dumpall", "--data")
}

func TestFindInTheCache(t *testing.T) {
	t.Parallel()
	finder := nowhere(t)
	wanted, err := finder.wanted()
	fatal(t, err)
	writePrograms(t, wanted.binaries(finder.Cache), 18, "", "")
	if got := finder.mustFind(t, 18); got.dir != wanted.binaries(finder.Cache) || got.major != 18 {
		t.Errorf("found %+v", got)
	}
}

func TestABrokenCacheIsNamed(t *testing.T) {
	t.Parallel()
	finder := nowhere(t)
	wanted, err := finder.wanted()
	fatal(t, err)
	fatal(t, os.MkdirAll(wanted.dir(finder.Cache), 0o755))
	wantWords(t, finder.cannotFind(t, 0), wanted.dir(finder.Cache), "remove them")
}

func TestTheCacheOfRootIsOpenToTheServersUser(t *testing.T) {
	t.Parallel()
	cache, err := Finder{}.cache()
	fatal(t, err)
	if home, _ := os.UserHomeDir(); isRoot() && strings.HasPrefix(cache, home+"/") {
		t.Errorf("the cache is %s", cache)
	}
}
