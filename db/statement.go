package db

import (
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// statement is the text of a query with its arguments, $1 and so on, which are written into it one after the other.
type statement struct {
	text      strings.Builder
	arguments []any
	// varies says that the best plan depends on the arguments, so that PostgreSQL has to plan it anew each time.
	varies bool
}

// write appends to the text. Every ? in it stands for one of the values.
func (s *statement) write(text string, values ...any) {
	for i, part := range strings.Split(text, "?") {
		if i > 0 {
			s.arguments = append(s.arguments, values[i-1])
			fmt.Fprintf(&s.text, "$%d", len(s.arguments))
		}
		s.text.WriteString(part)
	}
}

// and appends a condition, the first one with WHERE.
func (s *statement) and(condition string, values ...any) {
	if strings.Contains(s.text.String(), "\nWHERE ") {
		s.write("\n  AND "+condition, values...)
	} else {
		s.write("\nWHERE "+condition, values...)
	}
}

// encoded are the arguments in PostgreSQL's binary format, with the types that they have.
func encoded(arguments []any, types *pgtype.Map) (values [][]byte, oids []uint32, err error) {
	for _, argument := range arguments {
		oid, err := oidOf(argument)
		if err != nil {
			return nil, nil, err
		}
		value, err := types.Encode(oid, pgtype.BinaryFormatCode, argument, []byte{})
		if err != nil {
			return nil, nil, err
		}
		values, oids = append(values, value), append(oids, oid)
	}
	return values, oids, nil
}

func oidOf(argument any) (uint32, error) {
	switch argument.(type) {
	case int32:
		return pgtype.Int4OID, nil
	case int64:
		return pgtype.Int8OID, nil
	case bool:
		return pgtype.BoolOID, nil
	case string:
		return pgtype.TextOID, nil
	case time.Time:
		return pgtype.TimestamptzOID, nil
	case []int64:
		return pgtype.Int8ArrayOID, nil
	case []string:
		return pgtype.TextArrayOID, nil
	}
	return 0, fmt.Errorf("an argument of the type %T has no type in PostgreSQL", argument)
}
