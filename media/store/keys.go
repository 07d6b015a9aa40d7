package store

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"
)

// Keys yields the key of every stored file, in no certain order; what is being written is not among them. An error ends it: it is the last to be yielded,
// with an empty key, and is of the kind ErrUnavailable or context.Canceled.
func (s *Store) Keys(ctx context.Context) iter.Seq2[string, error] {
	const op = "listing the media files"
	return func(yield func(string, error) bool) {
		if err := s.kind.present(ctx); err != nil {
			yield("", fail(op, err))
			return
		}
		for list := s.bucket.List(nil); ; {
			object, err := list.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield("", fail(op, err))
				return
			}
			if checkKey(op, object.Key) == nil && !yield(object.Key, nil) {
				return
			}
		}
	}
}

// Sweep removes what broken writes left behind before a time and returns how many: temporary files of a killed process in a folder, uploads in parts on S3.
// They hold recorded speech. The time must be earlier than the beginning of any write that still goes on; a day ago is safe.
//
// It fails with ErrUnavailable or context.Canceled, with the number of those it had removed. A service that cannot list uploads is left alone.
func (s *Store) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	const op = "removing what broken writes left in the media store"
	if err := s.kind.present(ctx); err != nil {
		return 0, fail(op, err)
	}
	removed, err = s.kind.sweep(ctx, before)
	return removed, fail(op, err)
}

// Check tries whether files can be stored, read and deleted, with one byte of its own. It fails with ErrUnavailable, ErrFull, ErrStillThere or context.Canceled.
func (s *Store) Check(ctx context.Context) error {
	const op = "checking the media store"
	if err := s.kind.present(ctx); err != nil {
		return fail(op, err)
	}
	key := probes + NewKey(time.Now())[len("20060102/"):]
	if _, err := s.write(ctx, key, "", strings.NewReader("?")); err != nil {
		return fail(op, err)
	}
	if _, err := s.bucket.ReadAll(ctx, key); err != nil {
		return fail(op, err)
	}
	return fail(op, s.remove(ctx, key))
}
