package db

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// lockIncoming lets one import at a time decide about each vCon and about each value of a correlation key, so that two that bring the same do not both
// take it for new. The locks end with the transaction; their order keeps two imports from waiting for each other.
func lockIncoming(ctx context.Context, tx bun.IDB, keys keyring, conversations []*conversation.Incoming) error {
	var locks []int64
	for _, c := range conversations {
		locks = append(locks, lockOf("vcon", c.UUID.String()))
		for _, m := range c.Metadata {
			if keys.correlation[m.Key] && m.Value != "" {
				locks = append(locks, lockOf("value", m.Key+"\x00"+m.Value))
			}
		}
	}
	slices.Sort(locks)
	locks = slices.Compact(locks)
	if len(locks) == 0 {
		return nil
	}
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(k) FROM unnest(ARRAY[?]::bigint[]) AS k", bun.List(locks)).Exec(ctx)
	return err
}

func lockOf(kind, name string) int64 {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// isCollision reports whether PostgreSQL ended a transaction because it and another one stood in each other's way; begun again it succeeds.
func isCollision(err error) bool {
	const deadlock, serialization = "40P01", "40001"
	code := RefusalCode(err)
	return code == deadlock || code == serialization
}
