package db

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/vcon"
)

// knowKeys returns the ids of all metadata keys of a batch. A key that is seen for the first time becomes known, switched off
// (design, section 3). New keys are stored in alphabetical order, so that two imports never wait for each other.
func knowKeys(ctx context.Context, tx bun.IDB, now time.Time, conversations []*vcon.Conversation) (map[string]int, error) {
	var names []string
	for _, c := range conversations {
		for _, m := range c.Metadata {
			names = append(names, m.Key)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	known, err := keyIDs(ctx, tx, names)
	if err != nil || len(known) == len(names) {
		return known, err
	}
	var fresh []*MetadataKey
	for _, name := range names {
		if _, is := known[name]; !is {
			fresh = append(fresh, &MetadataKey{Name: name, FirstSeenAt: now})
		}
	}
	if _, err := tx.NewInsert().Model(&fresh).On("CONFLICT (name) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return nil, err
	}
	return keyIDs(ctx, tx, names)
}

func keyIDs(ctx context.Context, tx bun.IDB, names []string) (map[string]int, error) {
	ids := map[string]int{}
	if len(names) == 0 {
		return ids, nil
	}
	var keys []*MetadataKey
	err := tx.NewSelect().Model(&keys).Where("name IN (?)", bun.List(names)).Scan(ctx)
	for _, key := range keys {
		ids[key.Name] = key.ID
	}
	return ids, err
}
