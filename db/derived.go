package db

import "qm-compliance/compliance"

// Review says for each segment, in the order given, why it can or can no longer be reviewed. Segments and Media must be loaded. A protection
// counts until its end has been acted upon, so that the segments always agree with the conversation.
func (c *Conversation) Review() []compliance.Reason {
	reasons := make([]compliance.Reason, 0, len(c.Segments))
	for _, state := range c.segmentStates() {
		reasons = append(reasons, state.Review(c.Done()))
	}
	return reasons
}

// whyReviewable gives the one reason for the whole conversation. Segments and Media must be loaded.
func (c *Conversation) whyReviewable() compliance.Reason {
	return compliance.WhyReviewable(c.segmentStates(), c.Done())
}

func (c *Conversation) segmentStates() []compliance.SegmentState {
	protected := map[int64]int{}
	for _, file := range c.Media {
		if file.Protected && file.Status != compliance.MediaDeleted {
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
func (c *Conversation) derive() {
	files := make([]compliance.MediaState, 0, len(c.Media))
	for _, file := range c.Media {
		files = append(files, compliance.MediaState{Kind: file.Kind, Status: file.Status})
	}
	kinds := make([]compliance.SegmentKind, 0, len(c.Segments))
	for _, segment := range c.Segments {
		kinds = append(kinds, segment.Kind)
	}
	c.Reviewable = compliance.Reviewable(c.segmentStates(), c.Done())
	c.MediaStatus = compliance.StatusOf(files)
	c.Types = compliance.TypesOf(kinds, files)
}
