package playback

import (
	"context"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// State is what has become of a media file, as far as playing it goes.
type State int

// The states. The zero value plays nothing.
const (
	// Missing: there is no such file, or the viewer may not see it (any more). The two are not told apart.
	Missing State = iota
	// Playable: the file is in the store, though it may be planned for deletion.
	Playable
	// Gone: the file is deleted, or is being deleted.
	Gone
	// NotStored: only a reference was imported; the bytes are elsewhere.
	NotStored
)

// Recording is what the database knows of a media file.
type Recording struct {
	State State
	// Key is the file's key in the store; this and what follows count only where the file is playable.
	Key string
	// Size is the file's size in bytes when it was stored.
	Size int64
	// MediaType is as it was imported, such as "audio/wav"; it is not trusted.
	MediaType string
	// Hash is the hash of the content, in hexadecimal or base64; empty where it is not known.
	Hash string
}

// Recordings knows the media files.
type Recordings interface {
	// Recording says what has become of grant.FileID, for a viewer who sees what grant.All and grant.Principals say. It is asked at every request and must not
	// answer from a cache. An error is for what keeps it from knowing; its text goes to the log, so that it must hold nothing personal.
	Recording(ctx context.Context, grant Grant) (Recording, error)
}

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
