package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/postgres/postgrestest"
)

// What PostgreSQL answers, by its SQLSTATE: the outages, their neighbours in the same class that are none, and
// codes of the kind that ought to be answered otherwise.
func TestOutagesBySQLSTATE(t *testing.T) {
	t.Parallel()
	for want, codes := range map[Outage][]string{
		Gone: {"08000", "08001", "08003", "08004", "08006", "08007", "08P01", "25P03", "57P01", "57P02", "57P03",
			"57P04", "57P05"},
		ReadOnly: {"25006"},
		Slow:     {"25P04", "55P03", "57014"},
		Busy:     {"53300", "53400"},
		Full:     {"53000", "53100", "53200", "58030"},
		Available: {"22001", "22P02", "23505", "25001", "25P02", "40001", "40P01", "42501", "42601", "42P01", "54000",
			"55006", "57000", "XX000", "XX001", "P0001", "0A000", "28P01", "3D000", ""},
	} {
		for _, code := range codes {
			refused := &pgconn.PgError{Code: code}
			for _, err := range []error{
				refused, fmt.Errorf("read settings: %w", refused), errors.Join(errors.New("first"), refused),
			} {
				if got := Unavailable(err); got != want {
					t.Errorf("%q, as %T: %q, want %q", code, err, got, want)
				}
			}
		}
	}
}

// What the network and the pool answer.
func TestOutagesWithoutSQLSTATE(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, unreachable := pgconn.Connect(t.Context(), "postgres://user@127.0.0.1:1/x")
	_, givenUp := pgconn.Connect(ended, "postgres://user@127.0.0.1:1/x")
	for name, row := range map[string]struct {
		err  error
		want Outage
	}{
		"nothing":                   {nil, Available},
		"unreachable":               {unreachable, Gone},
		"given up while connecting": {givenUp, Available},
		"closed by the driver":      {fmt.Errorf("query: %w", pgconn.ErrConnClosed), Gone},
		"bad connection":            {driver.ErrBadConn, Gone},
		"connection done":           {sql.ErrConnDone, Gone},
		"cut in an answer":          {io.ErrUnexpectedEOF, Gone},
		"reset": {&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)},
			Gone},
		"broken pipe":         {os.NewSyscallError("write", syscall.EPIPE), Gone},
		"closed network":      {net.ErrClosed, Gone},
		"only a read-only":    {pgconn.ErrReadOnlyConnection, ReadOnly},
		"the probe":           {fmt.Errorf("ready: %w", ErrReadOnly), ReadOnly},
		"no free connection":  {ErrBusy, Busy},
		"cancelled":           {context.Canceled, Available},
		"out of time":         {context.DeadlineExceeded, Available},
		"no rows":             {sql.ErrNoRows, Available},
		"transaction is done": {sql.ErrTxDone, Available},
		"the user's":          {&compliance.Error{}, Available},
	} {
		if got := Unavailable(row.err); got != row.want {
			t.Errorf("%s (%v): %q, want %q", name, row.err, got, row.want)
		}
	}
}

// While nobody gives a connection back, one waits for it in vain, and others fail without a wait; when
// connections are free again, everything is well.
func TestWaitingForConnectionsInVain(t *testing.T) {
	t.Parallel()
	const wait = 2 * time.Second
	pool, database, err := ConnectWith(t.Context(), postgrestest.URL(t), PoolOptions{Connections: 2, Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close(); pool.Close() })
	var held []bun.Tx
	for range 2 {
		tx, err := database.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, tx)
	}
	const many = 100
	begun := time.Now()
	for range many {
		if _, err := database.ExecContext(t.Context(), `SELECT 1`); !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
	}
	if took := time.Since(begun); took < wait || took > many*wait/4 {
		t.Errorf("%d failed after %s", many, took)
	}
	for _, tx := range held {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := database.ExecContext(t.Context(), `SELECT 1`); err != nil {
			t.Error(err)
		}
	}
}
