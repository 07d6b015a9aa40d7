package filestore

import (
	"context"
	"io"
	"time"

	"gocloud.dev/blob"
)

const opPut = "storing a media file"

// cleanupTime bounds how long a failed write cleans up after itself, even if its caller has given up.
const cleanupTime = 20 * time.Second

// Put stores content under a new key (NewKey) with its media type ("audio/wav"; empty means unknown) and
// returns its size in bytes. Without error the whole of it is stored, durably; with one, nothing of it is.
// The key must not be in use: its file would be replaced.
//
// It fails with ErrContent if reading content fails (errors.Is finds the reader's error too), ErrFull,
// ErrUnavailable, ErrKey or context.Canceled.
func (f *Files) Put(
	ctx context.Context, key string, mediaType string, content io.Reader,
) (size int64, err error) {
	if err := checkKey(opPut, key); err != nil {
		return 0, err
	}
	if err := f.kind.present(ctx); err != nil { // a folder that is not mounted would be made anew, and filled
		return 0, fail(opPut, err)
	}
	from := newSource(ctx, content)
	if err = f.kind.write(ctx, key, mediaType, from); err == nil {
		err = f.kind.durable(key)
	}
	if err != nil {
		f.discard(ctx, key)
		return 0, fail(opPut, err)
	}
	return from.size, nil
}

// discard removes what a failed write may have stored all the same: the answer to a complete write can be
// lost on its way.
func (f *Files) discard(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	_ = f.Delete(ctx, key)
}

// blobs writes into a bucket whose service keeps nothing of an upload that was canceled.
type blobs struct{ bucket *blob.Bucket }

func (b blobs) write(ctx context.Context, key, mediaType string, content *source) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: orUnknown(mediaType)})
	if err != nil {
		return err
	}
	if err := content.copyTo(w); err != nil {
		cancel() // otherwise Close would store what has come so far
		_ = w.Close()
		return err
	}
	return w.Close()
}

func orUnknown(mediaType string) string {
	if mediaType == "" {
		return "application/octet-stream"
	}
	return mediaType
}

// source is the content on its way into the store. It tells its own errors from the store's, and ends with
// the context.
type source struct {
	ctx     context.Context
	content io.Reader
	size    int64
	err     error
}

func newSource(ctx context.Context, content io.Reader) *source {
	return &source{ctx: ctx, content: content}
}

// copyTo copies the content to its end. It fails with ErrContent if the content is to blame, else with the
// writer's error.
func (s *source) copyTo(w io.Writer) error {
	_, err := io.Copy(w, s)
	if s.err != nil {
		return &Error{Op: opPut, Kind: ErrContent, cause: s.err}
	}
	return err
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
