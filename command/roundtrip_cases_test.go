package command

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/media/deletion"
)

type roundTrip struct {
	prepare       func(t *testing.T, p *installation)
	conversations int
	redacted      bool
	// gone is what the export must not hold.
	gone []string
}

func roundTrips() map[string]roundTrip {
	call, mail, chat := tripCall, tripMail, tripChat
	amended := strings.Replace(tripChat, `d7393",`,
		`d7394", "amended": {"uuid": "019543da-b5aa-8d63-9dd8-dd37220d7393"},`, 1)
	secrets := []string{"777123456", "ada@", "spoken words", "written words", "typed words", "a subject",
		"a room", "CZ65", "C-100", coded("sound of it"), coded("screen of it")}
	return map[string]roundTrip{
		"a call":              {prepare: imported(call), conversations: 1},
		"an email":            {prepare: imported(mail), conversations: 1},
		"a chat":              {prepare: imported(chat), conversations: 1},
		"all":                 {prepare: imported(chat, call, mail), conversations: 3},
		"merged":              {prepare: merged(call, chat), conversations: 1},
		"merged, other order": {prepare: merged(chat, call), conversations: 1},
		"merged, anonymized": {prepare: steps(merged(chat, call), uncorrelated, anonymized),
			conversations: 1, redacted: true, gone: secrets},
		"anonymized, planned": {prepare: steps(imported(chat, call, mail), anonymized), conversations: 3,
			redacted: true, gone: secrets},
		"anonymized, deleted": {prepare: steps(imported(chat, call, mail), anonymized, deleted),
			conversations: 3, redacted: true, gone: secrets},
		"partly anonymized": {prepare: steps(imported(call, mail), partly), conversations: 2,
			redacted: true, gone: []string{"777123456", "ada@"}},
		"versions":           {prepare: imported(chat, amended), conversations: 1},
		"versions, reversed": {prepare: imported(amended, chat), conversations: 1},
		"versions, anonymized": {prepare: steps(imported(chat), anonymized, imported(amended)), conversations: 1,
			redacted: true, gone: secrets},
		"of call and chat": {prepare: imported(spoken(`"analysis": [{"type": "summary", "body": "of both"}]`)),
			conversations: 1},
		"protected": {prepare: steps(imported(call), protected), conversations: 1},
		"protected and anonymized": {prepare: steps(imported(call), protected, anonymized, deleted),
			conversations: 1, redacted: true, gone: append(secrets[:9:9], coded("screen of it"))},
	}
}

func steps(all ...func(*testing.T, *installation)) func(*testing.T, *installation) {
	return func(t *testing.T, p *installation) {
		for _, step := range all {
			step(t, p)
		}
	}
}

func imported(documents ...string) func(*testing.T, *installation) {
	return func(t *testing.T, p *installation) { p.take(t, slices.Clone(documents)...) }
}

// merged imports documents one after the other, where crm.customer is a correlation key.
func merged(documents ...string) func(*testing.T, *installation) {
	return func(t *testing.T, p *installation) {
		if err := p.store.KnowKeys(t.Context(), []string{"crm.customer"}); err != nil {
			t.Fatal(err)
		}
		p.query(t, `mutation { configureMetadataKey(input: {key: "crm.customer", isCorrelationKey: true}) {
			userErrors { message } } }`)
		for _, document := range documents {
			p.take(t, document)
		}
	}
}

func uncorrelated(t *testing.T, p *installation) {
	p.query(t, `mutation { configureMetadataKey(input: {key: "crm.customer", isCorrelationKey: false}) {
		userErrors { message } } }`)
}

func anonymized(t *testing.T, p *installation) { p.anonymizeEverything(t) }

// partly anonymizes what the settings cover at first: numbers and addresses.
func partly(t *testing.T, p *installation) { p.anonymizeAll(t) }

// protected protects the recording of the sound, and not that of the screen.
func protected(t *testing.T, p *installation) {
	p.query(t, fmt.Sprintf(`mutation { protectMedia(input: {mediaFileIds: [%q], reason: MIFID, note: "kept for 5 years",
		until: "2099-01-01T00:00:00.123456Z"}) { userErrors { message } } }`, p.sound(t)))
}

func deleted(t *testing.T, p *installation) {
	tool := &deletion.Tool{Database: p.store, Store: p.media, Actor: audit.CommandActor("delete-media"), Now: time.Now}
	if summary, err := tool.Pass(t.Context(), 0, false); err != nil || summary.Files[deletion.Deleted] == 0 ||
		summary.Files[deletion.Failed] > 0 {
		t.Fatal(summary, err)
	}
}

func coded(content string) string { return base64.RawURLEncoding.EncodeToString([]byte(content)) }

// The documents: strange characters, odd times and every kind of thing that a conversation may have.
var (
	tripParties = `"parties": [{"name": "Ada \"Ä\" <Berg>", "tel": "+420 777123456",
		"mailto": "ada@example.com", "handle": ["whatsapp:+420777123456", "@ada.berg"], "ip": "198.51.100.7",
		"role": "customer"},
		{"name": "Tomas Lind", "mailto": "tomas.lind@contact.example", "role": "agent",
		"meta": {"user_id": "tlind", "group": "support"}}]`
	tripAttachments = `"attachments": [{"type": "crm", "party": 0, "start": "2026-03-01T09:30:00Z",
		"encoding": "json", "body": {"customer": "C-100", "iban": "CZ6508000000192000145399", "list": [1, "č"]}}]`
	tripCall = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7391",
		"created_at": "2026-03-01T09:30:00Z", ` + tripParties + `, ` + tripAttachments + `,
		"dialog": [{"type": "recording", "start": "2026-03-01T10:30:00.123456+01:00", "duration": 61.234,
			"parties": [0, 1], "mediatype": "audio/wav", "filename": "+420777123456.wav",
			"url": "https://media.example/r/one.wav?k=1",
			"encoding": "base64url", "body": "` + coded("sound of it") + `", "meta": {"direction": "in"}},
			{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [1],
				"mediatype": "video/mp4", "encoding": "base64url", "body": "` + coded("screen of it") + `"}],
		"analysis": [{"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "json",
			"body": [{"party": 0, "start": "2026-03-01T09:30:01Z", "text": "spoken words ✓"}]},
			{"type": "summary", "dialog": 0, "vendor": "x", "encoding": "none", "body": "the spoken words, in short"}]}`
	tripMail = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7392",
		"created_at": "2026-03-02T09:30:00Z", "subject": "a subject", ` + tripParties + `,
		"dialog": [{"type": "text", "start": "2026-03-02T09:30:00Z", "parties": [0, 1], "originator": 0,
			"mediatype": "text/plain", "message_id": "<1@example.com>", "encoding": "none",
			"body": "written words\nof Ada"},
			{"type": "text", "start": "2026-03-02T10:30:00Z", "parties": [1, 0], "originator": 1,
				"mediatype": "text/plain", "message_id": "<2@example.com>", "encoding": "none",
				"body": "other written words"}]}`
	tripChat = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7393",
		"created_at": "2026-03-03T09:30:00Z", "subject": "a room", ` + tripParties + `, ` + tripAttachments + `,
		"dialog": [{"type": "text", "start": "2026-03-03T09:30:00Z", "parties": [0, 1], "originator": 0,
			"mediatype": "text/plain", "encoding": "none", "body": "typed words"},
			{"type": "text", "start": "2026-03-03T09:30:00Z", "parties": [1, 0], "originator": 1,
				"mediatype": "text/plain", "encoding": "none", "body": "[anonymized] typed words"}]}`
)
