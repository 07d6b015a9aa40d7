package vcon

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func (e *exportReader) segment(
	path string, from layoutSegment, participants int,
) (s conversation.IncomingSegment, err error) {
	head, err := part(path+".dialog", e.dialogs, from.Dialog)
	if err != nil {
		return s, err
	}
	duration, fits := milliseconds(from.DurationMs)
	isCount := from.Attachments >= 0 && from.Attachments <= math.MaxInt32
	if !slices.Contains(compliance.SegmentKinds(), from.Kind) || !writable(from.StartedAt) || !fits || !isCount {
		return s, wrong(path, "has an invalid kind, time, duration or number")
	}
	s = conversation.IncomingSegment{
		Kind: from.Kind, StartedAt: micro(from.StartedAt), Duration: duration, Attachments: from.Attachments,
	}
	switch from.Kind {
	case compliance.SegmentEmail:
		s.Subject, err = head.text("subject")
	case compliance.SegmentChat:
		s.RoomName = head.object("meta").scalar("room")
	}
	if err != nil {
		return s, err
	}
	for i, message := range from.Messages {
		m, err := e.message(element(path+".messages", i), message, participants)
		if err != nil {
			return s, err
		}
		s.Messages = append(s.Messages, m)
	}
	for i, media := range from.Media {
		file, err := e.recording(element(path+".media", i), media)
		if err != nil {
			return s, err
		}
		s.Media = append(s.Media, file)
	}
	if s.Kind != compliance.SegmentCall && len(s.Media) > 0 {
		return s, wrong(path+".media", "is not empty, and only calls have recordings")
	}
	return s, nil
}

func milliseconds(ms int64) (time.Duration, bool) {
	return time.Duration(ms) * time.Millisecond, ms >= 0 && ms <= math.MaxInt32*1000
}

func (e *exportReader) message(
	path string, from layoutMessage, participants int,
) (conversation.IncomingMessage, error) {
	m := conversation.IncomingMessage{Kind: from.Kind, Author: from.Author, Mixed: from.Mixed}
	if !slices.Contains(messageKinds(), from.Kind) {
		return m, wrong(path+".kind", "is not a kind of message")
	}
	if from.Author < conversation.NoAuthor || from.Author >= participants {
		return m, wrong(path+".author", "refers to %d, which does not exist", from.Author)
	}
	if from.SentAt != nil {
		if !writable(*from.SentAt) {
			return m, wrong(path+".sentAt", "is not a time of a message")
		}
		m.SentAt = micro(*from.SentAt)
	}
	var err error
	if m.Text, err = e.text(path, from); err != nil {
		return m, err
	}
	if strings.TrimSpace(m.Text) == "" {
		return m, wrong(path, "refers to a text that does not exist")
	}
	return m, nil
}

func messageKinds() []compliance.MessageKind {
	return []compliance.MessageKind{
		compliance.ChatMessage, compliance.EmailBody, compliance.Transcript, compliance.Diarized,
		compliance.Summary, compliance.Translation,
	}
}

// text finds the text of a message: the body of a dialog, or the text in that of an analysis.
func (e *exportReader) text(path string, from layoutMessage) (string, error) {
	switch {
	case from.Dialog != nil:
		o, err := part(path+".dialog", e.dialogs, *from.Dialog)
		if err != nil {
			return "", err
		}
		return o.text("body")
	case from.Analysis != nil:
		o, err := part(path+".analysis", e.analyses, *from.Analysis)
		if err != nil {
			return "", err
		}
		return o.object("body").text("text")
	}
	return "", wrong(path, "refers neither to a dialog nor to an analysis")
}

func (e *exportReader) recording(path string, from layoutMedia) (conversation.IncomingMedia, error) {
	o, err := part(path+".dialog", e.dialogs, from.Dialog)
	if err != nil {
		return conversation.IncomingMedia{}, err
	}
	duration, fits := milliseconds(from.DurationMs)
	statuses := append([]compliance.MediaStatus{""}, compliance.MediaStatuses()[1:]...)
	isKind := from.Kind == compliance.MediaCall || from.Kind == compliance.MediaScreen
	if !isKind || !slices.Contains(statuses, from.Status) || !fits {
		return conversation.IncomingMedia{}, wrong(path, "has an invalid kind, status or duration")
	}
	mediaType, err := o.text("mediatype")
	if err != nil {
		return conversation.IncomingMedia{}, err
	}
	d := &dialog{object: o, mediaType: mediaType, duration: duration}
	if from.StartedAt != nil {
		if !writable(*from.StartedAt) {
			return conversation.IncomingMedia{}, wrong(path+".startedAt", "is not a time of a recording")
		}
		d.start = micro(*from.StartedAt)
	}
	file, err := readMedia(d, &identifiers{})
	if err != nil {
		return file, err
	}
	file.Kind, file.Status, file.Elsewhere = from.Kind, from.Status, from.Elsewhere || file.Elsewhere
	if file.Status == compliance.MediaDeleted {
		file.Body = nil
	}
	if file.Protection = from.Protection.read(); file.Protection != nil {
		if utf8.RuneCountInString(file.Protection.Note) > conversation.MaxNote {
			return file, wrong(path+".protection.note", "is longer than a note can be")
		}
	}
	return file, nil
}

// read takes words in place of a code, as earlier versions wrote them, for the note of another reason.
func (p *layoutProtection) read() *conversation.IncomingProtection {
	if p == nil {
		return nil
	}
	read := &conversation.IncomingProtection{Reason: compliance.ProtectionReason(p.Reason), Note: p.Note}
	if !slices.Contains(compliance.ProtectionReasons(), read.Reason) {
		read.Reason, read.Note = compliance.ReasonOther, cmp.Or(p.Note, p.Reason)
	}
	if p.Until != nil && writable(*p.Until) {
		read.Until = micro(*p.Until)
	}
	return read
}

// metadata reads the keys as they were written: they were clean then, and one that is not was not written by
// this system.
func (e *exportReader) metadata(path string, at *int) ([]conversation.IncomingMetadatum, error) {
	if at == nil {
		return nil, nil
	}
	o, err := part(path, e.attachments, *at)
	if err != nil {
		return nil, err
	}
	members := o.object("body").members
	clean := newMetadata(&identifiers{})
	for _, key := range slices.Sorted(maps.Keys(members)) {
		value, isText := members[key].(string)
		if !isText {
			return nil, wrong(o.at("body"), "has a value that is not a text")
		}
		for step := range strings.SplitSeq(key, ".") {
			if step = strings.TrimSpace(step); step != "" && clean.cleanPart(step) != step {
				return nil, wrong(o.at("body"), "has a name that this system never gives to metadata")
			}
		}
		clean.put(key, value)
	}
	return clean.list()
}
