package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/db"
	"qm-compliance/media/deletion"
	"qm-compliance/media/store"
	"qm-compliance/postgres/postgrestest"
)

// place is an installation of its own: an empty database and an empty folder for recordings.
type place struct {
	*joined
	url, folder string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{joined: &joined{}, url: postgrestest.URL(t), folder: filepath.Join(t.TempDir(), "media")}
	p.database = connect(t, p.url)
	var err error
	if p.database.media, err = store.Open(t.Context(), p.folder); err != nil {
		t.Fatal(err)
	}
	if p.joined.store, err = db.New(t.Context(), p.database.bun, time.Now); err != nil {
		t.Fatal(err)
	}
	p.serve(t)
	return p
}

// take imports documents, one a line.
func (p *place) take(t *testing.T, documents ...string) {
	t.Helper()
	for i, document := range documents {
		documents[i] = strings.ReplaceAll(document, "\n", "")
	}
	if status, body := p.post(t, "/import", strings.Join(documents, "\n")); status != 200 || !strings.Contains(body, `"refusedCount":0`) {
		t.Fatal(status, body)
	}
}

// export writes everything by the command.
func (p *place) export(t *testing.T) string {
	t.Helper()
	status, out, errors := command(t, "export", "--database-url", p.url, "--media-url", p.folder)
	if status != 0 {
		t.Fatalf("export ended with %d: %s", status, errors)
	}
	return out
}

// exportOverAPI writes everything by the API, conversation by conversation, in the order of the command.
func (p *place) exportOverAPI(t *testing.T) (documents []any) {
	t.Helper()
	for _, id := range p.ids(t) {
		answer := p.query(t, fmt.Sprintf(`mutation { exportConversation(input: {conversationId: %q, includeMedia: true}) { vcon userErrors { code } } }`, id))
		documents = append(documents, answer["exportConversation"].(map[string]any)["vcon"])
	}
	return documents
}

// ids are those of the conversations, the oldest first.
func (p *place) ids(t *testing.T) (ids []string) {
	t.Helper()
	for _, node := range nodes(p.query(t, `{ conversations(orderBy: {field: STARTED_AT, direction: ASC}) { nodes { id } } }`)) {
		ids = append(ids, node["id"].(string))
	}
	return ids
}

// sound is the id of the only recording of a call's sound.
func (p *place) sound(t *testing.T) string {
	t.Helper()
	for _, file := range nodes(p.query(t, `{ conversations { nodes { media { id kind } } } }`))[0]["media"].([]any) {
		if file := file.(map[string]any); file["kind"] == "CALL" {
			return file["id"].(string)
		}
	}
	t.Fatal("there is no recording of a call's sound")
	return ""
}

func nodes(answer map[string]any) (all []map[string]any) {
	for _, node := range answer["conversations"].(map[string]any)["nodes"].([]any) {
		all = append(all, node.(map[string]any))
	}
	return all
}

// told is all that the API tells of the conversations, but ids and links, which are each installation's own.
func (p *place) told(t *testing.T) []map[string]any {
	t.Helper()
	const media = `{ kind status mediaType durationSeconds sourceUrl protected protectedUntil protectionReason deletionFailure }`
	return nodes(p.query(t, `{ conversations(orderBy: {field: STARTED_AT, direction: ASC}) { nodes { startedAt endedAt durationSeconds direction types vcons mediaStatus protectedMediaCount
		participants { role name phoneNumber phoneNumberAnonymized digitalAddress digitalAddressAnonymized } metadata { key value anonymized } media `+media+`
		segments { __typename startedAt durationSeconds messages { kind author authorRole sentAt text anonymized } ... on CallSegment { media `+media+` }
			... on EmailSegment { subject subjectAnonymized attachmentCount } ... on ChatSegment { roomName roomNameAnonymized } }
		reviewability { reviewable segments { anonymized reason } } anonymization { at settingsVersion basicData { participantPhoneNumber participantDigitalAddress subjectAndBody mediaFiles } metadataKeys } } } }`))
}

// What is exported, by the command as over the API, comes in elsewhere as the same conversations, and is exported from there byte by byte the same.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	validate := strictSchema(t)
	for name, test := range roundTrips() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := newPlace(t), newPlace(t)
			test.prepare(t, from)
			exported := from.export(t)
			checkDocuments(t, validate, exported, from.exportOverAPI(t), test.redacted)
			for _, secret := range test.gone {
				if strings.Contains(exported, secret) {
					t.Errorf("the export holds %q", secret)
				}
			}
			to.take(t, strings.Split(strings.TrimSpace(exported), "\n")...)
			told := from.told(t)
			if diff := cmp.Diff(told, to.told(t)); diff != "" || len(told) != test.conversations {
				t.Errorf("%d conversations; (-exported +imported)\n%s", len(told), diff)
			}
			if again := to.export(t); again != exported {
				t.Errorf("exported again it differs:\n%s", cmp.Diff(exported, again))
			}
			to.take(t, strings.Split(strings.TrimSpace(exported), "\n")...)
			if diff := cmp.Diff(told, to.told(t)); diff != "" {
				t.Errorf("imported twice it differs:\n%s", diff)
			}
		})
	}
}

// checkDocuments holds an export against the schema, the answers of the API, and the form of what is redacted.
func checkDocuments(t *testing.T, validate func(*testing.T, []byte), exported string, answers []any, redacted bool) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(exported), "\n")
	if len(lines) != len(answers) {
		t.Fatalf("the command writes %d conversations, the API %d", len(lines), len(answers))
	}
	for i, line := range lines {
		validate(t, []byte(line))
		var document map[string]any
		if err := json.Unmarshal([]byte(line), &document); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(any(document), answers[i]); diff != "" {
			t.Errorf("the command and the API differ:\n%s", diff)
		}
		redaction, is := document["redacted"].(map[string]any)
		if is != redacted || is && (redaction["type"] == nil || redaction["uuid"] != nil) {
			t.Errorf("redacted: %v", document["redacted"])
		}
	}
}

type roundTrip struct {
	prepare       func(t *testing.T, p *place)
	conversations int
	redacted      bool
	// gone is what the export must not hold.
	gone []string
}

func roundTrips() map[string]roundTrip {
	call, mail, chat := tripCall, tripMail, tripChat
	secrets := []string{"777123456", "ada@", "spoken words", "written words", "typed words", "a subject", "a room", "CZ65", "C-100", coded("sound of it"), coded("screen of it")}
	return map[string]roundTrip{
		"a call":   {prepare: imported(call), conversations: 1},
		"an email": {prepare: imported(mail), conversations: 1},
		"a chat":   {prepare: imported(chat), conversations: 1},
		"all":      {prepare: imported(chat, call, mail), conversations: 3},
		"merged":   {prepare: merged(call, chat), conversations: 1}, "merged, other order": {prepare: merged(chat, call), conversations: 1},
		"merged, anonymized":       {prepare: steps(merged(chat, call), uncorrelated, anonymized), conversations: 1, redacted: true, gone: secrets},
		"anonymized, planned":      {prepare: steps(imported(chat, call, mail), anonymized), conversations: 3, redacted: true, gone: secrets},
		"anonymized, deleted":      {prepare: steps(imported(chat, call, mail), anonymized, deleted), conversations: 3, redacted: true, gone: secrets},
		"partly anonymized":        {prepare: steps(imported(call, mail), partly), conversations: 2, redacted: true, gone: []string{"777123456", "ada@"}},
		"protected":                {prepare: steps(imported(call), protected), conversations: 1},
		"protected and anonymized": {prepare: steps(imported(call), protected, anonymized, deleted), conversations: 1, redacted: true, gone: append(secrets[:9:9], coded("screen of it"))},
	}
}

func steps(all ...func(*testing.T, *place)) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		for _, step := range all {
			step(t, p)
		}
	}
}

func imported(documents ...string) func(*testing.T, *place) {
	return func(t *testing.T, p *place) { p.take(t, slices.Clone(documents)...) }
}

// merged imports documents one after the other, where crm.customer is a correlation key.
func merged(documents ...string) func(*testing.T, *place) {
	return func(t *testing.T, p *place) {
		if err := p.joined.store.KnowKeys(t.Context(), []string{"crm.customer"}); err != nil {
			t.Fatal(err)
		}
		p.query(t, `mutation { configureMetadataKey(input: {key: "crm.customer", isCorrelationKey: true}) { userErrors { message } } }`)
		for _, document := range documents {
			p.take(t, document)
		}
	}
}

func uncorrelated(t *testing.T, p *place) {
	p.query(t, `mutation { configureMetadataKey(input: {key: "crm.customer", isCorrelationKey: false}) { userErrors { message } } }`)
}

func anonymized(t *testing.T, p *place) { anonymizeEverything(t, p.joined) }

// partly anonymizes what the settings cover at first: numbers and addresses.
func partly(t *testing.T, p *place) {
	ids, _ := json.Marshal(p.ids(t))
	p.query(t, `mutation { anonymizeConversations(input: {conversationIds: `+string(ids)+`}) { userErrors { message } } }`)
}

// protected protects the recording of the sound, and not that of the screen.
func protected(t *testing.T, p *place) {
	p.query(t, fmt.Sprintf(`mutation { protectMedia(input: {mediaFileIds: [%q], reason: "MiFID, 5 years", until: "2099-01-01T00:00:00.123456Z"}) { userErrors { message } } }`, p.sound(t)))
}

func deleted(t *testing.T, p *place) {
	tool := &deletion.Tool{Database: p.joined.store, Store: p.database.media, Actor: db.CommandActor("delete-media"), Now: time.Now}
	if summary, err := tool.Pass(t.Context(), 0, false); err != nil || summary.Files[deletion.Deleted] == 0 || summary.Files[deletion.Failed] > 0 {
		t.Fatal(summary, err)
	}
}

func coded(content string) string { return base64.RawURLEncoding.EncodeToString([]byte(content)) }

// The documents: strange characters, odd times and every kind of thing that a conversation may have.
var (
	tripParties = `"parties": [{"name": "Ada \"Ä\" <Berg>", "tel": "+420 777123456", "mailto": "ada@example.com", "role": "customer"}, {"name": "Tomas Lind", "mailto": "tomas.lind@contact.example", "role": "agent",
		"meta": {"user_id": "tlind", "group": "support"}}]`
	tripAttachments = `"attachments": [{"type": "crm", "party": 0, "start": "2026-03-01T09:30:00Z", "encoding": "json", "body": {"customer": "C-100", "iban": "CZ6508000000192000145399", "list": [1, "č"]}}]`
	tripCall        = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7391", "created_at": "2026-03-01T09:30:00Z", ` + tripParties + `, ` + tripAttachments + `,
		"dialog": [{"type": "recording", "start": "2026-03-01T10:30:00.123456+01:00", "duration": 61.234, "parties": [0, 1], "mediatype": "audio/wav", "filename": "+420777123456.wav", "url": "https://media.example/r/one.wav?k=1",
			"encoding": "base64url", "body": "` + coded("sound of it") + `", "meta": {"direction": "in"}},
			{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [1], "mediatype": "video/mp4", "encoding": "base64url", "body": "` + coded("screen of it") + `"}],
		"analysis": [{"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "json", "body": [{"party": 0, "start": "2026-03-01T09:30:01Z", "text": "spoken words ✓"}]},
			{"type": "summary", "dialog": 0, "vendor": "x", "encoding": "none", "body": "the spoken words, in short"}]}`
	tripMail = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7392", "created_at": "2026-03-02T09:30:00Z", "subject": "a subject", ` + tripParties + `,
		"dialog": [{"type": "text", "start": "2026-03-02T09:30:00Z", "parties": [0, 1], "originator": 0, "mediatype": "text/plain", "message_id": "<1@example.com>", "encoding": "none", "body": "written words\nof Ada"},
			{"type": "text", "start": "2026-03-02T10:30:00Z", "parties": [1, 0], "originator": 1, "mediatype": "text/plain", "message_id": "<2@example.com>", "encoding": "none", "body": "other written words"}]}`
	tripChat = `{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d7393", "created_at": "2026-03-03T09:30:00Z", "subject": "a room", ` + tripParties + `, ` + tripAttachments + `,
		"dialog": [{"type": "text", "start": "2026-03-03T09:30:00Z", "parties": [0, 1], "originator": 0, "mediatype": "text/plain", "encoding": "none", "body": "typed words"},
			{"type": "text", "start": "2026-03-03T09:30:00Z", "parties": [1, 0], "originator": 1, "mediatype": "text/plain", "encoding": "none", "body": "[anonymized] typed words"}]}`
)
