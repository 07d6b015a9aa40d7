package demo

import (
	"fmt"
	"html"
	"mime/quotedprintable"
	"strings"
	"time"
)

// mail is one e-mail of a thread.
type mail struct {
	from   int
	text   string
	quoted string // the earlier mails, as they stand below the text
	file   bool   // a picture is attached
}

// emails writes a thread of n mails between the customer, who begins, and the agent.
func (b *builder) emails(n int) {
	b.facts = b.facts.written()
	b.doc.Subject = new(b.subject())
	b.send(b.thread(n))
}

// followUp writes what comes after a call by e-mail: the agent's summary, and in half of the cases the
// customer's thanks.
func (b *builder) followUp() {
	b.facts = b.facts.written()
	b.doc.Subject = new("Our call: " + b.topic.category + ", " + b.facts["case"])
	lines := b.lib["mail"]
	mails := []mail{{from: agentParty, text: b.answer(b.say(lines["follow-up"]), b.matter("resolve"))}}
	if b.chance(2) {
		mails = append(mails, b.thanks())
	}
	b.wait(10*time.Minute, 3*time.Hour)
	b.send(mails)
}

func (b *builder) subject() string {
	if b.hasNoSubject() {
		return ""
	}
	return b.say(b.topic.sections["subject"])
}

// thread returns the mails of a thread: a question, an answer, and thanks; or, in the longest, a
// question back before the answer.
func (b *builder) thread(n int) []mail {
	thanks := b.say(b.lib["mail"]["agent-thanks"])
	mails := []mail{b.letter()}
	if n < 4 {
		return append(mails, mail{from: agentParty, text: b.answer(thanks, b.matter("resolve"))}, b.thanks())[:n]
	}
	question, answer := b.pair(b.take(b.topic.sections["exchange"], 1)[0])
	return append(mails,
		mail{from: agentParty, text: b.answer(thanks, b.say(b.lib["mail"]["agent-ask"])+" "+question)},
		mail{from: customerParty, text: b.say(b.lib["mail"]["reply"]) + "\n\n" + answer + "\n\n" +
			b.customer.first},
		mail{from: agentParty, text: b.answer("thank you for the answer.", b.matter("resolve"))})
}

// letter is the customer's first mail. Every third one has a picture attached.
func (b *builder) letter() mail {
	lines := b.lib["mail"]
	paragraphs := []string{b.say(lines["salutation"]), capital(b.matter("problem"))}
	if b.isVeryLong() {
		paragraphs = append(paragraphs, b.grievances()...)
	}
	m := mail{from: customerParty, file: b.slot.nth%3 == 2}
	if m.file {
		paragraphs = append(paragraphs, b.say(lines["attachment"]))
	}
	paragraphs = append(paragraphs, b.say(lines["letter-close"]), b.say(lines["signature"]))
	m.text = strings.Join(paragraphs, "\n\n")
	return m
}

// grievances is everything that can be said about an energy supplier, twice.
func (b *builder) grievances() []string {
	var paragraphs []string
	for range 2 {
		for _, t := range b.lib.topics() {
			for i := range t.sections["problem"] {
				_, said := b.pair(t.sections["exchange"][i])
				problem, resolve := b.fill(t.sections["problem"][i]), b.fill(t.sections["resolve"][i])
				paragraphs = append(paragraphs, "And then: "+problem+" I told you at the time: \""+said+
					"\" And you? \""+resolve+"\" On "+b.facts["date"]+" I was still waiting.")
			}
		}
	}
	return paragraphs
}

// answer is a mail of the agent's: what he begins with, what he has to say, and the usual frame.
func (b *builder) answer(begin, substance string) string {
	lines := b.lib["mail"]
	return strings.Join([]string{b.say(lines["agent-salutation"]), capital(begin), substance,
		b.say(lines["agent-close"]),
		b.say(lines["agent-signature"])}, "\n\n")
}

func (b *builder) thanks() mail {
	return mail{from: customerParty, text: b.say(b.lib["mail"]["thanks"]) + "\n\n" +
		b.say(b.lib["mail"]["signature"])}
}

// send adds the mails as dialogs, each quoting those before it, and sums most threads up.
func (b *builder) send(mails []mail) {
	var of []int
	for n, m := range mails {
		if n > 0 {
			m.quoted = b.quote(mails[n-1])
			b.wait(20*time.Minute, 9*time.Hour)
			mails[n].quoted = m.quoted
		}
		of = append(of, b.add(b.mailDialog(n, m)))
	}
	if b.chance(2) {
		b.analyse("summary", summariser, of, b.summary())
	}
}

// quote writes a mail the way that mail programs repeat it below the answer. It is called before time
// goes on.
func (b *builder) quote(m mail) string {
	from := b.doc.Parties[m.from]
	text := m.text
	if m.quoted != "" {
		text += "\n\n" + m.quoted
	}
	header := fmt.Sprintf("On %s, %s <%s> wrote:", b.now.Format("Mon, 2 Jan 2006 at 15:04"), from.Name,
		from.Mailto)
	return header + "\n> " + strings.ReplaceAll(text, "\n", "\n> ")
}

func (b *builder) mailDialog(n int, m mail) dialog {
	mediaType, body := b.mailBody(n, m)
	d := dialog{Type: "text", Start: stamp(b.now), Parties: []int{m.from, 1 - m.from}, MediaType: mediaType,
		Encoding: "none", Body: body,
		MessageID: fmt.Sprintf("<%s.%d@mail.contact.example>", b.doc.UUID, n)}
	if n == 0 {
		d.Meta = &dialogMeta{Direction: []string{"in", "out"}[m.from]}
	}
	return d
}

// mailBody returns the media type and the body of the n-th mail of a thread: plain text, HTML alone,
// both, or both with a picture.
func (b *builder) mailBody(n int, m mail) (mediaType, body string) {
	text := m.text
	if m.quoted != "" {
		text += "\n\n" + m.quoted
	}
	switch boundary := fmt.Sprintf("=_demo_%d_%d", b.index, n); {
	case m.file:
		return b.withPicture(boundary, text)
	case (b.index+n)%3 == 0:
		return alternative(boundary, text)
	case (b.index+n)%7 == 1:
		return "text/html; charset=utf-8", hypertext(text)
	default:
		return "text/plain; charset=utf-8", text
	}
}

// alternative returns a text as text and as HTML, for the reader to choose.
func alternative(boundary, text string) (mediaType, body string) {
	body = join(boundary,
		part("text/plain; charset=utf-8", "8bit", "", text),
		part("text/html; charset=utf-8", "quoted-printable", "", quotePrintable(hypertext(text))))
	return fmt.Sprintf("multipart/alternative; boundary=%q", boundary), body
}

// withPicture adds a picture to a text, whose file name has the customer's number in it, as such names do.
func (b *builder) withPicture(boundary, text string) (mediaType, body string) {
	innerType, inner := alternative(boundary+"_a", text)
	disposition := fmt.Sprintf("attachment; filename=%q", "photo "+b.facts["phone"]+".png")
	body = join(boundary, part(innerType, "8bit", "", inner),
		part("image/png", "base64", disposition, picture()))
	return fmt.Sprintf("multipart/mixed; boundary=%q", boundary), body
}

// part writes one part of a multipart body.
func part(mediaType, encoding, disposition, body string) string {
	header := "Content-Type: " + mediaType + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n"
	if disposition != "" {
		header += "Content-Disposition: " + disposition + "\r\n"
	}
	return header + "\r\n" + body
}

// join puts parts together.
func join(boundary string, parts ...string) string {
	var body strings.Builder
	for _, p := range parts {
		body.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	return body.String() + "--" + boundary + "--\r\n"
}

// hypertext writes a text as HTML, a paragraph each, as mail programs do.
func hypertext(text string) string {
	var out strings.Builder
	out.WriteString("<html><head><style>p { margin: 0 0 1em }</style></head><body>\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n") + "</p>\n")
	}
	return out.String() + "</body></html>\n"
}

func quotePrintable(text string) string {
	var out strings.Builder
	w := quotedprintable.NewWriter(&out)
	// A strings.Builder takes whatever is written.
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

// picture is the smallest PNG there is, one white pixel, in base64.
func picture() string {
	return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
}
