package vcon_test

import (
	"fmt"
	"strings"
	"testing"

	"qm-compliance/vcon"
)

// What cannot be understood is refused with its place and the reason.
func TestRefused(t *testing.T) {
	t.Parallel()
	turn := func(member string) string {
		return document(`{"type": "text", "parties": [0], "body": "Hello", ` + member + `}`)
	}
	for _, row := range []struct{ name, text, want string }{
		{"nothing", "", "the document is empty"},
		{"blanks", " \n\t", "the document is empty"},
		{"binary", "\x00\x01\x02\x03", "the document is binary"},
		{"a picture", "\x89PNG\r\n\x1a\n\x00", "the document is binary"},
		{"prose", "Dear all,\nhello", "not JSON: unexpected character in line 1, column 1"},
		{"an e-mail", "From: a\nSubject: b\n\nHello",
			"this is an e-mail (RFC 5322), not a vCon; import it as the body of a text dialog inside a vCon"},
		{"an e-mail in latin 1", "Received: x\nFrom: a\n\nol\xe9", "this is an e-mail"},
		{"a mailbox", "From ada Mon Mar  1\nx: y\n\nHello", "this is an e-mail"},
		{"not UTF-8", "{\n\"a\": \"ol\xe9\"}", "line 2, column 9 is not valid UTF-8"},
		{"a list", "[]", "the document is a list; a vCon is a JSON object"},
		{"a number", "17", "the document is a number"},
		{"null", "null", "the document is null"},
		{"cut off", "{\n\"uuid\": \"0195", "the JSON ends early in line 2"},
		{"cut off after a comma", "{\n\"uuid\": 1,\n", "the JSON ends early in line 2"},
		{"a comma too many", "{\n\"uuid\": 1,\n}", "not JSON: unexpected character in line 3, column 1"},
		{"two documents", "{}\n\n{}", "line 3, column 1 has data after the end of the vCon"},
		{"a word behind", "{} more", "line 1, column 4 has data after the end"},
		{"a bare NUL", "{" + strings.Repeat(" ", 600) + "\"a\": \"\x00\"}", "not JSON: unexpected character in line 1"},
		{"a member twice", document(hello, `"subject": "a", "subject": "b"`), "subject: is given twice"},
		{"a member twice inside", turn(`"start": "", "st\u0061rt": ""`), "dialog[0].start: is given twice"},
		{"a personal member twice", document(hello, `"meta": {"x": {"+420777123456": 1, "+420777123456": 2}}`),
			"meta.x._: is given twice"},
		{"NUL in a name", turn(`"meta": {"a\u0000": 1}`),
			"dialog[0].meta: has a member whose name contains the character NUL"},
		{"no uuid", members(`"created_at": "2026-03-01T10:00:00Z"`), "uuid: is missing"},
		{"an empty uuid", members(`"uuid": ""`), "uuid: is empty"},
		{"a uuid that is none", members(`"uuid": "019543da"`), "uuid: is not a UUID"},
		{"the nil uuid", members(`"uuid": "00000000-0000-0000-0000-000000000000"`), "uuid: is not a UUID"},
		{"a uuid in braces", members(`"uuid": "{019543da-b5aa-8d63-9dd8-dd37220d739c}"`), "uuid: is not a UUID"},
		{"a uuid that is a number", members(`"uuid": 1`), "uuid: is a number; text is needed"},
		{"a date that is none", members(`"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", ` +
			`"created_at": "yesterday"`), "created_at: is not a date"},
		{"a date before all dates", turn(`"start": "0001-01-01T00:00:00+12:00"`), "dialog[0].start: is not a date"},
		{"a date too far elsewhere", turn(`"start": "9900-12-31T23:59:59-12:00"`),
			"dialog[0].start: is not a date"},
		{"a date too far", turn(`"start": "9999-12-31T00:00:00Z"`), "dialog[0].start: is not a date"},
		{"no time", members(`"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", "dialog": [{"type": "text", ` +
			`"body": "x"}]`), "created_at: is missing, and no dialog has a start"},
		{"encrypted", `{"ciphertext": "x", "recipients": []}`, "ciphertext: the vCon is encrypted (JWE)"},
		{"no dialogs", document(""), "dialog: is empty"},
		{"dialog absent", members(header), "dialog: is empty"},
		{"dialog an object", members(header, `"dialog": {}`), "dialog: is an object; a list is needed"},
		{"a dialog that is text", members(header, `"dialog": ["x"]`), "dialog[0]: is text; an object is needed"},
		{"only transfers", document(`{"type": "transfer", "start": "2026-03-01T09:00:00Z"}`),
			"dialog: has no call, e-mail or chat in it, only transfers"},
		{"an unknown type", document(`{"type": "smoke"}`),
			"dialog[0].type: is not recording, recording-set, text, transfer or incomplete"},
		{"a set of no dialog", document(hello + `, {"type": "recording-set", "recordings": [0, 2]}`),
			"dialog[1].recordings[1]: there is no dialog 2; the vCon has 2 dialogs"},
		{"no type", document(`{"body": "x"}`), "dialog[0].type: is not"},
		{"parties null", members(header, `"parties": null`, `"dialog": [`+hello+`]`),
			"parties: is null, and dialog[0] refers to parties; a list is needed"},
		{"parties missing", members(header, `"dialog": [`+hello+`]`),
			"parties: is missing, and dialog[0] refers to parties"},
		{"parties text", members(header, `"parties": "x"`, `"dialog": [`+hello+`]`),
			"parties: is text; a list is needed"},
		{"a party that is a number", withParties("1"), "parties[0]: is a number; an object is needed"},
		{"a name that is a number", withParties(`{"name": 1}`), "parties[0].name: is a number"},
		{"no such party", document(hello + `, {"type": "text", "parties": [0, 99], "body": "x"}`),
			"dialog[1].parties[1]: there is no party 99; the vCon has 2 parties"},
		{"a number for a party", turn(`"originator": 420777123456`),
			"dialog[0].originator: is not the number of a party; the vCon has 2 parties, counted from 0"},
		{"a negative party", turn(`"originator": -1`), "dialog[0].originator: is not the number of a party"},
		{"a party by name", turn(`"originator": "Ada"`),
			"dialog[0].originator: is text; the number of a party is needed"},
		{"no such party in a channel", document(`{"type": "recording", "parties": [[0, 1], [2]]}`),
			"dialog[0].parties[1][0]: there is no party 2"},
		{"a negative duration", turn(`"duration": -1`), "dialog[0].duration: is negative"},
		{"a duration in words", turn(`"duration": "long"`),
			"dialog[0].duration: is text; a number of seconds is needed"},
		{"a duration without an end", turn(`"duration": 1e300`),
			"dialog[0].duration: is longer than any conversation"},
		{"a media type that is a number", turn(`"mimetype": 12345`),
			"dialog[0].mimetype: is a number; text is needed"},
		{"a start that is a number", turn(`"start": 1740000000`), "dialog[0].start: is a number; text is needed"},
		{"wrong base64", document(`{"type": "recording", "encoding": "base64url", "body": "%%"}`),
			"dialog[0].body: is not base64url"},
		{"wrong base64 of a text", document(`{"type": "text", "encoding": "base64url", "body": "%%"}`),
			"dialog[0].body: is not base64url"},
		{"a recording that is an object", document(`{"type": "recording", "body": {}}`),
			"dialog[0].body: is an object; a recording in base64url is needed"},
		{"an analysis of no dialog", document(hello, `"analysis": [{"type": "summary", "dialog": 1, "body": "x"}]`),
			"analysis[0].dialog: there is no dialog 1; the vCon has 1 dialogs"},
		{"an analysis of no dialog in a list",
			document(hello, `"analysis": [{"type": "summary", "dialog": [0, 420777123456], "body": "x"}]`),
			"analysis[0].dialog[1]: is not the number of a dialog"},
		{"an analysis that is text", document(hello, `"analysis": ["x"]`), "analysis[0]: is text"},
		{"attachments that are text", document(hello, `"attachments": "x"`),
			"attachments: is text; a list is needed"},
		{"a long key", document(hello, `"meta": {"`+strings.Repeat("k", 300)+`": 1}`),
			"has a metadata key of 305 bytes; at most 200"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := refusal(t, row.text, vcon.Options{}); !strings.HasPrefix(got, row.want) {
				t.Errorf("refused: %s\nwant:    %s", got, row.want)
			}
		})
	}
}

// Size and depth are bounded before anything is made of a document.
func TestBounds(t *testing.T) {
	t.Parallel()
	deep := `{"a": ` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}`
	if got := refusal(t, deep, vcon.Options{}); got != "the document is nested more than 64 levels deep" {
		t.Error(got)
	}
	if got := refusal(t, `{"a": [[]]}`, vcon.Options{MaxDepth: 2}); !strings.Contains(got,
		"more than 2 levels") {
		t.Error(got)
	}
	if got := refusal(t, document(hello),
		vcon.Options{MaxBytes: 10}); got != "the document is larger than 10 bytes" {
		t.Error(got)
	}
	if parse(t, document(hello, `"meta": {"text": "`+strings.Repeat("[{", 100)+`"}`)) == nil {
		t.Error("brackets in a text count as depth")
	}
	if got := refusal(t, withParties(strings.TrimSuffix(strings.Repeat("{},", 2001), ",")),
		vcon.Options{}); got != "parties: has 2001 parties; at most 2000 are taken" {
		t.Error(got)
	}
	const dialogs = "dialog: has 50001 dialogs; at most 50000 are taken"
	if got := refusal(t, document(hello+strings.Repeat(`, {}`, 50_000)), vcon.Options{}); got != dialogs {
		t.Error(got)
	}
	var nested strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&nested, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	if got := refusal(t, document(mail("multipart/mixed; boundary=b0", nested.String(), "")),
		vcon.Options{}); !strings.HasPrefix(got, "dialog[0].body: is an e-mail whose parts have parts") {
		t.Error(got)
	}
	many := mail("multipart/mixed; boundary=b", strings.Repeat("--b\r\n\r\n", 10_001), "")
	if got := refusal(t, document(many), vcon.Options{}); !strings.HasPrefix(got,
		"dialog[0].body: is an e-mail with more than 10000 parts") {
		t.Error(got)
	}
	same := mail("multipart/mixed; boundary=b",
		strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", 3000)+"x", "")
	if got := said(parse(t, document(same)).Segments[0]); len(got) != 1 || got[0] != "EMAIL_BODY 0 x" {
		t.Errorf("the same boundary on every level makes %q", got)
	}
	var keys []string
	for i := range 501 {
		keys = append(keys, `"`+strings.Repeat("k", i%100+1)+strings.Repeat("x", i/100)+`y": 1`)
	}
	if got := metadataOf(parse(t, document(hello, `"meta": {`+strings.Join(keys, ",")+`}`))); len(got) != 1 ||
		strings.Count(got["meta"], ":") != 501 {
		t.Errorf("%d keys", len(got))
	}
}
