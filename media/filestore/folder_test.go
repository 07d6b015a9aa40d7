package filestore_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"qm-compliance/media/filestore"
)

func TestFolderIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/media"
	s := open(t, dir)
	put(t, s, noise(100))
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", strings.TrimPrefix(path, dir), info.Mode())
		}
		if strings.HasSuffix(path, ".attrs") {
			t.Error("a side file is written")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestFolderShowsNothingOfAWriteBeforeItsEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	key := filestore.NewKey(time.Now())
	content := readerFunc(func([]byte) (int, error) {
		checkExists(t, s, key, false)
		if got := keys(t, s); len(got) > 0 {
			t.Errorf("lists %q while it is written", got)
		}
		if got, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || got > 0 {
			t.Errorf("the sweep takes %d files that are written now, %v", got, err)
		}
		if found, _ := filepath.Glob(dir + "/.incoming/*"); len(found) != 1 {
			t.Errorf("files that are being written: %q", found)
		}
		return 0, io.EOF
	})
	if _, err := s.Put(t.Context(), key, "", content); err != nil {
		t.Error(err)
	}
	checkExists(t, s, key, true)
}

func TestSweepRemovesWhatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	kept := put(t, s, noise(10))
	half := filepath.Join(dir, ".incoming", "18a1b2c3d4e5f607")
	if err := os.WriteFile(half, noise(5), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || got != 0 {
		t.Errorf("a young leftover: removed %d, %v", got, err)
	}
	checkSwept(t, s, 1)
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the leftover is still there: %v", err)
	}
	checkExists(t, s, kept, true)
}

func TestFolderThatIsNotThereHoldsNothingDeleted(t *testing.T) {
	t.Parallel()
	hideBehind := func(instead func(dir string) error) func(dir string) error {
		return func(dir string) error { return errors.Join(os.Rename(dir, dir+".away"), instead(dir)) }
	}
	emptyFolder := func(dir string) error { return os.Mkdir(dir, 0o700) }
	for name, hide := range map[string]func(dir string) error{
		"another folder in its place": hideBehind(emptyFolder),
		"no folder":                   hideBehind(func(string) error { return nil }),
		"a file in its place":         hideBehind(func(dir string) error { return os.WriteFile(dir, nil, 0o600) }),
		"another store": hideBehind(func(dir string) error {
			return errors.Join(emptyFolder(dir), os.WriteFile(dir+"/.media-store", []byte("other"), 0o600))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir() + "/media"
			s := open(t, dir)
			key := put(t, s, noise(1))
			if err := hide(dir); err != nil {
				t.Fatal(err)
			}
			checkUnavailable(t, s)
			if err := errors.Join(os.RemoveAll(dir), os.Rename(dir+".away", dir)); err != nil {
				t.Fatal(err)
			}
			checkExists(t, s, key, true)
		})
	}
}

func TestObjectThatIsCutShortIsNotAnEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	key := put(t, s, noise(100))
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if err := os.Truncate(filepath.Join(dir, key), 50); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(o); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a file reads as %v", err)
	}
}
