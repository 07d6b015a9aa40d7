package vcon

import (
	"encoding/json"
	"fmt"
	"strings"
)

// builder makes values of JSON that is known to be valid, in UTF-8 and not too deep. Unlike encoding/json it tells where something is
// that JSON allows and this system does not: a member given twice, of which readers take different ones, and the character NUL, which
// PostgreSQL cannot store. Numbers stay as they are written.
type builder struct {
	data     []byte
	position int
}

// next skips white space and returns the byte that is there.
func (b *builder) next() byte {
	for strings.IndexByte(" \t\r\n", b.data[b.position]) >= 0 {
		b.position++
	}
	return b.data[b.position]
}

func (b *builder) value() (any, *Error) {
	switch b.next() {
	case '{':
		return b.object()
	case '[':
		return b.list()
	case '"':
		return b.text()
	}
	return b.literal(), nil
}

func (b *builder) object() (map[string]any, *Error) {
	members := map[string]any{}
	for b.position++; b.next() != '}'; b.comma('}') {
		name, err := b.text()
		if err != nil {
			return nil, wrong("", "has a member whose name holds the character NUL")
		}
		if _, twice := members[name]; twice {
			return nil, wrong(stepName(name), "is given twice in the same object")
		}
		b.next()
		b.position++ // the colon
		if members[name], err = b.value(); err != nil {
			return nil, err.under(stepName(name))
		}
	}
	b.position++
	return members, nil
}

func (b *builder) list() ([]any, *Error) {
	elements := []any{}
	for b.position++; b.next() != ']'; b.comma(']') {
		element, err := b.value()
		if err != nil {
			return nil, err.under(fmt.Sprintf("[%d]", len(elements)))
		}
		elements = append(elements, element)
	}
	b.position++
	return elements, nil
}

// comma skips what stands between two elements; the end stays.
func (b *builder) comma(end byte) {
	if b.next() != end {
		b.position++
		b.next()
	}
}

func (b *builder) text() (string, *Error) {
	start, escaped := b.position, false
	for b.position++; b.data[b.position] != '"'; b.position++ {
		if b.data[b.position] == '\\' {
			escaped = true
			b.position++
		}
	}
	b.position++
	if !escaped {
		return string(b.data[start+1 : b.position-1]), nil
	}
	var text string
	if json.Unmarshal(b.data[start:b.position], &text) != nil || strings.IndexByte(text, 0) >= 0 {
		return "", wrong("", "holds the character NUL, which cannot be stored")
	}
	return text, nil
}

// literal is null, true, false or a number.
func (b *builder) literal() any {
	start := b.position
	for b.position < len(b.data) && strings.IndexByte(" \t\r\n,]}", b.data[b.position]) < 0 {
		b.position++
	}
	switch text := string(b.data[start:b.position]); text {
	case "null":
		return nil
	case "true", "false":
		return text == "true"
	default:
		return json.Number(text)
	}
}
