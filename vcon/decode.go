package vcon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	netmail "net/mail"
	"unicode/utf8"
)

// decode reads one JSON object. What is not JSON, nested too deep, ambiguous or not storable is an *Error.
func decode(data []byte, maxDepth int) (map[string]any, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := checkText(data); err != nil {
		return nil, err
	}
	value, err := decodeValue(data, maxDepth)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("", "the document is %s; a vCon is a JSON object", kindOf(value))
	}
	return members, nil
}

// decodeValue reads any JSON value under the same rules.
func decodeValue(data []byte, maxDepth int) (any, *Error) {
	if err := checkDepth(data, maxDepth); err != nil {
		return nil, err
	}
	if !json.Valid(data) {
		return nil, notJSON(data)
	}
	return (&builder{data: data}).value()
}

// checkText refuses what cannot be JSON before anything is made of it. A raw e-mail may have any encoding, so that it is told first.
func checkText(data []byte) *Error {
	beginning := data[:min(len(data), 512)]
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return wrong("", "the document is empty")
	case isEmail(data):
		return wrong("", "this is an e-mail (RFC 5322), not a vCon; it comes in as the body of a text dialog inside a vCon")
	case bytes.IndexByte(beginning, 0) >= 0 || beginsBinary(data):
		return wrong("", "the document is binary; a vCon is JSON in UTF-8")
	case !utf8.Valid(data):
		return wrong("", "line %d is not in UTF-8, as JSON has to be", lineOf(data, firstInvalid(data)))
	}
	return nil
}

func beginsBinary(data []byte) bool {
	r, size := utf8.DecodeRune(data)
	return r < '\t' || (r == utf8.RuneError && size == 1)
}

func firstInvalid(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(data)
}

// notJSON says where text stops being JSON.
func notJSON(data []byte) *Error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	var first json.RawMessage
	err := decoder.Decode(&first)
	var syntax *json.SyntaxError
	switch {
	case err == nil && first[0] == '{':
		after := len(data) - len(bytes.TrimLeft(data[decoder.InputOffset():], " \t\r\n"))
		return wrong("", "line %d has something after the end of the vCon; one file holds one vCon, or one a line", lineOf(data, after))
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return wrong("", "the JSON breaks off in line %d", lineOf(bytes.TrimSpace(data), len(data)))
	case errors.As(err, &syntax):
		return wrong("", "not JSON: line %d has something where it does not belong", lineOf(data, int(syntax.Offset)))
	}
	return wrong("", "not JSON: it goes on after its end")
}

func lineOf(data []byte, at int) int {
	return 1 + bytes.Count(data[:min(at, len(data))], []byte("\n"))
}

// isEmail tells a raw e-mail by its header.
func isEmail(data []byte) bool {
	if len(data) == 0 {
		return false
	}
	if first := data[0]; first == '{' || first == '[' || first == '"' {
		return false
	}
	if bytes.HasPrefix(data, []byte("From ")) { // a mailbox file
		return true
	}
	message, err := netmail.ReadMessage(bytes.NewReader(data[:min(len(data), 64<<10)]))
	if err != nil {
		return false
	}
	for _, name := range []string{"From", "Received", "Return-Path", "Message-Id", "Mime-Version"} {
		if message.Header.Get(name) != "" {
			return true
		}
	}
	return false
}
