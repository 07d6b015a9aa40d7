package vcon

import (
	"bytes"
	netmail "net/mail"
	"strings"
	"time"
)

// mail is one e-mail of a thread.
type mail struct {
	dialog *dialog
	// subject and from are those of the mail's own header.
	subject, from string
	text          string
	attachments   int
	date          time.Time
	// id is the Message-ID; replies are those of the mails it answers. isOwnID is set where it stands in the
	// mail's own header, so that the mail has one.
	id      string
	isOwnID bool
	replies []string
}

// readMail takes the text of an e-mail apart from its attachments, which are only counted.
func readMail(d *dialog) (m *mail, err error) {
	m = &mail{dialog: d}
	switch base := baseMediaType(d.mediaType); {
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
	header := "MIME-Version: 1.0\r\nContent-Type: " + strings.Join(strings.Fields(mediaType), " ") + "\r\n\r\n"
	return append([]byte(header), content...)
}

// readMIME reads a mail as it was sent.
func (m *mail) readMIME(source []byte) error {
	source = bytes.TrimLeft(bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF")), "\r\n")
	if len(bytes.TrimSpace(source)) == 0 {
		return nil
	}
	if !bytes.Contains(source, []byte("\n")) {
		source = bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
	}
	reader := &mimeReader{path: m.dialog.at("body")}
	e := newMail(source)
	found, err := reader.texts(e, 0)
	if err != nil {
		return err
	}
	m.text, m.attachments = joinTexts(found), reader.attachments
	m.subject, m.from = e.header.decoded("subject"), e.header["from"]
	date, err := netmail.ParseDate(e.header["date"])
	if err == nil && date.UTC().Year() >= 1 && date.UTC().Year() <= latestYear {
		m.date = date.UTC().Truncate(time.Microsecond)
	}
	m.take(true, e.header["message-id"])
	m.isOwnID = m.id != ""
	m.take(false, e.header["in-reply-to"])
	m.take(false, e.header["references"])
	return nil
}
