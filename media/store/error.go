package store

import "errors"

// The kinds of errors, to be asked for with errors.Is.
var (
	// ErrNotFound says that the store has no file of that key, though the store itself is there.
	ErrNotFound = errors.New("there is no such media file in the store")
	// ErrUnavailable says that the store cannot be used now: not reached, not there, or permission denied. Trying again later may help.
	ErrUnavailable = errors.New("the media store is unavailable")
	// ErrFull says that the store has no room for the file; nothing of the file was kept.
	ErrFull = errors.New("the media store is full")
	// ErrContent says that the content could not be read to its end, which is its source's fault; nothing of the file was kept.
	ErrContent = errors.New("the content of the media file could not be read to its end")
	// ErrStillThere says that a file was deleted and is there nevertheless.
	ErrStillThere = errors.New("the media file is still in the store after it was deleted")
	// ErrNoPresign says that this kind of store hands out no links of its own.
	ErrNoPresign = errors.New("this media store hands out no links; only S3 does")
	// ErrKey says that a key is not of the form that NewKey makes.
	ErrKey = errors.New("not a key of the media store: want parts of letters, digits, - and _, joined by /")
	// ErrAddress says that the address of a store cannot be understood.
	ErrAddress = errors.New("not the address of a media store")
	// errSeek is about a place that no file has.
	errSeek = errors.New("a place before the beginning of the media file")
)

// Error is what every operation of a store fails with. Its message is for an operator and holds no key, no address and no credential.
type Error struct {
	// Op is what was tried, such as "storing a media file".
	Op string
	// Kind is one of the kinds above, or context.Canceled where the caller gave up.
	Kind error
	// Reason says more in plain words; it may be empty.
	Reason string
	// cause is what the library or the content's source said. Its text may hold paths and addresses, so that it is never shown.
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
