package vcon

import (
	"bytes"
	"slices"
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

// threadSegments makes an e-mail segment of each thread. The subject of the vCon is that of a mail that has
// none, and of the only thread.
func threadSegments(dialogs []*dialog, subject string) (segments []*conversation.IncomingSegment, err error) {
	var mails []*mail
	for _, d := range dialogs {
		m, err := readMail(d)
		if err != nil {
			return nil, err
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
		segments = append(segments, threadSegment(thread))
	}
	return segments, nil
}

// threadSegment makes one segment of the mails of a thread. Its subject is that of the first.
func threadSegment(mails []*mail) *conversation.IncomingSegment {
	segment := &conversation.IncomingSegment{Kind: compliance.SegmentEmail, Subject: mails[0].subject}
	for _, m := range mails {
		if m.dialog.start.IsZero() {
			m.dialog.start = m.date
		}
		m.dialog.segment = segment
		segment.Attachments += m.attachments
		cover(segment, m.dialog.start, m.dialog.duration)
		if m.text != "" {
			segment.Messages = append(segment.Messages, conversation.IncomingMessage{
				Kind: compliance.EmailBody, Author: m.dialog.author, SentAt: m.dialog.start, Text: m.text,
			})
		}
	}
	return segment
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

func (m *mail) readMIME(source []byte) error {
	if len(bytes.TrimSpace(source)) == 0 {
		return nil
	}
	if bytes.Count(bytes.ToLower(source), []byte("multipart/")) > maxMultiparts {
		return wrong(m.dialog.at("body"), "is an e-mail with more than %d parts that have parts themselves",
			maxMultiparts)
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

// threadsOf groups mails by what ties them: that one answers another, that both answer the same, or that
// their subjects are the same but for what answering and forwarding puts in front. Threads, and the mails of
// one, stay in the order in which they stand in the vCon.
func threadsOf(mails []*mail) [][]*mail {
	first := make([]int, len(mails)) // of each mail, an earlier one of the same thread, or itself
	holder := map[string]int{}       // of each tie, the first mail that has it
	root := func(i int) int {
		for first[i] != i {
			first[i] = first[first[i]]
			i = first[i]
		}
		return i
	}
	for i, m := range mails {
		first[i] = i
		for _, tie := range m.ties() {
			if _, known := holder[tie]; !known {
				holder[tie] = i
			}
			a, b := root(i), root(holder[tie])
			first[max(a, b)] = min(a, b)
		}
	}
	return groupBy(mails, root)
}

func groupBy(mails []*mail, root func(int) int) [][]*mail {
	var threads [][]*mail
	place := map[int]int{}
	for i, m := range mails {
		at, known := place[root(i)]
		if !known {
			at = len(threads)
			place[root(i)] = at
			threads = append(threads, nil)
		}
		threads[at] = append(threads[at], m)
	}
	return threads
}

// ties are what a mail shares with the others of its thread.
func (m *mail) ties() []string {
	ties := []string{"subject " + threadSubject(m.subject)}
	for _, id := range append(m.replies, m.id) {
		if id != "" {
			ties = append(ties, "id "+id)
		}
	}
	return ties
}

// take reads Message-IDs out of a header or a member: the mail's own, or those that it answers.
func (m *mail) take(own bool, header string) {
	isBetween := func(r rune) bool { return strings.ContainsRune("<>, \t\r\n", r) }
	for _, id := range strings.FieldsFunc(header, isBetween) {
		switch {
		case own && m.id == "":
			m.id = id
		case !own:
			m.replies = append(m.replies, id)
		}
	}
}

// threadSubject leaves out what mail programs put in front of a subject, in the languages that are common.
func threadSubject(subject string) string {
	prefixes := []string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "odp", "tr", "rv", "ant"}
	subject = strings.ToLower(strings.TrimSpace(subject))
	for {
		prefix, rest, found := strings.Cut(subject, ":")
		prefix, _, _ = strings.Cut(strings.TrimSpace(prefix), "[")
		if !found || !slices.Contains(prefixes, prefix) {
			return strings.Join(strings.Fields(subject), " ")
		}
		subject = strings.TrimSpace(rest)
	}
}
