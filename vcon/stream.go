package vcon

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
)

// Read reads the documents of one stream: a vCon, or one a line, gzipped or not, which is told by its beginning. Name is what its items are
// called by; .ndjson and .jsonl say that there is one a line. It holds one document in memory at a time.
func Read(ctx context.Context, stream io.Reader, name string, options Options) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		s := &source{ctx: ctx, name: name, options: options, yield: yield, stream: bufio.NewReaderSize(stream, 64<<10)}
		if magic, _ := s.stream.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			s.gzipped = true
			unpacked, err := gzip.NewReader(s.stream)
			if err != nil {
				s.refuse(0, err)
				return
			}
			s.stream = bufio.NewReaderSize(unpacked, 64<<10)
		}
		s.read()
	}
}

// source is a stream that is being read.
type source struct {
	ctx     context.Context
	name    string
	options Options
	yield   func(Item) bool
	stream  *bufio.Reader
	gzipped bool
	// number is that of the line that was read last, counted from 1.
	number int
}

// document yields what a document is, and reports whether to go on.
func (s *source) document(line int, data []byte) bool {
	conversation, err := Parse(data, s.options)
	if err != nil {
		return s.yield(Item{File: s.name, Line: line, Err: err})
	}
	return s.yield(Item{File: s.name, Line: line, Conversation: conversation})
}

// refuse yields why a stream could not be read.
func (s *source) refuse(line int, err error) bool {
	return s.yield(Item{File: s.name, Line: line, Err: s.broken(err)})
}

func (s *source) broken(err error) error {
	var limit *http.MaxBytesError
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errTooLarge):
		return tooLarge(s.options)
	case errors.Is(err, errEndless):
		return wrong("", "the document is so much larger than %d bytes that what follows it was not read", s.options.maxBytes())
	case errors.As(err, &limit):
		return wrong("", "the request is larger than %d bytes", limit.Limit)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt), s.gzipped && errors.Is(err, io.ErrUnexpectedEOF):
		return wrong("", "the gzip is damaged or breaks off")
	case s.ctx.Err() != nil:
		return wrong("", "the reading was broken off")
	}
	return wrong("", "cannot be read to its end")
}
