package vcon_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/charset"

	"qm-compliance/vcon"
)

// mailTree builds a mail out of parts within parts. Each choice is a byte of data; where they end every choice
// is the first, so that the tree ends.
type mailTree struct {
	data []byte
	// shown are the texts that the message has to hold, hidden those that it must not, those of attachments.
	shown, hidden []string
	texts, bounds int
}

func (m *mailTree) choose(n int) int {
	if len(m.data) == 0 {
		return 0
	}
	choice := int(m.data[0]) % n
	m.data = m.data[1:]
	return choice
}

func (m *mailTree) pick(of ...string) string { return of[m.choose(len(of))] }

// text is one that stands nowhere else, with letters that a charset has.
func (m *mailTree) text(letters string) string {
	m.texts++
	return fmt.Sprintf("T%dT %s", m.texts, letters)
}

// part is a header and a body without the boundary around them. It is an attachment where isFile.
func (m *mailTree) part(depth int, isFile bool) string {
	kinds := 8
	if depth > 5 {
		kinds = 5
	}
	if depth == 0 && m.choose(4) > 0 {
		return m.multipart(depth, isFile)
	}
	switch m.choose(kinds) {
	case 3, 4:
		if depth > 0 {
			return m.file(depth)
		}
	case 5:
		if depth > 0 {
			return m.forwarded(depth, isFile)
		}
	case 6, 7:
		return m.multipart(depth, isFile)
	}
	return m.leaf(isFile)
}

// leaf is a text in a part that says so in one of the ways that mails have for it.
func (m *mailTree) leaf(isFile bool) string {
	label, letters := "", ""
	switch m.choose(8) {
	case 0:
		label, letters = "utf-8", "žluťoučký 中文"
	case 1:
		label, letters = "us-ascii", "plain words"
	case 2:
		label, letters = "iso-8859-1", "olé"
	case 3:
		label, letters = "iso-8859-2", "žlutý"
	case 4:
		label, letters = "windows-1251", "привет"
	case 5:
		label, letters = "iso-2022-jp", "日本語"
	case 6:
		label, letters = "gb2312", "中文"
	case 7:
		label, letters = "utf-16le", "žlutý"
	}
	text := m.text(letters)
	if isFile {
		m.hidden = append(m.hidden, text)
	} else {
		m.shown = append(m.shown, text)
	}
	return m.written(text, label)
}

// written is a text as a part: its header, and the body in an encoding.
func (m *mailTree) written(text, label string) string {
	kind := m.pick("text/plain; charset=%s", "text/html; charset=%s", "TEXT/PLAIN charset=%s",
		"text/plain; format=flowed;\n charset=\"%s\"", "text; charset=%s", "text/html charset=\"%s\"",
		"plain/text; charset=%s",
		"text/plain;\ncharset=%s", "text/enriched; charset=%s", "text/markdown; charset=%s", "text", "")
	if !strings.Contains(kind, "%s") && label != "us-ascii" {
		label = "utf-8" // which a text without a charset may be, as far as one can see
		text = strings.ToValidUTF8(text, "")
	}
	head := ""
	if kind != "" {
		head = "Content-Type: " + strings.ReplaceAll(kind, "%s", label) + "\n"
	}
	source := text
	if strings.Contains(kind, "html") || strings.Contains(kind, "enriched") {
		source = m.pick("<p>%s</p>", "<div><b>in bold</b> %s", "<table><tr><td>%s</table>", "<h1>%s</h1>end",
			"<noscript>%s</noscript>")
		source = strings.ReplaceAll(source, "%s", text)
	}
	encoding, _ := charset.Lookup(label)
	raw, err := encoding.NewEncoder().String(source)
	if err != nil || label == "us-ascii" {
		raw = source
	}
	codings := []string{"8bit", "base64", "quoted-printable", "Base64", "QUOTED-PRINTABLE", "\"base64\"", "none", ""}
	if label == "utf-16le" {
		codings = codings[1:2]
	}
	coding := m.pick(codings...)
	if coding != "" {
		head += "Content-Transfer-Encoding: " + coding + "\n"
	}
	if m.choose(4) == 1 {
		head += "Content-Disposition: inline\n"
	}
	return head + "\n" + encoded(strings.ToLower(strings.Trim(coding, `"`)), raw)
}

func encoded(coding, raw string) string {
	var body bytes.Buffer
	switch coding {
	case "base64":
		text := base64.StdEncoding.EncodeToString([]byte(raw))
		for ; len(text) > 76; text = text[76:] {
			body.WriteString(text[:76] + "\n")
		}
		body.WriteString(text + "\n")
	case "quoted-printable":
		w := quotedprintable.NewWriter(&body)
		_, _ = w.Write([]byte(raw))
		_ = w.Close()
		return strings.ReplaceAll(body.String(), "\r\n", "\n") + "\n"
	default:
		return raw + "\n"
	}
	return body.String()
}

// file is an attachment, of a text, a mail or something else.
func (m *mailTree) file(depth int) string {
	head := m.pick("Content-Disposition: attachment; filename=a.txt\n", "Content-Disposition: ATTACHMENT\n",
		"Content-Disposition: attachment filename=a\n")
	switch m.choose(3) {
	case 1:
		return head + strings.TrimPrefix(m.forwarded(depth, true), "\n")
	case 2:
		text := m.text("")
		m.hidden = append(m.hidden, text)
		return m.pick("Content-Type: application/pdf\n", "Content-Type: image/png; name=a.png\n") + "\n" + text + "\n"
	}
	return head + m.leaf(true)
}

// forwarded is a mail in a mail.
func (m *mailTree) forwarded(depth int, isFile bool) string {
	subject := m.text("")
	if isFile {
		m.hidden = append(m.hidden, subject)
	} else {
		m.shown = append(m.shown, subject)
	}
	return "Content-Type: message/rfc822\n\nFrom: b@x.example\nSubject: " + subject + "\n" + m.part(depth+1, isFile)
}

// multipart has parts, with the boundary that its header names, or another.
func (m *mailTree) multipart(depth int, isFile bool) string {
	m.bounds++
	boundary := m.pick("b", "=_Part_", "----=_NextPart ", "b:") + strconv.Itoa(m.bounds)
	kind := m.pick("mixed", "alternative", "related", "signed", "report", "x-unknown")
	named := m.pick("; boundary=\"%s\"", ";\n\tboundary=\"%s\"", "; x=y; boundary=\"%s\"",
		"; boundary=\"other\"", "", " boundary=\"%s\"")
	isNamed := strings.Contains(named, "%s")
	head := "Content-Type: multipart/" + kind + strings.ReplaceAll(named, "%s", boundary) + "\n"
	body := m.pick("", "This is a multi-part message in MIME format.\n")
	for range 1 + m.choose(4) {
		body += "--" + boundary + "\n" + m.part(depth+1, isFile)
	}
	if kind == "alternative" && m.choose(2) == 1 {
		text := m.text("the same")
		if !isFile {
			m.shown = append(m.shown, text)
		}
		body += "--" + boundary + "\n\n" + text + "\n--" + boundary + "\nContent-Type: text/html\n\n<p>" + text + "\n"
	}
	if m.choose(4) == 1 && isNamed {
		return head + "\n" + body // without an end
	}
	body += "--" + boundary + "--\n"
	if m.choose(4) == 1 && !isFile {
		footer := m.text("footer")
		m.shown = append(m.shown, footer)
		body += "\n" + footer + "\n"
	}
	return head + "\n" + body
}

// checkMailTree builds a mail and looks for its texts in the message.
func checkMailTree(t *testing.T, data []byte) {
	t.Helper()
	tree := &mailTree{data: data}
	newline := tree.pick("\r\n", "\n")
	source := strings.ReplaceAll("From: a@x.example\nSubject: S\n"+tree.part(0, false), "\n", newline)
	dialog := `{"type": "text", "mediatype": "message/rfc822", "encoding": "base64url", "body": "` +
		base64.RawURLEncoding.EncodeToString([]byte(source)) + `"}`
	conversation, err := vcon.Parse([]byte(document(dialog)), vcon.Options{})
	if err != nil {
		t.Fatalf("%v\n%q\n%s", err, data, source)
	}
	text := ""
	for _, message := range conversation.Segments[0].Messages {
		text += " " + strings.Join(strings.Fields(message.Text), " ")
	}
	for _, want := range tree.shown {
		if !strings.Contains(text, strings.TrimSpace(want)) {
			t.Fatalf("%q is lost in %q\n%q\n%s", want, text, data, source)
		}
	}
	for _, other := range tree.hidden {
		if strings.Contains(text, strings.TrimSpace(other)) {
			t.Fatalf("%q of an attachment is in %q\n%q\n%s", other, text, data, source)
		}
	}
}

// Every text of a mail that is no attachment is in its message, whatever parts it is in. QM_SEED repeats a run.
func TestEveryTextOfAMailIsInItsMessage(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 1000 {
		data := make([]byte, 10+random.IntN(400))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		checkMailTree(t, data)
	}
}

// FuzzMailTexts looks for a mail of which a text is lost.
func FuzzMailTexts(f *testing.F) {
	f.Add([]byte("\x00\x06\x00\x00\x00\x00\x02\x00\x00\x00"))
	f.Add([]byte("a mail of several parts, each of which is chosen by a letter of this text"))
	f.Fuzz(func(t *testing.T, data []byte) { checkMailTree(t, data[:min(len(data), 2000)]) })
}
