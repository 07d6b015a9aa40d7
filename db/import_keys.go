package db

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// keyring is what an import needs to know of the metadata keys of its batch.
type keyring struct {
	ids map[string]int
	// correlation are the names of those by which conversations are merged.
	correlation map[string]bool
}

// names finds the keys by their ids.
func (k keyring) names() map[int]string {
	names := map[int]string{}
	for name, id := range k.ids {
		names[id] = name
	}
	return names
}

// KnowKeys makes metadata keys known, switched off, before any conversation has them, so that they can be configured.
func (s *Store) KnowKeys(ctx context.Context, names []string) error {
	known := &conversation.Incoming{}
	for _, name := range names {
		known.Metadata = append(known.Metadata, conversation.IncomingMetadatum{Key: name})
	}
	_, err := knowKeys(ctx, s.db, s.now(), []*conversation.Incoming{known})
	return err
}

// knowKeys returns all metadata keys of a batch. A key that is seen for the first time becomes known, switched off
// (design, section 3). New keys are stored in alphabetical order, so that two imports never wait for each other.
func knowKeys(ctx context.Context, tx bun.IDB, now time.Time, conversations []*conversation.Incoming) (keyring, error) {
	var names []string
	for _, c := range conversations {
		for _, m := range c.Metadata {
			names = append(names, m.Key)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	known, err := readKeys(ctx, tx, names)
	if err != nil || len(known.ids) == len(names) {
		return known, err
	}
	var fresh []*MetadataKey
	for _, name := range names {
		if _, is := known.ids[name]; !is {
			fresh = append(fresh, &MetadataKey{Name: name, FirstSeenAt: now})
		}
	}
	if _, err := tx.NewInsert().Model(&fresh).On("CONFLICT (name) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return keyring{}, err
	}
	return readKeys(ctx, tx, names)
}

func readKeys(ctx context.Context, tx bun.IDB, names []string) (keyring, error) {
	found := keyring{ids: map[string]int{}, correlation: map[string]bool{}}
	if len(names) == 0 {
		return found, nil
	}
	var keys []*MetadataKey
	err := tx.NewSelect().Model(&keys).Where("name IN (?)", bun.List(names)).Scan(ctx)
	for _, key := range keys {
		found.ids[key.Name] = key.ID
		if key.IsCorrelation {
			found.correlation[key.Name] = true
		}
	}
	return found, err
}
