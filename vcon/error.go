package vcon

import "fmt"

// Error says what keeps a vCon from being read, and where. It holds nothing of what the vCon says.
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
