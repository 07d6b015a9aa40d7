package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
		// Somebody else has changed the tables, or discarded what was prepared.
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
		name, err := prepare(ctx, conn, asked.sql)
		if err != nil {
			return err
		}
		batch.ExecPrepared(name, values, binary, binary)
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

// prepare returns the name of a prepared statement. The connection remembers which it has.
func prepare(ctx context.Context, conn *pgx.Conn, sql string) (string, error) {
	remembered, _ := conn.PgConn().CustomData()[preparedKey].(map[string]string)
	if name, found := remembered[sql]; found {
		return name, nil
	}
	if len(remembered) >= mostPrepared {
		if err := discardPrepared(ctx, conn); err != nil {
			return "", err
		}
		remembered = nil
	}
	if remembered == nil {
		remembered = map[string]string{}
		conn.PgConn().CustomData()[preparedKey] = remembered
	}
	description, err := conn.Prepare(ctx, sql, sql)
	if err != nil {
		return "", err
	}
	remembered[sql] = description.Name
	return description.Name, nil
}

// preparedKey is where a connection remembers the names of its prepared statements.
const preparedKey = "prepared statements"

// discardPrepared discards all prepared statements of a connection.
func discardPrepared(ctx context.Context, conn *pgx.Conn) error {
	delete(conn.PgConn().CustomData(), preparedKey)
	return conn.DeallocateAll(ctx)
}

// one asks one question.
func (r *reader) one(ctx context.Context, asked question) error {
	return r.connected(ctx, func(conn *pgx.Conn) error { return r.ask(ctx, conn, []question{asked}) })
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
