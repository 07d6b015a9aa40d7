package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// temporary is how gocloud.dev begins the names of files that are being written.
const temporary = "fileblob"

// syncFile waits until a file of a folder store is on disk, with its name and the folder's.
func (s *Store) syncFile(key string) error {
	if s.folder == "" {
		return nil
	}
	path := filepath.Join(s.folder, filepath.FromSlash(key))
	for _, name := range []string{path, filepath.Dir(path), s.folder} {
		if err := syncPath(name); err != nil {
			return explain(err)
		}
	}
	return nil
}

// syncRemoval waits until the removal of a file of a folder store is on disk: else the file might be there again after a power failure.
func (s *Store) syncRemoval(key string) error {
	if s.folder == "" {
		return nil
	}
	err := syncPath(filepath.Dir(filepath.Join(s.folder, filepath.FromSlash(key))))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return explain(err)
}

func syncPath(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Sweep removes the unfinished uploads that killed processes left in a folder store before a time, since they hold recordings; elsewhere there is nothing
// to do: memory ends with its process, and an S3 store shows no upload before it is complete. (Parts of broken uploads that an S3 store keeps are removed by a
// rule of the bucket's life cycle, AbortIncompleteMultipartUpload, which its administrator sets.)
func (s *Store) Sweep(before time.Time) (removed int, err error) {
	if s.folder == "" {
		return 0, nil
	}
	err = filepath.WalkDir(s.folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), temporary) {
			return ignoreGone(err)
		}
		info, err := entry.Info()
		if err != nil || info.ModTime().After(before) {
			return ignoreGone(err)
		}
		if err := os.Remove(name); err != nil {
			return ignoreGone(err)
		}
		removed++
		return syncPath(filepath.Dir(name))
	})
	return removed, explain(err)
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
