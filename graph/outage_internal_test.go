package graph

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

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
