package db

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, migrate) }

func migrate(ctx context.Context, url string) error {
	pool, db, err := Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	defer func() { _ = db.Close() }()
	_, err = migrations.Run(ctx, db)
	return err
}

// testNow is the time at which everything in a test's store happens.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newStore returns a store on a migrated database of its own.
func newStore(t testing.TB) *Store {
	store, _ := newStoreAndPool(t)
	return store
}

func newStoreAndPool(t testing.TB) (*Store, *pgxpool.Pool) {
	t.Helper()
	pool, db, err := Connect(t.Context(), postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(); pool.Close() })
	store, err := New(t.Context(), db, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { holdFacets(t, store) })
	return store, pool
}

// holdFacets holds that the facets of all conversations are true, whatever a test did.
func holdFacets(t testing.TB, s *Store) {
	const wrong = `
SELECT coalesce(c.conversation_id, f.conversation_id)
  FROM current_facets(ARRAY(SELECT id FROM conversations)) AS c FULL JOIN conversation_facets AS f USING (conversation_id)
 WHERE (c.started_at, c.duration_ms, c.facets) IS DISTINCT FROM (f.started_at, f.duration_ms, f.facets)`
	var ids []int64
	if err := s.db.NewRaw(wrong).Scan(context.Background(), &ids); err != nil {
		t.Errorf("looking at the facets: %v", err)
	} else if len(ids) > 0 {
		t.Errorf("the facets of the conversations %v are not true", ids)
	}
}
