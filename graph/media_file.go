package graph

import (
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// MediaFile shows one recording.
type MediaFile struct {
	*conversation.MediaFile
	viewing
}

// ID is the global id.
func (f *MediaFile) ID() string { return globalID{kindMediaFile, f.MediaFile.ID}.String() }

// MediaType is nil where it is not known.
func (f *MediaFile) MediaType() *string { return orNull(f.MediaFile.MediaType) }

// DurationSeconds is the length in seconds.
func (f *MediaFile) DurationSeconds() float64 { return seconds(f.DurationMs) }

// PlaybackURL is a link for the viewer, nil where the bytes are not here, no longer, or perhaps no longer.
func (f *MediaFile) PlaybackURL() *string {
	if f.Status == compliance.MediaDeleted || f.StoreKey == "" || f.DeletingAt != nil {
		return nil
	}
	return orNull(f.link(f.MediaFile.ID))
}

// SourceURL is where it lies outside, nil once it is deleted.
func (f *MediaFile) SourceURL() *string { return orNull(f.MediaFile.SourceURL) }

// Protected reports whether MiFID protection holds: until its end has been acted upon, as the conversation's
// reviewability has it.
func (f *MediaFile) Protected() bool { return f.MediaFile.Protected }

// ProtectedUntil is nil where the file is not protected, or without an end.
func (f *MediaFile) ProtectedUntil() *time.Time {
	if !f.Protected() {
		return nil
	}
	return f.MediaFile.ProtectedUntil
}

// ProtectionReason is nil where the file is not protected.
func (f *MediaFile) ProtectionReason() *string {
	if !f.Protected() {
		return nil
	}
	return orNull(f.ProtectedReason)
}

// DeletionFailure is nil where nothing went wrong.
func (f *MediaFile) DeletionFailure() *string { return orNull(f.Failure) }
