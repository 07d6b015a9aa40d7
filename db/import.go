package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// ErrMediaMoved says that a recording is not where it was found when it came in: see
// conversation.ErrMediaMoved.
var ErrMediaMoved = conversation.ErrMediaMoved

// ImportResult counts what became of the vCons of a batch.
type ImportResult struct {
	Added, Updated, Unchanged int
}

func (r ImportResult) plus(other ImportResult) ImportResult {
	return ImportResult{r.Added + other.Added, r.Updated + other.Updated, r.Unchanged + other.Unchanged}
}

// Import stores vCons in one transaction: all of them or none. One that is stored already is brought up to
// date by the rules of the design's section 5 ("Reimport"): what was anonymized stays so, new values of an
// anonymized kind are anonymized at once, and media that is planned for deletion or deleted stays that way.
// One that says nothing new is left alone altogether. Those that have the same value in a correlation key
// become one conversation ("Merging"). The same vCon twice in a batch is stored in the order given.
// Recordings with a StoreKey are adopted from the uploads that TrackUploads announced; ErrMediaMoved says
// that one is there no longer. Once it returns, what it counts is safe on disk.
func (s *Store) Import(
	ctx context.Context, op audit.Operation, conversations []*conversation.Incoming,
) (ImportResult, error) {
	var result ImportResult
	err := s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		result = ImportResult{}
		keys, err := beginImport(ctx, tx, s.now(), keysOf(conversations))
		if err != nil {
			return err
		}
		locking := new(pgx.Batch)
		lockIncoming(locking, keys, conversations)
		for _, round := range rounds(conversations) {
			importing := conversation.Importing{Now: s.now().UTC(), Keys: keys, Hash: s.hash()}
			counts, err := s.importRound(ctx, tx, op, importing, locking, round)
			if err != nil {
				return err
			}
			result, locking = result.plus(counts), new(pgx.Batch)
		}
		return nil
	})
	if err != nil {
		return ImportResult{}, err
	}
	return result, nil
}

// beginImport lets the transaction wait for the disk, and returns the metadata keys with these names.
func beginImport(ctx context.Context, tx transaction, now time.Time, names []string) (conversation.KeyIndex, error) {
	batch := new(pgx.Batch)
	batch.Queue(waitForDisk)
	return knowKeys(ctx, tx, now, batch, names)
}

// waitForDisk lets a transaction wait for the disk on a server that is set up not to. A stricter setting
// stays.
const waitForDisk = `
SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'`

func keysOf(conversations []*conversation.Incoming) (names []string) {
	for _, c := range conversations {
		for _, m := range c.Metadata {
			names = append(names, m.Key)
		}
	}
	return names
}

// lockIncoming lets one import at a time decide about each vCon and about each value of a correlation key, so
// that two that bring the same do not both take it for new. The locks end with the transaction; their order
// keeps two imports from waiting for each other.
func lockIncoming(batch *pgx.Batch, keys conversation.KeyIndex, conversations []*conversation.Incoming) {
	var locks []int64
	for _, c := range conversations {
		for _, name := range c.Names() {
			locks = append(locks, lockOf("vcon", name.String()))
		}
		for _, m := range c.Metadata {
			if keys.Correlates(m.Key, m.Value) {
				locks = append(locks, lockOf("value", m.Key+"\x00"+m.Value))
			}
		}
	}
	slices.Sort(locks)
	locks = slices.Compact(locks)
	batch.Queue("SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k", locks)
}

func lockOf(kind, name string) int64 {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// rounds splits a batch so that no vCon is twice in a round. A round is sorted, so that two imports of the
// same vCons do the same in the same order.
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

// importRound makes of one round of a batch the conversations that it becomes, works out what changes in
// them, and writes it, after what is to be done before.
func (s *Store) importRound(
	ctx context.Context, tx transaction, op audit.Operation,
	importing conversation.Importing, before *pgx.Batch, incoming []*conversation.Incoming,
) (counts ImportResult, err error) {
	groups, err := mergeGroups(ctx, tx, importing.Keys, before, incoming)
	if err != nil {
		return counts, err
	}
	bases := make([]*conversation.Conversation, len(groups))
	for i, group := range groups {
		if bases[i], err = s.join(ctx, tx, op, group, importing); err != nil {
			return counts, err
		}
	}
	principals, err := loadStored(ctx, tx, bases, incoming)
	if err != nil {
		return counts, err
	}
	var imports []conversation.Import
	for i, group := range groups {
		one, err := importing.Plan(group, bases[i], principals)
		if err != nil {
			return counts, err
		}
		counts = counts.plus(ImportResult{one.Added, one.Updated, one.Unchanged})
		if one.Changes() {
			imports = append(imports, one)
		}
	}
	return counts, s.writeImports(ctx, tx, op, importing, imports)
}

// join makes one conversation of the stored ones of a group, anonymizes in all of it what was anonymized in
// any part, and returns it: what the incoming vCons are compared with. For a group without a stored
// conversation that is an empty one.
func (s *Store) join(
	ctx context.Context, tx transaction, op audit.Operation, group conversation.MergeGroup, importing conversation.Importing,
) (*conversation.Conversation, error) {
	base := group.Base(importing.Now)
	if joining := conversationIDs(group.Joining()); len(joining) > 0 {
		if err := absorb(ctx, tx, importing.Now, base.ID, joining); err != nil {
			return nil, err
		}
	}
	wanted, uneven := group.Anonymizing(importing.Now)
	if !uneven {
		return base, nil
	}
	whole, about, err := lookAt(ctx, tx, Everything(), []int64{base.ID}, wanted.Selection)
	if err != nil {
		return nil, err
	}
	plan, err := s.anonymize(ctx, tx, op, whole.rows, about, wanted)
	if err != nil {
		return nil, err
	}
	return plan.Conversations[0].After, nil
}

// absorb moves everything of the other conversations into the target, and remembers where they went. Places
// of segments meet in it until the import settles them; the database looks at them when the transaction ends.
func absorb(ctx context.Context, tx transaction, now time.Time, target int64, others []int64) error {
	b := tx.bulk()
	for _, table := range tablesOfConversation() {
		b.Queue(fmt.Sprintf("UPDATE %s SET conversation_id = $1 WHERE conversation_id = ANY ($2)", table), target, others)
	}
	b.Queue("INSERT INTO conversation_merges (merged_id, conversation_id, merged_at)"+
		" SELECT id, $1, $2 FROM unnest($3::bigint[]) AS id", target, now, others)
	remove[conversation.Conversation](b, others)
	b.Queue("DELETE FROM conversation_facets WHERE conversation_id = ANY ($1)", others)
	raiseRevisions(&b.Batch, []int64{target})
	notifyChanged(&b.Batch, others)
	return tx.send(ctx, &b.Batch, nil)
}
