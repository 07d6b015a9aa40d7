package db

import (
	"time"

	"qm-compliance/compliance"
)

// Review says for each segment, in the order given, why it can or can no longer be reviewed. Segments and Media must be loaded.
func (c *Conversation) Review(now time.Time) []compliance.Reason {
	reasons := make([]compliance.Reason, 0, len(c.Segments))
	for _, state := range c.segmentStates(now) {
		reasons = append(reasons, state.Review(c.Done()))
	}
	return reasons
}

func (c *Conversation) segmentStates(now time.Time) []compliance.SegmentState {
	protected := map[int64]int{}
	for _, file := range c.Media {
		if file.ProtectedAt(now) && file.Status != compliance.MediaDeleted {
			protected[file.SegmentID]++
		}
	}
	states := make([]compliance.SegmentState, 0, len(c.Segments))
	for _, segment := range c.Segments {
		states = append(states, compliance.SegmentState{Kind: segment.Kind, ProtectedFiles: protected[segment.ID]})
	}
	return states
}

// derive sets the columns that follow from the rest: reviewability, media status and types. Segments and Media must be loaded.
func (c *Conversation) derive(now time.Time) {
	files := make([]compliance.MediaState, 0, len(c.Media))
	for _, file := range c.Media {
		files = append(files, compliance.MediaState{Kind: file.Kind, Status: file.Status})
	}
	kinds := make([]compliance.SegmentKind, 0, len(c.Segments))
	for _, segment := range c.Segments {
		kinds = append(kinds, segment.Kind)
	}
	c.Reviewable = compliance.Reviewable(c.segmentStates(now), c.Done())
	c.MediaStatus = compliance.StatusOf(files)
	c.Types = compliance.TypesOf(kinds, files)
}
