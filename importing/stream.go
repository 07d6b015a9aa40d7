package importing

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"os"
	"sync/atomic"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// ReadOptions say how documents are read. The zero ReadOptions are usable.
type ReadOptions struct {
	// Vcon says how each document is parsed.
	Vcon vcon.Options
	// Limits bound each stream. What is zero in them is set by who reads: Read takes RequestLimits, Walk
	// FileLimits.
	Limits Limits
}

// Read reads the documents of one stream: one vCon, or one a line, gzipped or not. The beginning of the
// stream tells which. Items have the given name as their file; a name that ends in .ndjson or .jsonl says
// that there is one document a line. Read holds one document in memory at a time.
func Read(ctx context.Context, input io.Reader, name string, options ReadOptions) iter.Seq[Item] {
	options.Limits = options.Limits.or(RequestLimits())
	return func(yield func(Item) bool) {
		s := &stream{ctx: ctx, name: name, options: options}
		s.read(input, func(d *document) bool { return s.item(d.parse(), yield) && !s.ended.Load() })
	}
}

// read yields the documents of an input as they are, or why there is no more, until yield says to stop.
func (s *stream) read(input io.Reader, yield func(*document) bool) {
	packed := &countingReader{Reader: input}
	s.yield, s.input = yield, bufio.NewReaderSize(packed, 64<<10)
	if magic, _ := s.input.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		s.gzipped = true
		unpacked, err := gzip.NewReader(s.input)
		if err != nil {
			s.refuse(0, err)
			return
		}
		limited := &unpackedReader{Reader: unpacked, packed: packed, limits: s.options.Limits, first: s.maxBytes()}
		s.input = bufio.NewReaderSize(limited, 64<<10)
	}
	s.documents()
}

// stream is one that is being read.
type stream struct {
	ctx     context.Context
	name    string
	options ReadOptions
	yield   func(*document) bool
	input   *bufio.Reader
	gzipped bool
	// number is that of the line that was read last, counted from 1.
	number int
	// refused counts the documents that were refused; ended says that they were too many.
	refused int
	ended   atomic.Bool
}

// document is one as it was read, and what became of it.
type document struct {
	stream       *stream
	line         int
	data         []byte
	conversation *conversation.Incoming
	err          error
	// weight is the memory that Walk counts for it.
	weight int64
}

// parse makes a conversation of what was read.
func (d *document) parse() *document {
	if d.err == nil {
		d.conversation, d.err = vcon.Parse(d.data, d.stream.options.Vcon)
		d.data = nil
	}
	return d
}

// maxBytes bounds one document.
func (s *stream) maxBytes() int64 {
	if s.options.Vcon.MaxBytes > 0 {
		return s.options.Vcon.MaxBytes
	}
	return vcon.DefaultMaxBytes
}

// documents tells one document from several, one a line. There is one a line where the name says so, where
// the first line is a whole document and more follows, and where the second line is a vCon by itself,
// whatever is wrong with the first.
func (s *stream) documents() {
	first := s.first()
	if isLines(s.name) {
		s.lines(first)
		return
	}
	if first.isLast() {
		s.single(first)
		return
	}
	second := s.next()
	for second.isBlank() && second.err == nil {
		second = s.next()
	}
	if more := !second.isBlank() || second.isBroken(); more && (first.isDocument() || second.isVcon()) {
		if s.entry(first) {
			s.lines(second)
		}
		return
	}
	s.single(first.with(second))
}

// single reads on to the end of the one document of a stream.
func (s *stream) single(beginning line) {
	data, err := beginning.data, beginning.err
	if err == nil {
		room := max(0, s.maxBytes()-int64(len(data)))
		var rest []byte
		if rest, err = io.ReadAll(io.LimitReader(s.input, room+1)); err == nil && int64(len(rest)) > room {
			err = errTooLarge
		}
		data = append(data, rest...)
	}
	if (line{err: err}).isBroken() {
		s.refuse(0, err)
		return
	}
	s.document(0, data)
}

// lines reads one document a line. A line that is refused, one that is too large included, does not keep the
// others from coming in.
func (s *stream) lines(l line) {
	for s.entry(l) && !l.isLast() && s.ctx.Err() == nil {
		l = s.next()
	}
}

// entry yields the document of one line; a blank line has none. It reports whether to go on.
func (s *stream) entry(l line) bool {
	if l.isBroken() {
		return s.refuse(l.number, l.err)
	}
	return l.isBlank() || s.document(l.number, bytes.TrimRight(l.data, "\r\n"))
}

// document yields a document, and reports whether to go on.
func (s *stream) document(line int, data []byte) bool {
	return s.yield(&document{stream: s, line: line, data: data})
}

// refuse yields why a document, or the rest of the stream, is refused. It reports whether to go on.
func (s *stream) refuse(line int, err error) bool {
	if _, ours := errors.AsType[*vcon.Error](err); !ours {
		err = s.broken(err)
	}
	return s.yield(&document{stream: s, line: line, err: err})
}

// item yields what became of a document, and reports what yield does. After too many refusals it yields nothing
// more of the stream.
func (s *stream) item(d *document, yield func(Item) bool) bool {
	switch {
	case s.ended.Load():
		return true
	case d.err == nil:
		return yield(Item{File: s.name, Line: d.line, Conversation: d.conversation})
	}
	s.refused++
	if most := s.options.Limits.Refusals; s.refused > most {
		s.ended.Store(true)
		return yield(Item{File: s.name, Line: d.line, Err: refusal(
			"more than %d documents were refused; the rest was not read", most)})
	}
	return yield(Item{File: s.name, Line: d.line, Err: d.err})
}

// broken says in a user's words why a stream could not be read.
func (s *stream) broken(err error) *vcon.Error {
	var limit *http.MaxBytesError
	var corrupt flate.CorruptInputError
	isCorrupt := errors.As(err, &corrupt) || s.gzipped && errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case errors.Is(err, errTooLarge):
		return refusal("the document is larger than %d bytes", s.maxBytes())
	case errors.Is(err, errEndless):
		return refusal("the document is far larger than %d bytes; the rest was not read",
			s.maxBytes())
	case errors.As(err, &limit):
		return refusal("the request is larger than %d bytes", limit.Limit)
	case isCorrupt || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader):
		return refusal("the gzip data is damaged or incomplete")
	case s.ctx.Err() != nil:
		return refusal("the reading was interrupted")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refusal("the rest arrived too slowly and was not read")
	}
	return refusal("cannot be read completely")
}

// refusal is an error about a whole document or stream.
func refusal(format string, arguments ...any) *vcon.Error {
	return &vcon.Error{Reason: fmt.Sprintf(format, arguments...)}
}

// Limits bound what one stream may cost, since a few bytes of gzip can hold any amount. A stream that goes
// beyond one of them is read no further; what came in before stays.
type Limits struct {
	// Unpacked bounds the bytes of a gzipped stream once they are unpacked.
	Unpacked int64
	// Ratio bounds them by the bytes that came in: they may be so many times as much, and one document of the
	// largest size more.
	Ratio int64
	// Lines bounds the lines, blank ones included.
	Lines int
	// Refusals bounds the documents that are refused.
	Refusals int
}

// RequestLimits are the limits of what others send: some seconds of one processor, beside what the documents
// cost that come in.
func RequestLimits() Limits {
	return Limits{Unpacked: 4 << 30, Ratio: 100, Lines: 1_000_000, Refusals: 10_000}
}

// FileLimits are the limits of files that the operator names: far higher, so that no import of many gigabytes
// meets them.
func FileLimits() Limits {
	return Limits{Unpacked: 4 << 40, Ratio: 1000, Lines: math.MaxInt32, Refusals: 10_000_000}
}

// or are the limits, with others where they are zero.
func (l Limits) or(other Limits) Limits {
	return Limits{
		Unpacked: cmp.Or(l.Unpacked, other.Unpacked), Ratio: cmp.Or(l.Ratio, other.Ratio),
		Lines: cmp.Or(l.Lines, other.Lines), Refusals: cmp.Or(l.Refusals, other.Refusals),
	}
}

// countingReader counts the bytes that were read of it.
type countingReader struct {
	io.Reader
	count int64
}

func (r *countingReader) Read(buffer []byte) (int, error) {
	n, err := r.Reader.Read(buffer)
	r.count += int64(n)
	return n, err
}

// unpackedReader reads a gzip up to the limits. First is the size of the largest document.
type unpackedReader struct {
	*gzip.Reader
	packed *countingReader
	limits Limits
	first  int64
	count  int64
}

func (r *unpackedReader) Read(buffer []byte) (int, error) {
	n, err := r.Reader.Read(buffer)
	r.count += int64(n)
	switch {
	case r.count > r.limits.Unpacked:
		return 0, refusal("the gzip unpacks to more than %d bytes; split it into several", r.limits.Unpacked)
	case r.count > r.first+r.limits.Ratio*r.packed.count:
		return 0, refusal("the gzip unpacks to more than %d times its size; send the vCons without gzip",
			r.limits.Ratio)
	}
	return n, err
}
