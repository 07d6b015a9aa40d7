package store

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"
)

// fail turns what a library said into an Error. A bucket that is not there counts as unavailable, never as a file that is not there: else a wrong
// address would make every file look deleted.
func fail(op string, err error) error {
	if own := (*Error)(nil); err == nil || errors.As(err, &own) {
		return err
	}
	reason, kind := classify(err)
	return &Error{Op: op, Kind: kind, Reason: reason, cause: err}
}

func classify(err error) (reason string, kind error) {
	api, isAPI := errors.AsType[smithy.APIError](err)
	number, isNumber := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "", context.Canceled
	case isFull(number) || isAPI && isFullCode(api.ErrorCode()):
		return reasonOf(api, number), ErrFull
	case gcerrors.Code(err) == gcerrors.NotFound || isMissing(api):
		return "", ErrNotFound
	case isAPI || isNumber:
		return reasonOf(api, number), ErrUnavailable
	}
	return network(err), ErrUnavailable
}

func isFull(number syscall.Errno) bool {
	return number == syscall.ENOSPC || number == syscall.EDQUOT || number == syscall.EFBIG
}

// isFullCode knows the codes by which S3 and services like it say that there is no room.
func isFullCode(code string) bool {
	switch code {
	case "EntityTooLarge", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage":
		return true
	}
	return false
}

func isMissing(api smithy.APIError) bool {
	if api == nil {
		return false
	}
	code := api.ErrorCode()
	return code == "NoSuchKey" || code == "NotFound" || code == "NoSuchVersion" || code == "NoSuchUpload"
}

// reasonOf names the code of the service or of the operating system; neither holds a path or a key.
func reasonOf(api smithy.APIError, number syscall.Errno) string {
	if api != nil {
		return "the service answers " + api.ErrorCode()
	}
	return number.Error()
}

// network says in plain words what is wrong with the way to the store.
func network(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var signing interface{ Operation() string }
	switch {
	case errors.As(err, &dns):
		return "the name of its endpoint is not known"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	case errors.As(err, &signing):
		return "the request failed; check endpoint, region and credentials"
	}
	return "the operation failed"
}
