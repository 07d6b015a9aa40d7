package vcon

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// analysis is an analysis of the vCon, or an attachment that is one. Its texts are messages of a segment; rest
// is metadata, nil where there is none.
type analysis struct {
	object
	name    string
	dialogs []int
	texts   []madeText
	rest    any
	// isOfCall says that there is a call where all that it is about are empty dialogs.
	isOfCall bool
}

// madeText is a text that was made of a segment.
type madeText struct {
	kind compliance.MessageKind
	turn
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
		if a.dialogs, err = dialogRefs(o.at("dialog"), o.members["dialog"], dialogs); err != nil {
			return nil, err
		}
		body, err := jsonBody(o, limits)
		if err != nil {
			return nil, err
		}
		a.take(kindByName(a.name), body)
		all = append(all, a)
	}
	return all, nil
}

// take sorts a body into texts and metadata: by the kind that its name says, or, where that is none, by what is
// in it.
func (a *analysis) take(kind compliance.MessageKind, body any) {
	found, understood := findTurns(body)
	switch isSpoken := kind == compliance.Transcript || kind == compliance.Diarized; {
	case body == nil:
	case isPlainKind(a.name):
		a.add(kind, turnsOf(body))
	case isSpoken && understood && len(found) > 0:
		a.add(kind, found)
	case isSpoken && holdsWords(body):
		a.add(kind, turnsOf(body))
	default:
		a.takeContent(kind, body)
	}
	a.isOfCall = kind != "" && kind != compliance.Translation && (len(a.texts) > 0 || isPlainKind(a.name)) ||
		slices.ContainsFunc(a.texts, func(t madeText) bool { return t.kind == compliance.Transcript })
}

// isPlainKind reports whether the type of an analysis is the very name of a kind of text, with no more than
// something behind it (transcript-redacted). All of its body is the text.
func isPlainKind(name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return slices.ContainsFunc([]string{"transcri", "diari", "summar", "translat"}, func(kind string) bool {
		return strings.HasPrefix(name, kind)
	})
}

// takeContent takes what was said or written out of a body. A body that is a text, and no label, is one.
func (a *analysis) takeContent(kind compliance.MessageKind, body any) {
	if text, isText := body.(string); isText {
		isLabel := len(strings.Fields(text)) < 2 && !isTextName(a.name) ||
			isResult(a.name) && !isProse(a.name, text, true)
		if isScalarText(text) || kind == "" && isLabel {
			a.rest = text
			return
		}
		a.add(cmp.Or(kind, compliance.Summary), oneTurn(text))
		return
	}
	found, rest := contentOf(a.name, withoutMakings(body))
	a.rest = rest
	spoken := compliance.Transcript
	if kind != "" {
		spoken = kind
	}
	a.add(spoken, found.turns)
	for _, text := range found.prose {
		a.add(cmp.Or(kind, compliance.Summary), oneTurn(text))
	}
}

func (a *analysis) add(kind compliance.MessageKind, turns []turn) {
	for _, t := range turns {
		a.texts = append(a.texts, madeText{kind, t})
	}
}

// addTexts puts each text into the segment that it is about.
func addTexts(
	segments []*conversation.IncomingSegment, dialogs []dialog, analyses []analysis, parties *parties,
) error {
	for _, a := range analyses {
		isMixed := a.isMixed(segments, dialogs)
		for _, t := range a.texts {
			segment, start := subjectOf(a, t.kind, segments, dialogs)
			message := parties.message(t.kind, t.turn, start)
			if len(message.Text) > len(t.text)+maxLabel {
				return wrong(a.at("body"), "names a speaker in more than %d bytes", maxLabel)
			}
			message.Mixed = isMixed
			segment.Messages = append(segment.Messages, message)
		}
	}
	return nil
}

// isMixed reports whether what an analysis is about is covered by more than one switch: calls, and what was
// written. One that names no dialog is about all.
func (a *analysis) isMixed(segments []*conversation.IncomingSegment, dialogs []dialog) bool {
	var about []*conversation.IncomingSegment
	for _, index := range a.dialogs {
		if d := &dialogs[index]; d.segment != nil {
			about = append(about, d.segment)
		}
	}
	if len(about) == 0 {
		about = segments
	}
	return slices.ContainsFunc(about, func(s *conversation.IncomingSegment) bool {
		return s.Kind.Content() != about[0].Kind.Content()
	})
}

// subjectOf finds the segment of the first dialog that an analysis names, and when that dialog began. Where
// it names none, a text of what was said belongs to the first call, any other text to the first segment.
func subjectOf(
	a analysis, kind compliance.MessageKind, segments []*conversation.IncomingSegment, dialogs []dialog,
) (*conversation.IncomingSegment, time.Time) {
	for _, index := range a.dialogs {
		if d := &dialogs[index]; d.segment != nil {
			return d.segment, d.start
		}
	}
	isSpoken := kind == compliance.Transcript || kind == compliance.Diarized
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
