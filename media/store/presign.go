package store

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Presign returns an address at which anybody may fetch the file of key from the service itself, for as long as lifetime. The answer there carries mediaType and,
// unless it is empty, disposition ("inline; filename=recording.wav"). Nothing is asked of the service, so that the file may be absent.
//
// It fails with ErrNoPresign where the store is a folder or memory, or with ErrUnavailable, such as without credentials, or with ErrKey.
func (s *Store) Presign(ctx context.Context, key string, lifetime time.Duration, mediaType, disposition string) (string, error) {
	const op = "making a link to a media file"
	if err := checkKey(op, key); err != nil {
		return "", err
	}
	address, err := s.bucket.SignedURL(ctx, key, &blob.SignedURLOptions{
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
