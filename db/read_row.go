package db

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// row reads the columns of a row, one after the other, in PostgreSQL's binary format. The first value that is not in
// that format is its error; what comes after it is zero.
type row struct {
	values [][]byte
	next   int
	texts  *arena
	err    error
}

var errFormat = errors.New("the database answered in an unexpected format")

// value is the next column, of size bytes, or of any size where that is negative; null reports that it is NULL.
func (r *row) value(size int) (value []byte, null bool) {
	if r.err != nil || r.next >= len(r.values) {
		r.fail()
		return nil, true
	}
	value = r.values[r.next]
	r.next++
	if value != nil && size >= 0 && len(value) != size {
		r.fail()
		return nil, true
	}
	return value, value == nil
}

func (r *row) fail() {
	if r.err == nil {
		r.err = errFormat
	}
}

func (r *row) int64() int64 {
	value, null := r.value(8)
	if null {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}

func (r *row) int() int {
	value, null := r.value(4)
	if null {
		return 0
	}
	return int(int32(binary.BigEndian.Uint32(value)))
}

func (r *row) intOrNil() *int {
	if r.next < len(r.values) && r.values[r.next] == nil {
		r.next++
		return nil
	}
	n := r.int()
	return &n
}

func (r *row) bool() bool {
	value, null := r.value(1)
	return !null && value[0] != 0
}

// epoch is the beginning of PostgreSQL's time, in microseconds since 1970.
const epoch = 946_684_800_000_000

func (r *row) timeOrNil() *time.Time {
	value, null := r.value(8)
	if null {
		return nil
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(value)) + epoch).UTC()
	return &at
}

func (r *row) time() time.Time {
	value, null := r.value(8)
	if null {
		return time.Time{}
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(value)) + epoch).UTC()
}

func (r *row) uuid() (id uuid.UUID) {
	value, _ := r.value(len(id))
	copy(id[:], value)
	return id
}

func (r *row) text() string {
	value, _ := r.value(-1)
	return r.texts.keep(value)
}

// word is a text that is most often one of a few, which are not copied. NULL is the empty word.
func word[T ~string](r *row, known ...T) T {
	value, _ := r.value(-1)
	return wordOf(r.texts, value, known)
}

func wordOf[T ~string](texts *arena, value []byte, known []T) T {
	for _, one := range known {
		if string(value) == string(one) {
			return one
		}
	}
	return T(texts.keep(value))
}

// words is an array of one dimension, without NULLs, of such texts; it is never nil.
func words[T ~string](r *row, known ...T) []T {
	value, null := r.value(-1)
	list := []T{}
	if null || len(value) >= 4 && binary.BigEndian.Uint32(value) == 0 {
		return list
	}
	// Dimensions, flags, the elements' type; length and lower bound of the dimension.
	const header = 20
	if len(value) < header || binary.BigEndian.Uint32(value) != 1 {
		r.fail()
		return list
	}
	for rest := value[header:]; len(rest) > 0; {
		size := -1
		if len(rest) >= 4 {
			size = int(int32(binary.BigEndian.Uint32(rest)))
		}
		if size < 0 || len(rest) < 4+size {
			r.fail()
			return []T{}
		}
		list = append(list, wordOf(r.texts, rest[4:4+size], known))
		rest = rest[4+size:]
	}
	return list
}

// arena keeps texts next to each other, in few pieces of memory instead of one for each text.
type arena struct{ piece strings.Builder }

const arenaPiece = 4 << 10

func (a *arena) keep(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if a.piece.Len()+len(text) > a.piece.Cap() {
		a.piece.Reset() // what it has given out stays
		a.piece.Grow(max(arenaPiece, len(text)))
	}
	from := a.piece.Len()
	a.piece.Write(text)
	return a.piece.String()[from:]
}
