package db

import "context"

// MetadataKeys returns every metadata key that the system knows, sorted by name: character by character, so that the order does not
// depend on how the server collates.
func (s *Store) MetadataKeys(ctx context.Context) ([]*MetadataKey, error) {
	keys := []*MetadataKey{}
	err := s.db.NewSelect().Model(&keys).OrderExpr(`k.name COLLATE "C"`).Scan(ctx)
	return keys, err
}
