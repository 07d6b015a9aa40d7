package playback

import (
	"context"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// FromDatabase tells recordings by what the database says at the moment.
func FromDatabase(store *db.Store) Recordings { return stored{store} }

type stored struct{ store *db.Store }

// Recording looks the file up within what the viewer saw when the link was made. From the moment that the Delete tool begins with a file nobody plays it any more,
// since parts of it may be gone.
func (s stored) Recording(ctx context.Context, grant Grant) (Recording, error) {
	file, err := s.store.MediaFile(ctx, db.Access{All: grant.All, Principals: grant.Principals}, grant.FileID)
	if file == nil || err != nil {
		return Recording{State: Missing}, err
	}
	recording := Recording{State: Playable, Key: file.StoreKey, Size: file.SizeBytes, MediaType: file.MediaType, Hash: file.ContentHash}
	switch {
	case file.Status == compliance.MediaDeleted || file.DeletingAt != nil:
		recording.State = Gone
	case file.StoreKey == "":
		recording.State = NotStored
	}
	return recording, nil
}
