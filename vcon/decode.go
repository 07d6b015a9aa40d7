package vcon

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// decode reads one JSON object. What is not JSON, nested too deep, or not storable is an *Error.
func decode(data []byte, maxDepth int) (map[string]any, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	if err := checkDepth(data, maxDepth); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, notJSON(data, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong("", "something follows after the end of the vCon; one file holds one vCon, or one a line")
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("", "the document is %s; a vCon is a JSON object", kindOf(value))
	}
	return members, checkStorable("", members)
}

func checkText(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return wrong("", "the file is empty")
	}
	if bytes.IndexByte(data[:min(len(data), 512)], 0) >= 0 {
		return wrong("", "the file is binary; a vCon is JSON")
	}
	if !utf8.Valid(data) {
		return wrong("", "the file is not in UTF-8, as JSON has to be")
	}
	return nil
}

func notJSON(data []byte, err error) error {
	if isEmail(data) {
		return wrong("", "this is an e-mail (RFC 5322), not a vCon; it comes in as the body of a text dialog inside a vCon")
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && !errors.Is(err, io.ErrUnexpectedEOF) {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		if int(syntax.Offset) >= len(data) {
			return wrong("", "the JSON breaks off in line %d", line)
		}
		return wrong("", "not JSON: line %d has something where it does not belong", line)
	}
	return wrong("", "the JSON breaks off at its end")
}

// isEmail tells a raw e-mail by its first lines.
func isEmail(data []byte) bool {
	for _, header := range []string{"Received:", "Return-Path:", "Delivered-To:", "From:", "Date:", "Message-ID:", "MIME-Version:"} {
		if strings.HasPrefix(string(data[:min(len(data), 20)]), header) {
			return true
		}
	}
	return false
}

// checkDepth counts brackets before anything is built of them.
func checkDepth(data []byte, most int) error {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > most {
				return wrong("", "the document is nested more than %d levels deep", most)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// checkStorable refuses the one character that a database cannot hold.
func checkStorable(path string, value any) error {
	switch v := value.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return wrong(path, "holds the character NUL, which cannot be stored")
		}
	case map[string]any:
		for name, member := range v {
			if strings.ContainsRune(name, 0) {
				return wrong(path, "has a member whose name holds the character NUL")
			}
			if err := checkStorable(object{path: path}.at(name), member); err != nil {
				return err
			}
		}
	case []any:
		for _, element := range v {
			if err := checkStorable(path+"[]", element); err != nil {
				return err
			}
		}
	}
	return nil
}
