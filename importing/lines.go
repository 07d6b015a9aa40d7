package importing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// line is a line of a stream, with its number counted from 1, and why there is no more of it, if so.
type line struct {
	number int
	data   []byte
	err    error
}

// skipFactor bounds how much of a line that is too large is read to find its end, in sizes of a document: a
// few bytes of gzip can hold any amount.
const skipFactor = 4

var (
	errTooLarge = errors.New("larger than the limit for a document")
	errEndless  = errors.New("a line whose end was not found")
)

func (l line) isBlank() bool { return len(bytes.TrimSpace(l.data)) == 0 }

// isLast reports whether nothing can be read after the line.
func (l line) isLast() bool { return l.err != nil && !errors.Is(l.err, errTooLarge) }

// isBroken reports whether the line itself could not be read.
func (l line) isBroken() bool { return l.err != nil && !errors.Is(l.err, io.EOF) }

// next reads up to the end of a line, but no more than a document may have; the rest of a line that is too
// large is skipped.
func (s *stream) next() line {
	s.number++
	l := line{number: s.number}
	if limit := s.options.Limits.Lines; s.number > limit {
		if _, err := s.input.Peek(1); err == nil {
			l.err = refusal("there are more than %d lines; split them into several files", limit)
			return l
		}
	}
	most := s.maxBytes() + 1 // the line break is not of the document
	var parts [][]byte       // joined in the end, since a slice that grows leaves several times its size behind
	for size := int64(0); s.ctx.Err() == nil; {
		part, err := s.input.ReadSlice('\n')
		if size += int64(len(part)); size <= most {
			parts = append(parts, bytes.Clone(part))
		} else {
			parts = nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if l.err = err; size > most && !l.isBroken() {
				l.err = errTooLarge
			}
			l.data = bytes.Join(parts, nil)
			return l
		}
		if size > skipFactor*most {
			return line{number: l.number, err: errEndless}
		}
	}
	l.err = s.ctx.Err()
	return l
}

// with puts a line, and the blank ones between, behind another.
func (l line) with(second line) line {
	if l.err != nil {
		return l
	}
	between := bytes.Repeat([]byte("\n"), min(max(0, second.number-l.number-1), 1<<20))
	return line{number: l.number, data: append(append(l.data, between...), second.data...), err: second.err}
}

// first reads the first line that is not blank. The line breaks before it stay, so that errors count lines as
// the file does.
func (s *stream) first() line {
	for blank := 0; ; blank++ {
		l := s.next()
		if !l.isBlank() || l.err != nil || blank > 1000 {
			l.data = append(bytes.Repeat([]byte("\n"), blank), l.data...)
			return l
		}
	}
}

// isLines reports whether a name says that there is one document a line.
func isLines(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl")
}

// isDocument reports whether a line is a whole JSON object.
func (l line) isDocument() bool {
	data := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(l.data), []byte("\xef\xbb\xbf")))
	return bytes.HasPrefix(data, []byte("{")) && json.Valid(data)
}

// isVcon reports whether a line is by itself a vCon, signed or not, so that a broken line before it cannot be
// the beginning of it. It keeps nothing of the line, however many members that has.
func (l line) isVcon() bool {
	tokens := jsontext.NewDecoder(bytes.NewBuffer(bytes.TrimSpace(l.data)),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if tokens.PeekKind() != '{' {
		return false
	}
	var id, dialogs, payload, signature bool
	for {
		token, err := tokens.ReadToken()
		if err != nil {
			return errors.Is(err, io.EOF) && (id && dialogs || payload && signature)
		}
		if token.Kind() != '"' {
			continue
		}
		switch token.String() {
		case "uuid":
			id = true
		case "dialog":
			dialogs = true
		case "payload":
			payload = true
		case "signature", "signatures":
			signature = true
		}
		if tokens.SkipValue() != nil {
			return false
		}
	}
}
