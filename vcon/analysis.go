package vcon

import (
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// analysis is an analysis of the vCon. One with a kind is a text about a segment; one without is metadata.
type analysis struct {
	object
	name    string
	kind    compliance.MessageKind
	dialogs []int
	body    any
}

func (r *reader) readAnalyses() error {
	list, err := r.root.objects("analysis")
	if err != nil {
		return err
	}
	r.analyses = make([]analysis, 0, len(list))
	for _, o := range list {
		a := analysis{object: o}
		if a.name, err = o.text("type"); err != nil {
			return err
		}
		a.kind = messageKind(a.name)
		if a.dialogs, err = r.dialogRefs(o.at("dialog"), o.members["dialog"]); err != nil {
			return err
		}
		if a.body, err = r.jsonBody(o); err != nil {
			return err
		}
		r.analyses = append(r.analyses, a)
	}
	return nil
}

// messageKind understands the names of texts that are made of a segment, with what tools add to them
// (transcript-redacted).
func messageKind(name string) compliance.MessageKind {
	switch name = strings.ToLower(strings.TrimSpace(name)); {
	case strings.HasPrefix(name, "transcri"):
		return compliance.Transcript
	case strings.HasPrefix(name, "diari"):
		return compliance.Diarized
	case strings.HasPrefix(name, "summar"):
		return compliance.Summary
	case strings.HasPrefix(name, "translat"):
		return compliance.Translation
	}
	return ""
}

// addAnalyses puts each text into the segment that it is about.
func (r *reader) addAnalyses() {
	for _, a := range r.analyses {
		if a.kind == "" {
			continue
		}
		segment, start := r.subjectOf(a)
		for _, t := range turnsOf(a.body) {
			segment.Messages = append(segment.Messages, r.message(a.kind, t, start))
		}
	}
}

// subjectOf finds the segment of the first dialog that an analysis names, and when that dialog began. Where
// it names none, a text of what was said belongs to the first call, any other text to the first segment.
func (r *reader) subjectOf(a analysis) (*conversation.IncomingSegment, time.Time) {
	for _, index := range a.dialogs {
		if d := &r.dialogs[index]; d.segment != nil {
			return d.segment, d.start
		}
	}
	for _, segment := range r.segments {
		if segment.Kind == compliance.SegmentCall && (a.kind == compliance.Transcript || a.kind == compliance.Diarized) {
			return segment, segment.StartedAt
		}
	}
	first := r.segments[0]
	for _, segment := range r.segments[1:] {
		if !segment.StartedAt.IsZero() && segment.StartedAt.Before(first.StartedAt) {
			first = segment
		}
	}
	return first, first.StartedAt
}
