package vcon

import (
	"slices"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// readSegments sorts the dialogs into calls, e-mail threads and one chat, and puts the texts that were made
// from them where they belong.
func (r *reader) readSegments() error {
	var sorted struct{ recordings, mails, turns []*dialog }
	if err := r.readSets(); err != nil {
		return err
	}
	calls := r.unrecordedCalls()
	for i := range r.dialogs {
		switch d := &r.dialogs[i]; {
		case d.kind == "recording":
			sorted.recordings = append(sorted.recordings, d)
		case d.isEmail():
			sorted.mails = append(sorted.mails, d)
		case d.kind == "incomplete" || calls[i]:
			r.addSegment(&conversation.IncomingSegment{Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration}, d)
		case d.kind == "text":
			sorted.turns = append(sorted.turns, d)
		}
	}
	if err := r.addRecordings(sorted.recordings); err != nil {
		return err
	}
	if err := r.addThreads(sorted.mails); err != nil {
		return err
	}
	if err := r.addChat(sorted.turns, len(sorted.mails) > 0); err != nil {
		return err
	}
	if len(r.segments) == 0 {
		return wrong("dialog", "has no call, e-mail or chat in it, only transfers or sets of no recordings; a conversation has at least one")
	}
	r.readDirection()
	r.addAnalyses()
	return nil
}

func (r *reader) addSegment(segment *conversation.IncomingSegment, dialogs ...*dialog) {
	for _, d := range dialogs {
		d.segment = segment
	}
	r.segments = append(r.segments, segment)
}

// unrecordedCalls finds the calls that were only written down: text dialogs without a body that a text was
// made from (of them alone; an analysis that names no dialog is about all), or whose meta speaks of a call
// while nothing in the vCon is a chat.
func (r *reader) unrecordedCalls() []bool {
	calls := make([]bool, len(r.dialogs))
	ofAll := false
	for _, a := range r.analyses {
		if a.kind == "" || a.kind == compliance.Translation || (ofAll && len(a.dialogs) == 0) {
			continue
		}
		ofAll = ofAll || len(a.dialogs) == 0
		if about := r.aboutOf(a); !slices.ContainsFunc(about, func(i int) bool { return !r.dialogs[i].isEmpty() }) {
			for _, i := range about {
				calls[i] = true
			}
		}
	}
	hasTurns := slices.ContainsFunc(r.dialogs, func(d dialog) bool { return d.text != "" })
	for i := range r.dialogs {
		meta := r.dialogs[i].object.object("meta")
		calls[i] = calls[i] || (!hasTurns && r.dialogs[i].isEmpty() && (meta.has("disposition") || meta.has("direction")))
	}
	return calls
}

func (r *reader) aboutOf(a analysis) []int {
	if len(a.dialogs) > 0 {
		return a.dialogs
	}
	all := make([]int, len(r.dialogs))
	for i := range all {
		all[i] = i
	}
	return all
}

// cover widens a segment to the time of one of its dialogs.
func cover(s *conversation.IncomingSegment, start time.Time, duration time.Duration) {
	if start.IsZero() {
		return
	}
	end := later(s.StartedAt.Add(s.Duration), start.Add(duration))
	if s.StartedAt = earlier(s.StartedAt, start); end.After(s.StartedAt) {
		s.Duration = end.Sub(s.StartedAt)
	}
}
