// Package store keeps the bytes of media files: in a folder, in S3 or a store that is compatible with it, or in memory for tests. Which one it is
// says a url; everything else in the system knows only keys, which are random and tell nothing of what they stand for.
package store

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Store is one file store. It is safe for concurrent use.
type Store struct {
	bucket *blob.Bucket
	// folder is where a folder store has its files, empty for any other.
	folder string
	// name is the bucket of an S3 store, empty for any other.
	name string
}

// NewKey makes up where a new file goes: the day, in UTC, and a random UUID.
func NewKey(now time.Time) string {
	return now.UTC().Format("20060102") + "/" + uuid.NewString()
}

// Close lets go of the store; what is in a memory store is gone.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores all of content under a key, or nothing: when content breaks off, so does the upload. When it returns without an error the bytes are safe: on disk, or
// acknowledged by the store. The media type is told to stores that keep one. Size is the number of bytes.
func (s *Store) Put(ctx context.Context, key, mediaType string, content io.Reader) (size int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // before Close it gives an upload up
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	writer, err := s.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: mediaType})
	if err != nil {
		return 0, explain(err)
	}
	if size, err = io.Copy(writer, content); err != nil {
		cancel()
		return 0, errors.Join(explain(err), ignoreCanceled(writer.Close()))
	}
	if err := writer.Close(); err != nil {
		return 0, explain(err)
	}
	return size, s.syncFile(key)
}

func ignoreCanceled(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || gcerrors.Code(err) == gcerrors.Canceled {
		return nil
	}
	return explain(err)
}

// Exists reports whether there is something under a key.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	found, err := s.bucket.Exists(ctx, key)
	return found, explain(err)
}

// Delete removes what is under a key, with every version of it that the store keeps; nothing there counts as removed. It returns without an error only once
// it has seen that nothing is left, and that is safe on disk.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return explain(err)
	}
	if err := s.deleteVersions(ctx, key); err != nil {
		return err
	}
	found, err := s.Exists(ctx, key)
	if err != nil {
		return err
	}
	if found {
		return &Error{Kind: ErrUnavailable, Message: "the file store still has the file after deleting it"}
	}
	return s.syncRemoval(key)
}

// Keys lists everything in the store. It ends with the first error.
func (s *Store) Keys(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		list := s.bucket.List(nil)
		for {
			object, err := list.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield("", explain(err))
				return
			}
			if !yield(object.Key, nil) {
				return
			}
		}
	}
}

// Presign makes a url by which the store itself hands a file out, as a given media type, until the lifetime is over. ErrNoPresign says that the store
// has none to give out: a folder, or memory.
func (s *Store) Presign(ctx context.Context, key string, lifetime time.Duration) (string, error) {
	if s.name == "" {
		return "", ErrNoPresign
	}
	link, err := s.bucket.SignedURL(ctx, key, &blob.SignedURLOptions{Expiry: lifetime})
	return link, explain(err)
}

// Check finds out whether the store can be reached.
func (s *Store) Check(ctx context.Context) error {
	accessible, err := s.bucket.IsAccessible(ctx)
	if err == nil && !accessible {
		return &Error{Kind: ErrUnavailable, Message: "the file store has no such bucket"}
	}
	return explain(err)
}
