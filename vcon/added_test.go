package vcon_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// exported is the export of a call and a chat with something in every list of a vCon.
func exported(t *testing.T) map[string]any {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	document, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{{
		UUID: uuid.New(), StartedAt: at, EndedAt: at.Add(time.Minute), Direction: compliance.Inbound,
		Participants: []conversation.IncomingParticipant{
			{Role: compliance.RoleCustomer, Name: "Ada"},
			{Role: compliance.RoleAgent, Name: "Tomas", UserID: "tlind", Groups: []string{"care"}},
		},
		Segments: []conversation.IncomingSegment{
			{
				Kind: compliance.SegmentCall, StartedAt: at,
				Media:    []conversation.IncomingMedia{{Kind: compliance.MediaCall, URL: "https://media.example/a.wav"}},
				Messages: []conversation.IncomingMessage{{Kind: compliance.Transcript, Author: 0, Text: "spoken"}},
			},
			{
				Kind: compliance.SegmentChat, StartedAt: at, RoomName: "room",
				Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, Author: 0, Text: "written"}},
			},
		},
		Metadata: []conversation.IncomingMetadatum{{Key: "crm.case", Value: "4711"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// An export of an earlier version has a person's words in place of the code; a note that nobody could have
// written is refused.
func TestReasonsOfProtectionsInExports(t *testing.T) {
	t.Parallel()
	document, err := json.Marshal(exported(t))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("ř", conversation.MaxNote)
	for written, want := range map[string]string{
		`{"reason":"MIFID"}`:                                "MIFID ",
		`{"reason":"LEGAL_CLAIM","note":"case 7"}`:          "LEGAL_CLAIM case 7",
		`{"reason":"MiFID, 5 years"}`:                       "OTHER MiFID, 5 years",
		`{"reason":""}`:                                     "OTHER ",
		`{"reason":"mifid","note":"case 7"}`:                "OTHER case 7",
		`{"reason":"OTHER","note":"` + long + `"}`:          "OTHER " + long,
		`{"reason":"OTHER","note":"` + long + `ř"}`:         "refused",
		`{"reason":"` + long + `ř"}`:                        "refused",
		`{"reason":"OTHER","until":"2030-01-01T00:00:00Z"}`: "OTHER ",
	} {
		text := strings.Replace(string(document), `"durationMs":0,"kind":"CALL"}`,
			`"durationMs":0,"kind":"CALL","protection":`+written+`}`, 1)
		read, err := vcon.Parse([]byte(text), vcon.Options{})
		got := "refused"
		if err == nil {
			protection := read.Segments[0].Media[0].Protection
			got = string(protection.Reason) + " " + protection.Note
		}
		if got != want {
			t.Errorf("%s: %s, %v", written, got, err)
		}
	}
}

// What another tool adds to an export is refused with its place; what it changes comes in, and so does what no
// vCon is read for.
func TestWhatIsAddedToAnExport(t *testing.T) {
	t.Parallel()
	add := func(list string, one map[string]any) func(map[string]any) {
		return func(root map[string]any) { root[list] = append(root[list].([]any), one) }
	}
	member := func(list string, index int) func(root map[string]any) map[string]any {
		return func(root map[string]any) map[string]any { return root[list].([]any)[index].(map[string]any) }
	}
	for name, row := range map[string]struct {
		change func(map[string]any)
		want   string
	}{
		"nothing": {func(map[string]any) {}, ""},
		"a transcript": {add("analysis", map[string]any{
			"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "none", "body": "more",
		}), "analysis[1]: "},
		"a score": {add("analysis", map[string]any{
			"type": "score", "dialog": 0, "encoding": "json", "body": map[string]any{"score": 7},
		}), "analysis[1]: "},
		"a dialog": {add("dialog", map[string]any{
			"type": "text", "start": "2026-03-01T09:00:00Z", "parties": []int{0}, "body": "more",
		}), "dialog[2]: "},
		"a recording": {add("dialog", map[string]any{
			"type": "recording", "start": "2026-03-01T09:00:00Z", "parties": []int{0}, "url": "https://x.example/b.wav",
		}), "dialog[2]: "},
		"an attachment": {add("attachments", map[string]any{
			"purpose": "crm", "encoding": "json", "body": map[string]any{"case": "x"},
		}), "attachments[2]: "},
		"the layout twice": {func(root map[string]any) {
			root["attachments"] = append(root["attachments"].([]any), root["attachments"].([]any)[1])
		}, "attachments[2]: "},
		"a party":              {add("parties", map[string]any{"name": "Bea"}), "parties[2]: "},
		"the meta of the vCon": {func(root map[string]any) { root["meta"] = map[string]any{"case": "x"} }, "meta: "},
		"meta of a party": {func(root map[string]any) {
			member("parties", 0)(root)["meta"] = map[string]any{"loyalty": "gold"}
		}, "parties[0].meta: "},
		"meta of a dialog": {func(root map[string]any) {
			member("dialog", 0)(root)["meta"].(map[string]any)["queue"] = "sales"
		}, "dialog[0].meta: "},
		"a changed text": {func(root map[string]any) { member("dialog", 1)(root)["body"] = "rewritten" }, ""},
		"a changed name": {func(root map[string]any) { member("parties", 0)(root)["name"] = "Ada B." }, ""},
		"a member that nobody reads": {func(root map[string]any) {
			root["updated_at"], member("dialog", 0)(root)["session_id"] = "2026-03-02T09:00:00Z", "x"
		}, ""},
	} {
		root := exported(t)
		row.change(root)
		document, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = vcon.Parse(document, vcon.Options{})
		said := ""
		if err != nil {
			said = err.Error()
		}
		isAsWanted := row.want == "" && err == nil ||
			row.want != "" && strings.HasPrefix(said, row.want+"is not of this system's export")
		if !isAsWanted {
			t.Errorf("%s: %q", name, said)
		}
	}
}
