package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/db"
	"qm-compliance/media/filestore"
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
	if p.database.media, err = filestore.Open(t.Context(), p.folder); err != nil {
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

// An export that lacks a recording says of which conversation, so that somebody can look after it; without recordings it goes on.
func TestExportNamesTheConversationWhoseRecordingIsMissing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.take(t, tripCall, tripChat)
	days, err := filepath.Glob(filepath.Join(p.folder, "2*"))
	if err != nil || len(days) == 0 {
		t.Fatal(days, err)
	}
	for _, day := range days {
		if err := os.RemoveAll(day); err != nil {
			t.Fatal(err)
		}
	}
	status, _, said := command(t, "export", "--database-url", p.url, "--media-url", p.folder)
	if status == 0 || !strings.Contains(said, "019543da-b5aa-8d63-9dd8-dd37220d7391") || !strings.Contains(said, "--no-media") {
		t.Errorf("it ended with %d: %s", status, said)
	}
	if status, out, said := command(t, "export", "--no-media", "--database-url", p.url, "--media-url", p.folder); status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("without recordings it ended with %d: %s", status, said)
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
