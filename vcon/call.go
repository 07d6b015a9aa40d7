package vcon

import (
	"slices"

	"qm-compliance/compliance"
)

// addRecordings makes a call of each recording. Recordings with the same parties that overlap in time are of the same call: its sound and its
// screen, as a rule. One whose start is not known overlaps nothing.
func (r *reader) addRecordings(recordings []*dialog) error {
	slices.SortStableFunc(recordings, func(a, b *dialog) int { return a.start.Compare(b.start) })
	for i, d := range recordings {
		file, err := r.mediaFile(d)
		if err != nil {
			return err
		}
		if same := sameCall(recordings[:i], d); same != nil {
			same.Media = append(same.Media, file)
			same.cover(d.start, d.duration)
			d.segment = same
			continue
		}
		r.addSegment(&Segment{Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration, Media: []MediaFile{file}}, d)
	}
	return nil
}

func sameCall(earlier []*dialog, d *dialog) *Segment {
	for _, other := range earlier {
		if slices.Equal(partySet(other), partySet(d)) && overlaps(other.segment, d) {
			return other.segment
		}
	}
	return nil
}

func partySet(d *dialog) []int { return slices.Compact(slices.Sorted(slices.Values(d.parties))) }

// overlaps compares a segment with a recording that did not begin before it.
func overlaps(segment *Segment, d *dialog) bool {
	return !d.start.IsZero() && !segment.StartedAt.IsZero() &&
		(segment.StartedAt.Equal(d.start) || d.start.Before(segment.StartedAt.Add(segment.Duration)))
}
