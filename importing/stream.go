package importing

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"

	"qm-compliance/vcon"
)

// Read reads the documents of one stream: a vCon, or one a line, gzipped or not, which is told by its
// beginning. Name is what its items are called by; .ndjson and .jsonl say that there is one a line. It holds
// one document in memory at a time.
func Read(ctx context.Context, input io.Reader, name string, options ReadOptions) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		s := &stream{ctx: ctx, name: name, options: options, yield: yield, input: bufio.NewReaderSize(input, 64<<10)}
		if magic, _ := s.input.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
			s.gzipped = true
			unpacked, err := gzip.NewReader(s.input)
			if err != nil {
				s.refuse(0, err)
				return
			}
			s.input = bufio.NewReaderSize(unpacked, 64<<10)
		}
		s.read()
	}
}

// ReadOptions say how documents are read. The zero ReadOptions are usable.
type ReadOptions struct {
	// Vcon says how each document is parsed.
	Vcon vcon.Options
}

func (o ReadOptions) maxBytes() int64 {
	if o.Vcon.MaxBytes > 0 {
		return o.Vcon.MaxBytes
	}
	return vcon.DefaultMaxBytes
}

// refusal is an error about a whole document or stream.
func refusal(format string, arguments ...any) *vcon.Error {
	return &vcon.Error{Reason: fmt.Sprintf(format, arguments...)}
}

// stream is one that is being read.
type stream struct {
	ctx     context.Context
	name    string
	options ReadOptions
	yield   func(Item) bool
	input   *bufio.Reader
	gzipped bool
	// number is that of the line that was read last, counted from 1.
	number int
}

// document yields what a document is, and reports whether to go on.
func (s *stream) document(line int, data []byte) bool {
	conversation, err := vcon.Parse(data, s.options.Vcon)
	if err != nil {
		return s.yield(Item{File: s.name, Line: line, Err: err})
	}
	return s.yield(Item{File: s.name, Line: line, Conversation: conversation})
}

// refuse yields why a stream could not be read.
func (s *stream) refuse(line int, err error) bool {
	return s.yield(Item{File: s.name, Line: line, Err: s.broken(err)})
}

func (s *stream) broken(err error) error {
	var limit *http.MaxBytesError
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errTooLarge):
		return refusal("the document is larger than %d bytes", s.options.maxBytes())
	case errors.Is(err, errEndless):
		return refusal("the document is so much larger than %d bytes that what follows it was not read", s.options.maxBytes())
	case errors.As(err, &limit):
		return refusal("the request is larger than %d bytes", limit.Limit)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt), s.gzipped && errors.Is(err, io.ErrUnexpectedEOF):
		return refusal("the gzip is damaged or breaks off")
	case s.ctx.Err() != nil:
		return refusal("the reading was broken off")
	}
	return refusal("cannot be read to its end")
}
