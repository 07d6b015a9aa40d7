package answer

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// compiler compiles what one operation selects.
type compiler struct {
	ctx       context.Context
	operation *graphql.OperationContext
}

// Plan writes what a field of an operation selects of a T. It is safe for concurrent use.
type Plan[T any] struct{ write write[T] }

// Compile makes the plan of a selection of a field in the operation of ctx. The plan holds for other runs of the
// operation as long as the selection uses no variable: see UsesVariables.
func Compile[T any](ctx context.Context, of Type[T], selected ast.SelectionSet) Plan[T] {
	c := &compiler{ctx, graphql.GetOperationContext(ctx)}
	return Plan[T]{of.compile(c, selected)}
}

// UsesVariables reports whether a selection depends on a variable, in an argument or a directive. It looks at each
// fragment once.
func UsesVariables(selected ast.SelectionSet) bool { return usesVariables(selected, map[string]bool{}) }

func usesVariables(selected ast.SelectionSet, seen map[string]bool) bool {
	for _, selection := range selected {
		var directives ast.DirectiveList
		var below ast.SelectionSet
		switch s := selection.(type) {
		case *ast.Field:
			if inArguments(s.Arguments) {
				return true
			}
			directives, below = s.Directives, s.SelectionSet
		case *ast.InlineFragment:
			directives, below = s.Directives, s.SelectionSet
		case *ast.FragmentSpread:
			directives = s.Directives
			if !seen[s.Name] {
				seen[s.Name], below = true, s.Definition.SelectionSet
			}
		}
		for _, directive := range directives {
			if inArguments(directive.Arguments) {
				return true
			}
		}
		if usesVariables(below, seen) {
			return true
		}
	}
	return false
}

func inArguments(arguments ast.ArgumentList) bool {
	for _, argument := range arguments {
		if inValue(argument.Value) {
			return true
		}
	}
	return false
}

func inValue(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return true
	}
	for _, child := range value.Children {
		if inValue(child.Value) {
			return true
		}
	}
	return false
}

// step writes one field of an object, with its key before it.
type step[T any] struct {
	key     []byte
	write   write[T]
	nonNull bool
}

func (o *Object[T]) compile(c *compiler, selected ast.SelectionSet) write[T] {
	fields := graphql.CollectFields(c.operation, selected, o.implements)
	steps := make([]step[T], 0, len(fields))
	for i, field := range fields {
		alias, _ := json.Marshal(field.Alias) // a name has nothing to escape
		key := append(alias, ':')
		if i > 0 {
			key = append([]byte{','}, key...)
		}
		if field.Name == "__typename" {
			steps = append(steps, step[T]{key, constant[T](`"` + o.name + `"`), true})
			continue
		}
		described := o.fields[field.Name]
		compiled := described.compile(c, at{field, o.name}, described.parse(c, field))
		steps = append(steps, step[T]{key, compiled, field.Definition.Type.NonNull})
	}
	return func(w *writer, b []byte, value T) ([]byte, bool) {
		if w.isStopped(b) {
			return b, false
		}
		return writeSteps(w, b, steps, value)
	}
}

func constant[T any](text string) write[T] {
	return func(_ *writer, b []byte, _ T) ([]byte, bool) { return append(b, text...), true }
}

// writeSteps appends an object. It is null where a field is that must not be.
func writeSteps[T any](w *writer, b []byte, steps []step[T], value T) ([]byte, bool) {
	start := len(b)
	b = append(b, '{')
	isNull := false
	for i := range steps {
		step := &steps[i]
		b = append(b, step.key...)
		from := len(b)
		var written bool
		if b, written = step.write(w, b, value); !written {
			b = append(b[:from], "null"...)
			isNull = isNull || step.nonNull
		}
	}
	if isNull {
		return b[:start], false
	}
	return append(b, '}'), true
}

// at is a field of an object in the operation.
type at struct {
	graphql.CollectedField
	object string
}

// place is a field on the way to the value that is being written, and the index in it where it is a list, or -1.
type place struct {
	at
	index int
}

// writer is an answer that is being written.
type writer struct {
	ctx context.Context
	// path leads from the field of ctx to the value that is being written.
	path    []place
	watch   Watch
	watched int
	stopped error
}

// isStopped reports whether the rest is left out.
func (w *writer) isStopped(b []byte) bool {
	if w.watch != nil && w.stopped == nil {
		w.stopped = w.watch(len(b) - w.watched)
		w.watched = len(b)
		if w.stopped != nil {
			graphql.AddError(w.contextOf(w.path), w.stopped)
		}
	}
	return w.stopped != nil
}

func (w *writer) enter(field at, index int) { w.path = append(w.path, place{field, index}) }
func (w *writer) leave()                    { w.path = w.path[:len(w.path)-1] }

// fail reports an error of a field.
func (w *writer) fail(field at, err error) {
	ctx := w.contextOf(append(w.path, place{field, -1}))
	graphql.AddError(ctx, graphql.AddFieldLocationToError(ctx, err))
}

// refuse reports that the arguments of a field cannot be read. They are read again, for the path of the error.
func (w *writer) refuse(field at, arguments parsed) {
	ctx := w.contextOf(append(w.path, place{field, -1}))
	if _, err := arguments.parse(ctx, arguments.raw); err != nil {
		graphql.AddError(ctx, err)
	}
}

// contextOf is the context that the generated code would have at the end of a path.
func (w *writer) contextOf(path []place) context.Context {
	ctx := w.ctx
	for _, place := range path {
		if place.Field != nil {
			ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: place.object, Field: place.CollectedField})
		}
		if index := place.index; index >= 0 {
			ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &index})
		}
	}
	return ctx
}

// Output gives out the buffers that answers are written into, and takes them back. It is safe for concurrent use,
// and the zero Output is ready.
type Output struct{ buffers sync.Pool }

const (
	usualBuffer   = 64 << 10
	largestBuffer = 1 << 20 // a larger one is not kept
)

func (o *Output) take() []byte {
	if buffer, ok := o.buffers.Get().(*[]byte); ok {
		return (*buffer)[:0]
	}
	return make([]byte, 0, usualBuffer)
}

// Written is a value that has been written.
type Written struct {
	output *Output
	bytes  []byte
}

// MarshalGQL sends the value, once.
func (v *Written) MarshalGQL(to io.Writer) {
	_, _ = to.Write(v.bytes)
	if cap(v.bytes) <= largestBuffer {
		v.output.buffers.Put(&v.bytes)
	}
}

// Watch is asked before every object, with how many bytes of the answer came since it was asked last. Its error
// ends the writing.
type Watch func(bytes int) error

// One writes the value of the field of ctx. It is graphql.Null where a part is null that must not be.
func (p Plan[T]) One(ctx context.Context, value T, to *Output, watch Watch) graphql.Marshaler {
	w := &writer{ctx: ctx, watch: watch}
	b, written := p.write(w, to.take(), value)
	return w.finish(to, b, written)
}

// List writes the value of the field of ctx, a list of values that must not be null.
func (p Plan[T]) List(ctx context.Context, values []T, to *Output, watch Watch) graphql.Marshaler {
	w := &writer{ctx: ctx, watch: watch}
	b, isNull := append(to.take(), '['), false
	w.enter(at{}, 0)
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		w.path[0].index = i
		var written bool
		b, written = p.write(w, b, value)
		isNull = isNull || !written
	}
	w.leave()
	return w.finish(to, append(b, ']'), !isNull)
}

func (w *writer) finish(to *Output, b []byte, written bool) graphql.Marshaler {
	if !written || w.isStopped(b) {
		return graphql.Null
	}
	return &Written{to, b}
}
