package db

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Store reads and writes the database. It is safe for concurrent use.
type Store struct {
	db       *bun.DB
	now      func() time.Time
	identity identityKey
	outbox   Outbox // nil where the store is its own Interaction service
}

// New makes a Store on a migrated database, and reads the key by which agents are recognised, making one where there is none yet.
// Now tells the time of what is written; it is usually time.Now.
func New(ctx context.Context, db *bun.DB, now func() time.Time) (*Store, error) {
	key, err := loadKey(ctx, db, "identity")
	if err != nil {
		return nil, err
	}
	return &Store{db: db, now: now, identity: key}, nil
}

// NewBun gives bun a connection pool of database/sql, however it was made. Models and queries of this package work on it.
func NewBun(pool *sql.DB) *bun.DB {
	return bun.NewDB(pool, pgdialect.New())
}

// Connect opens a pool to the PostgreSQL at url (postgres://...). It fails with a message for the operator where the server
// cannot be reached, refuses the sign-in, or is older than MinimumVersion. The caller closes both.
func Connect(ctx context.Context, url string) (*pgxpool.Pool, *bun.DB, error) {
	pool, err := connectPool(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	return pool, NewBun(openFromPool(pool)), nil
}

// inTx runs fn in a transaction of the default isolation.
func (s *Store) inTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return s.db.RunInTx(ctx, nil, fn)
}

// attempts bounds how often a transaction begins again because it and another one waited for each other.
const attempts = 10

// retrying runs fn in a transaction, and again where PostgreSQL ended it to resolve a deadlock. It must keep nothing of an attempt that failed.
func (s *Store) retrying(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.inTx(ctx, fn)
		if err == nil || attempt == attempts || !isCollision(err) {
			return err
		}
	}
}
