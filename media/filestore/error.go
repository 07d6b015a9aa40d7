package filestore

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"
)

// The kinds of errors, for errors.Is.
var (
	// ErrNotFound says that the store has no file of that key, though the store itself is there.
	ErrNotFound = errors.New("there is no such media file in the store")
	// ErrUnavailable says that the store cannot be used now: not reached, not there, or permission denied.
	// Trying again later may help.
	ErrUnavailable = errors.New("the media store is unavailable")
	// ErrFull says that the store has no room for the file; nothing of the file was kept.
	ErrFull = errors.New("the media store is full")
	// ErrContent says that the content could not be read to its end, which is its source's fault; nothing
	// of the file was kept.
	ErrContent = errors.New("the content of the media file could not be read completely")
	// ErrStillThere says that a file was deleted and is there nevertheless.
	ErrStillThere = errors.New("the media file is still in the store after it was deleted")
	// ErrNoPresign says that this kind of store hands out no links of its own.
	ErrNoPresign = errors.New("this media store cannot create links; only S3 can")
	// ErrKey says that a key is not of the form that NewKey makes.
	ErrKey = errors.New("not a key of the media store: want parts of letters, digits, - and _, joined by /")
	// ErrAddress says that the address of a store cannot be understood.
	ErrAddress = errors.New("not the address of a media store")
	// errSeek is for a seek to a negative offset.
	errSeek = errors.New("a position before the start of the media file")
)

// Error is the error of every operation of a store. Its message is for an operator and holds no key, no
// address and no credential.
type Error struct {
	// Op is what was tried, such as "storing a media file".
	Op string
	// Kind is one of the kinds above, or context.Canceled if the caller gave up.
	Kind error
	// Reason says more in plain words; it may be empty.
	Reason string
	// cause is the error of the library or of the content's source. Its text may hold paths and
	// addresses, so it is never shown.
	cause error
}

// Error returns the message.
func (e *Error) Error() string {
	if e.Reason == "" {
		return e.Op + ": " + e.Kind.Error()
	}
	return e.Op + ": " + e.Kind.Error() + ": " + e.Reason
}

// Unwrap makes errors.Is find the kind as well as the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// fail turns a library's error into an Error. A bucket that is not there counts as unavailable, never as
// a file that is not there: otherwise a wrong address would make every file look deleted.
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
	case "EntityTooLarge", "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull",
		"XMinioAdminBucketQuotaExceeded":
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
		return "the service returned " + api.ErrorCode()
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
		return "it did not respond in time"
	case errors.As(err, &signing):
		return "the request failed; check endpoint, region and credentials"
	}
	return "the operation failed"
}
