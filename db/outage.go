package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
)

// Outage is the way in which the database is unavailable. Its text is a reason for an operator.
type Outage string

const (
	// Available is no outage: the error is about the request, or a fault of the program.
	Available Outage = ""
	// Gone means that the server cannot be reached, refuses the session, or has cut it: it is stopped,
	// starting, recovering or failing over, or the network is. Whether a change that was under way has happened
	// is unknown; a read can be repeated.
	Gone Outage = "the database cannot be reached"
	// ReadOnly means that the server takes no changes: it is a standby, or set to read-only.
	ReadOnly Outage = "the database is read-only"
	// Slow means that the server gave a statement up after a time limit of its own.
	Slow Outage = "a statement exceeded the time limit of the database"
	// Busy means that no connection was free in time, or that the server has no place for one more.
	Busy Outage = "all connections to the database are in use"
	// Full means that the server lacks room on its disk, or memory, or cannot use its disk.
	Full Outage = "the database is out of disk space, or cannot use its disk"
)

var (
	// ErrBusy means that no connection of the pool became free in time.
	ErrBusy = errors.New("no database connection became free in time")
	// ErrReadOnly means that a server takes no changes.
	ErrReadOnly = errors.New("the database is read-only")
)

// Unavailable returns the outage that err, which this package returned, tells of; Available for every other error,
// and for nil. It is the one place that knows: callers answer an outage with "try again later". A context that has
// ended is no outage, because the caller has ended it.
func Unavailable(err error) Outage {
	if err == nil {
		return Available
	}
	if code := RefusalCode(err); code != "" {
		if outage := outageOf(code); outage != Available {
			return outage
		}
		if isConnectError(err) {
			return Gone // such as a password that was changed
		}
		return Available
	}
	switch {
	case errors.Is(err, ErrBusy):
		return Busy
	case errors.Is(err, ErrReadOnly), errors.Is(err, pgconn.ErrReadOnlyConnection):
		return ReadOnly
	case isConnectError(err), isCut(err):
		return Gone
	}
	return Available
}

// outageOf returns the outage that an SQLSTATE tells of.
func outageOf(code string) Outage {
	switch code {
	case "25P03", // idle_in_transaction_session_timeout
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
		"57P04", // database_dropped
		"57P05": // idle_session_timeout
		return Gone
	case "25006": // read_only_sql_transaction
		return ReadOnly
	case "25P04", // transaction_timeout
		"55P03", // lock_not_available
		"57014": // query_canceled, by statement_timeout or an administrator
		return Slow
	case "53300", // too_many_connections
		"53400": // configuration_limit_exceeded
		return Busy
	case "53000", // insufficient_resources
		"53100", // disk_full
		"53200", // out_of_memory
		"58030": // io_error
		return Full
	}
	if strings.HasPrefix(code, "08") { // connection exceptions
		return Gone
	}
	return Available
}

// isConnectError reports whether no session came about. Where the caller's context ended meanwhile, the caller
// gave up.
func isConnectError(err error) bool {
	var failed *pgconn.ConnectError
	return errors.As(err, &failed) && !errors.Is(err, context.Canceled)
}

// isCut reports whether a session ended under a statement, or before it.
func isCut(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	for _, cut := range []error{
		pgconn.ErrConnClosed, driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET,
		syscall.EPIPE, syscall.ECONNABORTED,
	} {
		if errors.Is(err, cut) {
			return true
		}
	}
	var network *net.OpError
	return errors.As(err, &network)
}

// Probe looks at the database over a connection of its own, so that it gets an answer however many statements
// keep the others busy. It is safe for concurrent use; calls take turns.
type Probe struct {
	watched, own *pgxpool.Pool
	bun          *bun.DB
}

// NewProbe makes a probe for the database of a pool. It connects when it is used. The caller closes it.
func NewProbe(ctx context.Context, watched *pgxpool.Pool) (*Probe, error) {
	config := watched.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	own, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Probe{watched: watched, own: own, bun: PoolOptions{}.bun(own)}, nil
}

// Writable returns nil where the database takes changes, ErrReadOnly where it takes none, and any other error
// where it cannot be asked. Where it takes none, the probe and the pool that it watches open new connections,
// which go to the new primary if the address names it.
func (p *Probe) Writable(ctx context.Context) error {
	const query = "SELECT current_setting('transaction_read_only')::boolean OR pg_is_in_recovery()"
	var readOnly bool
	if err := p.own.QueryRow(ctx, query).Scan(&readOnly); err != nil {
		return err
	}
	if !readOnly {
		return nil
	}
	p.own.Reset()
	p.watched.Reset()
	return ErrReadOnly
}

// Database is the probe's connection, for further questions.
func (p *Probe) Database() *bun.DB { return p.bun }

// Close closes the connection.
func (p *Probe) Close() error {
	err := p.bun.Close()
	p.own.Close()
	return err
}

// IsRefusal reports whether err says that PostgreSQL does not store this data, rather than that it is unable to
// do its work: without the data that it refuses it would go on.
func IsRefusal(err error) bool {
	code := RefusalCode(err)
	switch {
	case len(code) < 2:
		return false
	case code == "XX000": // an internal error, such as a value that needs more memory than one may have
		return true
	}
	switch code[:2] {
	case "21", // cardinality violations
		"22", // data exceptions
		"23", // violations of constraints
		"44", // violations of a view's check option
		"54", // limits of the program, such as the size of an index entry
		"P0": // what a trigger of the server's operator raises
		return true
	}
	return false
}

// Explain says in words for an operator what PostgreSQL says, or that there is no way to it; "" for an error that
// is not known to be the database's. It repeats nothing of the values in a statement, as PostgreSQL's own message may.
func Explain(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return inWords(refused)
	}
	if isConnectError(err) {
		return string(Gone)
	}
	return ""
}

// inWords says what an error of PostgreSQL means, and where it arose, as far as it says.
func inWords(refused *pgconn.PgError) string {
	text := meaning(refused.Code)
	if refused.TableName != "" {
		text += ", table " + refused.TableName
	}
	if refused.ConstraintName != "" {
		text += ", constraint " + refused.ConstraintName
	}
	return text + " (SQLSTATE " + refused.Code + ")"
}

// meaning is that of an SQLSTATE, or else of its class.
func meaning(code string) string {
	for _, known := range meanings() {
		if strings.HasPrefix(code, known.code) {
			return known.words
		}
	}
	return "the database refused the statement"
}

// meanings are those of SQLSTATEs and of their classes, which come after their members.
func meanings() []struct{ code, words string } {
	return []struct{ code, words string }{
		{"08", "the connection to the database broke"},
		{"22", "the database cannot store such a value"},
		{"23", "the data breaks a rule of the database"},
		{"25006", "the database accepts no changes: it is a standby or read-only"},
		{"28", "the database rejected the user or the password"},
		{"3D", "the database does not exist"},
		{"40", "transactions conflicted too often"},
		{"42501", "the user of the database lacks a privilege"},
		{"42", "the tables do not match this version of the program; run the command migrate"},
		{"53100", "the disk of the database is full; free some space"},
		{"53200", "the database server is out of memory"},
		{"53300", "the database server has no free connection; raise max_connections"},
		{"53", "the database server lacks resources"},
		{"54", "the value is larger than the database can store or index"},
		{"55P03", "a lock was not released in time"},
		{"57014", "the database cancelled a statement that took too long"},
		{"57P03", "the database is starting up or shutting down"},
		{"57P0", "the database was shut down or restarted"},
		{"58", "the database cannot read or write its files; check its log"},
		{"XX001", "the files of the database are damaged; check its log"},
		{"XX002", "an index of the database is damaged; check its log"},
		{"XX", "the database reports an internal error; check its log"},
		{"P0", "a trigger of the database rejected the data"},
	}
}
