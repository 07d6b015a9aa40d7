package answer

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// Field describes a field of T.
type Field[T any] struct {
	name      string
	needs     uint64
	shape     shape
	arguments Parse
	below     Described // the type of the values, nil for one without fields
	// executed says that the generated code writes the field.
	executed bool
	compile  func(c *compiler, field at, arguments parsed) write[T]
}

// Needs adds what has to be loaded for the field, as bits of the caller's.
func (f Field[T]) Needs(bits uint64) Field[T] {
	f.needs |= bits
	return f
}

// With says that the field has arguments, and how they are read. Arguments that are wrong in themselves are an error
// of the field.
func (f Field[T]) With(arguments Parse) Field[T] {
	f.arguments = arguments
	return f
}

func (f Field[T]) of(below Described) Field[T] {
	f.below = below
	return f
}

// plain is a field whose value depends on nothing but T.
func plain[T any](name string, is shape, writes write[T]) Field[T] {
	return Field[T]{name: name, shape: is,
		compile: func(*compiler, at, parsed) write[T] { return writes }}
}

// Text is a string, a cursor, a url or an enum.
func Text[T any, S ~string](name string, get func(T) S) Field[T] {
	return plain(name, text(false), func(_ *writer, b []byte, value T) ([]byte, bool) {
		return appendString(b, string(get(value))), true
	})
}

// TextOrNull is a Text that is null where it is empty.
func TextOrNull[T any, S ~string](name string, get func(T) S) Field[T] {
	return plain(name, text(true), func(_ *writer, b []byte, value T) ([]byte, bool) {
		s := get(value)
		return appendString(b, string(s)), s != ""
	})
}

func text(null bool) shape {
	return shape{names: []string{"String", "Cursor", "URL"}, enums: true, null: null}
}

// ID is the id of an object. Append appends it without quotes; it needs no escapes.
func ID[T any](name string, appendID func(b []byte, value T) []byte) Field[T] {
	return plain(name, shape{names: []string{"ID"}}, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return append(appendID(append(b, '"'), value), '"'), true
	})
}

// Texts is a list of strings or enums.
func Texts[T any, S ~string](name string, get func(T) []S) Field[T] {
	is := text(false)
	is.list = true
	return plain(name, is, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return appendStrings(b, get(value)), true
	})
}

// Strings is a list of strings that depends on arguments. An error of get is an error of the field.
func Strings[T any](name string, get func(value T, arguments Arguments) ([]string, error)) Field[T] {
	return computed(name, shape{names: []string{"String"}, list: true},
		func(_ *writer, value T, arguments Arguments) ([]string, bool, error) {
			values, err := get(value, arguments)
			return values, true, err
		}, leaf(appendStrings[string]))
}

// Time is an instant, which is not the zero time.
func Time[T any](name string, get func(T) time.Time) Field[T] {
	return plain(name, shape{names: []string{"DateTime"}}, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return appendTime(b, get(value)), true
	})
}

// TimeOrNull is an instant, or null where it is nil.
func TimeOrNull[T any](name string, get func(T) *time.Time) Field[T] {
	return plain(name, shape{names: []string{"DateTime"}, null: true},
		func(_ *writer, b []byte, value T) ([]byte, bool) {
			instant := get(value)
			if instant == nil {
				return b, false
			}
			return appendTime(b, *instant), true
		})
}

// Bool is a Boolean.
func Bool[T any](name string, get func(T) bool) Field[T] {
	return plain(name, shape{names: []string{"Boolean"}}, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return strconv.AppendBool(b, get(value)), true
	})
}

// Int is an Int.
func Int[T any](name string, get func(T) int) Field[T] {
	return plain(name, shape{names: []string{"Int"}}, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return strconv.AppendInt(b, int64(get(value)), 10), true
	})
}

// Count is an Int that depends on arguments, or has to be found out. An error of get is an error of the field.
func Count[T any](
	name string, get func(ctx context.Context, value T, arguments Arguments) (int, error),
) Field[T] {
	return computed(name, shape{names: []string{"Int"}},
		func(w *writer, value T, arguments Arguments) (int, bool, error) {
			count, err := get(w.ctx, value, arguments)
			return count, true, err
		}, leaf(func(b []byte, count int) []byte { return strconv.AppendInt(b, int64(count), 10) }))
}

// Float is a Float.
func Float[T any](name string, get func(T) float64) Field[T] {
	return plain(name, shape{names: []string{"Float"}}, func(_ *writer, b []byte, value T) ([]byte, bool) {
		return appendFloat(b, get(value)), true
	})
}

// FloatOrNull is a Float, or null where present is false.
func FloatOrNull[T any](name string, get func(T) (value float64, present bool)) Field[T] {
	return plain(name, shape{names: []string{"Float"}, null: true},
		func(_ *writer, b []byte, value T) ([]byte, bool) {
			number, present := get(value)
			return appendFloat(b, number), present
		})
}

// One is an object.
func One[T, E any](name string, of Type[E], get func(T) E) Field[T] {
	return computed(name, shape{names: []string{of.Name()}},
		func(_ *writer, value T, _ Arguments) (E, bool, error) { return get(value), true, nil }, object(of)).of(of)
}

// OneOrNull is an object, or null where present is false.
func OneOrNull[T, E any](name string, of Type[E], get func(T) (value E, present bool)) Field[T] {
	return computed(name, shape{names: []string{of.Name()}, null: true},
		func(_ *writer, value T, _ Arguments) (E, bool, error) {
			element, present := get(value)
			return element, present, nil
		}, object(of)).of(of)
}

// OneWith is an object that depends on arguments. An error of get is an error of the field.
func OneWith[T, E any](name string, of Type[E], get func(value T, arguments Arguments) (E, error)) Field[T] {
	return computed(name, shape{names: []string{of.Name()}},
		func(_ *writer, value T, arguments Arguments) (E, bool, error) {
			element, err := get(value, arguments)
			return element, true, err
		}, object(of)).of(of)
}

// Many is a list of objects, none of which is null: the items that get returns, each as show makes it of the value, its
// place in the list and itself. An error of get is an error of the field.
func Many[T, I, E any](
	name string, of Type[E], get func(value T, arguments Arguments) ([]I, error), show func(value T, at int, item I) E,
) Field[T] {
	is := shape{names: []string{of.Name()}, list: true}
	return Field[T]{name: name, shape: is, below: of, compile: func(c *compiler, field at, arguments parsed) write[T] {
		below := of.compile(c, field.Selections)
		return func(w *writer, b []byte, value T) ([]byte, bool) {
			if arguments.err != nil {
				w.refuse(field, arguments)
				return b, false
			}
			items, err := get(value, arguments.values)
			if err != nil {
				w.fail(field, err)
				return b, false
			}
			start, isNull := len(b), false
			b = append(b, '[')
			w.enter(field, 0)
			for i, item := range items {
				if i > 0 {
					b = append(b, ',')
				}
				w.path[len(w.path)-1].index = i
				var written bool
				b, written = below(w, b, show(value, i, item))
				isNull = isNull || !written
			}
			w.leave()
			if isNull {
				return b[:start], false
			}
			return append(b, ']'), true
		}
	}}
}

// computed is a field whose value depends on arguments, or can fail.
func computed[T, V any](
	name string, is shape, get func(w *writer, value T, arguments Arguments) (V, bool, error),
	compile func(c *compiler, field at) write[V],
) Field[T] {
	return Field[T]{name: name, shape: is, compile: func(c *compiler, field at, arguments parsed) write[T] {
		below := compile(c, field)
		return func(w *writer, b []byte, value T) ([]byte, bool) {
			if arguments.err != nil {
				w.refuse(field, arguments)
				return b, false
			}
			found, present, err := get(w, value, arguments.values)
			if err != nil {
				w.fail(field, err)
			}
			if err != nil || !present {
				return b, false
			}
			return below(w, b, found)
		}
	}}
}

// leaf writes a value that has no fields.
func leaf[V any](appendValue func(b []byte, value V) []byte) func(*compiler, at) write[V] {
	return func(*compiler, at) write[V] {
		return func(_ *writer, b []byte, value V) ([]byte, bool) { return appendValue(b, value), true }
	}
}

// object writes an object of a type.
func object[E any](of Type[E]) func(*compiler, at) write[E] {
	return func(c *compiler, field at) write[E] {
		below := of.compile(c, field.Selections)
		return func(w *writer, b []byte, value E) ([]byte, bool) {
			w.enter(field, -1)
			b, written := below(w, b, value)
			w.leave()
			return b, written
		}
	}
}

// Executed is a field that the generated code writes: one that has a directive, say, or whose type is not
// described. Run gives what the generated code makes of the field.
func Executed[T any](
	name string, run func(ctx context.Context, field graphql.CollectedField, value T) graphql.Marshaler,
) Field[T] {
	return Field[T]{name: name, executed: true, compile: func(_ *compiler, field at, _ parsed) write[T] {
		return func(w *writer, b []byte, value T) ([]byte, bool) {
			marshaler := run(w.contextOf(w.path), field.CollectedField, value)
			if marshaler == graphql.Null {
				return b, false
			}
			var written bytes.Buffer
			marshaler.MarshalGQL(&written)
			b = append(b, written.Bytes()...)
			w.watched += written.Len() // the generated code has asked for these
			return b, true
		}
	}}
}

// What follows writes, to the byte, as the marshalers of gqlgen do.

func appendTime(b []byte, instant time.Time) []byte {
	b = append(b, '"')
	b = instant.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendFloat(b []byte, number float64) []byte { return strconv.AppendFloat(b, number, 'g', -1, 64) }

func appendStrings[S ~string](b []byte, values []S) []byte {
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(value))
	}
	return append(b, ']')
}

const hexDigits = "0123456789ABCDEF"

// appendString escapes quotes, backslashes and control characters; all other bytes stay as they are.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
