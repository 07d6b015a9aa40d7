package db

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/schema"
)

// bulk collects statements that write rows as bun's models describe them, for one round trip: one statement
// for all rows of a table, which takes an array for each column. Its text does not depend on the rows, so
// that it is prepared once, and costs PostgreSQL little more than COPY.
type bulk struct {
	pgx.Batch
	tables *schema.Tables
}

func (t transaction) bulk() *bulk { return &bulk{tables: t.Dialect().Tables()} }

// insert writes new rows, in their order, whose ids are set. More is the end of the statement. Without rows
// there is no statement.
func insert[T any](b *bulk, rows []*T, more string) {
	if len(rows) == 0 {
		return
	}
	table := b.tables.Get(reflect.TypeFor[T]())
	names, from, values := unnest(table.Fields, rows)
	b.Queue(strings.TrimSpace(fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s %s %s",
		table.Name, strings.Join(names, ", "), strings.Join(from.values, ", "), from.list, more)), values...)
}

// update writes the named columns of rows, which it finds by their ids. Without rows there is no statement.
func update[T any](b *bulk, rows []*T, columns ...string) {
	if len(rows) == 0 {
		return
	}
	table := b.tables.Get(reflect.TypeFor[T]())
	fields := []*schema.Field{table.LookupField("id")}
	for _, column := range columns {
		fields = append(fields, table.LookupField(column))
	}
	names, from, values := unnest(fields, rows)
	var set []string
	for i, name := range names[1:] {
		set = append(set, name+" = "+from.values[i+1])
	}
	b.Queue(fmt.Sprintf("UPDATE %s AS t SET %s %s WHERE t.id = v.id", table.Name, strings.Join(set, ", "), from.list),
		values...)
}

// remove deletes rows by their ids. Without ids there is no statement.
func remove[T any](b *bulk, ids []int64) {
	if len(ids) > 0 {
		b.Queue("DELETE FROM "+b.tables.Get(reflect.TypeFor[T]()).Name+" WHERE id = ANY ($1)", ids)
	}
}

// unnested is the part of a statement that makes rows v of arrays, and how the value of each column is named.
type unnested struct {
	list   string
	values []string
}

func unnest[T any](fields []*schema.Field, rows []*T) (names []string, from unnested, arrays []any) {
	all := make([]reflect.Value, 0, len(rows))
	for _, row := range rows {
		all = append(all, reflect.ValueOf(row).Elem())
	}
	var parameters []string
	for i, field := range fields {
		array, kind, cast := arrayOfColumn(field, all)
		names, arrays = append(names, field.Name), append(arrays, array)
		parameters = append(parameters, fmt.Sprintf("$%d::%s[]", i+1, kind))
		from.values = append(from.values, "v."+field.Name+cast)
	}
	from.list = "FROM unnest(" + strings.Join(parameters, ", ") + ") AS v (" + strings.Join(names, ", ") + ")"
	return names, from, arrays
}

// arrayOfColumn returns the values that rows have in a column, the type of PostgreSQL that they are passed
// as, and the cast to the type of the column where that is another one.
func arrayOfColumn(field *schema.Field, rows []reflect.Value) (array any, kind, cast string) {
	switch field.IndirectType {
	case reflect.TypeFor[time.Time]():
		return valuesOf(field, rows, interfaceOf[time.Time]), "timestamptz", ""
	case reflect.TypeFor[uuid.UUID]():
		return valuesOf(field, rows, func(v reflect.Value) [16]byte { return interfaceOf[uuid.UUID](v) }), "uuid", ""
	case reflect.TypeFor[[]uuid.UUID]():
		return valuesOf(field, rows, func(v reflect.Value) string {
			return arrayText(spelled(interfaceOf[[]uuid.UUID](v)))
		}), "text", "::uuid[]"
	}
	switch kind := field.IndirectType.Kind(); kind {
	case reflect.Bool:
		return valuesOf(field, rows, reflect.Value.Bool), "boolean", ""
	case reflect.Int, reflect.Int64:
		return valuesOf(field, rows, reflect.Value.Int), "bigint", ""
	case reflect.String:
		return valuesOf(field, rows, reflect.Value.String), "text", ""
	case reflect.Slice: // of texts
		return valuesOf(field, rows, func(v reflect.Value) string {
			list := make([]string, 0, v.Len())
			for i := range v.Len() {
				list = append(list, v.Index(i).String())
			}
			return arrayText(list)
		}), "text", "::text[]"
	default:
		panic(fmt.Sprintf("the column %s of the type %s cannot be written", field.Name, field.IndirectType))
	}
}

func interfaceOf[V any](v reflect.Value) V { return *v.Addr().Interface().(*V) }

func spelled[V fmt.Stringer](values []V) []string {
	list := make([]string, 0, len(values))
	for _, value := range values {
		list = append(list, value.String())
	}
	return list
}

// valuesOf returns the values of a column; where some may be null, as pointers.
func valuesOf[V any](field *schema.Field, rows []reflect.Value, value func(reflect.Value) V) any {
	if !field.IsPtr && !field.NullZero {
		values := make([]V, 0, len(rows))
		for _, row := range rows {
			values = append(values, value(row.FieldByIndex(field.Index)))
		}
		return values
	}
	values := make([]*V, 0, len(rows))
	for _, row := range rows {
		at := row.FieldByIndex(field.Index)
		if at.IsZero() {
			values = append(values, nil)
			continue
		}
		one := value(reflect.Indirect(at))
		values = append(values, &one)
	}
	return values
}
