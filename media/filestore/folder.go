package filestore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/fileblob"
)

const (
	// markerName is the file by which a store is known. Where a disk is no longer mounted, an empty folder
	// stands in its place: without the marker every file would look deleted, and would be recorded so.
	markerName = ".media-store"
	// incomingName is the folder of files that are still being written. It is inside the store, so that a
	// file gets its final name without crossing file systems, and so that no recorded speech ever lies in a
	// folder that everybody may list. No key begins with a dot.
	incomingName = ".incoming"
)

// folder is a store in a folder. It writes files by itself, since fileblob would leave unfinished ones
// among the others; fileblob does the rest.
type folder struct {
	dir string
	// id is the id in the folder's marker.
	id string
}

// openFolder opens the store in dir. Side files (.attrs) are not written; the database knows the media
// types.
func openFolder(dir string) (*Files, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fail(opOpen, err)
	}
	f := folder{dir: dir}
	if f.id, err = f.mark(); err != nil {
		return nil, fail(opOpen, err)
	}
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fail(opOpen, err)
	}
	return &Files{bucket: bucket, kind: f}, nil
}

// mark returns the id in the folder's marker, and makes the folder and the marker if there are none.
func (f folder) mark() (string, error) {
	id, err := f.readMarker()
	if !errors.Is(err, fs.ErrNotExist) {
		return id, err
	}
	if err := f.createMarker(); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return f.readMarker() // another process may have been first
}

func (f folder) readMarker() (string, error) {
	id, err := os.ReadFile(filepath.Join(f.dir, markerName))
	return strings.TrimSpace(string(id)), err
}

// createMarker makes the marker in one step, so that nobody reads half of it.
func (f folder) createMarker() error {
	draft, err := f.createIncoming()
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }()
	_, err = draft.WriteString(uuid.NewString())
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), filepath.Join(f.dir, markerName)); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// createIncoming makes a file that only its owner can read, in the folder of files that are being written.
func (f folder) createIncoming() (*os.File, error) {
	if err := os.MkdirAll(f.incoming(), 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(f.incoming(), "*.tmp")
}

func (f folder) incoming() string { return filepath.Join(f.dir, incomingName) }

// identity returns the id in the marker.
func (f folder) identity(ctx context.Context) (string, error) { return f.id, f.present(ctx) }

// present fails unless the folder is the one that was opened.
func (f folder) present(context.Context) error {
	id, err := f.readMarker()
	if errors.Is(err, fs.ErrNotExist) || err == nil && id != f.id {
		const reason = "its folder is not the one that was opened, or its marker " + markerName +
			" is gone; is the disk mounted?"
		return &Error{Op: "looking for the media store's folder", Kind: ErrUnavailable, Reason: reason, cause: err}
	}
	return err
}

// write gives the file its name only when all of it is on disk, so that the name never stands for half a
// file.
func (f folder) write(_ context.Context, key, _ string, content *source) error {
	file, err := f.createIncoming()
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // it is gone unless something failed
	if err = content.copyTo(file); err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	path := filepath.Join(f.dir, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// durable writes the entries of the key's folder, and of those above it that the store may have made, to
// disk.
func (f folder) durable(key string) error {
	for dir := filepath.Dir(filepath.Join(f.dir, key)); ; dir = filepath.Dir(dir) {
		if err := ignoreAbsent(syncFolder(dir)); err != nil {
			return err
		}
		if len(dir) <= len(f.dir) {
			return nil
		}
	}
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// purge finds nothing to do: a folder keeps no versions. What a killed write of the same key left is
// sweep's.
func (folder) purge(context.Context, string) error { return nil }

// sweep removes the unfinished files that were last written before a time.
func (f folder) sweep(ctx context.Context, before time.Time) (removed int, err error) {
	entries, err := os.ReadDir(f.incoming())
	if err != nil {
		return 0, ignoreAbsent(err)
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		gone, err := removeOlder(filepath.Join(f.incoming(), entry.Name()), entry, before)
		if gone {
			removed++
		}
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// removeOlder removes an unfinished file durably, unless it is younger or its writer has just finished it.
func removeOlder(path string, entry fs.DirEntry, before time.Time) (gone bool, err error) {
	info, err := entry.Info()
	if err != nil || !info.ModTime().Before(before) {
		return false, ignoreAbsent(err)
	}
	if err := os.Remove(path); err != nil {
		return false, ignoreAbsent(err)
	}
	return true, syncFolder(filepath.Dir(path))
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
