package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
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
			"PostgreSQL at %s refused the connection: %s (SQLSTATE %s); check user, password and database in DATABASE_URL",
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
	var unknown *net.DNSError
	if errors.As(err, &unknown) && unknown.IsNotFound {
		return errors.New("no such host")
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", connectTimeout)
	}
	return errors.New("the connection failed")
}

// PoolOptions bound what a program asks of PostgreSQL at once. A zero leaves a bound out, or to the machine.
type PoolOptions struct {
	// Connections is the largest number of connections; 0 means pool_max_conns in the address, or else what
	// fits the machine.
	Connections int
	// Wait is how long a statement or a transaction waits for a free connection before it fails with ErrBusy. When
	// one has waited in vain, others fail without a wait, until connections are free again within half of Wait.
	Wait time.Duration
	// Statement is how long PostgreSQL lets one statement run.
	Statement time.Duration
	// Unprepared sends every statement whole, for a pooler before PostgreSQL that keeps no prepared statements, such
	// as PgBouncer in transaction mode.
	Unprepared bool
	// Traced gives every statement a span, below that of its context.
	Traced bool
}

// open makes the pool; it connects when it is used.
func (o PoolOptions) open(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		const message = "DATABASE_URL is not a PostgreSQL address; it should look like postgres://USER@HOST:PORT/DATABASE"
		return nil, errors.New(message)
	}
	switch {
	case o.Connections > 0:
		config.MaxConns = int32(min(o.Connections, mostConnections))
	case !strings.Contains(address, "pool_max_conns"):
		config.MaxConns = int32(connectionsFor(runtime.GOMAXPROCS(0)))
	}
	config.PingTimeout = pingTimeout
	// bun writes arguments into the statement, so a cache of all statements would only fill up with statements that
	// never come again; what is prepared is prepared by name.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.ConnConfig.ValidateConnect == nil && severalServers(config.ConnConfig) {
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	config.AfterConnect = o.begin
	watcher := &watcher{traced: o.Traced}
	config.ConnConfig.Tracer = watcher
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	watcher.pool.Store(pool)
	return pool, nil
}

const (
	// mostConnections is more than any PostgreSQL has places for.
	mostConnections = 10_000
	// pingTimeout is how long a connection that was idle may take to answer before another one is opened.
	pingTimeout = 5 * time.Second
)

// connectionsFor returns how many connections fit a machine with so many processors: enough that a few slow
// statements leave room for the quick ones, and few enough for several programs on one PostgreSQL, which has
// 100 places by default.
func connectionsFor(processors int) int { return min(max(10, 4*processors), 30) }

// severalServers reports whether an address names more than one server. The same server with and without TLS
// counts once.
func severalServers(config *pgx.ConnConfig) bool {
	for _, other := range config.Fallbacks {
		if other.Host != config.Host || other.Port != config.Port {
			return true
		}
	}
	return false
}

// begin sets a session up. The limit is set by a statement: a pooler before PostgreSQL, such as PgBouncer, refuses it
// among the parameters of the sign-in.
func (o PoolOptions) begin(ctx context.Context, conn *pgx.Conn) error {
	if o.Unprepared {
		conn.PgConn().CustomData()[unpreparedKey] = true
	}
	if o.Statement <= 0 {
		return nil
	}
	_, err := conn.Exec(ctx, fmt.Sprintf("SET statement_timeout = %d", o.Statement.Milliseconds()))
	return err
}

// unpreparedKey marks a connection on which no statement may be prepared.
const unpreparedKey = "unprepared"

func mayPrepare(conn *pgx.Conn) bool { return conn.PgConn().CustomData()[unpreparedKey] == nil }

// bun gives bun the pool, with a bounded wait for a connection.
func (o PoolOptions) bun(pool *pgxpool.Pool) *bun.DB {
	shared := sql.OpenDB(&patient{Connector: stdlib.GetPoolConnector(pool), pool: pool, wait: o.Wait})
	shared.SetMaxIdleConns(0) // the pool below keeps idle connections
	return NewBun(shared)
}

// patient waits for a connection for a limited time.
type patient struct {
	driver.Connector
	pool *pgxpool.Pool
	wait time.Duration
	// inVain is whether the last one to wait has waited in vain, or nearly so.
	inVain atomic.Bool
}

// Connect takes a connection from the pool.
func (p *patient) Connect(ctx context.Context) (driver.Conn, error) {
	if p.wait <= 0 {
		return p.Connector.Connect(ctx)
	}
	if state := p.pool.Stat(); p.inVain.Load() && state.AcquiredConns() >= state.MaxConns() {
		return nil, ErrBusy
	}
	begun := time.Now()
	waiting, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	conn, err := p.Connector.Connect(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		p.inVain.Store(true)
		return nil, ErrBusy
	}
	if err == nil && 2*time.Since(begun) <= p.wait {
		p.inVain.Store(false)
	}
	return conn, err
}
