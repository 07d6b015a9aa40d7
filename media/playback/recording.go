package playback

import (
	"context"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// State says whether a media file can be played.
type State int

// The states. The zero value plays nothing.
const (
	// Missing: there is no such file, or the viewer may not see it (any more). The two look the same.
	Missing State = iota
	// Playable: the file is in the store, though it may be planned for deletion.
	Playable
	// Gone: the file is deleted, or is being deleted.
	Gone
	// NotStored: only a reference was imported; the bytes are elsewhere.
	NotStored
)

// Recording is what the database knows about a media file.
type Recording struct {
	State State
	// Key is the file's key in the store; this and what follows count only if the file is playable.
	Key string
	// Size is the file's size in bytes when it was stored.
	Size int64
	// MediaType is as it was imported, such as "audio/wav"; it is not trusted.
	MediaType string
	// Hash is the hash of the content, in hexadecimal or base64; empty if it is not known.
	Hash string
}

// Recordings looks up media files.
type Recordings interface {
	// Recording looks up grant.FileID for a viewer who sees what grant.All and grant.Principals say.
	// It is called for every request and must not answer from a cache. The text of an error goes to
	// the log, so it must hold nothing personal.
	Recording(ctx context.Context, grant Grant) (Recording, error)
}

// FromDatabase looks recordings up in the database.
func FromDatabase(store *db.Store) Recordings { return stored{store} }

type stored struct{ store *db.Store }

// Recording looks the file up within what the viewer saw when the link was made. From the moment that
// the Delete tool begins with a file nobody plays it any more, since parts of it may be gone.
func (s stored) Recording(ctx context.Context, grant Grant) (Recording, error) {
	file, err := s.store.MediaFile(ctx, db.Access{All: grant.All, Principals: grant.Principals}, grant.FileID)
	if file == nil || err != nil {
		return Recording{State: Missing}, err
	}
	recording := Recording{
		State: Playable, Key: file.StoreKey, Size: file.SizeBytes, MediaType: file.MediaType,
		Hash: file.ContentHash,
	}
	switch {
	case file.Status == compliance.MediaDeleted || file.DeletingAt != nil:
		recording.State = Gone
	case file.StoreKey == "":
		recording.State = NotStored
	}
	return recording, nil
}
