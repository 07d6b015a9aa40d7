package db

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// links are what ties the incoming vCons to stored conversations.
type links struct {
	// conversations tells where each vCon is stored, of those that come in and those that they were merged with.
	conversations map[uuid.UUID]int64
	matches       []match
}

// match is a stored conversation with the same value in a correlation key as an incoming vCon.
type match struct {
	KeyID          int
	Value          string
	ConversationID int64
}

func (l links) unlocked(locked map[int64]*Conversation) []int64 {
	missing := map[int64]bool{}
	for _, id := range l.conversations {
		missing[id] = locked[id] == nil
	}
	for _, m := range l.matches {
		missing[m.ConversationID] = locked[m.ConversationID] == nil
	}
	maps.DeleteFunc(missing, func(_ int64, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(missing))
}

func (w *importation) findLinks(ctx context.Context) (links, error) {
	found := links{conversations: map[uuid.UUID]int64{}}
	var ids []uuid.UUID
	for _, in := range w.incoming {
		ids = append(append(ids, in.UUID), in.MergedWith...)
	}
	var rows []*Vcon
	if err := w.tx.NewSelect().Model(&rows).Column("uuid", "conversation_id").Where("uuid IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return found, err
	}
	for _, row := range rows {
		found.conversations[row.UUID] = row.ConversationID
	}
	var err error
	found.matches, err = w.findMatches(ctx)
	return found, err
}

// findMatches looks for the values of the incoming vCons among those that are stored. The index holds the beginning of a value; the whole is compared.
func (w *importation) findMatches(ctx context.Context) (matches []match, err error) {
	var keys []int
	var values []string
	for _, in := range w.incoming {
		for _, m := range in.Metadata {
			if w.correlates(m.Key, m.Value) {
				keys, values = append(keys, w.keys.ids[m.Key]), append(values, m.Value)
			}
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	const query = `
SELECT DISTINCT md.key_id, md.value, md.conversation_id
  FROM unnest(ARRAY[?]::integer[], ARRAY[?]::text[]) AS v (key_id, value)
  JOIN metadata AS md ON md.key_id = v.key_id AND left(md.value, ?) = left(v.value, ?) AND md.value = v.value AND NOT md.value_anonymized
 ORDER BY md.key_id, md.value, md.conversation_id`
	err = w.tx.NewRaw(query, bun.List(keys), bun.List(values), indexedValue, indexedValue).Scan(ctx, &matches)
	return matches, err
}

// correlates reports whether a value can make one of two conversations. What reads like a placeholder never does (design, section 5).
func (w *importation) correlates(key, value string) bool {
	return w.keys.correlation[key] && value != "" && value != string(compliance.MetadataPlaceholder)
}

// labels lists the values of correlation keys that the incoming vCons have, in one order, with all that have them.
func (w *importation) labels(found links, own []*member, stored map[int64]*member) []label {
	type place struct{ key, value string }
	members := map[place][]*member{}
	for i, in := range w.incoming {
		for _, m := range in.Metadata {
			if w.correlates(m.Key, m.Value) {
				at := place{m.Key, m.Value}
				members[at] = append(members[at], own[i])
			}
		}
	}
	names := w.keys.names()
	for _, m := range found.matches {
		at := place{names[m.KeyID], m.Value}
		members[at] = append(members[at], stored[m.ConversationID])
	}
	labels := make([]label, 0, len(members))
	for at, list := range members {
		labels = append(labels, label{at.key, at.value, list})
	}
	slices.SortFunc(labels, func(a, b label) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value)) })
	return labels
}
