package importing

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// Item is one document of an import: a conversation, or the reason why there is none.
type Item struct {
	// File names where it comes from; Line is the line where the file holds one document a line, else 0.
	File string
	Line int
	// Conversation is nil where Err is not.
	Conversation *conversation.Incoming
	Err          error
}

// source is the file of an item, with the line where it holds several documents.
func (i Item) source() string {
	if i.Line > 0 {
		return fmt.Sprintf("%s:%d", i.File, i.Line)
	}
	return i.File
}

// Walk reads files and folders, one document at a time. A path that is a file is read whatever it is called;
// of a folder every regular file at any depth is read, in alphabetical order, but nothing hidden (whose name
// begins with a dot) and no recordings. What cannot be read is an item with an error, and the rest goes on.
// It ends early when ctx is done.
func Walk(ctx context.Context, paths []string, options ReadOptions) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, path := range paths {
			for file, err := range files(path) {
				if ctx.Err() != nil || !readFile(ctx, file, err, options, yield) {
					return
				}
			}
		}
	}
}

// Count tells how many files Walk is going to read, without opening one.
func Count(paths []string) int {
	count := 0
	for _, path := range paths {
		for range files(path) {
			count++
		}
	}
	return count
}

var errFolderLink = errors.New("a link to a folder")

// files lists the files of a path: itself, or everything that is to be read below a folder.
func files(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			yield(path, err)
			return
		}
		root := path + string(filepath.Separator) // so that a link to a folder is followed where it is named itself
		_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			return visit(name == root, name, entry, err, yield)
		})
	}
}

func visit(isRoot bool, name string, entry fs.DirEntry, err error, yield func(string, error) bool) error {
	wanted := true
	switch {
	case err != nil:
	case isRoot:
		return nil
	case strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
		return fs.SkipDir
	case strings.HasPrefix(entry.Name(), ".") || entry.IsDir() || isRecording(entry.Name()):
		return nil
	case entry.Type()&fs.ModeSymlink != 0:
		wanted, err = followLink(name)
	default:
		wanted = entry.Type().IsRegular()
	}
	if wanted && !yield(filepath.Clean(name), err) {
		return fs.SkipAll
	}
	return nil
}

// isRecording tells recordings by their names: they lie beside the vCons that speak of them.
func isRecording(name string) bool {
	return vcon.MediaTypeOf(name) != ""
}

// followLink follows a link to a file. One to a folder might lead round in circles: it is said, not followed.
func followLink(name string) (wanted bool, err error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return true, err
	case info.IsDir():
		return true, errFolderLink
	}
	return info.Mode().IsRegular(), nil
}

func readFile(ctx context.Context, name string, err error, options ReadOptions, yield func(Item) bool) bool {
	var file *os.File
	if err == nil {
		file, err = os.Open(name)
	}
	if err != nil {
		return yield(Item{File: name, Err: unreadable(err)})
	}
	defer func() { _ = file.Close() }()
	options.Limits = options.Limits.or(FileLimits())
	for item := range read(ctx, file, name, options) {
		if !yield(item) {
			return false
		}
	}
	return true
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, errFolderLink):
		return refusal("is a link to a folder and was not followed; give the folder itself")
	case errors.Is(err, fs.ErrNotExist):
		return refusal("there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return refusal("cannot be read by this user")
	}
	return refusal("cannot be read")
}
