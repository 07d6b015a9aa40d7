package vcon

import (
	"fmt"
	"strings"
)

// Error says what keeps a vCon from being read, and where. It holds nothing of what the vCon says: no value,
// and of a member's name only what looks like one.
type Error struct {
	// Path is the place in the document, such as dialog[2].parties[1]; empty where it is the whole of it.
	Path string
	// Reason says what is wrong, and where it helps what would be right.
	Reason string
}

// Error returns place and reason.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

func wrong(path, format string, arguments ...any) *Error {
	return &Error{Path: path, Reason: fmt.Sprintf(format, arguments...)}
}

// under puts the name of a member, or the [number] of an element, in front of where an error is.
func (e *Error) under(step string) *Error {
	if e.Path != "" && !strings.HasPrefix(e.Path, "[") {
		step += "."
	}
	return &Error{Path: step + e.Path, Reason: e.Reason}
}

// stepName is a member's name as a path shows it: _ where it is not plainly a name, since tools make names of
// numbers and addresses.
func stepName(member string) string {
	plain := strings.Trim(strings.ToLower(member), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	if member == "" || len(member) > 40 || !plain || len(digits(member)) >= 5 {
		return "_"
	}
	return member
}
