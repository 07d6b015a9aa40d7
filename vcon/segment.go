package vcon

import (
	"slices"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// readSegments sorts the dialogs into calls, e-mail threads and one chat, and puts the texts that were made
// of them where they belong.
func readSegments(
	root object, dialogs []dialog, analyses []analysis, parties *parties,
) ([]*conversation.IncomingSegment, error) {
	if err := joinSets(dialogs); err != nil {
		return nil, err
	}
	subject, err := root.text("subject")
	if err != nil {
		return nil, err
	}
	var all []*conversation.IncomingSegment
	var recordings, mails, turns []*dialog
	isCall := unrecordedCalls(dialogs, analyses)
	for i := range dialogs {
		switch d := &dialogs[i]; {
		case d.kind == "recording":
			recordings = append(recordings, d)
		case d.isEmail():
			mails = append(mails, d)
		case d.kind == "incomplete" || isCall[i]:
			all = append(all, newCall(d))
		case d.kind == "text":
			turns = append(turns, d)
		}
	}
	calls, err := recordedCalls(recordings, parties.known)
	if err != nil {
		return nil, err
	}
	threads, err := threadSegments(mails, subject, parties)
	if err != nil {
		return nil, err
	}
	all = slices.Concat(all, calls, threads)
	if len(mails) > 0 {
		subject = "" // it is theirs
	}
	if chat := chatOf(turns, subject); len(chat.Messages) > 0 || (len(turns) > 0 && len(all) == 0) {
		all = append(all, chat)
		for _, d := range turns {
			d.segment = chat
		}
	}
	if len(all) == 0 {
		return nil, wrong("dialog", "has no call, e-mail or chat in it, only transfers or sets of no recordings; "+
			"a conversation has at least one")
	}
	return all, addTexts(all, dialogs, analyses, parties)
}

// newCall makes a call of one dialog.
func newCall(d *dialog) *conversation.IncomingSegment {
	d.segment = &conversation.IncomingSegment{
		Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration,
	}
	return d.segment
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

// unrecordedCalls finds the calls that were only written down: text dialogs without a body from which a text
// was made (of them alone; an analysis that names no dialog is about all), or whose meta speaks of a call
// while nothing in the vCon is a chat.
func unrecordedCalls(dialogs []dialog, analyses []analysis) []bool {
	calls := make([]bool, len(dialogs))
	isAboutAll := false
	for _, a := range analyses {
		if !a.isOfCall || (isAboutAll && len(a.dialogs) == 0) {
			continue
		}
		about := a.dialogs
		if len(about) == 0 {
			isAboutAll = true
			about = allOf(dialogs)
		}
		if !slices.ContainsFunc(about, func(i int) bool { return !dialogs[i].isEmpty() }) {
			for _, i := range about {
				calls[i] = true
			}
		}
	}
	hasTurns := slices.ContainsFunc(dialogs, func(d dialog) bool { return d.text != "" })
	for i := range dialogs {
		meta := dialogs[i].object.object("meta")
		isCall := meta.has("disposition") || meta.has("direction")
		calls[i] = calls[i] || (!hasTurns && dialogs[i].isEmpty() && isCall)
	}
	return calls
}

func allOf(dialogs []dialog) []int {
	all := make([]int, len(dialogs))
	for i := range all {
		all[i] = i
	}
	return all
}

// recordedCalls makes calls of recordings. The recordings of a set are of the same call. Recordings that
// overlap in time are of the same call when they have the same parties; a screen and a sound also when one of
// them has only some of the other's, since a screen is only its user's. A recording whose start is not known
// overlaps nothing.
func recordedCalls(
	recordings []*dialog, known *identifiers,
) (calls []*conversation.IncomingSegment, err error) {
	slices.SortStableFunc(recordings, func(a, b *dialog) int { return a.start.Compare(b.start) })
	var lasting []*dialog // those before, whose call has not ended yet
	for _, d := range recordings {
		file, err := readMedia(d, known)
		if err != nil {
			return nil, err
		}
		lasting = slices.DeleteFunc(lasting, func(other *dialog) bool { return !overlaps(other.segment, d) })
		if d.set != nil {
			d.segment = d.set.segment // there may be one recording a party without the silence: they need not overlap
		}
		if d.segment == nil {
			if i := slices.IndexFunc(lasting, func(other *dialog) bool { return sameParties(other, d) }); i >= 0 {
				d.segment = lasting[i].segment
			} else {
				calls = append(calls, newCall(d))
			}
		}
		d.segment.Media = append(d.segment.Media, file)
		cover(d.segment, d.start, d.duration)
		if d.set != nil {
			d.set.segment = d.segment
		}
		lasting = append(lasting, d)
	}
	return calls, nil
}

func sameParties(a, b *dialog) bool {
	if a.mediaKind() != b.mediaKind() {
		return a.isWithin(b) || b.isWithin(a)
	}
	return a.isWithin(b) && b.isWithin(a)
}

// isWithin reports whether all parties of a dialog are parties of another.
func (d *dialog) isWithin(other *dialog) bool {
	return !slices.ContainsFunc(d.parties, func(party int) bool {
		return !slices.Contains(other.parties, party)
	})
}

// overlaps compares a segment with a recording that did not begin before it.
func overlaps(segment *conversation.IncomingSegment, d *dialog) bool {
	return !d.start.IsZero() && !segment.StartedAt.IsZero() &&
		(segment.StartedAt.Equal(d.start) || d.start.Before(segment.StartedAt.Add(segment.Duration)))
}

// chatOf makes one chat of all turns of a vCon. A turn without text is no message. The subject names a room
// that has no other name.
func chatOf(turns []*dialog, subject string) *conversation.IncomingSegment {
	chat := &conversation.IncomingSegment{Kind: compliance.SegmentChat}
	for _, d := range turns {
		cover(chat, d.start, d.duration)
		if chat.RoomName == "" {
			chat.RoomName = roomName(d)
		}
		if d.text != "" {
			message := conversation.IncomingMessage{
				Kind: compliance.ChatMessage, Author: d.author, SentAt: d.start, Text: d.text,
			}
			chat.Messages = append(chat.Messages, message)
		}
	}
	if chat.RoomName == "" {
		chat.RoomName = subject
	}
	return chat
}

// roomMembers are the names that tools give to a chat's room.
func roomMembers() []string { return []string{"room", "room_name", "roomName", "channel_name"} }

func roomName(d *dialog) string {
	for _, member := range roomMembers() {
		if name := d.object.object("meta").scalar(member); name != "" {
			return name
		}
	}
	return ""
}

// settleTimes derives when the conversation began and ended: from its dialogs, from what was said in them,
// else from the vCon's creation. It gives segments without a time the conversation's start, and sorts them by
// time.
func settleTimes(
	segments []*conversation.IncomingSegment, dialogs []dialog, created time.Time,
) (start, end time.Time, err error) {
	for _, d := range dialogs {
		if start = earlier(start, d.start); !d.start.IsZero() {
			end = later(end, d.start.Add(d.duration))
		}
	}
	if start.IsZero() {
		start = created
	}
	if start.IsZero() {
		return start, end, wrong("created_at", "is missing, and no dialog has a start; a conversation has a time")
	}
	for _, s := range segments {
		if s.StartedAt.IsZero() {
			s.StartedAt = start
		}
		for _, m := range s.Messages {
			end = later(end, m.SentAt)
		}
		end = later(end, s.StartedAt.Add(s.Duration))
	}
	slices.SortStableFunc(segments, func(a, b *conversation.IncomingSegment) int {
		return a.StartedAt.Compare(b.StartedAt)
	})
	return start, later(start, end), nil
}

// readDirection takes the first direction that a dialog, the vCon or an attachment tells, in this order.
func readDirection(root object, dialogs []dialog, attachments []attachment) compliance.Direction {
	var sources []object
	for _, d := range dialogs {
		sources = append(sources, d.object.object("meta"))
	}
	sources = append(sources, root.object("meta"))
	for _, a := range attachments {
		members, _ := a.body.(map[string]any)
		sources = append(sources, object{members: members})
	}
	for _, source := range sources {
		if direction := directionOf(source.scalar("direction")); direction != "" {
			return direction
		}
	}
	return ""
}

func directionOf(text string) compliance.Direction {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "in", "inbound", "incoming":
		return compliance.Inbound
	case "out", "outbound", "outgoing":
		return compliance.Outbound
	case "internal":
		return compliance.Internal
	}
	return ""
}
