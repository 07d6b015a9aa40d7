package db

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// KnownMedia are recordings of a vCon whose bytes an import need not bring again: they are stored, or deleted for good.
type KnownMedia struct {
	hashes   map[string]bool
	origins  map[string]compliance.MediaStatus
	originOf func(url string) string
}

// Has reports whether a recording with one of these hashes of its content is known.
func (k KnownMedia) Has(contentHashes []string) bool {
	return slices.ContainsFunc(contentHashes, func(hash string) bool { return k.hashes[hash] })
}

// From reports whether the recording at this url is known: one that may still be played is not where a vCon now says that its content is another.
func (k KnownMedia) From(url string, contentHashes []string) bool {
	if k.originOf == nil {
		return false
	}
	status := k.origins[k.originOf(url)]
	return status != "" && (status != compliance.MediaAvailable || len(contentHashes) == 0)
}

// KnownMedia tells for each of the vCons which recordings are known; vCons without any are not in it.
func (s *Store) KnownMedia(ctx context.Context, vcons []uuid.UUID) (map[uuid.UUID]KnownMedia, error) {
	var rows []struct {
		VconUUID            uuid.UUID
		ContentHash, Origin string
		Status              compliance.MediaStatus
	}
	known := map[uuid.UUID]KnownMedia{}
	if len(vcons) == 0 {
		return known, nil
	}
	const query = `
SELECT s.vcon_uuid, f.content_hash, f.origin, f.status
  FROM vcons AS v JOIN segments AS s ON s.conversation_id = v.conversation_id AND s.vcon_uuid = v.uuid JOIN media_files AS f ON f.segment_id = s.id
 WHERE v.uuid IN (?) AND (f.store_key <> '' OR f.status = ?)
 ORDER BY f.id`
	err := s.db.NewRaw(query, bun.List(vcons), compliance.MediaDeleted).Scan(ctx, &rows)
	for _, row := range rows {
		if known[row.VconUUID].hashes == nil {
			known[row.VconUUID] = KnownMedia{map[string]bool{}, map[string]compliance.MediaStatus{}, s.originOf}
		}
		known[row.VconUUID].hashes[row.ContentHash] = row.ContentHash != ""
		if row.Origin != "" {
			known[row.VconUUID].origins[row.Origin] = row.Status
		}
	}
	return known, err
}
