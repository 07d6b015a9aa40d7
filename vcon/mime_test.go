package vcon_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rawMail is a text dialog that is a mail, whatever bytes are in it.
func rawMail(source string) string {
	return `{"type": "text", "parties": [0, 1], "mediatype": "message/rfc822", "encoding": "base64url", "body": "` +
		base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(source, "\n", "\r\n"))) + `"}`
}

// textOfMail is the message of a vCon that is one mail, "" where there is none, and its attachments.
func textOfMail(t *testing.T, dialog string) (string, int) {
	t.Helper()
	segments := parse(t, document(dialog)).Segments
	if len(segments) != 1 || len(segments[0].Messages) > 1 {
		t.Fatalf("%s makes %+v", dialog, segments)
	}
	if len(segments[0].Messages) == 0 {
		return "", segments[0].Attachments
	}
	return strings.ReplaceAll(segments[0].Messages[0].Text, "\r\n", "\n"), segments[0].Attachments
}

type mailRow struct {
	name, source, want string
	attachments        int
}

func testMails(t *testing.T, head string, rows []mailRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, attachments := textOfMail(t, rawMail(head+row.source))
			if diff := cmp.Diff(row.want, got); diff != "" || attachments != row.attachments {
				t.Errorf("%d attachments; %s", attachments, diff)
			}
		})
	}
}

const mixed = "From: a@x.example\nContent-Type: multipart/mixed; boundary=q\n\n"

// A part is a text by what its header means, not only by what it says.
func TestMailPartsWithWrongHeaders(t *testing.T) {
	t.Parallel()
	var rows []mailRow
	for _, header := range []string{"", "X-Scanned: yes\n", "Content-Transfer-Encoding: 8bit\n", "Content-Type:\n",
		"Content-Type: text\n", "Content-Type: TEXT\n", "Content-Type: text/\n", "Content-Type: plain\n",
		"Content-Type: TEXT/PLAIN charset=utf-8\n", "Content-Type: text/plain charset=\"utf-8\"\n",
		"Content-Type: text/plain, charset=utf-8\n", "Content-Type: \"text/plain\"; charset=utf-8\n",
		"Content-Type: plain/text\n", "Content-Type: text/plain (a note); charset=utf-8\n",
		"Content-Type: charset=utf-8\n", "Content-Type: text/plain;\n charset=utf-8\n",
		"Content-Type: text/plain;\ncharset=utf-8\n", "Content-type:text/plain;charset=us-ascii\n",
		"Content-Type: text/plain; charset=iso-8859-1\n", "Content-Type: text/plain; charset=utf-16\n",
		"Content-Type: text/plain; charset=none-such\n", "Content-Type: text/plain; charset=\n",
		"Content-Type: text/markdown\n", "Content-Type: text/x-unknown; charset=utf-8\n",
		"Content-Type: ???\n", "Content-Type: text/plain; boundary=none\n", "Content-Type: text/plain/x\n",
		"Content-Transfer-Encoding: 8-bit\n", "Content-Transfer-Encoding: utf-8\n",
		"Content-Transfer-Encoding: none such\n", "Content-Transfer-Encoding: base64\n",
		"Content-Disposition: inline\n", "Content-Type: multipart/mixed; boundary=none\n",
		"Content-Type: multipart/mixed\n", "Content-Type: multipart\n", "Content-Type: text/html charset=utf-8\n",
		"Content-Type: html\n",
	} {
		rows = append(rows, mailRow{header, "--q\n" + header + "\nDěkuji, it works.\n--q--\n", "Děkuji, it works.", 0})
	}
	rows = append(rows, []mailRow{
		{"no header at all", "--q\nHello there\n--q--\n", "Hello there", 0},
		{"a text like a header", "--q\nNote: call me\n\nBye\n--q--\n", "Note: call me\n\nBye", 0},
		{"no blank line after the header", "--q\nContent-Type: text/plain\nHello there\nBye: now\n--q--\n",
			"Hello there\nBye: now", 0},
		{"encoded with spaces", "--q\nContent-Transfer-Encoding: Quoted-Printable \n\nol=C3=A9\n--q--\n", "olé", 0},
		{"encoded by another name", "--q\nContent-Transfer-Encoding: quoted_printable\n\nol=C3=A9\n--q--\n", "olé", 0},
		{"latin 1 unnamed", "--q\n\nol\xe9\n--q--\n", "olé", 0},
		{"latin 2 named in the HTML", "--q\nContent-Type: text/html\n\n<meta charset=iso-8859-2>\xbelut\xfd\n--q--\n",
			"žlutý", 0},
		{"a footer below base64", "--q\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n_____\nThe list.\n--q--\n",
			"Hello_____\nThe list.", 0},
		{"two encoded texts", "--q\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\nIFdvcmxk\n--q--\n", "Hello World", 0},
		{"an attachment", "--q\n\na\n--q\nContent-Type: text/plain\nContent-Disposition: attachment\n\nfile\n--q--\n",
			"a", 1},
		{"an attachment without a semicolon", "--q\n\na\n--q\nContent-Disposition: Attachment filename=a.txt\n\nb\n--q--\n",
			"a", 1},
		{"a type that says attachment", "--q\n\na\n--q\nContent-Type: attachment; name=a.txt\n\nfile\n--q--\n", "a", 1},
		{"a picture", "--q\n\na\n--q\nContent-Type: image/png\n\nXX\n--q--\n", "a", 1},
	}...)
	testMails(t, mixed, rows)
}

// The same in a mail that has no parts.
func TestMailsWithWrongHeaders(t *testing.T) {
	t.Parallel()
	testMails(t, "", []mailRow{
		{"text", "From: a@x.example\nContent-Type: text\n\nHello", "Hello", 0},
		{"no semicolon", "From: a@x.example\nContent-Type: TEXT/HTML charset=utf-8\n\n<p>Hello</p>", "Hello", 0},
		{"no header", "Please call me back.\n\nBye", "Please call me back.\n\nBye", 0},
		{"a text like a header", "Note: call me\n\nBye", "Note: call me\n\nBye", 0},
		{"a mailbox file", "From a@x.example Fri Nov 20 09:00:00 2026\nSubject: s\n\nHello", "Hello", 0},
		{"blank lines first", "\n\nSubject: s\n\nHello", "Hello", 0},
		{"no blank line", "From: a@x.example\nSubject: s\nHello there", "Hello there", 0},
		{"no type, but parts", "From: a@x.example\n\n--q\nContent-Type: text/html\n\n<p>Hello</p>\n--q--\n", "Hello", 0},
		{"parts of a text", "From: a@x.example\nContent-Type: text; boundary=q\n\n--q\nContent-Type: text/html\n\n" +
			"<p>Hello</p>\n--q--\n", "Hello", 0},
		{"an attachment alone", "From: a@x.example\nContent-Type: application/pdf\n\nXX", "", 1},
		{"a mail in a mail", "From: a@x.example\nContent-Type: message/rfc822\n\nSubject: inner\n\nHello",
			"Subject: inner\n\nHello", 0},
	})
}

// Each text of a mail is in its message, in the order of the parts.
func TestMailsOfSeveralTexts(t *testing.T) {
	t.Parallel()
	const html, footer = "--q\nContent-Type: text/html\n\n<p>body</p>\n", "--q\nContent-Type: text/plain\n\nfooter\n"
	testMails(t, mixed, []mailRow{
		{"HTML, then a footer", html + footer + "--q--\n", "body\n\nfooter", 0},
		{"a footer that is HTML", "--q\n\nbody\n--q\nContent-Type: text/html\n\n<i>footer</i>\n--q--\n", "body\n\nfooter", 0},
		{"two HTML texts", html + "--q\nContent-Type: text/html\n\n<i>footer</i>\n--q--\n", "body\n\nfooter", 0},
		{"two texts", "--q\n\nbody\n\n" + footer + "--q--\n", "body\n\nfooter", 0},
		{"HTML with the words of the text", "--q\n\nbody, yes\n--q\nContent-Type: text/html\n\n<b>Body</b> yes\n--q--\n",
			"body, yes", 0},
		{"text after the end", footer + "--q--\nThis list is archived.\n", "footer\n\nThis list is archived.", 0},
		{"text before the beginning", "Scanned: clean\n" + footer + "--q--\n", "Scanned: clean\n\nfooter", 0},
		{"the note of MIME", "This is a multi-part message in MIME format.\n" + footer + "--q--\n", "footer", 0},
		{"parts after the end", html + "--q--\n" + footer + "--q--\n", "body\n\nfooter", 0},
		{"no end", html + footer, "body\n\nfooter", 0},
		{"an alternative, then a footer", "--q\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nbody\n--i\n" +
			"Content-Type: text/html\n\n<p>body</p>\n--i--\n" + footer + "--q--\n", "body\n\nfooter", 0},
		{"an alternative that says something else", "--q\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\n" +
			"Your program shows no HTML.\n--i\nContent-Type: text/html\n\n<p>The bill is paid, thank you.</p>\n--i--\n--q--\n",
			"Your program shows no HTML.\n\nThe bill is paid, thank you.", 0},
		{"a blank alternative", "--q\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\n \n--i\n" +
			"Content-Type: text/html\n\n<p>body</p>\n--i--\n--q--\n", "body", 0},
		{"a forwarded mail", "--q\n\nsee\n--q\nContent-Type: message/rfc822\n\nFrom: b@x.example\nSubject: S\n" +
			"Content-Type: text/html\n\n<p>body</p>\n--q--\n", "see\n\nSubject: S\n\nbody", 0},
		{"a digest", "--q\nContent-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: 1\n\na\n--d\n\nSubject: 2\n\nb\n" +
			"--d--\n--q--\n", "Subject: 1\n\na\n\nSubject: 2\n\nb", 0},
		{"a report", "--q\nContent-Type: multipart/report; boundary=r\n\n--r\n\nFailed.\n--r\n" +
			"Content-Type: message/delivery-status\n\nStatus: 5.0.0\n--r\nContent-Type: text/rfc822-headers\n\n" +
			"Subject: S\n--r--\n--q--\n", "Failed.\n\nSubject: S", 1},
		{"signed", "--q\nContent-Type: multipart/signed; boundary=r\n\n--r\n\nbody\n--r\n" +
			"Content-Type: application/pgp-signature\n\nXX\n--r--\n--q--\n", "body", 1},
	})
}

// Where the boundary of the header is not in the body, the one that is there counts; where there is none, all
// of the body is the text.
func TestMailsWithAnotherBoundary(t *testing.T) {
	t.Parallel()
	const parts = "--real\nContent-Type: text/html\n\n<p>body</p>\n--real\n\nfooter\n--real--\n"
	var rows []mailRow
	for _, kind := range []string{"multipart/mixed; boundary=other", "multipart/mixed; boundary=REAL",
		"multipart/mixed; boundary=--real", "multipart/mixed", "multipart/mixed; boundary=\"\"", "multipart",
		"multipart/; boundary=rea", "multipart/mixed boundary=real", "multipart/mixed; boundary=\"real\" ; x",
		"multipart/related; boundary=real2"} {
		rows = append(rows, mailRow{kind, "From: a@x.example\nContent-Type: " + kind + "\n\n" + parts, "body\n\nfooter", 0})
	}
	testMails(t, "", append(rows,
		mailRow{"no headers in the parts", "Content-Type: multipart/mixed; boundary=x\n\n--b1\n\na\n--b1\n\nb\n--b1--\n",
			"a\n\nb", 0},
		mailRow{"the first part only", mixed + "--real\nContent-Type: text/html\n\n<p>a</p>\n--q\n\nb\n--q--\n", "a\n\nb", 0},
		mailRow{"no parts", mixed + "Just a text.\n-- \nAda\n", "Just a text.\n-- \nAda", 0},
		mailRow{"no parts, encoded", "Content-Type: multipart/mixed; boundary=q\nContent-Transfer-Encoding: base64\n\n" +
			"SGVsbG8=\n", "Hello", 0},
		mailRow{"parts, encoded", "Content-Type: multipart/mixed; boundary=q\nContent-Transfer-Encoding: base64\n\n" +
			base64.StdEncoding.EncodeToString([]byte("--q\n\na\n--q--\n")), "a", 0},
		mailRow{"an end without a part", mixed + "text\n--q--\n", "text\n--q--", 0},
		mailRow{"a ruler", mixed + "--------\nContents: none\n----------\n", "--------\nContents: none\n----------", 0},
		mailRow{"inside", mixed + "--q\nContent-Type: multipart/alternative; boundary=x\n\n--y\n\na\n--y\n" +
			"Content-Type: text/html\n\n<p>a</p>\n--y--\n--q--\n", "a", 0},
	))
}

// The author of a mail is whom its From names, or nobody.
func TestMailAuthors(t *testing.T) {
	t.Parallel()
	const parties = `{"name": "Zora", "mailto": "zora@x.example"}, {"name": "Ada Novak", "mailto": "ada@x.example"},
		{"name": "Eva", "mailto": "team@x.example"}, {"name": "Jan", "mailto": "team@x.example"},
		{"name": "Ann Lee", "mailto": "ann1@x.example"}, {"name": "Ann Lee", "mailto": "ann2@x.example"},
		{"tel": "+420777123456"}`
	for from, want := range map[string]rune{
		"From: zora@x.example": '0', "From: Ada <ada@x.example>": '1', "From: ADA@X.EXAMPLE": '1',
		"From: <ada@x.example>": '1', "From: \"Novak, Ada\" <other@x.example>": '1', "From: Ada Novak": '1',
		"From: =?utf-8?q?Ada_Novak?= <o@x.example>": '1', "From: Somebody <o@x.example>, ada@x.example": '1',
		"From: Zora <ada@x.example>": '1', "from: Ada Novak ada@x.example": '1', "From: ada@x.example (Ada)": '1',
		"From: Jan <team@x.example>": '3', "From: team@x.example": '/', "From: Ann Lee <ann2@x.example>": '5',
		"From: Ann Lee <ann3@x.example>": '/', "From: Somebody <o@x.example>": '/', "From: +420777123456": '/',
		"From: \"\" <>": '/', "From: <o@x.example>": '/', "Subject: no From": '0',
		"From: Somebody\nSender: ada@x.example": '/',
	} {
		for more, want := range map[string]rune{"": want, `"originator": 1, `: '1', `"originator": null, `: want} {
			dialog := strings.Replace(rawMail(from+"\n\nHello"), "{", "{"+more, 1)
			got := said(parse(t, members(header, `"parties": [`+parties+`]`, `"dialog": [`+dialog+`]`)).Segments[0])
			if len(got) != 1 || got[0] != "EMAIL_BODY "+string(want)+" Hello" {
				t.Errorf("%s %s: %q, not by %c", from, more, got, want)
			}
		}
	}
}
