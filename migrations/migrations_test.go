package migrations_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	postgrestest.Main(m, func(context.Context, string) error { return nil })
}

// steps counts the migrations: one of this program, eight of the job queue.
const steps = 9

// Several replicas that start at once migrate one after the other: each step is applied once, and nobody fails.
func TestSeveralAtOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	applied := 0
	for range 6 {
		group.Go(func() {
			pool, bun, err := db.Connect(context.Background(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			defer func() { _ = bun.Close() }()
			names, err := migrations.Run(context.Background(), bun)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			applied += len(names)
		})
	}
	group.Wait()
	if applied != steps {
		t.Errorf("%d steps were applied", applied)
	}
}

// Pending tells what is lacking without changing anything, and nothing once it is applied.
func TestPending(t *testing.T) {
	t.Parallel()
	pool, bun, err := db.Connect(t.Context(), postgrestest.EmptyURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	if pending, err := migrations.Pending(t.Context(), bun); err != nil || len(pending) != steps {
		t.Errorf("pending at first: %v, %v", pending, err)
	}
	var tables int
	if err := bun.NewRaw("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(t.Context(),
		&tables); err != nil || tables != 0 {
		t.Errorf("asking made %d tables, %v", tables, err)
	}
	if _, err := migrations.Run(t.Context(), bun); err != nil {
		t.Fatal(err)
	}
	if pending, err := migrations.Pending(t.Context(), bun); err != nil || len(pending) != 0 {
		t.Errorf("pending at last: %v, %v", pending, err)
	}
}

// A database of a version before the first release is refused, and left as it is; one of a later version is not.
func TestForeignStructures(t *testing.T) {
	t.Parallel()
	for name, foreign := range map[string]bool{"20261123000001": true, "99991231000001": false} {
		pool, bun, err := db.Connect(t.Context(), postgrestest.EmptyURL(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bun.Close(); pool.Close() })
		if _, err := migrations.Run(t.Context(), bun); err != nil {
			t.Fatal(err)
		}
		const mark = "INSERT INTO bun_migrations (name, group_id, migrated_at) VALUES (?, 1, now())"
		if _, err := bun.NewRaw(mark, name).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, runErr := migrations.Run(t.Context(), bun)
		_, pendingErr := migrations.Pending(t.Context(), bun)
		for _, err := range []error{runErr, pendingErr} {
			if errors.Is(err, migrations.ErrForeign) != foreign || !foreign && err != nil {
				t.Errorf("with the step %s: %v", name, err)
			}
		}
	}
}
