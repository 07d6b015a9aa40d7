package db

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
)

// reader asks several questions in one round trip, and decodes the answers by itself, from PostgreSQL's binary format.
// Statements whose plan does not depend on their arguments are prepared, once a connection. It is what the lists of
// conversations are read by; everything else goes through bun.
type reader struct {
	db *bun.DB
	// relations describe what is read of conversations.
	relations *relations
	keys      *keyMemory
	// counted is called with the number of statements of each round trip; it may be nil.
	counted func(statements int)
}

// question is a statement with what is done with its answer.
type question struct {
	sql       string
	arguments []any
	varies    bool
	receive   func(*rows) error
}

func (s *statement) question(columns string, receive func(*rows) error) question {
	return question{columns + s.text.String(), s.arguments, s.varies, receive}
}

// ask sends the questions in one round trip, but for those that have to be prepared first.
func (r *reader) ask(ctx context.Context, conn *pgx.Conn, questions []question) error {
	err := r.send(ctx, conn, questions, mayPrepare(conn))
	if isStale(err) {
		// Another session has changed the tables, or a pooler has discarded what was prepared.
		if err := discardPrepared(ctx, conn); err != nil {
			return err
		}
		return r.send(ctx, conn, questions, false)
	}
	return err
}

// isStale reports whether a prepared statement cannot be used any more.
func isStale(err error) bool {
	const changed, unknown = "0A000", "26000"
	code := RefusalCode(err)
	return code == changed || code == unknown
}

func (r *reader) send(ctx context.Context, conn *pgx.Conn, questions []question, prepares bool) error {
	batch := &pgconn.Batch{}
	binary := []int16{pgx.BinaryFormatCode}
	for _, asked := range questions {
		values, types, err := encoded(asked.arguments, conn.TypeMap())
		if err != nil {
			return err
		}
		if !prepares || asked.varies {
			batch.ExecParams(asked.sql, values, types, binary, binary)
			continue
		}
		prepared, err := prepare(ctx, conn, asked.sql)
		if err != nil {
			return err
		}
		batch.ExecStatement(prepared, values, binary, binary)
	}
	if r.counted != nil {
		r.counted(len(questions))
	}
	results := conn.PgConn().ExecBatch(ctx, batch)
	var err error
	for _, asked := range questions {
		if err != nil || !results.NextResult() {
			break
		}
		err = asked.receive(&rows{ResultReader: results.ResultReader()})
	}
	return errors.Join(err, results.Close())
}

// mostPrepared is how many statements a connection keeps. More of them are only made by clients that never ask for the
// same columns twice.
const mostPrepared = 200

// prepare returns a prepared statement. The connection remembers which it has, with their columns, so that PostgreSQL
// does not describe them each time.
func prepare(ctx context.Context, conn *pgx.Conn, sql string) (*pgconn.StatementDescription, error) {
	type statements = map[string]*pgconn.StatementDescription
	remembered, _ := conn.PgConn().CustomData()[preparedKey].(statements)
	if prepared, found := remembered[sql]; found {
		return prepared, nil
	}
	if len(remembered) >= mostPrepared {
		if err := discardPrepared(ctx, conn); err != nil {
			return nil, err
		}
		remembered = nil
	}
	if remembered == nil {
		remembered = statements{}
		conn.PgConn().CustomData()[preparedKey] = remembered
	}
	prepared, err := conn.Prepare(ctx, sql, sql)
	if err != nil {
		return nil, err
	}
	remembered[sql] = prepared
	return prepared, nil
}

// preparedKey is where a connection remembers its prepared statements.
const preparedKey = "prepared statements"

// discardPrepared discards all prepared statements of a connection.
func discardPrepared(ctx context.Context, conn *pgx.Conn) error {
	delete(conn.PgConn().CustomData(), preparedKey)
	return conn.DeallocateAll(ctx)
}

// one asks one question.
func (r *reader) one(ctx context.Context, asked question) error {
	return r.several(ctx, []question{asked})
}

// several asks questions in one round trip.
func (r *reader) several(ctx context.Context, asked []question) error {
	return r.connected(ctx, func(conn *pgx.Conn) error { return r.ask(ctx, conn, asked) })
}

// connected runs read on a connection of the pool.
func (r *reader) connected(ctx context.Context, read func(*pgx.Conn) error) error {
	conn, err := r.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error {
		native, is := driver.(interface{ Conn() *pgx.Conn })
		if !is {
			return errors.New("the connection is none of pgx")
		}
		return read(native.Conn())
	})
}

// rows are the answer to a question.
type rows struct {
	*pgconn.ResultReader
	texts arena
	row   row
}

// next reads the next row; it returns nil at the end.
func (r *rows) next() *row {
	if !r.NextRow() {
		return nil
	}
	r.row = row{values: r.Values(), texts: &r.texts, err: r.row.err}
	return &r.row
}

func (r *rows) close() error {
	_, err := r.Close()
	return errors.Join(err, r.row.err)
}

// statement is the text of a query with its arguments, $1 and so on, which are written into it one after the other.
type statement struct {
	text      strings.Builder
	arguments []any
	// varies says that the best plan depends on the arguments, so that PostgreSQL has to plan it anew each time.
	varies bool
	// narrowed says that it has a condition.
	narrowed bool
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

// append appends a statement to one that has no arguments yet.
func (s *statement) append(other *statement) {
	s.text.WriteString(other.text.String())
	s.arguments = append(s.arguments, other.arguments...)
}

// and appends a condition, the first one with WHERE.
func (s *statement) and(condition string, values ...any) {
	if s.narrowed {
		s.write("\n  AND "+condition, values...)
	} else {
		s.write("\nWHERE "+condition, values...)
	}
	s.narrowed = true
}

// within is a statement around this one.
func (s *statement) within(before, after string) *statement {
	around := &statement{arguments: s.arguments, varies: s.varies}
	around.text.WriteString(before + s.text.String() + after)
	return around
}

// encoded are the arguments in PostgreSQL's binary format, with the types that they have.
func encoded(arguments []any, types *pgtype.Map) (values [][]byte, oids []uint32, err error) {
	for _, argument := range arguments {
		oid, err := oidOf(argument)
		if err != nil {
			return nil, nil, err
		}
		if list, is := argument.([]int64); is {
			values, oids = append(values, arrayOf(list)), append(oids, oid)
			continue
		}
		value, err := types.Encode(oid, pgtype.BinaryFormatCode, argument, []byte{})
		if err != nil {
			return nil, nil, err
		}
		values, oids = append(values, value), append(oids, oid)
	}
	return values, oids, nil
}

// arrayOf is an array of bigint in the binary format: dimensions, whether there is a NULL, the type; the length and the
// lower bound of the dimension; then each element after its size.
func arrayOf(list []int64) []byte {
	b := make([]byte, 0, 20+12*len(list))
	for _, part := range []uint32{1, 0, pgtype.Int8OID, uint32(len(list)), 1} {
		b = binary.BigEndian.AppendUint32(b, part)
	}
	for _, n := range list {
		b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), uint64(n))
	}
	return b
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
	case []int32:
		return pgtype.Int4ArrayOID, nil
	case []int64:
		return pgtype.Int8ArrayOID, nil
	case []string:
		return pgtype.TextArrayOID, nil
	}
	return 0, fmt.Errorf("an argument of the type %T has no type in PostgreSQL", argument)
}
