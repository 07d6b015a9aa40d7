package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// ProtectMedia keeps files from being deleted.
func (m mutation) ProtectMedia(ctx context.Context, input ProtectMediaInput) (*ProtectMediaPayload, error) {
	changed, err := m.changeMedia(ctx, input.MediaFileIds, func(viewer *auth.Viewer, ids []int64) (db.ChangedMedia, error) {
		note := given(input.Note.Value())
		if err := plainText(note, "note"); err != nil {
			return db.ChangedMedia{}, err
		}
		protection := conversation.Protection{Reason: input.Reason, Note: note, Until: input.Until.Value()}
		return m.store.ProtectMedia(ctx, operation(viewer, audit.MediaProtected), m.accessOf(viewer), ids, protection)
	})
	if err != nil {
		return nil, err
	}
	return &ProtectMediaPayload{MediaFiles: changed.files, Conversations: changed.conversations, UserErrors: changed.userErrors}, nil
}

// ReleaseMedia ends the protection of files.
func (m mutation) ReleaseMedia(ctx context.Context, input ReleaseMediaInput) (*ReleaseMediaPayload, error) {
	changed, err := m.changeMedia(ctx, input.MediaFileIds, func(viewer *auth.Viewer, ids []int64) (db.ChangedMedia, error) {
		return m.store.ReleaseMedia(ctx, operation(viewer, audit.MediaReleased), m.accessOf(viewer), ids)
	})
	if err != nil {
		return nil, err
	}
	return &ReleaseMediaPayload{MediaFiles: changed.files, Conversations: changed.conversations, UserErrors: changed.userErrors}, nil
}

// changedMedia is what both mutations answer.
type changedMedia struct {
	files         []*MediaFile
	conversations []*Conversation
	userErrors    []*UserError
}

func (m mutation) changeMedia(ctx context.Context, texts []string, change func(*auth.Viewer, []int64) (db.ChangedMedia, error)) (changedMedia, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return changedMedia{}, err
	}
	ids, idsErr := mediaFileIDs(texts)
	if idsErr != nil {
		errs, err := userErrors(idsErr, "input")
		return changedMedia{userErrors: errs}, err
	}
	result, changeErr := change(viewer, unique(ids))
	errs, err := userErrors(changeErr, "input")
	if err != nil || len(errs) > 0 {
		return changedMedia{userErrors: errs}, err
	}
	changed := changedMedia{userErrors: refusedFiles(ids, result.Refused)}
	if len(result.Files) == 0 {
		return changed, nil
	}
	files, err := m.store.MediaFiles(ctx, m.accessOf(viewer), result.Files)
	if err != nil {
		return changed, err
	}
	view := m.view(viewer, nil)
	changed.files = mapped(files, func(file *conversation.MediaFile) *MediaFile { return &MediaFile{file, view} })
	changed.conversations, err = m.conversations(ctx, m.accessOf(viewer), result.Conversations)
	return changed, err
}

func refusedFiles(ids []int64, refused map[int64]*compliance.Error) []*UserError {
	errs := []*UserError{}
	for place, id := range ids {
		if err := refused[id]; err != nil && slices.Index(ids, id) == place {
			errs = append(errs, &UserError{Code: err.Code, Message: err.Message, Field: []string{"input", "mediaFileIds", strconv.Itoa(place)}})
		}
	}
	return errs
}

// mediaFileIDs reads the ids of 1 to 100 media files, or says everything that is wrong with them.
func mediaFileIDs(texts []string) ([]int64, error) {
	const field = "mediaFileIds"
	if len(texts) == 0 || len(texts) > maxConversations {
		return nil, compliance.Invalid(fmt.Sprintf("%d ids are given; give 1 to %d", len(texts), maxConversations), field)
	}
	var ids []int64
	var errs compliance.Errors
	for i, text := range texts {
		id, err := parseIDOf(kindMediaFile, text, field, strconv.Itoa(i))
		if err != nil {
			errs = append(errs, compliance.UserErrors(err)...)
		}
		ids = append(ids, id)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return ids, nil
}

// mediaFile finds a file of a conversation that the access covers, nil where there is none.
func (q query) mediaFile(ctx context.Context, access db.Access, id int64) (Node, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	file, err := q.store.MediaFile(ctx, access, id)
	if file == nil || err != nil {
		return nil, err
	}
	return &MediaFile{file, q.view(viewer, nil)}, nil
}

// link is how a viewer plays files: within what the viewer sees, and no longer than the viewer is signed in.
func (r *Resolver) link(viewer *auth.Viewer) func(fileID int64) string {
	return func(fileID int64) string {
		if r.links == nil {
			return "" // there is no file store to play from
		}
		return r.links(viewer, r.accessOf(viewer), fileID)
	}
}

// view is how a viewer sees things; the conversations among them are loaded together.
func (r *Resolver) view(viewer *auth.Viewer, conversations []int64) viewing {
	return viewing{r.now(), r.link(viewer), &historyBatch{Resolver: r, conversations: conversations}}
}

// MediaFile shows one recording.
type MediaFile struct {
	*conversation.MediaFile
	viewing
}

// IsNode makes a file findable by its global id.
func (*MediaFile) IsNode() {}

// ID is the global id.
func (f *MediaFile) ID() string {
	return globalID{Kind: kindMediaFile, Number: f.MediaFile.ID}.String()
}

// MediaType is nil where it is not known.
func (f *MediaFile) MediaType() *string { return orNull(f.MediaFile.MediaType) }

// DurationSeconds is the length in seconds, nil where it is not known.
func (f *MediaFile) DurationSeconds() *float64 { return knownSeconds(f.DurationMs) }

// PlaybackURL is a link for the viewer, nil where the bytes are not here, no longer, or perhaps no longer.
func (f *MediaFile) PlaybackURL() *string {
	if f.Status == compliance.MediaDeleted || f.StoreKey == "" || f.DeletingAt != nil {
		return nil
	}
	return orNull(f.link(f.MediaFile.ID))
}

// SourceURL is where it lies outside, nil once it is deleted.
func (f *MediaFile) SourceURL() *string { return orNull(f.MediaFile.SourceURL) }

// IsProtected reports whether MiFID protection holds: until its end has been acted upon, as the conversation's
// reviewability has it.
func (f *MediaFile) IsProtected() bool { return f.MediaFile.Protected }

// Protection says why and until when the file must be kept, nil where it is not protected.
func (f *MediaFile) Protection() *MediaProtection {
	if !f.IsProtected() {
		return nil
	}
	return &MediaProtection{Reason: f.ProtectionReason, Note: orNull(f.ProtectionNote), Until: f.ProtectedUntil}
}

// DeletionFailure is nil where nothing went wrong.
func (f *MediaFile) DeletionFailure() *string { return orNull(f.Failure) }
