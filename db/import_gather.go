package db

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// gathering is one conversation in the making: the incoming vCons that belong to it, and the stored conversations that they belong to.
type gathering struct {
	incoming []*conversation.Incoming
	// stored are sorted by id; the first stays, and the others join it. It is empty for a new conversation.
	stored []*Conversation
	// done is everything that was on whenever one of them was anonymized.
	done compliance.Selection
	// merged counts the stored conversations that joined the first one just now.
	merged int
}

// gather sorts the incoming vCons into the conversations that they become, and keeps everybody else from changing the stored ones. Somebody may
// have joined those meanwhile, so it looks again until everything that it found is locked.
func (w *importation) gather(ctx context.Context) ([]*gathering, error) {
	locked := map[int64]*Conversation{}
	for {
		found, err := w.findLinks(ctx)
		if err != nil {
			return nil, err
		}
		missing := found.unlocked(locked)
		if len(missing) == 0 {
			return w.group(found, locked), nil
		}
		var rows []*Conversation
		if err := w.tx.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(missing)).OrderExpr("c.id").For("UPDATE").Scan(ctx); err != nil {
			return nil, err
		}
		for _, row := range rows {
			locked[row.ID] = row
		}
	}
}

// group unites what belongs together: first by the vCons' own identities, then by correlation keys until nothing more matches.
func (w *importation) group(found links, stored map[int64]*Conversation) []*gathering {
	members := map[int64]*member{}
	for _, id := range slices.Sorted(maps.Keys(stored)) {
		members[id] = storedMember(stored[id])
	}
	own := make([]*member, len(w.incoming))
	for i, in := range w.incoming {
		own[i] = incomingMember(in)
	}
	w.uniteIdentities(found, own, members)
	settle(w.labels(found, own, members))
	var gatherings []*gathering
	seen := map[*member]bool{}
	for _, m := range own {
		if root := m.root(); !seen[root] {
			seen[root] = true
			gatherings = append(gatherings, root.gathering())
		}
	}
	return gatherings
}

// uniteIdentities joins each vCon with the conversation that it is stored in, and with those that an export says it was merged with.
func (w *importation) uniteIdentities(found links, own []*member, stored map[int64]*member) {
	byUUID := map[[16]byte]*member{}
	for i, in := range w.incoming {
		byUUID[in.UUID] = own[i]
	}
	for i, in := range w.incoming {
		if id, is := found.conversations[in.UUID]; is {
			unite(stored[id], own[i])
		}
		for _, other := range in.MergedWith {
			if m := byUUID[other]; m != nil {
				unite(own[i], m)
			} else if id, is := found.conversations[other]; is {
				unite(stored[id], own[i])
			}
		}
	}
}
