package filestore

import (
	"context"
	"errors"

	"gocloud.dev/gcerrors"
)

const (
	opDelete = "deleting a media file"
	opLook   = "looking for a media file"
)

// Delete removes the file of key, with its older versions if the bucket keeps them; a file that is
// already absent counts as deleted. Without error Delete has made sure that the file is gone, durably,
// from a store that is there.
//
// It fails with ErrUnavailable, ErrStillThere, ErrKey or context.Canceled; the file may then be there or
// not, and Delete may be called again.
func (f *Files) Delete(ctx context.Context, key string) error {
	if err := checkKey(opDelete, key); err != nil {
		return err
	}
	return fail(opDelete, f.remove(ctx, key))
}

func (f *Files) remove(ctx context.Context, key string) error {
	if err := f.bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	if err := f.kind.purge(ctx, key); err != nil {
		return err
	}
	if err := f.kind.durable(key); err != nil {
		return err
	}
	there, err := f.exists(ctx, key)
	if err == nil && there {
		err = &Error{Op: opDelete, Kind: ErrStillThere}
	}
	return err
}

// Exists reports whether the store has a file of key. It fails with ErrUnavailable, ErrKey or
// context.Canceled; a store that is not there is an error, not a no.
func (f *Files) Exists(ctx context.Context, key string) (bool, error) {
	if err := checkKey(opLook, key); err != nil {
		return false, err
	}
	there, err := f.exists(ctx, key)
	return there, fail(opLook, err)
}

func (f *Files) exists(ctx context.Context, key string) (bool, error) {
	_, err := f.bucket.Attributes(ctx, key)
	if err = f.orAbsent(ctx, err); errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// orAbsent turns an error that says so into ErrNotFound, provided that the store itself is there.
func (f *Files) orAbsent(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if err = fail(opLook, err); !errors.Is(err, ErrNotFound) {
		return err
	}
	if away := f.kind.present(ctx); away != nil {
		return away
	}
	return err
}
