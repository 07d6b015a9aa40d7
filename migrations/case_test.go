package migrations_test

import (
	"fmt"
	"testing"
	"time"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

// TestServersWithOtherCollations migrates databases that lack some collations: the best that is left is taken,
// and where none is the case of ASCII letters is ignored all the same, and the store says so.
func TestServersWithOtherCollations(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		lacks   []string
		unicode bool
	}{
		{nil, true},
		{[]string{"und-x-icu", "pg_c_utf8", "C.utf8", "C.UTF-8", "en_US.utf8"}, false},
	} {
		pool, bun, err := db.Connect(t.Context(), postgrestest.EmptyURL(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = bun.Close(); pool.Close() })
		for _, name := range row.lacks {
			drop := fmt.Sprintf("DROP COLLATION IF EXISTS pg_catalog.%q", name)
			if _, err := bun.ExecContext(t.Context(), drop); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := migrations.Run(t.Context(), bun); err != nil {
			t.Fatal(err)
		}
		store, err := db.New(t.Context(), bun, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		collation, err := store.CaseFolding(t.Context())
		if err != nil || (collation != "") != row.unicode {
			t.Errorf("without %v the collation is %q, %v", row.lacks, collation, err)
		}
		var ascii, other bool
		const query = "SELECT fold_case('ADA_42') = fold_case('ada_42'), fold_case('JÖRG') = fold_case('jörg')"
		if err := bun.QueryRowContext(t.Context(), query).Scan(&ascii, &other); err != nil || !ascii || other != row.unicode {
			t.Errorf("without %v the case of ASCII letters is ignored: %v, of others: %v, %v", row.lacks, ascii, other, err)
		}
	}
}
