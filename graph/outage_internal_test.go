package graph

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestOutages says what is the database's fault, and after what a read can be tried again.
func TestOutages(t *testing.T) {
	t.Parallel()
	code := func(code string) error { return fmt.Errorf("in a statement: %w", &pgconn.PgError{Code: code}) }
	for name, row := range map[string]struct {
		err          error
		outage, dead bool
	}{
		"connection_failure":        {code("08006"), true, true},
		"cannot_connect":            {code("08001"), true, true},
		"admin_shutdown":            {code("57P01"), true, true},
		"crash_shutdown":            {code("57P02"), true, true},
		"cannot_connect_now":        {code("57P03"), true, true},
		"idle_session_timeout":      {code("57P05"), true, true},
		"query_canceled":            {code("57014"), true, false},
		"read_only":                 {code("25006"), true, false},
		"too_many_connections":      {code("53300"), true, false},
		"disk_full":                 {code("53100"), true, false},
		"unique_violation":          {code("23505"), false, false},
		"syntax_error":              {code("42601"), false, false},
		"deadlock":                  {code("40P01"), false, false},
		"insufficient_privilege":    {code("42501"), false, false},
		"broken off":                {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true, true},
		"bad connection":            {driver.ErrBadConn, true, true},
		"connection done":           {sql.ErrConnDone, true, true},
		"closed":                    {net.ErrClosed, true, true},
		"refused":                   {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true, true},
		"cannot be reached":         {&pgconn.ConnectError{Config: &pgconn.Config{}}, true, true},
		"no rows":                   {sql.ErrNoRows, false, false},
		"something of this program": {errors.New("oops"), false, false},
	} {
		if got := isOutage(row.err); got != row.outage {
			t.Errorf("%s: outage %v", name, got)
		}
		if got := isDeadConnection(row.err); got != row.dead {
			t.Errorf("%s: dead %v", name, got)
		}
	}
}

// An outage is said at once, and then every few seconds with the number of operations that failed.
func TestTheLogOfAnOutage(t *testing.T) {
	t.Parallel()
	text, now := new(bytes.Buffer), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	outages := &outageLog{logger: slog.New(slog.NewTextHandler(text, nil)), now: func() time.Time { return now }}
	for range 10 {
		for range 1000 {
			outages.failed(context.Background(), &pgconn.PgError{Code: "57P01", Message: "secret"})
		}
		now = now.Add(time.Second)
	}
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], "failed=1 ") || !strings.Contains(lines[1], "failed=5000 ") || strings.Contains(text.String(), "secret") {
		t.Errorf("%s", text)
	}
}
