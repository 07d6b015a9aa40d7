package filestore_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
)

// kinds are the stores that every behaviour is tried on, with how to get the address of an empty one.
func kinds() map[string]func(testing.TB) string {
	return map[string]func(testing.TB) string{
		"folder":       func(t testing.TB) string { return t.TempDir() + "/media" },
		"memory":       func(testing.TB) string { return "mem://" },
		"S3":           s3test.Start,
		"S3 versioned": s3test.StartVersioned,
	}
}

// onEach runs a test on an empty store of every kind.
func onEach(t *testing.T, test func(t *testing.T, s *filestore.Files)) {
	t.Helper()
	for name, address := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, address(t)))
		})
	}
}

func open(t testing.TB, address string) *filestore.Files {
	t.Helper()
	s, err := filestore.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// noise is content in which every place differs, of a size in bytes.
func noise(size int) []byte {
	content := make([]byte, size)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(content)
	return content
}

// put stores content under a new key.
func put(t testing.TB, s *filestore.Files, content []byte) (key string) {
	t.Helper()
	key = filestore.NewKey(time.Now())
	size, err := s.Put(t.Context(), key, "audio/wav", bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if size != int64(len(content)) {
		t.Fatalf("stored %d bytes, want %d", size, len(content))
	}
	return key
}

func read(t testing.TB, s *filestore.Files, key string) []byte {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	content, err := io.ReadAll(o)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// keys are the store's keys in order.
func keys(t testing.TB, s *filestore.Files) (all []string) {
	t.Helper()
	for key, err := range s.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
