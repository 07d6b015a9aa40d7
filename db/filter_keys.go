package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// checkKeys fails with INVALID, naming them, where the filter asks for metadata keys that the system does not know. Such a filter
// matches nothing, so it needs asking only where nothing was found.
func (f Filter) checkKeys(ctx context.Context, db bun.IDB) error {
	if len(f.Metadata) == 0 {
		return nil
	}
	names := make([]string, len(f.Metadata))
	for i, match := range f.Metadata {
		names[i] = match.Key
	}
	var known []string
	if err := db.NewSelect().Model((*MetadataKey)(nil)).Column("name").Where("k.name IN (?)", bun.List(names)).Scan(ctx, &known); err != nil {
		return err
	}
	return unknownKeys(names, known)
}

func unknownKeys(names, known []string) error {
	var errs compliance.Errors
	for i, name := range names {
		if !slices.Contains(known, name) {
			message := fmt.Sprintf("there is no metadata key %q; metadataKeys lists the keys that are known", name)
			errs = append(errs, compliance.Invalid(message, "metadata", strconv.Itoa(i), "key"))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}
