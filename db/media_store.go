package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// mediaStoreID is the name under which an installation remembers the file store that its recordings lie in.
const mediaStoreID = "media-store"

// MediaStore returns the id of the file store that the recordings of this database lie in, and the id given
// where none is remembered.
func (s *Store) MediaStore(ctx context.Context, id string) (remembered string, err error) {
	var value []byte
	err = s.db.NewRaw("SELECT value FROM installation WHERE name = ?", mediaStoreID).Scan(ctx, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return id, nil
	}
	return string(value), err
}

// RememberMediaStore remembers a file store where none is remembered yet, or where nothing lies in the one
// that was, and returns what MediaStore does.
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

// uploadLife is how long an upload may lie in the file store before the conversation that needs it is
// imported.
const uploadLife = time.Hour

// Upload is a file that is about to be put into the file store.
type Upload struct {
	StoreKey string `bun:",pk"`
	// UploadedFor is the vCon that it is for.
	UploadedFor uuid.UUID
	RemoveAfter time.Time

	bun.BaseModel `bun:"table:loose_media"`
}

// TrackUploads announces files that are about to be put into the file store, so that none can lie there
// forgotten: what no import has adopted when its time is over, or its conversation is anonymized, the Delete tool
// removes. It fills in RemoveAfter.
func (s *Store) TrackUploads(ctx context.Context, uploads []*Upload) error {
	for _, upload := range uploads {
		upload.RemoveAfter = s.now().Add(uploadLife)
	}
	return insertRows(ctx, s.db, uploads)
}

// releaseUploads leaves to the Delete tool at once what imports have put into the file store for these
// conversations and not used: an import that was killed, or one that goes on and then begins again.
func releaseUploads(batch *pgx.Batch, conversations []int64, now time.Time) {
	const update = `
UPDATE loose_media SET remove_after = $1
 WHERE remove_after > $1 AND uploaded_for IN (SELECT uuid FROM vcons WHERE conversation_id = ANY ($2))`
	batch.Queue(update, now, conversations)
}

// WaitingUploads counts the files of the store that belong to no conversation and whose time is not over: those
// of imports that go on, and of imports that were broken off. Until is when the time of the last one is over.
func (s *Store) WaitingUploads(ctx context.Context) (count int, until time.Time, err error) {
	const query = "SELECT count(*), coalesce(max(remove_after), ?0) FROM loose_media WHERE remove_after > ?0"
	err = s.db.NewRaw(query, s.now()).Scan(ctx, &count, &until)
	return count, until, err
}

// loosen leaves files of the store to the Delete tool from a time on.
func loosen(b *bulk, keys []string, at time.Time) {
	if len(keys) > 0 {
		b.Queue("INSERT INTO loose_media (store_key, remove_after) SELECT k, $1 FROM unnest($2::text[]) AS k", at, keys)
	}
}

// LooseMedia lists up to limit files of the store that belong to nothing and whose time is over, the oldest
// first, after those given.
func (s *Store) LooseMedia(ctx context.Context, after string, limit int) (keys []string, err error) {
	const query = "SELECT store_key FROM loose_media" +
		" WHERE remove_after <= ? AND store_key > ? ORDER BY store_key LIMIT ?"
	err = s.db.NewRaw(query, s.now(), after, limit).Scan(ctx, &keys)
	return keys, err
}

// UnusedUploads tells which of these uploads no import has adopted.
func (s *Store) UnusedUploads(ctx context.Context, keys []string) (unused []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	const query = "SELECT store_key FROM loose_media WHERE store_key IN (?) ORDER BY store_key"
	err = s.db.NewRaw(query, bun.List(keys)).Scan(ctx, &unused)
	return unused, err
}

// RemoveLoose lets remove delete a file that belongs to nothing, and forgets it; an import cannot adopt it
// meanwhile. It reports false where there is nothing to do (any more), or somebody else is at it.
func (s *Store) RemoveLoose(
	ctx context.Context, key string, remove func(ctx context.Context, key string) error,
) (removed bool, err error) {
	err = s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		var found string
		const query = "SELECT store_key FROM loose_media WHERE store_key = ? FOR UPDATE SKIP LOCKED"
		err := tx.NewRaw(query, key).Scan(ctx, &found)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := remove(ctx, key); err != nil {
			return err
		}
		removed = true
		_, err = tx.NewRaw("DELETE FROM loose_media WHERE store_key = ?", key).Exec(ctx)
		return err
	})
	return removed && err == nil, err
}
