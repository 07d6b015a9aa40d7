package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

// markerName is the file by which a folder is known. Where a disk is no longer mounted, an empty folder stands in its place: without the marker every file
// would look deleted, and would be recorded so.
const markerName = ".media-store"

// mark returns the id in the folder's marker, which it makes where there is none.
func mark(dir string) (string, error) {
	path := filepath.Join(dir, markerName)
	id, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return strings.TrimSpace(string(id)), err
	}
	if err := createMarker(dir, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	id, err = os.ReadFile(path) // somebody else may have been first
	return strings.TrimSpace(string(id)), err
}

// createMarker makes the marker in one step, so that nobody reads half of it.
func createMarker(dir, path string) error {
	draft, err := os.CreateTemp(dir, markerName+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(uuid.NewString())
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// identity is the id in the marker.
func (f folder) identity(ctx context.Context) (string, error) { return f.id, f.present(ctx) }

// present fails unless the folder is the one that was opened.
func (f folder) present(context.Context) error {
	id, err := os.ReadFile(filepath.Join(f.dir, markerName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && strings.TrimSpace(string(id)) != f.id {
		const reason = "its folder is not the one that was opened, or its marker " + markerName + " is gone; is the disk mounted?"
		return &Error{Op: "looking for the media store's folder", Kind: ErrUnavailable, Reason: reason, cause: err}
	}
	return err
}
