package vcon

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// bounds limit what one vCon may ask for while it is decoded: the depth of each JSON text, and the elements
// of all of them together, those included that stand in bodies as text. An element is a member of an object
// or one value of a list.
type bounds struct {
	depth, elements int
	// left is the number of elements that may still come.
	left int
}

func boundsOf(options Options) *bounds {
	elements := cmp.Or(options.MaxElements, 200_000)
	return &bounds{depth: cmp.Or(options.MaxDepth, 64), elements: elements, left: elements}
}

// document decodes a JSON object. It returns an *Error for what is not JSON, is beyond the bounds, is
// ambiguous, or cannot be stored.
func (b *bounds) document(data []byte) (map[string]any, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := checkText(data); err != nil {
		return nil, err
	}
	value, err := b.value(data)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("", "the document is %s; a vCon is a JSON object", kindOf(value))
	}
	return members, nil
}

// value decodes any JSON value in UTF-8 under the same rules. Numbers stay as they are written.
func (b *bounds) value(data []byte) (any, *Error) {
	d := &decoder{bounds: b, data: data}
	// The bytes are UTF-8; what this option lets through is half a surrogate pair in an escape.
	d.tokens = jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowInvalidUTF8(true))
	value, err := d.value()
	if err != nil {
		return nil, err
	}
	if rest := bytes.TrimLeft(data[d.tokens.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, wrong("", "%s has data after the end of the vCon; "+
			"a file contains one vCon, or one per line", placeOf(data, len(data)-len(rest)))
	}
	return value, nil
}

// decoder makes values of one JSON text. It bounds them before it makes them.
type decoder struct {
	*bounds
	data   []byte
	tokens *jsontext.Decoder
}

func (d *decoder) value() (any, *Error) {
	token, err := d.tokens.ReadToken()
	if err != nil {
		return nil, d.unreadable(err)
	}
	switch token.Kind() {
	case '{':
		return d.object()
	case '[':
		return d.list()
	case '"':
		return strings.ReplaceAll(token.String(), "\x00", ""), nil // which cannot be stored: see storable
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

func (d *decoder) object() (map[string]any, *Error) {
	if err := d.checkDepth(); err != nil {
		return nil, err
	}
	members := map[string]any{}
	for d.tokens.PeekKind() != '}' {
		token, err := d.tokens.ReadToken()
		if err != nil {
			return nil, d.unreadable(err)
		}
		name := token.String()
		if strings.IndexByte(name, 0) >= 0 {
			return nil, wrong(d.place(d.tokens.StackPointer().Parent()),
				"has a member whose name contains the character NUL")
		}
		if err := d.count(); err != nil {
			return nil, err
		}
		value, refused := d.value()
		if refused != nil {
			return nil, refused
		}
		members[name] = value
	}
	return members, d.end()
}

func (d *decoder) list() ([]any, *Error) {
	if err := d.checkDepth(); err != nil {
		return nil, err
	}
	elements := []any{}
	for d.tokens.PeekKind() != ']' {
		if err := d.count(); err != nil {
			return nil, err
		}
		element, err := d.value()
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	return elements, d.end()
}

// end reads the bracket that ends an object or a list.
func (d *decoder) end() *Error {
	if _, err := d.tokens.ReadToken(); err != nil {
		return d.unreadable(err)
	}
	return nil
}

func (d *decoder) checkDepth() *Error {
	if d.tokens.StackDepth() > d.depth {
		return wrong("", "the document is nested more than %d levels deep", d.depth)
	}
	return nil
}

// count counts an element that is about to be read.
func (d *decoder) count() *Error {
	if d.left--; d.left < 0 {
		return d.tooMany(d.place(d.tokens.StackPointer()))
	}
	return nil
}

func (b *bounds) tooMany(place string) *Error {
	return wrong(place, "the vCon has more than %d values here and before; split it into several vCons",
		b.elements)
}

// place writes a JSON pointer into the text as the path of an Error, such as dialog[2].parties[1].
func (d *decoder) place(pointer jsontext.Pointer) string {
	path, depth := "", 0
	for step := range pointer.Tokens() {
		depth++
		if kind, _ := d.tokens.StackIndex(min(depth, d.tokens.StackDepth())); kind == '[' {
			path += "[" + step + "]"
		} else {
			path = object{path: path}.at(stepName(step))
		}
	}
	return path
}

// unreadable says where the text stops being JSON, or which member is given twice.
func (d *decoder) unreadable(err error) *Error {
	syntax, _ := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && syntax != nil:
		return wrong(d.place(syntax.JSONPointer), "is given twice in the same object")
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || syntax == nil:
		return wrong("", "the JSON ends early in line %d", lineOf(bytes.TrimSpace(d.data), len(d.data)))
	}
	at := min(int(syntax.ByteOffset), len(d.data))
	rest := bytes.TrimLeft(d.data[at:], ", \t\r\n") // a comma is wrong because of what follows it
	return wrong("", "not JSON: unexpected character in %s",
		placeOf(d.data, len(d.data)-len(rest)))
}

// checkText refuses what cannot be JSON before it is decoded. A raw e-mail may have any encoding, so it is
// recognised first.
func checkText(data []byte) *Error {
	beginning := data[:min(len(data), 512)]
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return wrong("", "the document is empty")
	case isEmail(data):
		return wrong("", "this is an e-mail (RFC 5322), not a vCon; "+
			"import it as the body of a text dialog inside a vCon")
	case bytes.IndexByte(beginning, 0) >= 0 || beginsBinary(data):
		return wrong("", "the document is binary; a vCon is JSON in UTF-8")
	case !utf8.Valid(data):
		return wrong("", "%s is not valid UTF-8", placeOf(data, firstInvalid(data)))
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

func lineOf(data []byte, at int) int {
	return 1 + bytes.Count(data[:min(at, len(data))], []byte("\n"))
}

// placeOf names a place in a document by its line and its column, in characters, both counted from 1.
func placeOf(data []byte, at int) string {
	at = min(at, len(data))
	begin := bytes.LastIndexByte(data[:at], '\n') + 1
	column := 1 + utf8.RuneCount(data[begin:at])
	return fmt.Sprintf("line %d, column %d", lineOf(data, at), column)
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
