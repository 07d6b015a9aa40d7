// Package answer writes parts of a GraphQL answer straight into a buffer, in place of the generated code.
//
// An object type is described once, by Define and one function for each of its fields. What an operation selects
// of it is compiled once, into a Plan: a list of functions that append to a buffer. A Plan gives, to the byte, the
// answer and the errors that the generated code gives, and Check refuses a description that is not the schema's.
//
// Descriptions are values of the caller; the package keeps nothing.
package answer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Described is the description of a type, whatever its values are.
type Described interface {
	// Name is the name of the type in the schema.
	Name() string
	// Check returns an error unless the description says of this type what the schema says.
	Check(schema *ast.Schema) error
	// Needs is what has to be loaded for a field with this name: all bits that its description has.
	Needs(field string) uint64
	collect(into map[string]Described)
}

// All are some descriptions, and those of all types below them, by name.
func All(roots ...Described) map[string]Described {
	all := map[string]Described{}
	for _, root := range roots {
		root.collect(all)
	}
	return all
}

// Type describes an object type, or an interface or union, whose values are Ts.
type Type[T any] interface {
	Described
	compile(c *compiler, selected ast.SelectionSet) write[T]
}

// write appends a value. It reports false, and appends nothing that counts, where the value is null.
type write[T any] func(w *writer, b []byte, value T) ([]byte, bool)

// Object describes an object type whose values are Ts.
type Object[T any] struct {
	name       string
	implements []string
	fields     map[string]Field[T]
	twice      []string
}

// Define describes the object type with this name, which implements some interfaces, by all of its fields.
func Define[T any](name string, implements []string, fields ...Field[T]) *Object[T] {
	o := &Object[T]{name: name, implements: append([]string{name}, implements...), fields: map[string]Field[T]{}}
	for _, field := range fields {
		if _, found := o.fields[field.name]; found {
			o.twice = append(o.twice, field.name)
		}
		o.fields[field.name] = field
	}
	return o
}

// Name is the name of the type.
func (o *Object[T]) Name() string { return o.name }

// Needs is what has to be loaded for a field.
func (o *Object[T]) Needs(field string) uint64 { return o.fields[field].needs }

func (o *Object[T]) collect(into map[string]Described) {
	if into[o.name] != nil {
		return
	}
	into[o.name] = o
	for _, field := range o.fields {
		if field.below != nil {
			field.below.collect(into)
		}
	}
}

// Check compares the description with the schema: the interfaces, every field with its type, whether it may be
// null and whether it has arguments. A directive on a field would be skipped, so that it is refused, unless it
// only says that the field is deprecated.
func (o *Object[T]) Check(schema *ast.Schema) error {
	definition := schema.Types[o.name]
	if definition == nil || definition.Kind != ast.Object {
		return fmt.Errorf("%s is no object type of the schema", o.name)
	}
	var errs []error
	if described := slices.Sorted(slices.Values(o.implements[1:])); !slices.Equal(described, implemented(schema, o.name)) {
		errs = append(errs, fmt.Errorf("%s implements %v", o.name, implemented(schema, o.name)))
	}
	for _, name := range o.twice {
		errs = append(errs, fmt.Errorf("%s.%s is described twice", o.name, name))
	}
	described := maps.Clone(o.fields)
	for _, field := range definition.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		if err := o.checkField(field); err != nil {
			errs = append(errs, fmt.Errorf("%s.%s %w", o.name, field.Name, err))
		}
		delete(described, field.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(described)) {
		errs = append(errs, fmt.Errorf("%s.%s is no field of the schema", o.name, name))
	}
	return errors.Join(errs...)
}

func implemented(schema *ast.Schema, name string) []string {
	var names []string
	for _, implemented := range schema.Implements[name] {
		names = append(names, implemented.Name)
	}
	return slices.Sorted(slices.Values(names))
}

func (o *Object[T]) checkField(field *ast.FieldDefinition) error {
	described, found := o.fields[field.Name]
	if !found {
		return errors.New("is not described")
	}
	for _, directive := range field.Directives {
		if directive.Name != "deprecated" {
			return fmt.Errorf("has the directive @%s, which would be skipped", directive.Name)
		}
	}
	if described.executed {
		return nil
	}
	if hasArguments := len(field.Arguments) > 0; hasArguments != (described.arguments != nil) {
		return fmt.Errorf("has arguments: %t", hasArguments)
	}
	return described.shape.check(field.Type)
}

// shape is what a field's type has to be.
type shape struct {
	// names are the types that the values may have; kind stands for further ones, where it is not empty.
	names []string
	enums bool
	list  bool
	null  bool
}

// check compares with a type of the schema. Elements of lists are never null. An enum is written as a string.
func (s shape) check(is *ast.Type) error {
	if is.NonNull == s.null {
		return fmt.Errorf("may be null: %t", !is.NonNull)
	}
	if s.list != (is.Elem != nil) {
		return fmt.Errorf("is a list: %t", is.Elem != nil)
	}
	if s.list && !is.Elem.NonNull {
		return errors.New("is a list of values that may be null")
	}
	isBuiltIn := slices.Contains([]string{"Int", "Float", "Boolean", "DateTime", "VCon"}, is.Name())
	if !slices.Contains(s.names, is.Name()) && (!s.enums || isBuiltIn) {
		return fmt.Errorf("is of the type %s", is.Name())
	}
	return nil
}

// OneOf describes an interface or a union: each value is written as one of several object types.
type OneOf[T any] struct {
	name  string
	which func(T) int
	types []*Object[T]
}

// Either describes the interface or union with this name. Which gives the index in types of the type of a value.
func Either[T any](name string, which func(T) int, types ...*Object[T]) *OneOf[T] {
	return &OneOf[T]{name, which, types}
}

// Name is the name of the interface or union.
func (o *OneOf[T]) Name() string { return o.name }

// Needs is what has to be loaded for a field of any of the types.
func (o *OneOf[T]) Needs(field string) (all uint64) {
	for _, one := range o.types {
		all |= one.Needs(field)
	}
	return all
}

func (o *OneOf[T]) collect(into map[string]Described) {
	into[o.name] = o
	for _, one := range o.types {
		one.collect(into)
	}
}

// Check compares the description with the schema: it has to have all possible types.
func (o *OneOf[T]) Check(schema *ast.Schema) error {
	var described, possible []string
	for _, one := range o.types {
		described = append(described, one.name)
	}
	for _, definition := range schema.PossibleTypes[o.name] {
		if definition.Kind == ast.Object {
			possible = append(possible, definition.Name)
		}
	}
	slices.Sort(described)
	if slices.Sort(possible); !slices.Equal(described, possible) {
		return fmt.Errorf("%s can be %v, and %v are described", o.name, possible, described)
	}
	return nil
}

func (o *OneOf[T]) compile(c *compiler, selected ast.SelectionSet) write[T] {
	writes := make([]write[T], len(o.types))
	for i, one := range o.types {
		writes[i] = one.compile(c, selected)
	}
	return func(w *writer, b []byte, value T) ([]byte, bool) { return writes[o.which(value)](w, b, value) }
}

// Arguments are those of a field, as the operation gives them.
type Arguments map[string]any

// First is the argument first, 0 where the field has none.
func (a Arguments) First() int {
	first, _ := a["first"].(int)
	return first
}

// Parse reads the arguments of a field from their raw values, as the generated code does.
type Parse func(ctx context.Context, raw map[string]any) (map[string]any, error)

// parsed are the arguments of a field in an operation, or why they cannot be read.
type parsed struct {
	values Arguments
	err    error
	parse  Parse
	raw    map[string]any
}

func (f Field[T]) parse(c *compiler, field graphql.CollectedField) parsed {
	if f.arguments == nil {
		return parsed{}
	}
	raw := field.ArgumentMap(c.operation.Variables)
	values, err := f.arguments(c.ctx, raw)
	return parsed{values, err, f.arguments, raw}
}
