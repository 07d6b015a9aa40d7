package vcon_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// FuzzParse looks for panics, for what the database could not store, and for personal data in an error, a
// name, a key, an id or a url.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		document(hello), document(record + "," + emptied),
		document(hello, `"meta": {"+420777123456": {"ada@example.org": [1, null]}}`),
		withParties(`{"tel": "+420777123456", "name": "+420777123456"}`),
		document(mail("multipart/mixed; boundary=b", "--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n--b--", "")),
		document(plainMail("1", "s", "References: <2>\r\n", "x")),
		document(record, `"analysis": [{"type": "transcript", "dialog": 0, "body": {"segments": [{"text": "a", `+
			`"speaker": 0, "start": 1e3}]}}]`),
		`{"payload": "e30", "signatures": [{"protected": "e30", "signature": "x"}]}`, `{"ciphertext": "x"}`, "[[",
		"{", "From: x\n\n", "\x1f\x8b",
		document(`{"type": "recording", "parties": [[0], 1], "url": "https://x.example/420777123456", ` +
			`"body": "AA", "content_hash": ["sha512-x"]}`),
		document(`{"type": "text", "originator": 420777123456, "body": "x"}`),
		document(hello, `"+420777123456": 1, "+420777123456": 2`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		conversation, err := vcon.Parse(data, vcon.Options{MaxBytes: 1 << 20})
		if err != nil {
			checkError(t, data, err)
			return
		}
		checkConversation(t, data, conversation)
	})
}

// checkError looks for the numbers and addresses of the input in its error.
func checkError(t *testing.T, data []byte, err error) {
	t.Helper()
	if !utf8.ValidString(err.Error()) {
		t.Errorf("the error is not in UTF-8: %q", err)
	}
	var document struct {
		Parties []map[string]any
	}
	_ = json.Unmarshal(data, &document)
	for _, party := range document.Parties {
		for _, member := range []string{"tel", "mailto", "email", "name"} {
			if value, _ := party[member].(string); len(value) >= 7 && strings.ContainsAny(value, "0123456789@") &&
				strings.Contains(err.Error(), value) {
				t.Errorf("%s of a party stands in the error %q", member, err)
			}
		}
	}
}

func checkConversation(t *testing.T, data []byte, c *conversation.Incoming) {
	t.Helper()
	if len(c.Segments) == 0 || c.EndedAt.Before(c.StartedAt) || c.StartedAt.IsZero() {
		t.Errorf("%d segments, from %v to %v", len(c.Segments), c.StartedAt, c.EndedAt)
	}
	for _, segment := range c.Segments {
		if segment.StartedAt.IsZero() || segment.Duration < 0 {
			t.Errorf("a segment from %v for %v", segment.StartedAt, segment.Duration)
		}
		for _, m := range segment.Messages {
			if m.Text == "" || m.Author < conversation.NoAuthor || m.Author >= len(c.Participants) ||
				strings.ContainsRune(m.Text, 0) || !utf8.ValidString(m.Text) {
				t.Errorf("a message by %d of %d: %q", m.Author, len(c.Participants), m.Text)
			}
		}
	}
	all := strings.Join(kept(c), "\n")
	if most := 1_000 * (len(data) + 1_000); len(all) > most {
		t.Errorf("%d bytes are kept of %d", len(all), len(data))
	}
	if strings.ContainsRune(all, 0) || !utf8.ValidString(all) {
		t.Errorf("cannot be stored: %q", all)
	}
	for _, p := range c.Participants {
		for _, secret := range append(strings.Split(p.PhoneNumber, ", "),
			strings.Split(p.DigitalAddress, ", ")...) {
			isNumber := len(secret) >= 9 && strings.Trim(secret, "+0123456789") == ""
			if (isNumber || strings.Count(secret, "@") == 1 && len(secret) >= 7) && strings.Contains(all, secret) {
				t.Errorf("%q of a party is kept in %q", secret, all)
			}
		}
	}
}
