package db

import (
	"context"
	"database/sql"
	"errors"
)

// mediaStoreID is the name under which an installation remembers the file store that its recordings lie in.
const mediaStoreID = "media-store"

// MediaStore returns the id of the file store that the recordings of this database lie in, and the id given where none is remembered.
func (s *Store) MediaStore(ctx context.Context, id string) (remembered string, err error) {
	var value []byte
	err = s.db.NewRaw("SELECT value FROM installation WHERE name = ?", mediaStoreID).Scan(ctx, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return id, nil
	}
	return string(value), err
}

// RememberMediaStore remembers a file store where none is remembered yet, or where nothing lies in the one that was, and returns what MediaStore does.
func (s *Store) RememberMediaStore(ctx context.Context, id string) (remembered string, err error) {
	const upsert = `
INSERT INTO installation AS i (name, value) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
 WHERE i.value <> excluded.value
   AND NOT EXISTS (SELECT FROM media_files WHERE store_key <> '') AND NOT EXISTS (SELECT FROM loose_media)`
	if _, err := s.db.NewRaw(upsert, mediaStoreID, []byte(id)).Exec(ctx); err != nil {
		return "", err
	}
	return s.MediaStore(ctx, id)
}
