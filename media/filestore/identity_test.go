package filestore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"qm-compliance/media/filestore"
)

// A store is known again at its address, also by another process, and taken for no other; memory is each
// process's own.
func TestVerifyIdentity(t *testing.T) {
	t.Parallel()
	for name, address := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := address(t)
			known := identity(t, open(t, raw))
			if again := identity(t, open(t, raw)); (again == known) != (name != "memory") {
				t.Errorf("the id is %q, and %q when it is opened again", known, again)
			}
			other := open(t, address(t))
			err := other.VerifyIdentity(t.Context(), func(context.Context, string) (string,
				error) {
				return known, nil
			})
			if !errors.Is(err, filestore.ErrUnavailable) || !strings.Contains(err.Error(), known) {
				t.Errorf("another store: %v", err)
			}
			for key := range other.Keys(t.Context()) {
				t.Errorf("the marker counts as the media file %q", key)
			}
		})
	}
}

// identity is the id that a store gives itself.
func identity(t *testing.T, s *filestore.Files) (id string) {
	t.Helper()
	err := s.VerifyIdentity(t.Context(), func(_ context.Context, own string) (string, error) {
		id = own
		return own, nil
	})
	if err != nil || id == "" {
		t.Fatalf("%q %v", id, err)
	}
	return id
}
