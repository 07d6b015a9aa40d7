package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// MinimumVersion is the oldest major version of PostgreSQL that is supported (design, section 10).
const MinimumVersion = 15

// Connect opens a pool to the PostgreSQL at url (postgres://...). It fails with a message for the operator
// where the server cannot be reached, refuses the sign-in, or is older than MinimumVersion. The caller closes
// both.
func Connect(ctx context.Context, url string) (*pgxpool.Pool, *bun.DB, error) {
	pool, err := connectPool(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	return pool, NewBun(stdlib.OpenDBFromPool(pool)), nil
}

// NewBun gives bun a connection pool of database/sql, however it was made. The queries of this package work
// on it.
func NewBun(pool *sql.DB) *bun.DB {
	return bun.NewDB(pool, pgdialect.New())
}

const connectTimeout = 10 * time.Second

func connectPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		const message = "DATABASE_URL is not a PostgreSQL address; it should read postgres://USER@HOST:PORT/DATABASE"
		return nil, errors.New(message)
	}
	// bun writes arguments into the statement, so a statement cache would only fill up with statements that
	// never come again.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := checkServer(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var version int
	if err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return explainConnect(pool.Config().ConnConfig, err)
	}
	return checkVersion(version)
}

func checkVersion(number int) error {
	if major := number / 10000; major < MinimumVersion {
		return fmt.Errorf("the PostgreSQL server is version %d; version %d or later is needed", major, MinimumVersion)
	}
	return nil
}

// explainConnect says what to look at. It repeats neither the password nor the rest of the address.
func explainConnect(config *pgx.ConnConfig, err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return fmt.Errorf(
			"PostgreSQL at %s refuses: %s (SQLSTATE %s); check user, password and database in DATABASE_URL",
			address(config), refused.Message, refused.Code)
	}
	return fmt.Errorf(
		"cannot reach PostgreSQL at %s: check that it runs, and the host and port in DATABASE_URL: %w",
		address(config), rootCause(err))
}

func address(config *pgx.ConnConfig) string {
	return net.JoinHostPort(config.Host, fmt.Sprint(config.Port))
}

func rootCause(err error) error {
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", connectTimeout)
	}
	return errors.New("the connection failed")
}
