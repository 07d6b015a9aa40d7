package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fieldText reads an input of what the field sends, where it lies; the test is skipped where it does not.
func fieldText(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "shared", "field", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("the inputs of the field are not beside the project: %v", err)
	}
	return string(content)
}

// everywhere is all that is stored, told and exported.
func (i *installation) everywhere(t *testing.T) string {
	t.Helper()
	var tables []string
	const all = `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`
	if err := i.bun.NewRaw(all).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, table := range tables {
		var rows []string
		if err := i.bun.NewRaw("SELECT row_to_json(r)::text FROM "+table+" AS r").Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		text.WriteString(strings.Join(rows, "\n"))
	}
	told, err := json.Marshal(i.told(t))
	if err != nil {
		t.Fatal(err)
	}
	return text.String() + string(told) + i.export(t)
}

// remove anonymizes everything with these switches of Basic Data on, and no other.
func (i *installation) remove(t *testing.T, content, media bool) {
	t.Helper()
	i.query(t, fmt.Sprintf(`mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {
		participantPhoneNumber: false, participantDigitalAddress: false, subjectAndBody: %v, mediaFiles: %v}}) {
		userErrors { message } } }`, content, media))
	i.anonymizeAll(t)
}

// spoken is a vCon with a call and a chat, and what somebody made of them.
func spoken(made string) string {
	return `{"uuid": "019543da-b5aa-8d63-9dd8-dd37220d7394", "created_at": "2026-03-01T09:30:00Z",
		"parties": [{"name": "Ada", "role": "customer"}, {"name": "Tomas", "role": "agent"}],
		"dialog": [{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 9, "parties": [0, 1],
			"mediatype": "audio/wav", "url": "https://media.example/1.wav"},
			{"type": "text", "start": "2026-03-01T10:30:00Z", "parties": [0, 1], "body": "typed"}], ` + made + `}`
}

// No word of a text that was made of a dialog is left anywhere, in the database, the API or an export, once the
// content of the dialog is anonymized; with the other switch it stays.
func TestTextsGoWithTheirDialog(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		made string
		// The switches, subject and body, and media files, with which the text goes.
		content, media bool
	}{
		"WTF": {`"analysis": [{"type": "wtf_transcription", "dialog": 0, "body": {"transcript": {"text": "hush SECRET"},
			"segments": [{"text": "hush SECRET", "speaker": 0}], "words": [{"text": "SECRET"}]}}]`, false, true},
		"WTF attached": {`"attachments": [{"purpose": "wtf_transcription", "dialog": 0, "body": {"transcript":
			{"text": "hush SECRET"}, "segments": [{"text": "hush SECRET"}]}}]`, false, true},
		"a transcript attached": {`"attachments": [{"type": "call_transcript", "dialog": 0, "body": "hush SECRET"}]`,
			false, true},
		"an analysis of any name": {`"analysis": [{"type": "llm_analysis", "dialog": 0, "body": {"answer":
			"the card is SECRET", "score": 3}}]`, false, true},
		"notes on a chat": {`"analysis": [{"type": "agent_notes", "dialog": 1, "body": "SECRET"}]`, true, false},
		"sentences with a mood": {`"analysis": [{"type": "sentiment", "dialog": 0, "body": {"segments":
			[{"text": "SECRET", "sentiment": "sad"}]}}]`, false, true},
		"of both":    {`"analysis": [{"type": "summary", "dialog": [0, 1], "body": "hush SECRET"}]`, true, true},
		"of all":     {`"analysis": [{"type": "summary", "body": "hush SECRET"}]`, true, true},
		"other way":  {`"analysis": [{"type": "call_summary", "dialog": [1, 0], "body": "hush SECRET"}]`, true, true},
		"translated": {`"analysis": [{"type": "translation", "dialog": [1], "body": "hush SECRET"}]`, true, false},
	} {
		for _, isContent := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", subject and body ", isContent), func(t *testing.T) {
				t.Parallel()
				i := newInstallation(t)
				i.take(t, spoken(row.made))
				if !strings.Contains(i.everywhere(t), "SECRET") {
					t.Fatal("it never was there")
				}
				i.remove(t, isContent, !isContent)
				goes := row.content && isContent || row.media && !isContent
				if left := strings.Contains(i.everywhere(t), "SECRET"); left == goes {
					t.Errorf("left: %v, want %v", left, !goes)
				}
				i.take(t, spoken(row.made)) // a reimport brings nothing back
				if left := strings.Contains(i.everywhere(t), "SECRET"); left == goes {
					t.Errorf("after a reimport left: %v, want %v", left, !goes)
				}
			})
		}
	}
}

// The same for the inputs of the field.
func TestFieldTextsGoWithTheirDialog(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"01-wtf-transcription/01-wtf-analysis.json",
		"01-wtf-transcription/01b-wtf-attachment.json", "06-summary-of-chat-and-call/08-summary-of-both.json",
		"07-transcripts-under-other-names/01d-call-transcript-names.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, input := newInstallation(t), fieldText(t, name)
			i.take(t, input)
			i.remove(t, false, true)
			if text := i.everywhere(t); strings.Contains(text, "SECRETWORD") {
				at := strings.Index(text, "SECRETWORD")
				t.Error(text[max(0, at-200):at])
			}
			if strings.Contains(input, "chat text stays") && !strings.Contains(i.everywhere(t), "chat text stays") {
				t.Error("the chat is gone")
			}
		})
	}
}

// A version of a vCon that was anonymized brings nothing back, in any order, nor does it elsewhere, where the
// export came in first.
func TestFieldVersionsBringNothingBack(t *testing.T) {
	t.Parallel()
	original := fieldText(t, "04-amended-brings-back/07-original.json")
	amended := fieldText(t, "04-amended-brings-back/07b-amended.json")
	for name, order := range map[string][2]string{
		"the original first": {original, amended}, "the amended one first": {amended, original},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, elsewhere := newInstallation(t), newInstallation(t)
			i.take(t, order[0])
			i.anonymizeEverything(t)
			i.take(t, order[1])
			elsewhere.take(t, i.export(t))
			elsewhere.take(t, order[0], order[1])
			for _, one := range []*installation{i, elsewhere} {
				text := one.everywhere(t)
				for _, secret := range []string{"SECRETWORD", "777888999", "zora.quill@"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s is back", secret)
					}
				}
				if told := one.told(t); len(told) != 1 || told[0]["anonymization"] == nil {
					t.Errorf("%d conversations", len(told))
				}
			}
		})
	}
}

// The command writes the newest syntax, or the one before.
func TestExportOfEachSyntax(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	amended := strings.Replace(tripChat, `"subject"`,
		`"amended": {"uuid": "019543da-b5aa-8d63-9dd8-dd37220d7399"}, "subject"`, 1)
	i.take(t, amended)
	newest, older := i.run(t, "", "export"), i.run(t, "", "export", "--vcon-syntax", "0.4.0")
	const uuid = `{"uuid":"019543da-b5aa-8d63-9dd8-dd37220d7399"}`
	if !strings.Contains(newest.out, `"vcon":"0.5.0"`) || !strings.Contains(newest.out, `"amended_from":`+uuid) ||
		strings.Contains(newest.out, `"amended":`) {
		t.Errorf("the newest is %.300s", newest.out)
	}
	if !strings.Contains(older.out, `"vcon":"0.4.0"`) || !strings.Contains(older.out, `"amended":`+uuid) ||
		strings.Contains(older.out, `"amended_from":`) {
		t.Errorf("the older one is %.300s", older.out)
	}
	i.anonymizeEverything(t)
	newest, older = i.run(t, "", "export"), i.run(t, "", "export", "--vcon-syntax", "0.4.0")
	if !strings.Contains(newest.out, `"redacted_from":{"type":"anonymized"}`) ||
		strings.Contains(newest.out, `"amended_from"`) {
		t.Errorf("anonymized, the newest is %.300s", newest.out)
	}
	if !strings.Contains(older.out, `"redacted":{"type":"anonymized"}`) {
		t.Errorf("anonymized, the older one is %.300s", older.out)
	}
	if got := i.run(t, "", "export", "--vcon-syntax", "0.3.0"); got.status == 0 {
		t.Error("a syntax that is not written is taken")
	}
}

// What lies elsewhere is said in the summary.
func TestImportSaysThatATextLiesElsewhere(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	got := i.run(t, strings.Replace(spoken(`"meta": {}`), `"body": "typed"`,
		`"url": "https://texts.example/1.txt"`, 1), "import", "/dev/stdin")
	if !strings.Contains(got.out, "1 texts are stored elsewhere") || !strings.Contains(got.out, "1 added") {
		t.Errorf("%v", got)
	}
	if !strings.Contains(i.export(t), "[The text lies at https://texts.example/1.txt]") {
		t.Error("the url is not kept")
	}
}
