package compliance

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
