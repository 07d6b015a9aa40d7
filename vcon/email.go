package vcon

import (
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"qm-compliance/compliance"
)

// mail is one e-mail of a thread.
type mail struct {
	dialog      *dialog
	subject     string
	text        string
	attachments int
	date        time.Time
}

// addThreads makes an e-mail segment of each thread: the mails whose subjects are the same but for what answering and forwarding puts in front.
func (r *reader) addThreads(dialogs []*dialog) error {
	subject, err := r.root.text("subject")
	if err != nil {
		return err
	}
	var order []string
	threads := map[string][]mail{}
	for _, d := range dialogs {
		m, err := readMail(d)
		if err != nil {
			return err
		}
		if m.subject == "" {
			m.subject = subject
		}
		key := threadSubject(m.subject)
		if _, known := threads[key]; !known {
			order = append(order, key)
		}
		threads[key] = append(threads[key], m)
	}
	for _, key := range order {
		r.addThread(threads[key], subject, len(order) == 1)
	}
	return nil
}

func (r *reader) addThread(mails []mail, subject string, only bool) {
	segment := Segment{Kind: compliance.SegmentEmail, StartedAt: mails[0].dialog.start, Subject: mails[0].subject}
	if only && subject != "" {
		segment.Subject = subject
	}
	var dialogs []*dialog
	for _, m := range mails {
		if m.dialog.start.IsZero() {
			m.dialog.start = m.date
		}
		segment.Attachments += m.attachments
		segment.cover(m.dialog)
		dialogs = append(dialogs, m.dialog)
		if m.text != "" {
			segment.Messages = append(segment.Messages, Message{Kind: compliance.EmailBody, Author: m.dialog.author, SentAt: m.dialog.start, Text: m.text})
		}
	}
	r.addSegment(segment, dialogs...)
}

// threadSubject leaves out what mail programs put in front of a subject.
func threadSubject(subject string) string {
	subject = strings.ToLower(strings.TrimSpace(subject))
	for {
		prefix, rest, found := strings.Cut(subject, ":")
		switch strings.TrimSpace(prefix) {
		case "re", "fw", "fwd", "aw", "wg", "sv", "vs", "odp", "tr":
			if found {
				subject = strings.TrimSpace(rest)
				continue
			}
		}
		return subject
	}
}

// readMail takes the text of an e-mail apart from its attachments, which are only counted.
func readMail(d *dialog) (mail, error) {
	m := mail{dialog: d}
	body, err := d.body()
	if err != nil {
		return m, err
	}
	switch base := d.baseMediaType(); {
	case base == "text/html":
		m.text = plain(body)
	case base == "message/rfc822":
		err = m.readMIME(body)
	case strings.HasPrefix(base, "multipart/"):
		err = m.readMIME("MIME-Version: 1.0\r\nContent-Type: " + unfold(d.mediaType) + "\r\n\r\n" + body)
	default:
		m.text = body
	}
	m.text = strings.TrimSpace(m.text)
	return m, err
}

// unfold joins a header that was folded over several lines.
func unfold(header string) string { return strings.Join(strings.Fields(header), " ") }

func (m *mail) readMIME(source string) error {
	envelope, err := enmime.ReadEnvelope(strings.NewReader(source))
	if err != nil {
		return wrong(m.dialog.at("body"), "is not a readable e-mail (MIME)")
	}
	m.text, m.subject = storable([]byte(envelope.Text)), storable([]byte(envelope.GetHeader("Subject")))
	if m.text == "" && envelope.HTML != "" {
		m.text = storable([]byte(plain(envelope.HTML)))
	}
	m.attachments = len(envelope.Attachments) + len(envelope.Inlines) + len(envelope.OtherParts)
	if date, err := envelope.Date(); err == nil {
		m.date = date.UTC()
	}
	return nil
}
