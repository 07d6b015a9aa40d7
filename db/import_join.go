package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// join makes one conversation of the stored ones of a group, anonymizes in all of it what was anonymized in
// any part, and returns it: what the incoming vCons are compared with. For a group without a stored
// conversation that is an empty one.
func (s *Store) join(
	ctx context.Context, tx bun.Tx, actor Actor, group conversation.MergeGroup, importing conversation.Importing,
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
	whole, err := findConversations(ctx, tx, Everything(), []int64{base.ID}, forUpdate)
	if err != nil {
		return nil, err
	}
	plan, err := s.anonymize(ctx, tx, actor, whole.rows, wanted)
	if err != nil {
		return nil, err
	}
	return plan.Conversations[0].After, nil
}

// absorb moves everything of the other conversations into the target, and remembers where they went. Places
// of segments meet in it until the import settles them; the database looks at them when the transaction ends.
func absorb(ctx context.Context, tx bun.Tx, now time.Time, target int64, others []int64) error {
	for _, table := range tablesOfConversation() {
		const update = "UPDATE ? SET conversation_id = ? WHERE conversation_id IN (?)"
		if _, err := tx.NewRaw(update, table, target, bun.List(others)).Exec(ctx); err != nil {
			return err
		}
	}
	const remember = "INSERT INTO conversation_merges (merged_id, conversation_id, merged_at) SELECT id, ?, ? FROM unnest(ARRAY[?]::bigint[]) AS id"
	if _, err := tx.NewRaw(remember, target, now, bun.List(others)).Exec(ctx); err != nil {
		return err
	}
	if err := deleteRows[conversation.Conversation](ctx, tx, others); err != nil {
		return err
	}
	return notifyConversations(ctx, tx, others)
}
