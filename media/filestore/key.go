package filestore

import (
	"context"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"
)

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
