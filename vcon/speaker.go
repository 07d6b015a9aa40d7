package vcon

import (
	"encoding/json"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// farthest is how far into a dialog a turn may be said to begin; a larger number is no distance in seconds.
const farthest = 7 * 24 * time.Hour

// message makes a message of a turn. A speaker who is no participant is put in front of the text, unless the
// label may be a number or an address.
func (r *reader) message(kind compliance.MessageKind, t turn, start time.Time) conversation.IncomingMessage {
	m := conversation.IncomingMessage{Kind: kind, Author: r.speaker(t), SentAt: sentAt(t.start, start), Text: t.text}
	label := t.label()
	if m.Author == conversation.NoAuthor && label != "" && !looksPersonal(label) && !r.identifiers.in(label) {
		m.Text = label + ": " + t.text
	}
	return m
}

// label names a speaker who is no participant.
func (t turn) label() string {
	switch v := t.speaker.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		if !t.byNumber {
			return "Speaker " + v.String()
		}
	}
	return ""
}

// speaker finds a participant by number, name or role, NoAuthor where there is none.
func (r *reader) speaker(t turn) int {
	if refs, err := r.partyRefs("", t.speaker); t.byNumber && err == nil && len(refs) > 0 {
		return refs[0]
	}
	name := t.label()
	for i, p := range r.parties {
		if given, _ := p.object.text("name"); name != "" && strings.EqualFold(strings.TrimSpace(given), name) {
			return i
		}
	}
	return r.firstOf(roleOf(name))
}

// firstOf is the first participant of a role, NoAuthor where there is none.
func (r *reader) firstOf(role compliance.ParticipantRole) int {
	for i, p := range r.parties {
		if role != compliance.RoleOther && p.Role == role {
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
		if distance := time.Duration(seconds * float64(time.Second)); err == nil && seconds >= 0 && seconds < farthest.Seconds() && !start.IsZero() {
			return start.Add(distance).Truncate(time.Microsecond)
		}
	}
	return time.Time{}
}
