package compliance

import (
	"errors"
	"strings"
)

// Code classifies an error for whoever has to react to it (design, section 8).
type Code string

// The codes. Whatever carries none of them is internal and is not shown.
const (
	CodeNotFound        Code = "NOT_FOUND"
	CodeInvalid         Code = "INVALID"
	CodeConflict        Code = "CONFLICT"
	CodeCorrelationKey  Code = "CORRELATION_KEY"
	CodeNothingSelected Code = "NOTHING_SELECTED"
)

// Error is an error that a user can understand and mend. Its message is shown as it is, so it never holds personal data.
type Error struct {
	Code    Code
	Message string
	// Field is the path of the input that is at fault, from the outermost name; empty where it is not one field.
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
	return &Error{Code: CodeNothingSelected, Message: "the compliance settings select nothing; switch on at least one item and save before anonymizing"}
}

// CodeOf returns the code of the first Error in the chain of err, and "" where there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Errors are several errors that a user can mend at once.
type Errors []*Error

// Error returns the messages one below the other.
func (e Errors) Error() string {
	messages := make([]string, len(e))
	for i, err := range e {
		messages[i] = err.Message
	}
	return strings.Join(messages, "\n")
}

// UserErrors returns what a user can mend of err: its Errors or its Error, nil where it holds neither.
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
