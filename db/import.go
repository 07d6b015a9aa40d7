package db

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// ImportResult counts what became of the vCons of a batch.
type ImportResult struct {
	Added, Updated, Unchanged int
}

// Import stores vCons in one transaction: all of them or none. One that is stored already is brought up to date by the rules of the design's section 5
// ("Reimport"): what was anonymized stays so, new values of an anonymized kind are anonymized at once, and media that is planned for deletion or deleted
// stays that way. One that says nothing new is left alone altogether. Those that have the same value in a correlation key become one conversation
// ("Merging"). The same vCon twice in a batch is stored in the order given. Recordings with a StoreKey are adopted from the uploads that TrackUploads
// announced; ErrMediaMoved says that one is there no longer. The commit does not wait for the disk; FlushImport does.
func (s *Store) Import(ctx context.Context, actor Actor, conversations []*conversation.Incoming) (ImportResult, error) {
	var result ImportResult
	err := s.retrying(ctx, func(ctx context.Context, tx bun.Tx) error {
		result = ImportResult{}
		if _, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		keys, err := knowKeys(ctx, tx, s.now(), conversations)
		if err != nil {
			return err
		}
		if err := lockIncoming(ctx, tx, keys, conversations); err != nil {
			return err
		}
		for _, round := range rounds(conversations) {
			work := &importation{store: s, tx: tx, actor: actor, now: s.now().UTC(), keys: keys, incoming: round}
			if err := work.run(ctx, &result); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ImportResult{}, err
	}
	return result, nil
}

// FlushImport makes everything that Import has committed safe on disk. A commit that waits for the disk also writes the log of every commit
// before it; it must have something to log, or PostgreSQL has nothing to wait for.
func (s *Store) FlushImport(ctx context.Context) error {
	return s.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "SET LOCAL synchronous_commit = on; SELECT pg_logical_emit_message(true, 'qm-compliance', 'imported')")
		return err
	})
}

// rounds splits a batch so that no vCon is twice in a round. A round is sorted, so that two imports of the same vCons do the same in the same order.
func rounds(conversations []*conversation.Incoming) [][]*conversation.Incoming {
	seen := map[uuid.UUID]int{}
	var all [][]*conversation.Incoming
	for _, c := range conversations {
		round := seen[c.UUID]
		seen[c.UUID]++
		if round == len(all) {
			all = append(all, nil)
		}
		all[round] = append(all[round], c)
	}
	for _, round := range all {
		slices.SortFunc(round, func(a, b *conversation.Incoming) int { return bytes.Compare(a.UUID[:], b.UUID[:]) })
	}
	return all
}
