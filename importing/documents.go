package importing

import (
	"bytes"
	"io"
)

// read tells one document from several, one a line. It is one a line where the name says so, where the first
// line is a whole document and more follows, and where the second line is a vCon by itself, whatever is wrong
// with the first.
func (s *stream) read() {
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

// with puts a line, and the blank ones between, behind another.
func (l line) with(second line) line {
	if l.err != nil {
		return l
	}
	between := bytes.Repeat([]byte("\n"), min(max(0, second.number-l.number-1), 1<<20))
	return line{number: l.number, data: append(append(l.data, between...), second.data...), err: second.err}
}

// single reads on to the end of the one document of a stream.
func (s *stream) single(beginning line) {
	data, err := beginning.data, beginning.err
	if err == nil {
		room := max(0, s.options.maxBytes()-int64(len(data)))
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

// lines reads one document a line. A line that is refused, too large ones included, does not keep the others
// from coming in.
func (s *stream) lines(l line) {
	for s.entry(l) && !l.isLast() && s.ctx.Err() == nil {
		l = s.next()
	}
}

// entry yields what one line is; a blank one is nothing. It reports whether to go on.
func (s *stream) entry(l line) bool {
	if l.isBroken() {
		return s.refuse(l.number, l.err)
	}
	return l.isBlank() || s.document(l.number, bytes.TrimRight(l.data, "\r\n"))
}
