// Package filestore keeps the bytes of media files: in a folder, in a bucket of an S3 service, or in memory
// for trials. It knows keys and bytes, and nothing of conversations.
//
// Put and Delete return without error only after the fact: what they report as stored is on disk where the
// store is a folder, and what they report as deleted is gone, old versions and all. Callers may record a
// status on the strength of that.
package filestore

import (
	"context"
	"errors"
	"io"
	"iter"
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
const forms = "want a folder (/var/lib/media or file:///var/lib/media), " +
	"s3://bucket?region=...&endpoint=... or mem://"

// Files keeps media files by key. It is safe for concurrent use, and several processes may use the same
// folder or bucket.
type Files struct {
	bucket *blob.Bucket
	kind   backend
}

// backend is what the kinds of stores do differently from each other.
type backend interface {
	// present fails if the store itself is not there, since its files must not be called absent then.
	present(ctx context.Context) error
	// identity returns an id of this very store, the same wherever it is reached from. The first call
	// makes it.
	identity(ctx context.Context) (string, error)
	// write stores content under key, whole or not at all.
	write(ctx context.Context, key, mediaType string, content *source) error
	// durable makes sure that what was done to key outlives a crash.
	durable(key string) error
	// purge removes what may be left of key after its blob was deleted, and fails if something stays.
	purge(ctx context.Context, key string) error
	// sweep removes what interrupted writes left before a time.
	sweep(ctx context.Context, before time.Time) (int, error)
}

// Open opens the store at an address:
//
//   - a path or file:///path: a folder, made with mode 0700 where absent. Only its owner can read its
//     files.
//   - s3://bucket?region=..&endpoint=..&use_path_style=true: a bucket, with the parameters of
//     gocloud.dev/blob/s3blob. Credentials come from the AWS environment, or from the address
//     (s3://id:secret@bucket). The service is not asked yet; Check does that.
//   - mem://: memory, for trials; closing it loses everything.
//
// It fails with ErrAddress, or with ErrUnavailable if the folder cannot be used.
func Open(ctx context.Context, rawURL string) (*Files, error) {
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

func openFileURL(u *url.URL) (*Files, error) {
	if u.Host != "" && u.Host != "localhost" || u.Path == "" || u.RawQuery != "" || u.User != nil {
		return nil, badAddress("a folder is given as file:///var/lib/media, with three slashes and no parameters")
	}
	return openFolder(filepath.FromSlash(u.Path))
}

func badAddress(reason string) error {
	return &Error{Op: opOpen, Kind: ErrAddress, Reason: reason}
}

// Close releases the store. Objects that are still open must not be used any more.
func (f *Files) Close() error {
	return fail("closing the media store", f.bucket.Close())
}

// Check tries whether files can be stored, read and deleted, with one byte of its own. It fails with
// ErrUnavailable, ErrFull, ErrStillThere or context.Canceled.
func (f *Files) Check(ctx context.Context) error {
	const op = "checking the media store"
	if err := f.kind.present(ctx); err != nil {
		return fail(op, err)
	}
	key := probes + NewKey(time.Now())[len("20060102/"):]
	if err := f.kind.write(ctx, key, "", newSource(ctx, strings.NewReader("?"))); err != nil {
		return fail(op, err)
	}
	if _, err := f.bucket.ReadAll(ctx, key); err != nil {
		return fail(op, err)
	}
	return fail(op, f.remove(ctx, key))
}

// VerifyIdentity checks that this is the store whose id was recorded. It gives this store's id to
// recorded, which returns the recorded one, or records this one if it is the first. Any other store, such
// as the empty folder of a disk that is not mounted, has none of the files, and every one of them would
// look deleted.
//
// It fails with ErrUnavailable, context.Canceled or the error of recorded.
func (f *Files) VerifyIdentity(
	ctx context.Context, recorded func(ctx context.Context, id string) (string, error),
) error {
	const op = "verifying the media store's identity"
	id, err := f.kind.identity(ctx)
	if err != nil {
		return fail(op, err)
	}
	known, err := recorded(ctx, id)
	if err != nil || known == id {
		return err
	}
	return &Error{Op: op, Kind: ErrUnavailable, Reason: "it is not the store that contains the recordings; " +
		"check its address (MEDIA_URL) and whether its disk is mounted. If the recordings were moved, " +
		markerName + " has to move with them; it has to read " + known}
}

// Sweep removes what interrupted writes left behind before a time, and returns how many: unfinished files
// of a killed process in a folder, multipart uploads on S3. They hold recorded speech. The time must be
// earlier than the beginning of any write that still goes on; a day ago is safe.
//
// It fails with ErrUnavailable or context.Canceled, with the number removed by then. A service that
// cannot list uploads is left alone.
func (f *Files) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	const op = "removing files of interrupted writes from the media store"
	if err := f.kind.present(ctx); err != nil {
		return 0, fail(op, err)
	}
	removed, err = f.kind.sweep(ctx, before)
	return removed, fail(op, err)
}

// memory is the store in memory: always there, and nothing remains of a blob that was deleted.
type memory struct {
	blobs
	// id tells it from the memory of another process, which is never the same store.
	id string
}

func openMemory(rawURL string) (*Files, error) {
	if rawURL != "mem://" {
		return nil, badAddress("memory is given as mem://, with nothing after it")
	}
	bucket := memblob.OpenBucket(nil)
	return &Files{bucket: bucket, kind: memory{blobs: blobs{bucket}, id: uuid.NewString()}}, nil
}

func (memory) present(context.Context) error                 { return nil }
func (m memory) identity(context.Context) (string, error)    { return m.id, nil }
func (memory) durable(string) error                          { return nil }
func (memory) purge(context.Context, string) error           { return nil }
func (memory) sweep(context.Context, time.Time) (int, error) { return 0, nil }

// probes is the part of the store where Check tries to write; no media file lies there.
const probes = "probe/"

// NewKey returns a new key for a file that is stored at now: its day in UTC and a random part,
// "20261124/3b241101-e2bb-4255-8caf-4136c566a962". A key says nothing of the content, its name or its
// people, so that it may stand in logs and in file names.
func NewKey(now time.Time) string {
	return now.UTC().Format("20060102") + "/" + uuid.NewString()
}

// checkKey rejects what needs escaping in any store or could leave its folder: dots, empty parts.
func checkKey(op, key string) error {
	bad := len(key) > 200 || strings.HasPrefix(key, probes)
	for part := range strings.SplitSeq(key, "/") {
		bad = bad || part == "" || strings.ContainsFunc(part, needsEscaping)
	}
	if bad {
		return &Error{Op: op, Kind: ErrKey}
	}
	return nil
}

func needsEscaping(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
}

// Keys yields the key of every stored file, in no certain order, and no file that is still being written.
// An error ends it: it is the last to be yielded, with an empty key, and is ErrUnavailable or
// context.Canceled.
func (f *Files) Keys(ctx context.Context) iter.Seq2[string, error] {
	const op = "listing the media files"
	return func(yield func(string, error) bool) {
		if err := f.kind.present(ctx); err != nil {
			yield("", fail(op, err))
			return
		}
		for list := f.bucket.List(nil); ; {
			object, err := list.Next(ctx)
			if errors.Is(err, io.EOF) {
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
