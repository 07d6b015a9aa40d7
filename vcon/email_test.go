package vcon_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

// mail is a text dialog that is an e-mail.
func mail(mediaType, body, more string) string {
	quoted, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return `{"type": "text", "parties": [0, 1], "mediatype": "` + mediaType + `", "body": ` + string(quoted) +
		more + `}`
}

func plainMail(id, subject, more, text string) string {
	return mail("message/rfc822", "Message-ID: <"+id+">\r\nSubject: "+subject+"\r\n"+more+"\r\n"+text, "")
}

func TestWhichDialogsAreMails(t *testing.T) {
	t.Parallel()
	for dialog, want := range map[string]compliance.SegmentKind{
		mail("text/plain", "x", ""):                                      compliance.SegmentChat,
		mail("text/plain", "x", `, "message_id": ""`):                    compliance.SegmentChat,
		mail("text/plain", "x", `, "message_id": "<1>"`):                 compliance.SegmentEmail,
		mail("message/rfc822", "Subject: s\n\nx", ""):                    compliance.SegmentEmail,
		mail("Multipart/Mixed; boundary=b", "--b\r\n\r\nx\r\n--b--", ""): compliance.SegmentEmail,
		mail("text/plain", "", `, "message_id": "<1>"`):                  compliance.SegmentEmail,
	} {
		if got := parse(t, document(dialog)).Segments; len(got) != 1 || got[0].Kind != want {
			t.Errorf("%s makes %+v", dialog, got)
		}
	}
}

// Mails are of one thread when one answers the other, when both answer the same one, or when their subjects
// say so. A mail whose subject is not that of its thread keeps it.
func TestThreads(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		dialogs []string
		more    string
		want    []string // subject, and the texts of the mails
	}{
		{"an answer", []string{plainMail("1", "Order", "", "a"),
			plainMail("2", "Something else", "In-Reply-To: <1>\r\n", "b")}, "",
			[]string{"Order: a Subject: Something else\n\nb"}},
		{"references", []string{plainMail("2", "x", "References: <0> <1>\r\n", "b"), plainMail("3", "y", "", "c"),
			plainMail("1", "z", "", "a")}, "", []string{"x: b Subject: z\n\na", "y: c"}},
		{"the same missing mail", []string{plainMail("2", "x", "References: <0>\r\n", "a"),
			plainMail("3", "y", "In-Reply-To: <0>\r\n", "b")}, "", []string{"x: a Subject: y\n\nb"}},
		{"subjects", []string{plainMail("1", "Order", "", "a"), plainMail("2", "Re: AW: [2]order", "", "b"),
			plainMail("3", "RE[2]: fwd: ORDER", "", "c")}, "", []string{"Order: a c", "Re: AW: [2]order: b"}},
		{"a bridge", []string{plainMail("1", "x", "", "a"), plainMail("2", "y", "", "b"),
			plainMail("3", "Re: y", "References: <1>\r\n", "c")}, "",
			[]string{"x: a Subject: y\n\nb Subject: Re: y\n\nc"}},
		{"the vCon's subject", []string{plainMail("1", "x", "", "a")}, `"subject": "Of the vCon"`,
			[]string{"Of the vCon: Subject: x\n\na"}},
		{"the vCon's subject for two", []string{plainMail("1", "x", "", "a"),
			mail("text/plain", "b", `, "message_id": "<2>"`)}, `"subject": "Of the vCon"`,
			[]string{"x: a", "Of the vCon: b"}},
		{"no subject at all", []string{mail("text/plain", "a", `, "message_id": "<1>"`),
			mail("text/plain", "b", `, "message_id": "<2>"`)}, `"x": 1`, []string{": a", ": b"}},
		{"no subject in the header", []string{plainMail("1", "", "", "a"), plainMail("2", "Re: ", "", "b"),
			mail("message/rfc822", "Message-ID: <3>\r\n\r\nc", "")}, "", []string{": a", "Re:: b", ": c"}},
		{"no subject, but an answer", []string{plainMail("1", "", "", "a"),
			plainMail("2", "", "In-Reply-To: <1>\r\n", "b"), plainMail("3", "", "", "c")}, "", []string{": a b", ": c"}},
		{"no subject but the vCon's", []string{plainMail("1", "", "", "a"), plainMail("2", "", "", "b")},
			`"subject": "s"`, []string{"s: a", "s: b"}},
		{"neither a subject nor an id", []string{mail("message/rfc822", "From: x@y.z\r\n\r\na", ""),
			mail("message/rfc822", "From: x@y.z\r\n\r\nb", "")}, "", []string{": a b"}},
		{"a subject that comes later", []string{plainMail("1", "", "", "a"),
			plainMail("2", "Re: Order", "In-Reply-To: <1>\r\n", "b")}, "", []string{"Re: Order: a b"}},
		{"a mail that is all subject", []string{plainMail("1", "Order", "", "a"),
			plainMail("2", "Cancel it (eom)", "In-Reply-To: <1>\r\n", "")}, "",
			[]string{"Order: a Subject: Cancel it (eom)"}},
		{"members of the dialog", []string{mail("text/plain", "a", `, "message_id": "<1>"`),
			plainMail("2", "y", "References: <1>\r\n", "b")}, `"subject": "s"`, []string{"s: a Subject: y\n\nb"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			more := row.more
			if more == "" {
				more = `"x": 1`
			}
			var got []string
			for _, segment := range parse(t, document(strings.Join(row.dialogs, ","), more)).Segments {
				line := segment.Subject + ":"
				for _, m := range segment.Messages {
					line += " " + m.Text
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMailBodies(t *testing.T) {
	t.Parallel()
	const alternative = "--b\r\nContent-Type: text/plain\r\n\r\nThe text.\r\n--b\r\nContent-Type:" +
		" text/html\r\n\r\n<p>The <i>HTML</i>.</p>\r\n--b--\r\n"
	const attached = "--b\r\nContent-Type: text/html; charset=iso-8859-2\r\nContent-Transfer-Encoding:" +
		" quoted-printable\r\n\r\n<p>=BElut=FD</p><ul><li>one</li></ul>\r\n" +
		"--b\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename=420777123456.png\r\n\r\nXX\r\n" +
		"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nXX\r\n--b--\r\n"
	latin := base64.RawURLEncoding.EncodeToString([]byte("Content-Type: text/plain; charset=iso-8859-1\r\nDate: Sun," +
		" 01 Mar 2026 08:00:00 +0000\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\n\r\nol\xe9"))
	for _, row := range []struct {
		name, dialog, text, subject string
		attachments                 int
	}{
		{"text rather than HTML", mail("multipart/alternative;\\n boundary=b", alternative, ""), "The text.", "",
			0},
		{"HTML reduced", mail("multipart/mixed; boundary=\\\"b\\\"", attached, ""), "žlutý\n\n* one", "", 2},
		{"HTML alone", mail("text/html", "<p>a</p><p>b</p>", `, "message_id": "<1>"`), "a\n\nb", "", 0},
		{"with its header", mail("multipart/mixed; boundary=b",
			"From: x@y.z\r\nSubject: S\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;"+
				" boundary=b\r\n\r\n"+alternative, ""), "The text.", "S", 0},
		{"in base64url and latin 1", `{"type": "text", "mediatype": "message/rfc822", "encoding": "base64url", ` +
			`"body": "` + latin + `"}`, "olé", "Café", 0},
		{"no body", mail("message/rfc822", "", ""), "", "", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, document(row.dialog))
			segment, text := c.Segments[0], ""
			if len(segment.Messages) > 0 {
				text = segment.Messages[0].Text
			}
			if text != row.text || segment.Subject != row.subject || segment.Attachments != row.attachments ||
				len(c.Segments) != 1 {
				t.Errorf("text %q, subject %q, %d attachments", text, segment.Subject, segment.Attachments)
			}
		})
	}
	if c := parse(t, document(`{"type": "text", "mediatype": "message/rfc822", "encoding": "base64url", `+
		`"body": "`+latin+`"}`)); !c.Segments[0].Messages[0].SentAt.Equal(at("2026-03-01T08:00:00Z")) {
		t.Errorf("the mail's own date is not taken where the dialog has none: %v", c.Segments[0].Messages[0].SentAt)
	}
}
