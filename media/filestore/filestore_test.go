package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"qm-compliance/media/filestore"
)

func TestKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *filestore.Files) {
		for _, size := range []int{0, 1, 1 << 10, 20 << 20} { // the last takes several parts on S3
			content := noise(size)
			if got := read(t, s, put(t, s, content)); !bytes.Equal(got, content) {
				t.Errorf("of %d bytes, %d come back, or others", size, len(got))
			}
		}
	})
}

func TestListsWhatIsStored(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *filestore.Files) {
		if got := keys(t, s); len(got) > 0 {
			t.Errorf("an empty store lists %q", got)
		}
		want := []string{put(t, s, noise(3)), put(t, s, noise(4)), put(t, s, nil)}
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
		slices.Sort(want)
		if got := keys(t, s); !slices.Equal(got, want) {
			t.Errorf("lists %q, want %q", got, want)
		}
		for range s.Keys(t.Context()) {
			break // a listing may be left early
		}
	})
}

func TestForgetsWhatIsDeleted(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *filestore.Files) {
		gone, kept := put(t, s, noise(10)), put(t, s, noise(10))
		for range 2 { // the second time it is absent, which counts as deleted
			if err := s.Delete(t.Context(), gone); err != nil {
				t.Fatal(err)
			}
			checkExists(t, s, gone, false)
		}
		if _, err := s.Open(t.Context(), gone); !errors.Is(err, filestore.ErrNotFound) {
			t.Errorf("opening what is deleted: %v", err)
		}
		checkExists(t, s, kept, true)
		if err := s.Delete(t.Context(), filestore.NewKey(time.Now())); err != nil {
			t.Errorf("deleting what never was: %v", err)
		}
	})
}

func checkExists(t *testing.T, s *filestore.Files, key string, want bool) {
	t.Helper()
	if got, err := s.Exists(t.Context(), key); err != nil || got != want {
		t.Errorf("Exists says %v, %v; want %v", got, err, want)
	}
}

func TestSeeksAnywhere(t *testing.T) {
	t.Parallel()
	content := noise(100_000)
	onEach(t, func(t *testing.T, s *filestore.Files) {
		o, err := s.Open(t.Context(), put(t, s, content))
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(o, content); err != nil {
			t.Error(err)
		}
		if o.Size() != int64(len(content)) {
			t.Errorf("the size is %d", o.Size())
		}
		if _, err := o.Seek(-1, io.SeekStart); err == nil {
			t.Error("seeks to before the beginning")
		}
		if at, err := o.Seek(10, io.SeekEnd); err != nil || at != o.Size()+10 {
			t.Errorf("seeking beyond the end: %d, %v", at, err)
		}
		if n, err := o.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("reading beyond the end: %d, %v", n, err)
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestStoresAllOrNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("the line broke")
	onEach(t, func(t *testing.T, s *filestore.Files) {
		for _, size := range []int{0, 100, 20 << 20} {
			key := filestore.NewKey(time.Now())
			content := io.MultiReader(bytes.NewReader(noise(size)), iotest.ErrReader(broken))
			_, err := s.Put(t.Context(), key, "audio/wav", content)
			if !errors.Is(err, filestore.ErrContent) || !errors.Is(err, broken) {
				t.Errorf("content that breaks off after %d bytes: %v", size, err)
			}
			checkExists(t, s, key, false)
		}
		if got := keys(t, s); len(got) > 0 {
			t.Errorf("left behind: %q", got)
		}
		if strings.Contains(t.Name(), "S3") {
			sweepUntilNothingIsLeft(t, s)
		} else {
			checkSwept(t, s, 0)
		}
	})
}

// sweepUntilNothingIsLeft is for a service, which goes on with what it has received of an upload for a
// while after its client has given up.
func sweepUntilNothingIsLeft(t *testing.T, s *filestore.Files) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		left, err := s.Sweep(ctx, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
	}
}

// checkSwept fails the test unless a sweep of everything finds that many leftovers.
func checkSwept(t *testing.T, s *filestore.Files, want int) {
	t.Helper()
	if got, err := s.Sweep(t.Context(), time.Now().Add(time.Hour)); err != nil || got != want {
		t.Errorf("the sweep removed %d, %v; want %d", got, err, want)
	}
}

func TestStopsWhenTheCallerGivesUp(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *filestore.Files) {
		ctx, cancel := context.WithCancel(t.Context())
		key := filestore.NewKey(time.Now())
		quit := readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
		if _, err := s.Put(ctx, key, "audio/wav", quit); !errors.Is(err, context.Canceled) {
			t.Errorf("a write without end whose caller gave up: %v", err)
		}
		checkExists(t, s, key, false)
		checkSwept(t, s, 0)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestRefusesKeysOfOthers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *filestore.Files) {
		for _, key := range []string{
			"", "/", "a/", "/a", "a//b", "..", "../a", "a/../b", "a.tmp", ".media-store", ".incoming/a",
			"probe/a", "ä",
			"a\\b", "a b", strings.Repeat("a", 201),
		} {
			_, putErr := s.Put(t.Context(), key, "", strings.NewReader("x"))
			_, openErr := s.Open(t.Context(), key)
			_, existsErr := s.Exists(t.Context(), key)
			_, presignErr := s.Presign(t.Context(), key, time.Minute, "", "")
			for _, err := range []error{putErr, openErr, existsErr, presignErr, s.Delete(t.Context(), key)} {
				if !errors.Is(err, filestore.ErrKey) {
					t.Errorf("key %q: %v", key, err)
				}
			}
		}
	})
}

func TestNewKeyTellsNothing(t *testing.T) {
	t.Parallel()
	east := time.Date(2026, 11, 25, 1, 0, 0, 0, time.FixedZone("", 2*3600))
	a, b := filestore.NewKey(east), filestore.NewKey(east)
	form := regexp.MustCompile(`^20261124/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !form.MatchString(a) || a == b {
		t.Errorf("keys %q and %q", a, b)
	}
}
