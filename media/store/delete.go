package store

import (
	"context"
	"errors"

	"gocloud.dev/gcerrors"
)

const opDelete = "deleting a media file"

// Delete removes the file of key, with its older versions where the bucket keeps such; a file that is absent already counts as deleted. Without error it
// was made sure that the file is gone, durably, from a store that is there.
//
// It fails with ErrUnavailable, ErrStillThere, ErrKey or context.Canceled; the file may then be there or not, and Delete may be called again.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := checkKey(opDelete, key); err != nil {
		return err
	}
	return fail(opDelete, s.remove(ctx, key))
}

func (s *Store) remove(ctx context.Context, key string) error {
	if err := s.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	if err := s.kind.purge(ctx, key); err != nil {
		return err
	}
	if err := s.kind.durable(key); err != nil {
		return err
	}
	there, err := s.exists(ctx, key)
	if err == nil && there {
		err = &Error{Op: opDelete, Kind: ErrStillThere}
	}
	return err
}

// Exists says whether the store has a file of key. It fails with ErrUnavailable, ErrKey or context.Canceled; a store that is not there is an error, not a no.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	const op = "looking for a media file"
	if err := checkKey(op, key); err != nil {
		return false, err
	}
	there, err := s.exists(ctx, key)
	return there, fail(op, err)
}

func (s *Store) exists(ctx context.Context, key string) (bool, error) {
	_, err := s.bucket.Attributes(ctx, key)
	if err = s.orAbsent(ctx, err); errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// orAbsent makes ErrNotFound of an error that says so, provided that the store itself is there.
func (s *Store) orAbsent(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if err = fail("looking for a media file", err); !errors.Is(err, ErrNotFound) {
		return err
	}
	if away := s.kind.present(ctx); away != nil {
		return away
	}
	return err
}
