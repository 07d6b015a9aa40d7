package vcon

import (
	"bytes"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// maxMultiparts bounds how deep an e-mail may be nested: every level whose end is missing doubles the time
// that the library takes to read it.
const maxMultiparts = 20

// mail is one e-mail of a thread.
type mail struct {
	dialog      *dialog
	subject     string
	text        string
	attachments int
	date        time.Time
	// id is the Message-ID; replies are those of the mails it answers.
	id      string
	replies []string
}

// addThreads makes an e-mail segment of each thread.
func (r *reader) addThreads(dialogs []*dialog) error {
	subject, err := r.root.text("subject")
	if err != nil {
		return err
	}
	var mails []*mail
	for _, d := range dialogs {
		m, err := readMail(d)
		if err != nil {
			return err
		}
		if m.subject == "" {
			m.subject = subject
		}
		mails = append(mails, m)
	}
	threads := threadsOf(mails)
	for _, thread := range threads {
		if len(threads) == 1 && subject != "" {
			thread[0].subject = subject
		}
		r.addThread(thread)
	}
	return nil
}

// addThread makes one segment of the mails of a thread. Its subject is that of the first.
func (r *reader) addThread(mails []*mail) {
	segment := &conversation.IncomingSegment{Kind: compliance.SegmentEmail, Subject: mails[0].subject}
	for _, m := range mails {
		if m.dialog.start.IsZero() {
			m.dialog.start = m.date
		}
		m.dialog.segment = segment
		segment.Attachments += m.attachments
		cover(segment, m.dialog.start, m.dialog.duration)
		if m.text != "" {
			segment.Messages = append(segment.Messages, conversation.IncomingMessage{Kind: compliance.EmailBody, Author: m.dialog.author, SentAt: m.dialog.start, Text: m.text})
		}
	}
	r.addSegment(segment)
}

// readMail takes the text of an e-mail apart from its attachments, which are only counted.
func readMail(d *dialog) (m *mail, err error) {
	m = &mail{dialog: d}
	switch base := d.baseMediaType(); {
	case base == "message/rfc822":
		err = m.readMIME(d.content)
	case strings.HasPrefix(base, "multipart/"):
		err = m.readMIME(withHeader(d.mediaType, d.content))
	default:
		m.text = readable(d.content, base)
	}
	for _, member := range []string{"message_id", "in_reply_to", "references"} {
		for _, id := range texts(d.members[member]) {
			m.take(member == "message_id", id)
		}
	}
	m.text = strings.TrimSpace(m.text)
	return m, err
}

// withHeader puts the media type in front of a body that lost its header, unless it still has it.
func withHeader(mediaType string, content []byte) []byte {
	if isEmail(content) || len(bytes.TrimSpace(content)) == 0 {
		return content
	}
	return append([]byte("MIME-Version: 1.0\r\nContent-Type: "+strings.Join(strings.Fields(mediaType), " ")+"\r\n\r\n"), content...)
}

func (m *mail) readMIME(source []byte) error {
	if len(bytes.TrimSpace(source)) == 0 {
		return nil
	}
	if bytes.Count(bytes.ToLower(source), []byte("multipart/")) > maxMultiparts {
		return wrong(m.dialog.at("body"), "is an e-mail with more than %d parts that have parts themselves", maxMultiparts)
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(source))
	if err != nil {
		return wrong(m.dialog.at("body"), "is not a readable e-mail (MIME)")
	}
	m.text, m.subject = storable([]byte(envelope.Text)), storable([]byte(envelope.GetHeader("Subject")))
	if envelope.HTML != "" && isFromHTML(envelope) {
		m.text = storable([]byte(plain(envelope.HTML)))
	}
	m.attachments = len(envelope.Attachments) + len(envelope.Inlines) + len(envelope.OtherParts)
	if date, err := envelope.Date(); err == nil && date.UTC().Year() >= 1 && date.UTC().Year() <= latestYear {
		m.date = date.UTC().Truncate(time.Microsecond)
	}
	m.take(true, envelope.GetHeader("Message-ID"))
	m.take(false, envelope.GetHeader("In-Reply-To"))
	m.take(false, envelope.GetHeader("References"))
	return nil
}

// isFromHTML reports whether an e-mail has no text part of its own, so that its text had to be made of HTML.
func isFromHTML(envelope *enmime.Envelope) bool {
	if strings.TrimSpace(envelope.Text) == "" {
		return true
	}
	return envelope.Root.BreadthMatchFirst(func(part *enmime.Part) bool {
		return part.ContentType == "text/plain" && part.Disposition != "attachment"
	}) == nil
}
