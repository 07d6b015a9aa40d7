package importing

import (
	"cmp"
	"compress/gzip"
	"io"
	"math"
)

// Limits bound what one stream may cost, since a few bytes of gzip can hold any amount. A stream that goes beyond one of
// them is read no further; what came in before stays.
type Limits struct {
	// Unpacked bounds the bytes of a gzipped stream once they are unpacked.
	Unpacked int64
	// Ratio bounds them by the bytes that came in: they may be so many times as much, and one document of the largest
	// size more.
	Ratio int64
	// Lines bounds the lines, blank ones included.
	Lines int
	// Refusals bounds the documents that are refused.
	Refusals int
}

// RequestLimits are the limits of what others send: some seconds of one processor, beside what the documents cost that
// come in.
func RequestLimits() Limits {
	return Limits{Unpacked: 4 << 30, Ratio: 100, Lines: 1_000_000, Refusals: 10_000}
}

// FileLimits are the limits of files that the operator names: far higher, so that no import of many gigabytes meets them.
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
		return 0, refusal("the gzip unpacks to more than %d times its size; send the vCons without gzip", r.limits.Ratio)
	}
	return n, err
}
