package vcon

import (
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// addChat makes one chat of all the turns of the vCon; a turn without text is none. A vCon that is nothing
// but such turns is an empty chat.
func (r *reader) addChat(dialogs []*dialog, hasMails bool) error {
	segment := &conversation.IncomingSegment{Kind: compliance.SegmentChat}
	for _, d := range dialogs {
		cover(segment, d.start, d.duration)
		if segment.RoomName == "" {
			segment.RoomName = roomName(d)
		}
		if d.text != "" {
			segment.Messages = append(segment.Messages, conversation.IncomingMessage{Kind: compliance.ChatMessage, Author: d.author, SentAt: d.start, Text: d.text})
		}
	}
	if len(dialogs) == 0 || (len(segment.Messages) == 0 && len(r.segments) > 0) {
		return nil
	}
	if segment.RoomName == "" && !hasMails {
		subject, err := r.root.text("subject")
		if err != nil {
			return err
		}
		segment.RoomName = subject
	}
	r.addSegment(segment, dialogs...)
	return nil
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
