package store

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
)

const opOpen = "opening the media store"

// forms are the addresses that Open takes, for its errors.
const forms = "want a folder (/var/lib/media or file:///var/lib/media), s3://bucket?region=...&endpoint=... or mem://"

// backend is what one kind of store does beyond keeping blobs.
type backend interface {
	// present fails where the store itself is not there, so that its files cannot be called absent.
	present(ctx context.Context) error
	// identity is an id of this very store, wherever it is reached from, which it gets when it is used first.
	identity(ctx context.Context) (string, error)
	// durable makes sure that what was done to key outlives a crash.
	durable(key string) error
	// purge removes what may be left of key after its blob was deleted, and fails where something stays.
	purge(ctx context.Context, key string) error
	// sweep removes what broken writes left before a time.
	sweep(ctx context.Context, before time.Time) (int, error)
}

// Store keeps media files by key. It may be used from several goroutines, and several processes may use the same folder or bucket.
type Store struct {
	bucket *blob.Bucket
	kind   backend
}

// Open opens the store at an address:
//
//   - a path or file:///path: a folder, made with mode 0700 where absent. Its files are readable by their owner only.
//   - s3://bucket?region=..&endpoint=..&use_path_style=true: a bucket, with the parameters of gocloud.dev/blob/s3blob. Credentials come from
//     the AWS environment, or stand in the address as s3://id:secret@bucket. The service is not asked yet; Check does.
//   - mem://: memory, for trials; closing it loses everything.
//
// It fails with ErrAddress, or with ErrUnavailable where the folder cannot be used.
func Open(ctx context.Context, rawURL string) (*Store, error) {
	if rawURL != "" && !strings.Contains(rawURL, "://") {
		return openFolder(rawURL)
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, badAddress(forms) // the parser's own error repeats the address, with its credentials
	}
	switch u.Scheme {
	case "file":
		return openFileURL(u)
	case "s3":
		return openS3(ctx, u)
	case "mem":
		return openMemory(rawURL)
	}
	return nil, badAddress(forms)
}

func openFileURL(u *url.URL) (*Store, error) {
	if u.Host != "" && u.Host != "localhost" || u.Path == "" || u.RawQuery != "" || u.User != nil {
		return nil, badAddress("a folder is given as file:///var/lib/media, with three slashes and no parameters")
	}
	return openFolder(filepath.FromSlash(u.Path))
}

func openMemory(rawURL string) (*Store, error) {
	if rawURL != "mem://" {
		return nil, badAddress("memory is given as mem://, with nothing after it")
	}
	return &Store{bucket: memblob.OpenBucket(nil), kind: memory{id: uuid.NewString()}}, nil
}

func badAddress(reason string) error {
	return &Error{Op: opOpen, Kind: ErrAddress, Reason: reason}
}

// Close lets go of the store. Objects that are still open must not be used any more.
func (s *Store) Close() error {
	return fail("closing the media store", s.bucket.Close())
}
