// Package db is the one place that knows SQL: the queries and transactions on the tables, by noun. It knows
// nothing of GraphQL, and decides nothing: packages compliance and conversation hold the rules, whose results
// it applies. The types of package conversation are rows as they are; the mapper names their tables after
// them.
//
// A Store is the way in. Each of its methods that changes something is one transaction, which holds the
// change and its audit event. Methods that show conversations take an Access, and treat what it does not
// cover as if it did not exist.
package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
	"qm-compliance/telemetry"
)

// Store reads and writes the database. It is safe for concurrent use.
type Store struct {
	db       *bun.DB
	now      func() time.Time
	identity identityKey
	facets   facetKey
	outbox   Outbox  // nil where the store is its own Interaction service
	runners  Runners // nil where nobody works in the background
	reader   *reader
	// jobLimits bound the plans of jobs.
	jobLimits JobLimits
}

// New makes a Store on a migrated database, and reads the key by which agents are recognised, making one
// where there is none yet. Now tells the time of what is written; it is usually time.Now.
func New(ctx context.Context, db *bun.DB, now func() time.Time) (*Store, error) {
	key, err := loadKey(ctx, db, "identity")
	if err != nil {
		return nil, err
	}
	facets, err := loadKey(ctx, db, "facets")
	if err != nil {
		return nil, err
	}
	reader := &reader{db: db, relations: newRelations(), keys: new(keyMemory)}
	return &Store{db: db, now: now, identity: key, facets: facets, reader: reader}, nil
}

// CountingReads is the store, which calls counted with the number of statements in each round trip that reads
// conversations. They go by bun's hooks.
func (s *Store) CountingReads(counted func(statements int)) *Store {
	same, reader := *s, *s.reader
	reader.counted = counted
	same.reader = &reader
	return &same
}

// transaction is one of bun's, with the connection that it is on, so that several statements can go to the
// server at once.
type transaction struct {
	bun.Tx
	conn bun.Conn
	// counted is called with the number of statements of each batch; it may be nil.
	counted func(statements int)
}

// inTx runs fn in a transaction of the default isolation.
func (s *Store) inTx(ctx context.Context, fn func(ctx context.Context, tx transaction) error) error {
	return s.inTxAs(ctx, nil, fn)
}

// atOneInstant runs fn in a transaction that reads everything as it is at one instant, and changes nothing.
func (s *Store) atOneInstant(ctx context.Context, fn func(ctx context.Context, tx transaction) error) error {
	return s.inTxAs(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
}

func (s *Store) inTxAs(
	ctx context.Context, options *sql.TxOptions, fn func(ctx context.Context, tx transaction) error,
) error {
	ctx, span := telemetry.Start(ctx, "transaction")
	defer span.End()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	var counted func(int)
	if s.reader != nil {
		counted = s.reader.counted
	}
	return conn.RunInTx(ctx, options, func(ctx context.Context, tx bun.Tx) error {
		return fn(ctx, transaction{tx, conn, counted})
	})
}

// send sends the statements of a batch in one round trip, runs meanwhile while the server works on them, and
// then reads the results. The first time a connection has a statement, it is prepared, which takes a round trip
// more. Meanwhile may be nil; it must not use the transaction.
func (t transaction) send(ctx context.Context, batch *pgx.Batch, meanwhile func() error) error {
	return t.conn.Raw(func(driver any) error {
		native, is := driver.(interface{ Conn() *pgx.Conn })
		if !is {
			return errNotPgx()
		}
		conn := native.Conn()
		for _, query := range batch.QueuedQueries {
			if _, err := conn.Prepare(ctx, query.SQL, query.SQL); err != nil {
				return err
			}
		}
		if t.counted != nil {
			t.counted(batch.Len())
		}
		results := conn.SendBatch(ctx, batch)
		var err error
		if meanwhile != nil {
			err = meanwhile()
		}
		err = errors.Join(err, results.Close())
		if !mayPrepare(conn) || isStale(err) {
			return errors.Join(err, forgetBatch(ctx, conn, batch))
		}
		return err
	})
}

func errNotPgx() error { return errors.New("the connection is none of pgx") }

// forgetBatch discards the prepared statements of a batch. A pooler keeps the session of a transaction until it ends, so
// that they are discarded where they were prepared; that works in a transaction that has failed, too.
func forgetBatch(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch) error {
	if conn.IsClosed() {
		return nil
	}
	var errs []error
	for _, query := range batch.QueuedQueries {
		errs = append(errs, conn.Deallocate(ctx, query.SQL))
	}
	return errors.Join(errs...)
}

// attempts bounds how often a transaction begins again because it and another one waited for each other.
const attempts = 10

// retrying runs fn in a transaction, and again where PostgreSQL ended it to resolve a deadlock. Fn must keep
// nothing of an attempt that failed.
func (s *Store) retrying(ctx context.Context, fn func(ctx context.Context, tx transaction) error) error {
	for attempt := 1; ; attempt++ {
		err := s.inTx(ctx, fn)
		if err == nil || attempt == attempts || !isCollision(err) {
			return err
		}
	}
}

// isCollision reports whether PostgreSQL ended a transaction because it and another one stood in each other's
// way; begun again it succeeds.
func isCollision(err error) bool {
	const deadlock, serialization = "40P01", "40001"
	code := RefusalCode(err)
	return code == deadlock || code == serialization
}

// RefusalCode returns the SQLSTATE of an error of PostgreSQL, "" for any other. Its message and details may
// repeat values, and must not be shown.
func RefusalCode(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// each returns a value of each row, for the array that a statement takes.
func each[T, V any](rows []*T, value func(*T) V) []V {
	values := make([]V, 0, len(rows))
	for _, row := range rows {
		values = append(values, value(row))
	}
	return values
}

// arrayText is a list as PostgreSQL reads an array of texts: a list for each row cannot be passed otherwise, since
// arrays of arrays have one length.
func arrayText[T ~string](list []T) string {
	text := []byte{'{'}
	for i, element := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, '"')
		for at := range len(element) {
			if element[at] == '"' || element[at] == '\\' {
				text = append(text, '\\')
			}
			text = append(text, element[at])
		}
		text = append(text, '"')
	}
	return string(append(text, '}'))
}

// insertRows inserts rows in one statement, and fills in the ids that they get; none is no statement.
func insertRows[T any](ctx context.Context, tx bun.IDB, rows []*T) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

// conversationIDs returns the ids of conversations, in their order.
func conversationIDs(rows []*conversation.Conversation) []int64 {
	ids := make([]int64, 0, len(rows))
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids
}
