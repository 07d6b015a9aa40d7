package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"gocloud.dev/blob/fileblob"
)

// folder is a store in a folder.
type folder struct {
	dir string
	// id stands in the folder's marker.
	id string
}

// openFolder opens the store in dir. Temporary files lie beside the files that they become: giving them their names never crosses file systems, and the
// speech in them never lies in a folder that everybody may list. Side files (.attrs) are not written; the database knows the media types.
func openFolder(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fail(opOpen, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fail(opOpen, err)
	}
	id, err := mark(dir)
	if err != nil {
		return nil, fail(opOpen, err)
	}
	bucket, err := fileblob.OpenBucket(dir, &fileblob.Options{DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fail(opOpen, err)
	}
	return &Store{bucket: bucket, kind: folder{dir: dir, id: id}}, nil
}

// durable writes the entries of the key's folder, and of those above it that the store may have made, to disk.
func (f folder) durable(key string) error {
	for dir := filepath.Dir(filepath.Join(f.dir, key)); ; dir = filepath.Dir(dir) {
		if err := syncFolder(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
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

// purge finds nothing to do: a folder keeps no versions. What a killed write of the same key left is sweep's.
func (folder) purge(context.Context, string) error { return nil }

// sweep removes the temporary files that were last written before a time: fileblob calls them NAME.HEX.tmp.
func (f folder) sweep(ctx context.Context, before time.Time) (removed int, err error) {
	temporary := regexp.MustCompile(`\.[0-9a-f]+\.tmp$`)
	err = filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil || !entry.Type().IsRegular() || !temporary.MatchString(entry.Name()) {
			return ignoreAbsent(err)
		}
		gone, err := removeOlder(path, entry, before)
		if gone {
			removed++
		}
		return err
	})
	return removed, err
}

// removeOlder removes a temporary file durably, unless it is younger or its writer has just finished it.
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
