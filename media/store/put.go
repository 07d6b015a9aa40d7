package store

import (
	"context"
	"io"
	"os"
	"time"

	"gocloud.dev/blob"
)

const opPut = "storing a media file"

// cleanupTime is how long a broken write may take to tidy up after itself, even where its caller has given up.
const cleanupTime = 20 * time.Second

// Put stores content under a new key (NewKey) with its media type ("audio/wav"; empty counts as unknown) and returns its size in bytes. Without error
// the whole of it is stored, durably; with one, nothing of it is. A key that is in use must not be given: its file would be replaced.
//
// It fails with ErrContent where content breaks off (errors.Is finds the reader's error too), ErrFull, ErrUnavailable, ErrKey or context.Canceled.
func (s *Store) Put(ctx context.Context, key string, mediaType string, content io.Reader) (size int64, err error) {
	if err := checkKey(opPut, key); err != nil {
		return 0, err
	}
	if err := s.kind.present(ctx); err != nil { // a folder that is not mounted would be made anew, and filled
		return 0, fail(opPut, err)
	}
	if size, err = s.write(ctx, key, mediaType, content); err == nil {
		err = s.kind.durable(key)
	}
	if err != nil {
		s.discard(ctx, key)
		return 0, fail(opPut, err)
	}
	return size, nil
}

func (s *Store) write(ctx context.Context, key, mediaType string, content io.Reader) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File
	w, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: orUnknown(mediaType), BeforeWrite: restrict(&file)})
	if err != nil {
		return 0, err
	}
	from := &source{ctx: ctx, content: content}
	_, err = io.Copy(w, from)
	if err == nil && file != nil {
		err = file.Sync() // before it gets its name, so that the name never stands for half a file
	}
	if err != nil {
		cancel() // closing a writer would else store what has come so far
		_ = w.Close()
		return 0, from.blame(err)
	}
	return from.size, w.Close()
}

// restrict makes a file in a folder its owner's alone, and remembers it.
func restrict(file **os.File) func(func(any) bool) error {
	return func(as func(any) bool) error {
		if !as(file) {
			return nil
		}
		return (*file).Chmod(0o600)
	}
}

func orUnknown(mediaType string) string {
	if mediaType == "" {
		return "application/octet-stream"
	}
	return mediaType
}

// discard removes what a failed write may have stored all the same: the answer to a complete write can be lost on its way.
func (s *Store) discard(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	_ = s.Delete(ctx, key)
}

// source is the content on its way into the store. It tells its own errors from the store's, and heeds the context.
type source struct {
	ctx     context.Context
	content io.Reader
	size    int64
	err     error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.content.Read(p)
	s.size += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// blame says whose fault err is.
func (s *source) blame(err error) error {
	if s.err == nil {
		return err
	}
	return &Error{Op: opPut, Kind: ErrContent, cause: s.err}
}
