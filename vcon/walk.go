package vcon

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// Item is one document of an import: a conversation, or the reason why there is none.
type Item struct {
	// File names where it comes from; Line is the line where the file holds one document a line, else 0.
	File string
	Line int
	// Conversation is nil where Err is not.
	Conversation *Conversation
	Err          error
}

// Walk reads files and folders, one document at a time. What cannot be read is an item with an error, and the rest goes on.
func Walk(ctx context.Context, paths []string, options Options) iter.Seq[Item] {
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

// Count tells how many files Walk is going to read.
func Count(paths []string) int {
	count := 0
	for _, path := range paths {
		for range files(path) {
			count++
		}
	}
	return count
}

// files lists the files of a path: itself, or everything below a folder in alphabetical order but what is hidden.
func files(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				if !yield(name, err) {
					return fs.SkipAll
				}
				return nil
			case name != path && strings.HasPrefix(entry.Name(), "."):
				if entry.IsDir() {
					return fs.SkipDir
				}
				return nil
			case entry.IsDir():
				return nil
			}
			if !yield(name, nil) {
				return fs.SkipAll
			}
			return nil
		})
	}
}

func readFile(ctx context.Context, name string, err error, options Options, yield func(Item) bool) bool {
	if err != nil {
		return yield(Item{File: name, Err: unreadable(err)})
	}
	file, err := os.Open(name)
	if err != nil {
		return yield(Item{File: name, Err: unreadable(err)})
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && !info.Mode().IsRegular() {
		return yield(Item{File: name, Err: wrong("", "is no regular file")})
	}
	for item := range Read(ctx, file, name, options) {
		if !yield(item) {
			return false
		}
	}
	return true
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong("", "there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return wrong("", "may not be read by this user")
	}
	return wrong("", "cannot be read")
}

// Read reads the documents of one stream: a vCon, or one a line, gzipped or not. Name is what its items are called by.
func Read(ctx context.Context, stream io.Reader, name string, options Options) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		buffered := bufio.NewReaderSize(stream, 64<<10)
		if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			unpacked, err := gzip.NewReader(buffered)
			if err != nil {
				yield(Item{File: name, Err: wrong("", "begins like gzip, but is not")})
				return
			}
			buffered = bufio.NewReaderSize(unpacked, 64<<10)
		}
		readDocuments(ctx, buffered, name, options, yield)
	}
}
