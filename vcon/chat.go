package vcon

import (
	"strings"

	"github.com/inbucket/html2text"

	"qm-compliance/compliance"
)

// addChat makes one chat of all the turns of the vCon.
func (r *reader) addChat(turns []*dialog, hasMails bool) error {
	if len(turns) == 0 {
		return nil
	}
	segment := Segment{Kind: compliance.SegmentChat, StartedAt: turns[0].start}
	for _, d := range turns {
		body, err := d.body()
		if err != nil {
			return err
		}
		if d.baseMediaType() == "text/html" {
			body = plain(body)
		}
		segment.Messages = append(segment.Messages, Message{Kind: compliance.ChatMessage, Author: d.author, SentAt: d.start, Text: body})
		segment.cover(d)
		if segment.RoomName == "" {
			segment.RoomName = roomName(d)
		}
	}
	if segment.RoomName == "" && !hasMails {
		subject, err := r.root.text("subject")
		if err != nil {
			return err
		}
		segment.RoomName = subject
	}
	r.addSegment(segment, turns...)
	return nil
}

// cover widens a segment to the time of one of its dialogs.
func (s *Segment) cover(d *dialog) {
	if d.start.IsZero() {
		return
	}
	if s.StartedAt.IsZero() {
		s.StartedAt = d.start
	}
	extend(s, d)
}

// roomMembers are the names that tools give to a chat's room.
func roomMembers() []string { return []string{"room", "room_name", "roomName", "channel_name"} }

func roomName(d *dialog) string {
	name, _ := d.object.object("meta").text(roomMembers()...)
	return name
}

// plain reduces HTML to readable text.
func plain(html string) string {
	text, err := html2text.FromString(html, html2text.Options{OmitLinks: true})
	if err != nil || strings.TrimSpace(text) == "" {
		return html
	}
	return text
}
