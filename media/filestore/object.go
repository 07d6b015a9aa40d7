package filestore

import (
	"context"
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
	if err == io.EOF && o.offset < o.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
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
