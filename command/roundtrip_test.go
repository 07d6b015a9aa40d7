package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// export writes everything by the command.
func (p *installation) export(t *testing.T) string {
	t.Helper()
	status, out, errors := command(t, "export", "--database-url", p.flags.Database, "--media-url", p.flags.MediaURL)
	if status != 0 {
		t.Fatalf("export ended with %d: %s", status, errors)
	}
	return out
}

// exportOverAPI writes everything by the API, conversation by conversation, in the order of the command.
func (p *installation) exportOverAPI(t *testing.T) (documents []any) {
	t.Helper()
	for _, id := range p.ids(t) {
		answer := p.query(t, fmt.Sprintf(`{ exportConversation(id: %q, includeMedia: true) }`, id))
		documents = append(documents, answer["exportConversation"])
	}
	return documents
}

// sound is the id of the only recording of a call's sound.
func (p *installation) sound(t *testing.T) string {
	t.Helper()
	for _, file := range nodes(p.query(t, `{ conversations { nodes { media { id kind } } } }`))[0]["media"].([]any) {
		if file := file.(map[string]any); file["kind"] == "CALL" {
			return file["id"].(string)
		}
	}
	t.Fatal("there is no recording of a call's sound")
	return ""
}

// told is all that the API tells of the conversations, but ids and links, which are each installation's own.
func (p *installation) told(t *testing.T) []map[string]any {
	t.Helper()
	const media = `{ kind status mediaType durationSeconds sourceUrl isProtected protection { reason note until }
		deletionFailure }`
	return nodes(p.query(t, `{ conversations(first: 10, orderBy: {field: STARTED_AT, direction: ASC}) {
		nodes { startedAt endedAt durationSeconds direction types vcons mediaStatus protectedMediaCount
		participants { role name phoneNumber isPhoneNumberAnonymized digitalAddress isDigitalAddressAnonymized }
			metadata { key value isAnonymized } media `+media+`
		segments { __typename startedAt durationSeconds messages(first: 100) { nodes {
			kind author { name role } sentAt text isAnonymized } }
			... on CallSegment { media `+media+` }
			... on EmailSegment { subject isSubjectAnonymized attachmentCount }
				... on ChatSegment { roomName isRoomNameAnonymized } }
		isReviewable segments { isAnonymized reviewabilityReason }
			anonymization { anonymizedAt settingsVersion basicData {
			participantPhoneNumber participantDigitalAddress subjectAndBody mediaFiles } metadataKeys } } } }`))
}

// What is exported, by the command as over the API, comes in elsewhere as the same conversations, and is
// exported from there byte by byte the same.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	validate := strictSchema(t)
	for name, test := range roundTrips() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := newInstallation(t), newInstallation(t)
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

// checkDocuments holds an export against the schema, the answers of the API, and the form of what is
// redacted.
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
		redaction, is := document["redacted_from"].(map[string]any)
		if is != redacted || is && (redaction["type"] == nil || redaction["uuid"] != nil) {
			t.Errorf("redacted: %v", document["redacted_from"])
		}
	}
}

// strictSchema validates documents against the vCon draft's own schema; where that is absent nothing is
// validated, and it is said.
func strictSchema(t *testing.T) func(t *testing.T, document []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "vcons", "schema", "vcon_json_schema.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("the vCon draft's schema is not here: documents are not validated against it")
		return func(*testing.T, []byte) {}
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("vcon.json", source); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("vcon.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, document []byte) {
		t.Helper()
		older := bytes.Replace(document, []byte(`"vcon":"0.5.0"`), []byte(`"vcon":"0.4.0"`), 1) // the schema's
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(older))
		if err == nil {
			err = schema.Validate(instance)
		}
		if err != nil {
			t.Errorf("not valid by the schema: %v\n%s", err, document)
		}
	}
}
