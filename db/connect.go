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
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// MinimumVersion is the oldest major version of PostgreSQL that is supported (design, section 10).
const MinimumVersion = 15

// Connect opens a pool with PoolOptions{}; see ConnectWith.
func Connect(ctx context.Context, url string) (*pgxpool.Pool, *bun.DB, error) {
	return ConnectWith(ctx, url, PoolOptions{})
}

// ConnectWith opens a pool to the PostgreSQL at url (postgres://...). It fails with a message for the operator
// where the server cannot be reached, refuses the sign-in, or is older than MinimumVersion. The caller closes
// both. Where url names several servers, sessions go to the one that takes changes, unless url says otherwise
// (target_session_attrs).
func ConnectWith(ctx context.Context, url string, options PoolOptions) (*pgxpool.Pool, *bun.DB, error) {
	pool, err := options.open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	if err := checkServer(ctx, pool); err != nil {
		pool.Close()
		return nil, nil, err
	}
	return pool, options.bun(pool), nil
}

// NewBun gives bun a connection pool of database/sql, however it was made. The queries of this package work
// on it.
func NewBun(pool *sql.DB) *bun.DB {
	return bun.NewDB(pool, pgdialect.New())
}

const connectTimeout = 10 * time.Second

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
