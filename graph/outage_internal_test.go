package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
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

// What is logged of an error does not say where it arose: that is told in the client's own words.
func TestTheLogHasNoAliases(t *testing.T) {
	t.Parallel()
	path := ast.Path{ast.PathName("secret"), ast.PathIndex(1)}
	for name, err := range map[string]error{
		"once":  gqlerror.WrapPath(path, errors.New("broken")),
		"twice": gqlerror.WrapPath(path, gqlerror.WrapPath(path, errors.New("broken"))),
		"below": fmt.Errorf("of secret: %w", gqlerror.WrapPath(path, errors.New("broken"))),
		"alone": &gqlerror.Error{Message: "broken", Path: path},
	} {
		if got := described(err); got != "broken" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
