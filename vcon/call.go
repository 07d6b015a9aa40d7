package vcon

import (
	"slices"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// addRecordings makes a call of each recording. Those of a set are of the same call. Recordings that overlap
// in time are of the same call when they have the same parties; a screen and a sound also when one of them
// has only some of the other's, since a screen is only its user's. One whose start is not known overlaps
// nothing.
func (r *reader) addRecordings(recordings []*dialog) error {
	slices.SortStableFunc(recordings, func(a, b *dialog) int { return a.start.Compare(b.start) })
	var lasting []*dialog // those before, whose call has not ended yet
	for _, d := range recordings {
		file, err := r.mediaFile(d)
		if err != nil {
			return err
		}
		lasting = slices.DeleteFunc(lasting, func(other *dialog) bool { return !overlaps(other.segment, d) })
		d.segment = d.callOfSet()
		if i := slices.IndexFunc(lasting, func(other *dialog) bool { return sameParties(other, d) }); i >= 0 && d.segment == nil {
			d.segment = lasting[i].segment
		}
		if d.segment == nil {
			r.addSegment(&conversation.IncomingSegment{Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration}, d)
		}
		d.segment.Media = append(d.segment.Media, file)
		cover(d.segment, d.start, d.duration)
		if d.set != nil {
			d.set.segment = d.segment
		}
		lasting = append(lasting, d)
	}
	return nil
}

func sameParties(a, b *dialog) bool {
	if a.mediaKind() != b.mediaKind() {
		return a.isWithin(b) || b.isWithin(a)
	}
	return a.isWithin(b) && b.isWithin(a)
}

// isWithin reports whether all parties of a dialog are parties of another.
func (d *dialog) isWithin(other *dialog) bool {
	return !slices.ContainsFunc(d.parties, func(party int) bool { return !slices.Contains(other.parties, party) })
}

// overlaps compares a segment with a recording that did not begin before it.
func overlaps(segment *conversation.IncomingSegment, d *dialog) bool {
	return !d.start.IsZero() && !segment.StartedAt.IsZero() &&
		(segment.StartedAt.Equal(d.start) || d.start.Before(segment.StartedAt.Add(segment.Duration)))
}
