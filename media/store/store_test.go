package store_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"qm-compliance/media/store"
	"qm-compliance/media/store/storetest"
)

func TestMain(m *testing.M) {
	if err := storetest.SignIn(); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// stores are one of each kind, with the folder in which the bytes must lie, empty for memory.
func stores(t *testing.T) map[string]func(t *testing.T) (*store.Store, string) {
	return map[string]func(t *testing.T) (*store.Store, string){
		"memory": func(t *testing.T) (*store.Store, string) { return open(t, "mem://"), "" },
		"folder": func(t *testing.T) (*store.Store, string) {
			folder := filepath.Join(t.TempDir(), "media")
			return open(t, folder), folder
		},
		"s3": func(t *testing.T) (*store.Store, string) {
			server := storetest.Start(t)
			return open(t, server.URL), server.Folder
		},
	}
}

func open(t *testing.T, location string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func onEach(t *testing.T, test func(t *testing.T, s *store.Store, folder string)) {
	for name, make := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, folder := make(t)
			test(t, s, folder)
		})
	}
}

func TestWhatIsPutCanBeReadFromAnywhere(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *store.Store, _ string) {
		content := bytes.Repeat([]byte("0123456789"), 100_000)
		key := store.NewKey(time.Now())
		if size, err := s.Put(t.Context(), key, "audio/wav", bytes.NewReader(content)); err != nil || size != int64(len(content)) {
			t.Fatal(size, err)
		}
		object, err := s.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = object.Close() }()
		if err := iotest.TestReader(io.NewSectionReader(readerAt{object}, 0, 200), content[:200]); err != nil {
			t.Error(err)
		}
		for _, offset := range []int64{999_995, 0, 500_000, 1_000_000} {
			if _, err := object.Seek(offset, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(io.LimitReader(object, 7))
			if want := content[offset:min(offset+7, int64(len(content)))]; err != nil || !bytes.Equal(rest, want) {
				t.Errorf("at %d: %q, %v", offset, rest, err)
			}
		}
		if object.Size() != int64(len(content)) {
			t.Errorf("size %d", object.Size())
		}
	})
}

// readerAt reads at an offset by seeking.
type readerAt struct{ object *store.Object }

func (r readerAt) ReadAt(p []byte, offset int64) (int, error) {
	if _, err := r.object.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(r.object, p)
}

func TestDeletedIsNowhere(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *store.Store, folder string) {
		secret := []byte("the spoken words of a call")
		key := store.NewKey(time.Now())
		if _, err := s.Put(t.Context(), key, "", bytes.NewReader(secret)); err != nil {
			t.Fatal(err)
		}
		if folder != "" && !holds(t, folder, secret) {
			t.Error("the bytes are not where the test looks for them")
		}
		for range 2 { // deleting again is no error
			if err := s.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		if found, err := s.Exists(t.Context(), key); found || err != nil {
			t.Error(found, err)
		}
		if _, err := s.Open(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		for key, err := range s.Keys(t.Context()) {
			t.Error("left:", key, err)
		}
		if folder != "" && holds(t, folder, secret) {
			t.Error("the bytes are still there")
		}
	})
}

func holds(t *testing.T, folder string, content []byte) (found bool) {
	t.Helper()
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		bytesOf, err := os.ReadFile(name)
		found = found || bytes.Contains(bytesOf, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// An upload that breaks off leaves nothing, neither under its key nor beside it.
func TestBrokenUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *store.Store, folder string) {
		broken := errors.New("broken off")
		content := io.MultiReader(strings.NewReader(strings.Repeat("half a call ", 100_000)), iotest.ErrReader(broken))
		if _, err := s.Put(t.Context(), "key", "", content); !errors.Is(err, broken) {
			t.Fatal(err)
		}
		for key, err := range s.Keys(t.Context()) {
			t.Error("left:", key, err)
		}
		if folder != "" && holds(t, folder, []byte("half a call")) {
			t.Error("the bytes are still there")
		}
	})
}

func TestOnlyS3PresignsAndHandsOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *store.Store, _ string) {
		if _, err := s.Put(t.Context(), "key", "audio/wav", strings.NewReader("sound")); err != nil {
			t.Fatal(err)
		}
		link, err := s.Presign(t.Context(), "key", time.Minute)
		if errors.Is(err, store.ErrNoPresign) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if body, status := get(t, link); status != 200 || body != "sound" {
			t.Errorf("%d %q", status, body)
		}
		if _, status := get(t, strings.Replace(link, "/key", "/kez", 1)); status != http.StatusForbidden {
			t.Errorf("a link that was tampered with: %d", status)
		}
	})
}

func get(t *testing.T, link string) (string, int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), response.StatusCode
}

func TestWrongLocations(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for location, want := range map[string]string{
		"":                              "is empty",
		"gs://bucket":                   "gs://",
		"s3://":                         "S3 bucket",
		"s3://key:secret@bucket":        "S3 bucket",
		"s3://bucket?nonsense=1":        "query parameter",
		"file://elsewhere/folder":       "on this machine",
		filepath.Join(file, "beneath"):  "not a directory",
		"file://" + file + "/beneath/x": "not a directory",
	} {
		_, err := store.Open(t.Context(), location)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something with %q", location, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error repeats the credentials", location)
		}
	}
}

func TestAnUnreachableStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	s := open(t, "s3://media?region=us-east-1&use_path_style=true&endpoint=http://127.0.0.1:1")
	if _, err := s.Put(t.Context(), "key", "", strings.NewReader("x")); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
	if err := s.Delete(t.Context(), "key"); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
	if err := s.Check(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Error(err)
	}
}

// What a killed process left half written is removed once it is old enough, and nothing else.
func TestSweep(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	if _, err := s.Put(t.Context(), "day/whole", "", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(folder, "day", "fileblob123")
	if err := os.WriteFile(half, []byte("half a call"), 0o600); err != nil {
		t.Fatal(err)
	}
	if removed, err := s.Sweep(time.Now().Add(-time.Hour)); removed != 0 || err != nil {
		t.Error("one that may still be written:", removed, err)
	}
	if removed, err := s.Sweep(time.Now().Add(time.Hour)); removed != 1 || err != nil {
		t.Error(removed, err)
	}
	if found, err := s.Exists(t.Context(), "day/whole"); !found || err != nil {
		t.Error("the whole file is gone", err)
	}
}
