package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// A batch ends in the same rows, events and requests as its conversations one by one: for every combination of the
// switches over conversations with every past, and for some combinations in a batch of more than 500.
func TestABatchIsItsConversationsOneByOne(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("QM_SEED"); given != "" {
		seed, _ = strconv.ParseUint(given, 10, 64)
	}
	t.Logf("QM_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	c := newClocked(t)
	correlate(t, c.Store, "case", "customer")
	var ids []int64
	for n := range 29 {
		ids = append(ids, c.storeMix(t, 100*n+1)...)
	}
	shuffle := func(some []int64) []int64 {
		random.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
		return some
	}
	shuffle(ids)
	for on := range switches(allOn + 1) {
		if on == 0 {
			continue
		}
		at := random.IntN(len(ids) - 20)
		c.holdBatch(t, on, ids[at:at+20])
		if on == allOn || random.IntN(32) == 0 {
			c.holdBatch(t, on, ids)
		}
	}
}

// holdBatch anonymizes conversations at once and one by one, and leaves them as they were.
func (c *clocked) holdBatch(t *testing.T, on switches, ids []int64) {
	t.Helper()
	wanted := conversation.Anonymizing{Selection: on.selection(), Version: 77, At: c.at}
	var one []int64
	seen := map[int64]bool{}
	for _, id := range ids {
		if !seen[id] {
			one, seen[id] = append(one, id), true
		}
	}
	before, atOnce := c.tried(t, wanted, nil), c.tried(t, wanted, [][]int64{one})
	var each [][]int64
	for _, id := range one {
		each = append(each, []int64{id})
	}
	if diff := cmp.Diff(c.tried(t, wanted, each), atOnce); diff != "" {
		t.Fatalf("%06b, %d conversations (-one by one +at once):\n%.3000s", on, len(one), diff)
	}
	if cmp.Equal(before, atOnce) {
		t.Errorf("%06b changes nothing, so the agreement says nothing about it", on)
	}
}

// tried returns what is stored after calls with these ids, and takes it back.
func (c *clocked) tried(t *testing.T, wanted conversation.Anonymizing, calls [][]int64) (stored []string) {
	t.Helper()
	rolledBack := errors.New("rolled back")
	op := audit.Operation{ID: audit.NewID(), Actor: deed().Actor, Activity: audit.InteractionAnonymize}
	err := c.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
		for _, ids := range calls {
			if _, err := c.anonymizeAll(ctx, tx, op, Everything(), ids, wanted); err != nil {
				return err
			}
		}
		stored = c.dump(t, ctx, tx, op)
		return rolledBack
	})
	if !errors.Is(err, rolledBack) {
		t.Fatal(err)
	}
	return stored
}

// dump is everything that anonymizing writes, and what an operation recorded.
func (c *clocked) dump(t *testing.T, ctx context.Context, tx transaction, op audit.Operation) (stored []string) {
	t.Helper()
	for _, query := range []string{
		"SELECT x::text FROM conversations AS x ORDER BY id", "SELECT x::text FROM participants AS x ORDER BY 1",
		"SELECT x::text FROM segments AS x ORDER BY id", "SELECT x::text FROM messages AS x ORDER BY 1",
		"SELECT x::text FROM metadata AS x ORDER BY 1", "SELECT x::text FROM media_files AS x ORDER BY id",
		"SELECT x::text FROM loose_media AS x ORDER BY 1",
		`SELECT (to_jsonb(x) - 'idempotency_key' - 'sequence')::text FROM media_deletion_requests AS x ORDER BY 1`,
		`SELECT (convert_from(encoding, 'UTF8')::jsonb - 'id' - 'operationId')::text || activity || result || settings_version
		   FROM audit_events WHERE operation_id = '` + op.ID.String() + `' ORDER BY 1`,
		`SELECT name || ' ' || sum(count) FROM audit_totals WHERE operation_id = '` + op.ID.String() + `'
		  GROUP BY name ORDER BY 1`,
	} {
		var rows []string
		if err := tx.NewRaw(query).Scan(ctx, &rows); err != nil {
			t.Fatal(err)
		}
		stored = append(stored, rows...)
	}
	return stored
}
