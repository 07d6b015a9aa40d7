package compliance

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Code classifies an error for the caller (design, section 8).
type Code string

// The codes. Whatever carries none of them is internal and is not shown.
const (
	CodeNotFound        Code = "NOT_FOUND"
	CodeInvalid         Code = "INVALID"
	CodeConflict        Code = "CONFLICT"
	CodeCorrelationKey  Code = "CORRELATION_KEY"
	CodeNothingSelected Code = "NOTHING_SELECTED"
)

// Error is an error that the caller can understand and fix. Its message is shown as it is, so it never holds
// personal data.
type Error struct {
	Code    Code
	Message string
	// Field is the path of the input that is at fault, from the outermost name; empty where it is not one
	// field.
	Field []string
}

// Error returns the message for the user.
func (e *Error) Error() string { return e.Message }

// Invalid is an error about an input that cannot be accepted.
func Invalid(message string, field ...string) *Error {
	return &Error{Code: CodeInvalid, Message: message, Field: field}
}

// NotFound is an error about something that does not exist, or not for the person who asks.
func NotFound(message string, field ...string) *Error {
	return &Error{Code: CodeNotFound, Message: message, Field: field}
}

// Conflict is an error about something that somebody else changed meanwhile.
func Conflict(message string, field ...string) *Error {
	return &Error{Code: CodeConflict, Message: message, Field: field}
}

// CorrelationKey is the error about anonymizing a key by which conversations are merged.
func CorrelationKey(message string, field ...string) *Error {
	return &Error{Code: CodeCorrelationKey, Message: message, Field: field}
}

// ErrNothingSelected says that anonymizing would do nothing, because every switch is off (design, section 4).
func ErrNothingSelected() *Error {
	const message = "the compliance settings select no data; turn on at least one item and save before anonymizing"
	return &Error{Code: CodeNothingSelected, Message: message}
}

// CodeOf returns the code of the first Error in the chain of err, and "" where there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Errors are several errors that a caller can fix at once. The zero Errors is none, to which others are
// added.
type Errors []*Error

// Error returns the messages one below the other.
func (e Errors) Error() string {
	messages := make([]string, len(e))
	for i, err := range e {
		messages[i] = err.Message
	}
	return strings.Join(messages, "\n")
}

// Invalid adds an error about an input that cannot be accepted. The message must not repeat a value that was
// given: it may be personal data.
func (e *Errors) Invalid(message string, field ...string) {
	*e = append(*e, Invalid(message, field...))
}

// OrNil returns the errors as an error, nil where there are none.
func (e Errors) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// CheckText adds an error where a text is one that PostgreSQL cannot store.
func (e *Errors) CheckText(text string, field ...string) {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		e.Invalid(field[len(field)-1]+" contains a NUL character or is not valid UTF-8", field...)
	}
}

// CheckTime adds an error where a time is none that PostgreSQL and every client write alike: see EarliestTime
// and LatestTime.
func (e *Errors) CheckTime(at *time.Time, field string) {
	if at != nil && (at.Before(EarliestTime()) || at.After(LatestTime())) {
		e.Invalid(field+" is outside the years 1 to 9999 (UTC)", field)
	}
}

// EarliestTime is the first time that PostgreSQL and every client write alike.
func EarliestTime() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC) }

// LatestTime is the last time that PostgreSQL and every client write alike.
func LatestTime() time.Time { return time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }

// UserErrors returns the errors in err that the caller can fix: its Errors or its Error, nil where it holds
// neither.
func UserErrors(err error) Errors {
	var many Errors
	if errors.As(err, &many) {
		return many
	}
	var one *Error
	if errors.As(err, &one) {
		return Errors{one}
	}
	return nil
}
