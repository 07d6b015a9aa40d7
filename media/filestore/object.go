package filestore

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

const opRead = "reading a media file"

// Object is a stored file that is being read, for http.ServeContent and the like. Opening and seeking
// fetch nothing; the first Read after a Seek asks the store for what follows. An Object is for one
// goroutine and must be closed.
type Object struct {
	files  *Files
	ctx    context.Context // of Open: a reader has no other way to learn that its caller is gone
	key    string
	size   int64
	offset int64
	reader *blob.Reader // at offset; nil until it is needed
}

// Open opens the file of key; ctx bounds all reading from it. It fails with ErrNotFound, ErrUnavailable,
// ErrKey or context.Canceled.
func (f *Files) Open(ctx context.Context, key string) (*Object, error) {
	const op = "opening a media file"
	if err := checkKey(op, key); err != nil {
		return nil, err
	}
	attributes, err := f.bucket.Attributes(ctx, key)
	if err != nil {
		return nil, fail(op, f.orAbsent(ctx, err))
	}
	return &Object{files: f, ctx: ctx, key: key, size: attributes.Size}, nil
}

// Size is the size of the file in bytes.
func (o *Object) Size() int64 { return o.size }

// Read reads on from the current offset. A file that ends before its size is io.ErrUnexpectedEOF, never
// an end.
func (o *Object) Read(p []byte) (int, error) {
	if o.offset >= o.size {
		return 0, io.EOF
	}
	if err := o.start(); err != nil {
		return 0, err
	}
	n, err := o.reader.Read(p)
	o.offset += int64(n)
	if errors.Is(err, io.EOF) && o.offset < o.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fail(opRead, err)
	}
	return n, err
}

// start opens a reader at the offset unless there is one.
func (o *Object) start() error {
	if o.reader != nil {
		return nil
	}
	reader, err := o.files.bucket.NewRangeReader(o.ctx, o.key, o.offset, o.size-o.offset, nil)
	if err != nil {
		return fail(opRead, o.files.orAbsent(o.ctx, err))
	}
	o.reader = reader
	return nil
}

// Seek sets where the next Read begins; a place beyond the end is allowed and reads as the end.
func (o *Object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, &Error{Op: opRead, Kind: errSeek}
	}
	if offset == o.offset {
		return offset, nil
	}
	o.offset = offset
	return offset, o.Close()
}

// Close ends the reading and releases the connection. A later Read or Seek would begin anew.
func (o *Object) Close() error {
	if o.reader == nil {
		return nil
	}
	reader := o.reader
	o.reader = nil
	return fail(opRead, reader.Close())
}

// Presign returns an address at which anybody may fetch the file of key from the service itself, for as
// long as lifetime. The answer there carries mediaType and, unless it is empty, disposition ("inline;
// filename=recording.wav"). Presign does not ask the service, so the file may be absent.
//
// It fails with ErrNoPresign if the store is a folder or memory, with ErrUnavailable, such as without
// credentials, or with ErrKey.
func (f *Files) Presign(
	ctx context.Context, key string, lifetime time.Duration, mediaType, disposition string,
) (string, error) {
	const op = "making a link to a media file"
	if err := checkKey(op, key); err != nil {
		return "", err
	}
	address, err := f.bucket.SignedURL(ctx, key, &blob.SignedURLOptions{
		Expiry: lifetime, Method: http.MethodGet, BeforeSign: answerWith(mediaType, disposition),
	})
	if gcerrors.Code(err) == gcerrors.Unimplemented {
		return "", &Error{Op: op, Kind: ErrNoPresign}
	}
	return address, fail(op, err)
}

// answerWith sets the headers of the service's answer. They are part of what is signed.
func answerWith(mediaType, disposition string) func(func(any) bool) error {
	return func(as func(any) bool) error {
		var in *s3.GetObjectInput
		if !as(&in) {
			return nil
		}
		in.ResponseContentType = aws.String(orUnknown(mediaType))
		in.ResponseCacheControl = aws.String("private, no-store")
		if disposition != "" {
			in.ResponseContentDisposition = aws.String(disposition)
		}
		return nil
	}
}

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

// discard removes what a failed write may have stored nevertheless: the answer to a complete write can be
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
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

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
