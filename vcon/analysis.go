package vcon

import (
	"encoding/json"
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

// readAnalyses reads the analyses of a vCon that has so many dialogs.
func readAnalyses(root object, dialogs int, limits *bounds) ([]analysis, error) {
	list, err := root.objects("analysis")
	if err != nil {
		return nil, err
	}
	all := make([]analysis, 0, len(list))
	for _, o := range list {
		a := analysis{object: o}
		if a.name, err = o.text("type"); err != nil {
			return nil, err
		}
		a.kind = messageKind(a.name)
		if a.dialogs, err = dialogRefs(o.at("dialog"), o.members["dialog"], dialogs); err != nil {
			return nil, err
		}
		if a.body, err = jsonBody(o, limits); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
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

// addTexts puts each text into the segment that it is about.
func addTexts(
	segments []*conversation.IncomingSegment, dialogs []dialog, analyses []analysis, parties *parties,
) error {
	for _, a := range analyses {
		if a.kind == "" {
			continue
		}
		segment, start := subjectOf(a, segments, dialogs)
		for _, t := range turnsOf(a.body) {
			message := parties.message(a.kind, t, start)
			if len(message.Text) > len(t.text)+maxLabel {
				return wrong(a.at("body"), "names a speaker in more than %d bytes", maxLabel)
			}
			segment.Messages = append(segment.Messages, message)
		}
	}
	return nil
}

// subjectOf finds the segment of the first dialog that an analysis names, and when that dialog began. Where
// it names none, a text of what was said belongs to the first call, any other text to the first segment.
func subjectOf(
	a analysis, segments []*conversation.IncomingSegment, dialogs []dialog,
) (*conversation.IncomingSegment, time.Time) {
	for _, index := range a.dialogs {
		if d := &dialogs[index]; d.segment != nil {
			return d.segment, d.start
		}
	}
	isSpoken := a.kind == compliance.Transcript || a.kind == compliance.Diarized
	for _, segment := range segments {
		if segment.Kind == compliance.SegmentCall && isSpoken {
			return segment, segment.StartedAt
		}
	}
	first := segments[0]
	for _, segment := range segments[1:] {
		if !segment.StartedAt.IsZero() && segment.StartedAt.Before(first.StartedAt) {
			first = segment
		}
	}
	return first, first.StartedAt
}

const (
	// farthest is how far into a dialog a turn may be said to begin; a larger number is no distance in seconds.
	farthest = 7 * 24 * time.Hour
	// maxLabel bounds the name of a speaker, in bytes, since it may stand in front of each of many turns.
	maxLabel = 200
)

// message makes a message of a turn. A speaker who is no participant is put in front of the text, unless the
// label may be a number or an address.
func (p *parties) message(kind compliance.MessageKind, t turn, start time.Time) conversation.IncomingMessage {
	m := conversation.IncomingMessage{
		Kind: kind, Author: p.speaker(t), SentAt: sentAt(t.start, start), Text: t.text,
	}
	label := t.label()
	if m.Author == conversation.NoAuthor && label != "" && !looksPersonal(label) && !p.known.in(label) {
		m.Text = label + ": " + t.text
	}
	return m
}

// speaker finds a participant by number, name or role, NoAuthor where there is none.
func (p *parties) speaker(t turn) int {
	if refs, err := p.refs("", t.speaker); t.byNumber && err == nil && len(refs) > 0 {
		return refs[0]
	}
	name := t.label()
	for i, one := range p.list {
		if given, _ := one.object.text("name"); name != "" && strings.EqualFold(strings.TrimSpace(given), name) {
			return i
		}
	}
	return p.firstOf(roleOf(name))
}

// firstOf is the first participant of a role, NoAuthor where there is none.
func (p *parties) firstOf(role compliance.ParticipantRole) int {
	for i, one := range p.list {
		if role != compliance.RoleOther && one.Role == role {
			return i
		}
	}
	return conversation.NoAuthor
}

// sentAt understands a date, or the seconds since the dialog began.
func sentAt(value any, start time.Time) time.Time {
	switch v := value.(type) {
	case string:
		at, _ := parseTime(v)
		return at
	case json.Number:
		seconds, err := v.Float64()
		if err == nil && seconds >= 0 && seconds < farthest.Seconds() && !start.IsZero() {
			return start.Add(time.Duration(seconds * float64(time.Second))).Truncate(time.Microsecond)
		}
	}
	return time.Time{}
}
