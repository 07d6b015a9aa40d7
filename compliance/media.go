package compliance

import (
	"slices"
)

// MediaStatus is what became of a conversation's media, or of one file, which is never NONE (design, section
// 4, "Media status").
type MediaStatus string

// The media statuses.
const (
	MediaNone      MediaStatus = "NONE"
	MediaAvailable MediaStatus = "AVAILABLE"
	MediaPlanned   MediaStatus = "PLANNED_FOR_DELETION"
	MediaDeleted   MediaStatus = "DELETED"
	// MediaMissing: a vCon speaks of a recording whose content is nowhere known: it brings no bytes, and has no
	// url that leads to them.
	MediaMissing MediaStatus = "MISSING"
)

// MediaStatuses returns every status in the order of the design's table.
func MediaStatuses() []MediaStatus {
	return []MediaStatus{MediaNone, MediaAvailable, MediaPlanned, MediaDeleted, MediaMissing}
}

// MediaState is what the status and the types of a conversation depend on, for one of its files.
type MediaState struct {
	Kind   MediaKind
	Status MediaStatus
}

// StatusOf derives the status of a conversation from its files: planned while any is planned, deleted when at
// least one was deleted and none is planned, missing when all are.
func StatusOf(files []MediaState) MediaStatus {
	for _, status := range []MediaStatus{MediaPlanned, MediaDeleted, MediaAvailable, MediaMissing} {
		if slices.ContainsFunc(files, func(f MediaState) bool { return f.Status == status }) {
			return status
		}
	}
	return MediaNone
}

// TypesOf lists the types of a conversation. The screen recording type is there as long as a screen recording
// is; the call type stays.
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

// showsScreen reports whether a screen recording is there. Each file's own status decides, whatever becomes of
// the others.
func showsScreen(files []MediaState) bool {
	return slices.ContainsFunc(files, func(f MediaState) bool {
		return f.Kind == MediaScreen && (f.Status == MediaAvailable || f.Status == MediaPlanned)
	})
}

// MediaDisposition is what anonymizing a conversation makes of one of its media files (design, section 4).
type MediaDisposition string

// The dispositions. DispositionPlanned is the only one that changes the file.
const (
	// DispositionPlanned: it can be played, and becomes planned for deletion.
	DispositionPlanned MediaDisposition = "PLANNED"
	// DispositionProtected: it stays, because MiFID says that it must be kept.
	DispositionProtected MediaDisposition = "PROTECTED"
	// DispositionKept: it stays, because the switch for media files is off.
	DispositionKept MediaDisposition = "KEPT"
	// DispositionAlreadyPlanned: an earlier anonymization planned it for deletion.
	DispositionAlreadyPlanned MediaDisposition = "ALREADY_PLANNED"
	// DispositionDeleted: it is gone already.
	DispositionDeleted MediaDisposition = "DELETED"
	// DispositionMissing: it is not here, and is planned as soon as an import brings it.
	DispositionMissing MediaDisposition = "MISSING"
)

// DispositionOf decides about a file under a selection. Protected says whether MiFID protection holds.
func (s Selection) DispositionOf(status MediaStatus, protected bool) MediaDisposition {
	switch {
	case status == MediaDeleted:
		return DispositionDeleted
	case status == MediaPlanned:
		return DispositionAlreadyPlanned
	case status == MediaMissing:
		return DispositionMissing
	case protected:
		return DispositionProtected
	case !s.MediaFiles:
		return DispositionKept
	}
	return DispositionPlanned
}

// Owed reports whether a file has to be planned for deletion because its conversation was anonymized: with
// what anonymizing it had on (done; nil where it never was), the file would be planned, had it been there and
// without protection. This is so for a file whose protection is over, and for one that an import brings
// (design, section 4, "MiFID protection", and section 5, "Reimport").
func Owed(done *Selection, status MediaStatus, protected bool) bool {
	return done != nil && done.DispositionOf(status, protected) == DispositionPlanned
}

// Reason says why a segment can, or can no longer, be reviewed.
type Reason string

// The reasons. Only ReasonAnonymized stands for a segment that is anonymized.
const (
	// ReasonUntouched: the conversation was never anonymized.
	ReasonUntouched Reason = "UNTOUCHED"
	// ReasonContentKept: it was anonymized while the switch that covers this segment's content was off.
	ReasonContentKept Reason = "CONTENT_KEPT"
	// ReasonProtectedMedia: the switch was on, but a protected media file is left.
	ReasonProtectedMedia Reason = "PROTECTED_MEDIA"
	// ReasonAnonymized: the content is gone or planned to go.
	ReasonAnonymized Reason = "ANONYMIZED"
)

// Reviewable reports whether what has this reason can be reviewed.
func (r Reason) Reviewable() bool { return r != ReasonAnonymized }

// SegmentState is what the reviewability of a segment depends on.
type SegmentState struct {
	Kind SegmentKind
	// ProtectedFiles counts the protected media files that are left in the segment.
	ProtectedFiles int
}

// Review decides about one segment of a conversation. Done holds everything that was on whenever the
// conversation was anonymized; it is nil where it never was.
func (s SegmentState) Review(done *Selection) Reason {
	switch {
	case done == nil:
		return ReasonUntouched
	case !done.Basic(s.Kind.Content()):
		return ReasonContentKept
	case s.ProtectedFiles > 0:
		return ReasonProtectedMedia
	}
	return ReasonAnonymized
}

// Reviewable decides about a conversation: it can be reviewed while at least one of its segments is not
// anonymized (design, section 4, "Reviewability").
func Reviewable(segments []SegmentState, done *Selection) bool {
	return WhyReviewable(segments, done).Reviewable()
}

// WhyReviewable gives one reason for a whole conversation, ReasonAnonymized where it cannot be reviewed.
// ReasonContentKept comes before ReasonProtectedMedia, which so says that the conversation is reviewable for
// its protected files alone.
func WhyReviewable(segments []SegmentState, done *Selection) Reason {
	why := ReasonAnonymized
	for _, segment := range segments {
		switch reason := segment.Review(done); reason {
		case ReasonUntouched, ReasonContentKept:
			return reason
		case ReasonProtectedMedia:
			why = reason
		}
	}
	return why
}
