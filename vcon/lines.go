package vcon

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// readDocuments tells one document from several, one a line, by whether the first line is a document by itself.
func readDocuments(ctx context.Context, stream *bufio.Reader, name string, options Options, yield func(Item) bool) {
	first, err := readLine(stream, options.maxBytes())
	if isLines(name) || (err == nil && isObject(first) && hasMore(stream)) {
		readLines(ctx, first, err, stream, name, options, yield)
		return
	}
	data := first
	if err == nil {
		rest, restErr := io.ReadAll(io.LimitReader(stream, options.maxBytes()-int64(len(first))+1))
		data, err = append(data, rest...), restErr
	}
	if err != nil && !errors.Is(err, io.EOF) {
		yield(Item{File: name, Err: broken(err, options)})
		return
	}
	conversation, parseErr := Parse(data, options)
	yield(newItem(name, 0, conversation, parseErr))
}

func isLines(name string) bool {
	name = strings.TrimSuffix(name, ".gz")
	return strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl")
}

// isObject reports whether a line is a whole JSON object.
func isObject(line []byte) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("{")) && checkDepth(line, 1000) == nil && json.Valid(line)
}

// hasMore reports whether anything but white space follows.
func hasMore(stream *bufio.Reader) bool {
	for {
		next, err := stream.Peek(1)
		if err != nil {
			return false
		}
		if !bytes.ContainsAny(next, " \t\r\n") {
			return true
		}
		_, _ = stream.Discard(1)
	}
}

func readLines(ctx context.Context, line []byte, err error, stream *bufio.Reader, name string, options Options, yield func(Item) bool) {
	for number := 1; ; number++ {
		if err != nil && !errors.Is(err, io.EOF) {
			yield(Item{File: name, Line: number, Err: broken(err, options)})
			return
		}
		if len(bytes.TrimSpace(line)) > 0 {
			conversation, parseErr := Parse(line, options)
			if !yield(newItem(name, number, conversation, parseErr)) {
				return
			}
		}
		if err != nil || ctx.Err() != nil {
			return
		}
		line, err = readLine(stream, options.maxBytes())
	}
}

func newItem(name string, line int, conversation *Conversation, err error) Item {
	if err != nil {
		return Item{File: name, Line: line, Err: err}
	}
	return Item{File: name, Line: line, Conversation: conversation}
}

var errTooLarge = errors.New("too large")

// readLine reads up to the end of a line, but no more than a document may have.
func readLine(stream *bufio.Reader, most int64) ([]byte, error) {
	var line []byte
	for {
		part, err := stream.ReadSlice('\n')
		line = append(line, part...)
		if int64(len(line)) > most {
			return nil, errTooLarge
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// broken says why a stream could not be read to its end.
func broken(err error, options Options) error {
	var limit *http.MaxBytesError
	switch {
	case errors.Is(err, errTooLarge):
		return wrong("", "the document is larger than %d bytes", options.maxBytes())
	case errors.As(err, &limit):
		return wrong("", "the request is larger than %d bytes", limit.Limit)
	case errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF):
		return wrong("", "the gzip is damaged or breaks off")
	}
	return wrong("", "cannot be read to its end")
}
