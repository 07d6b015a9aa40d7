package vcon

import (
	"slices"

	"qm-compliance/compliance"
)

// readSegments sorts the dialogs into segments, and puts the texts that were made from them into the segments they are about.
func (r *reader) readSegments() error {
	var chat, mails []*dialog
	for i := range r.dialogs {
		d := &r.dialogs[i]
		body, err := d.body()
		if err != nil {
			return err
		}
		switch {
		case d.kind == "recording":
			err = r.addRecording(d)
		case d.kind == "incomplete" || (d.kind == "text" && body == "" && r.isUnrecordedCall(i)):
			r.addSegment(Segment{Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration}, d)
		case d.isEmail():
			mails = append(mails, d)
		case d.kind == "text" && body != "":
			chat = append(chat, d)
		}
		if err != nil {
			return err
		}
	}
	if err := r.addThreads(mails); err != nil {
		return err
	}
	if err := r.addChat(chat, len(mails) > 0); err != nil {
		return err
	}
	if len(r.result.Segments) == 0 {
		return wrong("dialog", "has no call, e-mail or chat in it; a conversation has at least one")
	}
	r.readDirection()
	return r.addAnalyses()
}

// isUnrecordedCall tells a call that was only written down: a dialog without a body that texts were made from, or whose meta speaks of a call.
func (r *reader) isUnrecordedCall(index int) bool {
	for _, a := range r.analyses {
		if a.kind != "" && a.kind != compliance.Translation && slices.Contains(a.dialogs, index) {
			return true
		}
	}
	meta := r.dialogs[index].object.object("meta")
	return meta.has("disposition") || meta.has("direction")
}

// readDirection takes the first direction that anything in the vCon tells.
func (r *reader) readDirection() {
	sources := []object{}
	for _, d := range r.dialogs {
		sources = append(sources, d.object.object("meta"))
	}
	sources = append(sources, r.root.object("meta"))
	attachments, _ := r.root.objects("attachments")
	for _, attachment := range attachments {
		sources = append(sources, attachment.object("body"))
	}
	for _, source := range sources {
		name, _ := source.text("direction")
		if direction := directionOf(name); direction != "" {
			r.result.Direction = direction
			return
		}
	}
}
