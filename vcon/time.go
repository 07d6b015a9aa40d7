package vcon

import (
	"slices"
	"strings"
	"time"

	"qm-compliance/conversation"
)

// latestYear leaves room below year 10000, which RFC 3339 cannot write, for the longest duration.
const latestYear = 9900

// timeLayouts are RFC 3339 and what older tools write; without a zone a time is in UTC.
func timeLayouts() []string {
	return []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
		"2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.RFC1123Z,
	}
}

// parseTime returns a time in UTC, to the microsecond, as PostgreSQL keeps it. RFC 3339 allows its letters in
// lower case too.
func parseTime(text string) (time.Time, bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, layout := range timeLayouts() {
		if at, err := time.Parse(layout, text); err == nil && at.UTC().Year() >= 1 && at.UTC().Year() <= latestYear {
			return at.UTC().Truncate(time.Microsecond), true
		}
	}
	return time.Time{}, false
}

// readTimes derives when the conversation began and ended: from its dialogs, from what was said in them, else
// from the vCon's creation.
func (r *reader) readTimes() error {
	var start, end time.Time
	for i := range r.dialogs {
		start = earlier(start, r.dialogs[i].start)
		if d := &r.dialogs[i]; !d.start.IsZero() {
			end = later(end, d.start.Add(d.duration))
		}
	}
	if start.IsZero() {
		start = r.created
	}
	if start.IsZero() {
		return wrong("created_at", "is missing, and no dialog has a start; a conversation has a time")
	}
	for _, s := range r.segments {
		end = settle(s, start, end)
	}
	slices.SortStableFunc(r.segments, func(a, b *conversation.IncomingSegment) int { return a.StartedAt.Compare(b.StartedAt) })
	r.result.StartedAt, r.result.EndedAt = start, later(start, end)
	return nil
}

// settle gives a segment without a time the conversation's start, and returns the later of its end and the
// one given.
func settle(s *conversation.IncomingSegment, start, end time.Time) time.Time {
	if s.StartedAt.IsZero() {
		s.StartedAt = start
	}
	for _, m := range s.Messages {
		end = later(end, m.SentAt)
	}
	return later(end, s.StartedAt.Add(s.Duration))
}

// earlier is the earlier of two times that are known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
