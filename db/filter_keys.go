package db

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// prepare makes a condition of a filter. What is wrong with it is a compliance.Errors with the code INVALID, which names the metadata keys that
// the system does not know. Only a filter that asks for metadata takes a statement.
func (f Filter) prepare(ctx context.Context, db bun.IDB) (condition, error) {
	if err := usable(f.Validate()); err != nil {
		return condition{}, err
	}
	if len(f.Metadata) == 0 {
		return condition{Filter: f}, nil
	}
	keys, err := f.knownKeys(ctx, db)
	if err != nil {
		return condition{}, err
	}
	return condition{Filter: f, keys: keys}, f.checkKeys(keys)
}

func (f Filter) knownKeys(ctx context.Context, db bun.IDB) (map[string]int, error) {
	names := make([]string, len(f.Metadata))
	for i, match := range f.Metadata {
		names[i] = match.Key
	}
	var rows []*MetadataKey
	err := db.NewSelect().Model(&rows).Column("id", "name").Where("k.name IN (?)", bun.List(names)).Scan(ctx)
	keys := map[string]int{}
	for _, key := range rows {
		keys[key.Name] = key.ID
	}
	return keys, err
}

func (f Filter) checkKeys(known map[string]int) error {
	var errs compliance.Errors
	for i, match := range f.Metadata {
		if _, is := known[match.Key]; !is {
			message := fmt.Sprintf("there is no metadata key %q; metadataKeys lists the keys that are known", match.Key)
			errs = append(errs, compliance.Invalid(message, "metadata", strconv.Itoa(i), "key"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
