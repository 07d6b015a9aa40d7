package compliance

import "slices"

// MediaStatus is what became of a conversation's media, or of one file, which is never NONE (design, section 4, "Media status").
type MediaStatus string

// The media statuses.
const (
	MediaNone      MediaStatus = "NONE"
	MediaAvailable MediaStatus = "AVAILABLE"
	MediaPlanned   MediaStatus = "PLANNED_FOR_DELETION"
	MediaDeleted   MediaStatus = "DELETED"
)

// MediaStatuses returns every status in the order of the design's table.
func MediaStatuses() []MediaStatus {
	return []MediaStatus{MediaNone, MediaAvailable, MediaPlanned, MediaDeleted}
}

// MediaState is what the status and the types of a conversation depend on, for one of its files.
type MediaState struct {
	Kind   MediaKind
	Status MediaStatus
}

// StatusOf derives the status of a conversation from its files: planned while any is planned, deleted when at least one was
// deleted and none is planned.
func StatusOf(files []MediaState) MediaStatus {
	for _, status := range []MediaStatus{MediaPlanned, MediaDeleted, MediaAvailable} {
		if slices.ContainsFunc(files, func(f MediaState) bool { return f.Status == status }) {
			return status
		}
	}
	return MediaNone
}

// TypesOf lists the types of a conversation. The screen recording type goes when the media is deleted, unless a protected
// screen recording is left; the call type stays.
func TypesOf(segments []SegmentKind, files []MediaState) []ConversationType {
	types := []ConversationType{}
	if slices.Contains(segments, SegmentCall) {
		types = append(types, TypeCall)
	}
	if showsScreen(files) {
		types = append(types, TypeScreenRecording)
	}
	if slices.Contains(segments, SegmentEmail) {
		types = append(types, TypeEmail)
	}
	if slices.Contains(segments, SegmentChat) {
		types = append(types, TypeChat)
	}
	return types
}

func showsScreen(files []MediaState) bool {
	deleted := StatusOf(files) == MediaDeleted
	return slices.ContainsFunc(files, func(f MediaState) bool {
		return f.Kind == MediaScreen && (!deleted || f.Status != MediaDeleted)
	})
}
