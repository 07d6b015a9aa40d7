package vcon

import (
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// threadSegments makes an e-mail segment of each thread. The subject of the vCon is that of the only thread,
// and of one whose first mail has none.
func threadSegments(
	dialogs []*dialog, subject string, parties *parties,
) (segments []*conversation.IncomingSegment, err error) {
	var mails []*mail
	for _, d := range dialogs {
		m, err := readMail(d)
		if err != nil {
			return nil, err
		}
		m.findAuthor(parties)
		mails = append(mails, m)
	}
	threads := threadsOf(mails, subject)
	for _, thread := range threads {
		own := thread[0].subject
		if subject != "" && (len(threads) == 1 || own == "") {
			own = subject
		}
		for _, m := range thread {
			if own == "" {
				own = m.subject
			}
		}
		segments = append(segments, threadSegment(thread, own))
	}
	return segments, nil
}

// threadSegment makes one segment of the mails of a thread. A mail whose subject is another than the thread's
// keeps it in its text.
func threadSegment(mails []*mail, subject string) *conversation.IncomingSegment {
	segment := &conversation.IncomingSegment{Kind: compliance.SegmentEmail, Subject: subject}
	for _, m := range mails {
		if m.dialog.start.IsZero() {
			m.dialog.start = m.date
		}
		m.dialog.segment = segment
		segment.Attachments += m.attachments
		cover(segment, m.dialog.start, m.dialog.duration)
		text := m.text
		if own := threadSubject(m.subject); own != "" && own != threadSubject(subject) {
			text = strings.TrimSpace(subjectLine(m.subject) + "\n\n" + text)
		}
		if text != "" {
			segment.Messages = append(segment.Messages, conversation.IncomingMessage{
				Kind: compliance.EmailBody, Author: m.dialog.author, SentAt: m.dialog.start, Text: text,
			})
		}
	}
	return segment
}

// threadsOf groups mails by what ties them: that one answers another, that both answer the same, or that
// their subjects are the same but for what answering and forwarding puts in front. Threads, and the mails of
// one, stay in the order in which they stand in the vCon.
func threadsOf(mails []*mail, subject string) [][]*mail {
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
		for _, tie := range m.ties(subject) {
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

// ties are what a mail shares with the others of its thread. A mail without a subject has that of the vCon,
// unless its own header tells it apart from others.
func (m *mail) ties(subject string) []string {
	own := threadSubject(m.subject)
	if own == "" && !m.isOwnID {
		own = threadSubject(subject)
	}
	var ties []string
	if own != "" || m.id == "" {
		ties = append(ties, "subject "+own)
	}
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
