package vcon_test

import (
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// fieldFile reads an input of what the field sends, where it lies; the test is skipped where it does not.
func fieldFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "shared", "field", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("the inputs of the field are not beside the project: %v", err)
	}
	return string(content)
}

// texts lists the messages of a conversation as the kind of their segment, their own kind, and text; mixed ones
// with a + in front.
func allSaid(c *conversation.Incoming) (all []string) {
	for _, s := range c.Segments {
		for _, m := range s.Messages {
			mixed := ""
			if m.Mixed {
				mixed = "+"
			}
			all = append(all, fmt.Sprintf("%s%s %s %s", mixed, s.Kind, m.Kind, m.Text))
		}
	}
	return all
}

// What the field sends of texts, types and syntax comes in as its READMEs expect.
func TestFieldInputs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"01-wtf-transcription/01-wtf-analysis.json":    {"CALL TRANSCRIPT My card is SECRETWORD-A"},
		"01-wtf-transcription/01b-wtf-attachment.json": {"CALL TRANSCRIPT My card is SECRETWORD-A"},
		"06-summary-of-chat-and-call/08-summary-of-both.json": {"CHAT CHAT_MESSAGE chat text stays",
			"+CHAT SUMMARY On the phone the customer said SECRETWORD-H",
			"+CHAT SUMMARY In all the customer said on the phone SECRETWORD-I"},
		"07-transcripts-under-other-names/01d-call-transcript-names.json": {
			"CALL TRANSCRIPT agent: hello; customer: SECRETWORD-B", "CALL TRANSCRIPT customer SECRETWORD-C",
			"CALL SUMMARY The customer said SECRETWORD-D", "CALL SUMMARY The customer said SECRETWORD-E",
			"CALL SUMMARY wrapup SECRETWORD-F"},
		"22-text-dialog-by-url/a10-text-url.json": {
			"CHAT CHAT_MESSAGE [The text lies at https://r.example/chat/1.txt]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, fieldFile(t, name))
			if diff := cmp.Diff(want, allSaid(c)); diff != "" || len(c.Metadata) != 0 {
				t.Errorf("%v\n%s", c.Metadata, diff)
			}
		})
	}
	t.Run("authors", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]string{
			"05-from-wrong-author/04-from-name.json":                   "Zora Quill, Ada Agent",
			"05-from-wrong-author/04b-from-anonymous.json":             "Caller",
			"12-name-equals-handle/b-name-equals-handle.json":          "Marta",
			"04-amended-brings-back/07-original.json":                  "Zora Quill",
			"11-export-additions-dropped/a8-analysis-null-dialog.json": "",
		} {
			c := parse(t, fieldFile(t, name))
			if got := authors(c); got != want {
				t.Errorf("%s is by %q, want %q", name, got, want)
			}
		}
		if c := parse(t, fieldFile(t, "12-name-equals-handle/b-name-equals-handle.json")); c.Participants[0].Name !=
			"visitor42" {
			t.Errorf("%+v", c.Participants)
		}
	})
	t.Run("versions", func(t *testing.T) {
		t.Parallel()
		original := parse(t, fieldFile(t, "04-amended-brings-back/07-original.json"))
		amended := parse(t, fieldFile(t, "04-amended-brings-back/07b-amended.json"))
		if len(amended.Versions) != 1 || amended.Versions[0].MadeFrom[0] != original.UUID || original.Versions != nil {
			t.Errorf("%+v", amended.Versions)
		}
	})
	t.Run("a film", func(t *testing.T) {
		t.Parallel()
		c := parse(t, fieldFile(t, "17-video-audio-dialog/06-video.json"))
		if file := c.Segments[0].Media[0]; file.Kind != compliance.MediaScreen || file.MediaType != "video/mp4" {
			t.Errorf("%+v", file)
		}
	})
	t.Run("critical", func(t *testing.T) {
		t.Parallel()
		if got := refusal(t, fieldFile(t, "14-critical-ignored/07c-critical.json"), vcon.Options{}); !strings.HasPrefix(
			got, "critical[0]: names the extension my_secret_ext, which is not supported") {
			t.Error(got)
		}
	})
}

// authors names the authors of all messages.
func authors(c *conversation.Incoming) string {
	var names []string
	for _, s := range c.Segments {
		for _, m := range s.Messages {
			switch {
			case m.Kind != compliance.ChatMessage:
			case m.Author == conversation.NoAuthor:
				names = append(names, "nobody")
			default:
				names = append(names, c.Participants[m.Author].Name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// A text about a dialog is content of it whatever its type is called; what was found out about one is metadata.
func TestTextsOfAnyName(t *testing.T) {
	t.Parallel()
	const wtf = `{"transcript": {"text": "my card is S", "language": "en"}, "speakers": {"0": {"label": "Ada"}, ` +
		`"1": {"label": "Narrator"}}, "segments": [{"text": "my card is S", "speaker": 0}, {"text": "I see", ` +
		`"speaker": "1"}], "words": [{"text": "my"}], "metadata": {"provider": "x"}, "quality": {"score": 0.9}}`
	for _, row := range []struct {
		name, analysis string
		want           []string
		metadata       map[string]string
	}{
		{"WTF", `"type": "wtf_transcription", "body": ` + wtf,
			[]string{"CALL TRANSCRIPT my card is S", "CALL TRANSCRIPT Narrator: I see"}, nil},
		{"WTF under another name", `"type": "stt", "body": ` + wtf,
			[]string{"CALL TRANSCRIPT my card is S", "CALL TRANSCRIPT Narrator: I see"},
			map[string]string{"stt.metadata.provider": "x", "stt.quality.score": "0.9"}},
		{"WTF as text", `"type": "wtf", "encoding": "json", "body": ` + quoted(`{"transcript": {"text": "S"}}`),
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"only words", `"type": "wtf_transcription", "body": {"words": [{"text": "my", "speaker": 0}, {"text": "S", ` +
			`"speaker": 0}]}`, []string{"CALL TRANSCRIPT Speaker 0: my S"}, nil},
		{"words without more", `"type": "asr", "body": {"words": ["my", "S"]}`, []string{"CALL TRANSCRIPT my S"}, nil},
		{"utterances", `"type": "voice-to-text", "body": {"utterances": [{"text": "S", "speaker": "agent"}]}`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"turns", `"type": "callNotes", "body": {"turns": [{"role": "customer", "content": "S"}]}`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"a list of turns", `"type": "asr", "body": [{"speaker": "Agent", "message": "S"}]`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"deepgram", `"type": "asr", "body": {"results": {"channels": [{"alternatives": [{"transcript": "my S", ` +
			`"confidence": 0.9}]}]}}`, []string{"CALL TRANSCRIPT my S"}, nil},
		{"a recogniser's phrases", `"type": "transcription_azure", "body": {"recognizedPhrases": [{"nBest": ` +
			`[{"display": "my S"}, {"display": "my F"}]}]}`, []string{"CALL TRANSCRIPT my S"}, nil},
		{"chunks", `"type": "whisper", "body": {"chunks": [{"timestamp": [0, 1], "text": "S"}]}`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"an unknown format of a transcript", `"type": "call_transcript", "body": {"said": {"by": "Ada S"}}`,
			[]string{`CALL TRANSCRIPT {"said":{"by":"Ada S"}}`}, nil},
		{"the name within", `"type": "redacted-transcript-v2", "body": "S"`, []string{"CALL TRANSCRIPT S"}, nil},
		{"upper case", `"type": "CallTranscript", "body": "S"`, []string{"CALL TRANSCRIPT S"}, nil},
		{"speakers", `"type": "speaker_diarization", "body": "A: S"`, []string{"CALL DIARIZED A: S"}, nil},
		{"a summary's name", `"type": "agentSummary", "body": "S"`, []string{"CALL SUMMARY S"}, nil},
		{"a translation's", `"type": "auto_translated", "body": "S"`, []string{"CALL TRANSLATION S"}, nil},
		{"text of no name", `"body": "said S"`, []string{"CALL SUMMARY said S"}, nil},
		{"notes of one word", `"type": "agent_notes", "body": "S"`, []string{"CALL SUMMARY S"}, nil},
		{"an answer", `"type": "llm_analysis", "body": {"prompt": "p", "model": "m 1 large x", "answer": ` +
			`"the card is S"}`, []string{"CALL SUMMARY the card is S"}, map[string]string{"llm_analysis.model": "m 1 large x"}},
		{"a text member", `"type": "qa", "body": {"text": "S", "score": 4}`, []string{"CALL SUMMARY S"},
			map[string]string{"qa.score": "4"}},
		{"deep inside", `"type": "qa", "body": {"a": [{"b": {"evidence": "she said the S", "ok": true}}]}`,
			[]string{"CALL SUMMARY she said the S"}, map[string]string{"qa.a": `[{"b":{"ok":true}}]`}},
		{"a summary and results", `"type": "call_summary", "body": {"summary": "S", "sentiment": "bad", ` +
			`"action_items": ["call Ada back soon"]}`,
			[]string{"CALL SUMMARY call Ada back soon", "CALL SUMMARY S"}, map[string]string{"call_summary.sentiment": "bad"}},
		{"sentiment of sentences", `"type": "sentiment", "body": {"overall": "bad", "segments": [{"text": "S", ` +
			`"sentiment": "bad"}]}`, []string{"CALL TRANSCRIPT S"}, map[string]string{"sentiment.overall": "bad"}},
		{"entities", `"type": "extraction", "body": {"entities": ["S"]}`, []string{"CALL SUMMARY S"}, nil},

		{"sentiment", `"type": "sentiment", "body": {"label": "sad", "score": 0.2}`, nil,
			map[string]string{"sentiment.label": "sad", "sentiment.score": "0.2"}},
		{"sentiment in a word", `"type": "sentiment", "body": "very negative"`, nil,
			map[string]string{"sentiment": "very negative"}},
		{"topics", `"type": "topics", "body": ["billing issue", "a refund"]`, nil,
			map[string]string{"topics": `["billing issue","a refund"]`}},
		{"topics with more", `"type": "topics", "body": [{"text": "billing issue", "confidence": 0.9}]`, nil,
			map[string]string{"topics": `[{"confidence":0.9,"text":"billing issue"}]`}},
		{"scores", `"type": "transcript_scores_of_call", "body": {"wer": 0.1}`, []string{`CALL TRANSCRIPT {"wer":0.1}`}, nil},
		{"confidence", `"type": "call_transcript_quality", "body": {"wer": 0.1, "language": "en"}`, nil,
			map[string]string{"call_transcript_quality.wer": "0.1", "call_transcript_quality.language": "en"}},
		{"a number", `"type": "csat", "body": "4.5"`, nil, map[string]string{"csat": "4.5"}},
		{"a label", `"type": "reason_code", "body": "B12"`, nil, map[string]string{"reason_code": "B12"}},
		{"nothing", `"type": "call_transcript", "body": ""`, nil, nil},
		{"null", `"type": "llm_analysis", "body": null`, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, document(record, `"analysis": [{`+row.analysis+`, "dialog": 0, "vendor": "x"}]`))
			if diff := cmp.Diff(row.want, allSaid(c)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(row.metadata, metadataOf(c)); diff != "" && len(row.metadata)+len(c.Metadata) > 0 {
				t.Error(diff)
			}
		})
	}
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// An attachment that calls itself a transcript, or that holds one, is one.
func TestTextsInAttachments(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, attachment string
		want             []string
		metadata         map[string]string
	}{
		{"JSON", `"purpose": "transcript", "dialog": 1, "body": {"text": "S"}`, []string{"CALL TRANSCRIPT S"}, nil},
		{"JSON in a text", `"type": "call_transcript", "dialog": 1, "encoding": "json", "body": ` +
			quoted(`[{"speaker": "agent", "text": "S"}]`), []string{"CALL TRANSCRIPT S"}, nil},
		{"text", `"purpose": "Transcription", "dialog": 1, "body": "S"`, []string{"CALL TRANSCRIPT S"}, nil},
		{"WebVTT", `"purpose": "transcript", "dialog": 1, "mediatype": "text/vtt", "encoding": "base64url", ` +
			`"body": "V0VCVlRUIFM"`, []string{"CALL TRANSCRIPT WEBVTT S"}, nil},
		{"by its file's name", `"filename": "call-transcript.txt", "dialog": 1, "mediatype": "text/plain", "body": "S"`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"of the chat", `"purpose": "chat_transcript", "dialog": 0, "body": "S"`, []string{"CHAT TRANSCRIPT S"}, nil},
		{"of both", `"purpose": "transcript", "dialog": [0, 1], "body": "S"`, []string{"+CHAT TRANSCRIPT S"}, nil},
		{"of no dialog", `"purpose": "transcript", "body": "S"`, []string{"+CALL TRANSCRIPT S"}, nil},
		{"of a dialog that is none", `"purpose": "transcript", "dialog": 9, "body": "S"`,
			[]string{"+CALL TRANSCRIPT S"}, nil},
		{"WTF", `"purpose": "wtf_transcription", "dialog": 1, "body": {"segments": [{"text": "S"}]}`,
			[]string{"CALL TRANSCRIPT S"}, nil},
		{"WTF by what it holds", `"purpose": "stt", "dialog": 1, "body": {"transcript": {"text": "S"}, "segments": ` +
			`[{"text": "S"}], "metadata": {"model": "n"}}`, []string{"CALL TRANSCRIPT S"},
			map[string]string{"stt.metadata.model": "n"}},
		{"a summary", `"purpose": "agent_summary", "dialog": 1, "body": {"summary": "S"}`, []string{"CALL SUMMARY S"}, nil},
		{"a file that is no text", `"purpose": "transcript", "mediatype": "application/pdf", "encoding": "base64url", ` +
			`"body": "JVBERg"`, nil, nil},
		{"anything else", `"purpose": "crm", "body": {"note": "the card is S"}`, nil,
			map[string]string{"crm.note": "the card is S"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			later := strings.Replace(record, "09:00:00Z", "11:00:00Z", 1)
			c := parse(t, document(hello+","+later, `"attachments": [{`+row.attachment+`}]`))
			want := append([]string{"CHAT CHAT_MESSAGE Hello"}, row.want...)
			slices.Sort(want)
			got := allSaid(c)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(row.metadata, metadataOf(c)); diff != "" && len(row.metadata)+len(c.Metadata) > 0 {
				t.Error(diff)
			}
		})
	}
}

// A text made from calls and from what was written goes with both.
func TestTextsOfSeveralDialogs(t *testing.T) {
	t.Parallel()
	call := strings.Replace(record, "09:00:00Z", "11:00:00Z", 1)
	letter := `{"type": "text", "start": "2026-03-01T12:00:00Z", "message_id": "<a@b>", "body": "Dear"}`
	for about, want := range map[string]bool{
		`"dialog": [0, 1]`: true, `"dialog": [1, 0]`: true, `"dialog": [2, 1]`: true, `"dialog": [0, 2]`: false,
		`"dialog": 1`: false, `"dialog": [1]`: false, `"dialog": 0`: false, `"dialog": []`: true, `"dialog": null`: true,
		`"vendor": "x"`: true, `"dialog": [1, 1]`: false, `"dialog": [0, 1, 2]`: true,
	} {
		for _, kind := range []string{"summary", "llm_notes", "translation", "transcript"} {
			c := parse(t, document(hello+","+call+","+letter,
				`"analysis": [{"type": "`+kind+`", `+about+`, "body": "of it all"}]`))
			for _, s := range c.Segments {
				for _, m := range s.Messages {
					if m.Text == "of it all" && m.Mixed != want {
						t.Errorf("a %s of %s: mixed is %v", kind, about, m.Mixed)
					}
					if m.Text != "of it all" && m.Mixed {
						t.Errorf("%q is mixed", m.Text)
					}
				}
			}
		}
	}
}

// The author is whom from names, or nobody.
func TestWhoIsMeantByFrom(t *testing.T) {
	t.Parallel()
	parties := `[{"name": "Ada Agent", "mailto": "ada@cc.example", "role": "agent"}, ` +
		`{"name": "Zora Quill", "tel": "+420777888999"}, {"name": "Caller", "tel": "anonymous"}, ` +
		`{"name": "Twin", "handle": "one"}, {"name": "Twin", "handle": "two"}, ` +
		`{"name": "Sam", "tel": "sip:+44 20 7946 0018@pbx.example", "mailto": "sam@b.example"}]`
	for from, want := range map[string]string{
		`"Zora Quill"`: "Zora Quill", `" zora quill "`: "Zora Quill", `"Ada Agent"`: "Ada Agent", `"anonymous"`: "Caller",
		`"Anonymous"`: "Caller", `"777888999"`: "Zora Quill", `"0777 888 999"`: "Zora Quill",
		`"00420777888999"`: "Zora Quill", `"tel:+420-777-888-999"`: "Zora Quill", `"+420777888999"`: "Zora Quill",
		`"sip:+420777888999@pbx.example"`: "Zora Quill", `"ada@CC.example"`: "Ada Agent",
		`"mailto:ada@cc.example"`: "Ada Agent", `"Ada Agent <ada@cc.example>"`: "Ada Agent",
		`"Other Name <ada@cc.example>"`: "Ada Agent", `"020 7946 0018"`: "Sam", `"two"`: "Twin", `"one"`: "Twin",
		`0`: "Ada Agent", `1`: "Zora Quill", `[1]`: "Zora Quill", `{"party": 1}`: "Zora Quill",
		`{"name": "Zora Quill"}`: "Zora Quill", `{"tel": "+420777888999"}`: "Zora Quill",
		`"Nobody Known"`: "nobody", `"+420600000000"`: "nobody", `"999"`: "nobody", `"Twin"`: "nobody",
		`"unknown"`: "nobody", `""`: "nobody", `99`: "nobody", `"restricted"`: "nobody", `true`: "nobody",
	} {
		c := parse(t, members(header, `"parties": `+parties,
			`"dialog": [{"type": "text", "parties": [0, 1, 2, 3, 4, 5], "from": `+from+`, "body": "x"}]`))
		if got := authors(c); got != want {
			t.Errorf("from %s is %q, want %q", from, got, want)
		}
	}
	c := parse(t, members(header, `"parties": `+parties,
		`"dialog": [{"type": "text", "parties": [0, 4], "from": "Twin", "body": "x"}, {"type": "text", `+
			`"parties": [1, 0], "body": "y"}]`))
	if got := c.Segments[0].Messages; got[0].Author != 4 || got[1].Author != 1 {
		t.Errorf("%+v", got)
	}
}

// A name that is the handle stays a name; a number or an address is none.
func TestNamesThatAreHandles(t *testing.T) {
	t.Parallel()
	for party, want := range map[string]string{
		`"name": "visitor42", "handle": "visitor42"`:          "visitor42",
		`"name": "Marta", "handle": "MARTA", "role": "agent"`: "Marta",
		`"name": "marta", "chat": "marta"`:                    "marta",
		`"name": "a@b.example", "mailto": "a@b.example"`:      "",
		`"name": "@marta", "handle": "@marta"`:                "",
		`"name": "420777123456", "tel": "+420 777 123 456"`:   "",
		`"name": "1001", "tel": "1001"`:                       "",
		`"name": "10.0.0.1", "ip": "10.0.0.1"`:                "",
	} {
		c := parse(t, withParties("{"+party+"}"))
		if got := c.Participants[0].Name; got != want {
			t.Errorf("%s is named %q, want %q", party, got, want)
		}
	}
}

// Every name by which a vCon says which version of itself it was made from is read.
func TestVersionsThatAreNamed(t *testing.T) {
	t.Parallel()
	const one, two = "019543da-b5aa-8d63-9dd8-dd37220d7301", "019543da-b5aa-8d63-9dd8-dd37220d7302"
	for member, want := range map[string][]string{
		`"amended": {"uuid": "` + one + `"}`:                                      {one},
		`"appended": {"uuid": "` + one + `"}`:                                     {one},
		`"redacted": {"uuid": "` + one + `", "type": "PII"}`:                      {one},
		`"amended_from": {"uuid": "` + one + `"}`:                                 {one},
		`"redacted_from": {"uuid": "` + one + `", "type": "PII"}`:                 {one},
		`"appended": [{"uuid": "` + one + `"}, {"uuid": "` + two + `"}]`:          {one, two},
		`"amended": {"uuid": "` + strings.ToUpper(one) + `"}`:                     {one},
		`"amended": {"uuid": "urn:uuid:` + one + `"}`:                             {one},
		`"amended": "` + one + `"`:                                                {one},
		`"amended": {"uuid": "` + one + `"}, "redacted": {"uuid": "` + two + `"}`: {one, two},
		`"amended": {"uuid": "` + one + `"}, "redacted": {"uuid": "` + one + `"}`: {one},
		`"redacted": {"type": "anonymized"}`:                                      nil,
		`"redacted": {}`:                                                          nil, `"amended": null`: nil,
		`"appended": []`:                                              nil,
		`"amended": {"uuid": ""}`:                                     nil,
		`"amended": {"uuid": null}`:                                   nil,
		`"group": [{"uuid": "` + one + `"}]`:                          nil,
		`"amended": {"uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c"}`: nil, // itself
		`"amended": {"uuid": "00000000-0000-0000-0000-000000000000"}`: nil,
	} {
		var got []string
		c := parse(t, document(hello, member, `"updated_at": "2026-03-02T10:00:00Z"`))
		for _, version := range c.Versions {
			for _, id := range version.MadeFrom {
				got = append(got, id.String())
			}
			if version.UUID != c.UUID || !version.MadeAt.Equal(at("2026-03-02T10:00:00Z")) {
				t.Errorf("%s: %+v", member, version)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", member, diff)
		}
	}
	for member, want := range map[string]string{
		`"amended": {"uuid": "7"}`:        "amended.uuid: is not a UUID",
		`"redacted_from": {"uuid": 7}`:    "redacted_from.uuid: is a number",
		`"appended": [{"uuid": "x"}]`:     "appended[0].uuid: is not a UUID",
		`"amended": 5`:                    "amended: is a number",
		`"amended": {"uuid": {"a": "b"}}`: "",
	} {
		if want == "" {
			parse(t, document(hello, member))
		} else if got := refusal(t, document(hello, member), vcon.Options{}); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", member, got)
		}
	}
}

// What must be understood and is not refuses the vCon; what is only listed does not.
func TestCriticalExtensions(t *testing.T) {
	t.Parallel()
	for member, refused := range map[string]bool{
		`"critical": ["my_secret_ext"]`: true, `"must_support": ["my_secret_ext"]`: true,
		`"critical": ["CC", "encrypted_bodies"]`: true, `"critical": "encrypted_bodies"`: true,
		`"critical": ["wtf_transcription"]`: false, `"critical": ["CC"]`: false, `"critical": ["contact-center"]`: false,
		`"critical": []`: false, `"critical": null`: false, `"critical": ""`: false, `"extensions": ["my_secret_ext"]`: false,
		`"extensions": ["my_secret_ext"], "critical": ["cc"]`: false, `"critical": [7]`: true, `"critical": {}`: true,
	} {
		_, err := vcon.Parse([]byte(document(hello, member)), vcon.Options{})
		if (err != nil) != refused {
			t.Errorf("%s: %v", member, err)
		}
	}
	long := refusal(t, document(hello, `"critical": ["+420 777 123 456"]`), vcon.Options{})
	if strings.Contains(long, "777") {
		t.Error(long)
	}
}

// The types of recordings that older syntaxes have; the media type tells a screen from a sound.
func TestTypesOfRecordings(t *testing.T) {
	t.Parallel()
	for dialog, want := range map[string]string{
		`"type": "video", "mimetype": "video/mp4", "url": "https://r.example/a"`:      "SCREEN video/mp4",
		`"type": "audio", "mediatype": "audio/ogg", "url": "https://r.example/a"`:     "CALL audio/ogg",
		`"type": "video", "mimetype": "audio/mp4", "url": "https://r.example/a"`:      "CALL audio/mp4",
		`"type": "audio", "mimetype": "video/mp4", "url": "https://r.example/a"`:      "SCREEN video/mp4",
		`"type": "video", "url": "https://r.example/a"`:                               "SCREEN ",
		`"type": "audio", "url": "https://r.example/a"`:                               "CALL ",
		`"type": "video", "url": "https://r.example/a.webm"`:                          "SCREEN video/webm",
		`"type": "audio", "filename": "a.mp3", "url": "https://r.example/a"`:          "CALL audio/mpeg",
		`"type": "recording", "mediatype": "video/mp4", "url": "https://r.example/a"`: "SCREEN video/mp4",
	} {
		c := parse(t, document(`{`+dialog+`, "start": "2026-03-01T09:00:00Z", "duration": 5, "parties": [0]}`))
		file := c.Segments[0].Media[0]
		if got := string(file.Kind) + " " + file.MediaType; got != want || c.Segments[0].Kind != compliance.SegmentCall {
			t.Errorf("%s is %q, want %q", dialog, got, want)
		}
	}
}

// A text that is only a url leaves a reference, which is content as the text would be, and is counted.
func TestTextsThatLieElsewhere(t *testing.T) {
	t.Parallel()
	const date = `"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [0], `
	for dialog, want := range map[string]string{
		`"url": "https://r.example/1.txt?sig=1"`: "CHAT CHAT_MESSAGE [The text lies at" +
			" https://r.example/1.txt]",
		`"url": "https://r.example/1.txt", "body": ""`: "CHAT CHAT_MESSAGE [The text lies at" +
			" https://r.example/1.txt]",
		`"url": "https://r.example/1.txt", "body": null`: "CHAT CHAT_MESSAGE [The text lies at" +
			" https://r.example/1.txt]",
		`"url": "https://r.example/+420777123456.txt"`: "CHAT CHAT_MESSAGE [The text lies" +
			" elsewhere.]",
		`"url": "chats/1.txt"`: "CHAT CHAT_MESSAGE [The text lies" +
			" elsewhere.]",
		`"url": "https://r.example/1", "message_id": "<1@a>"`: "EMAIL EMAIL_BODY [The text lies at" +
			" https://r.example/1]",
		`"url": "https://r.example/1", "mediatype": "message/rfc822"`: "EMAIL EMAIL_BODY [The text lies at" +
			" https://r.example/1]",
		`"url": "https://r.example/1", "mediatype": "multipart/mixed; boundary=b"`: "EMAIL EMAIL_BODY [The text lies at" +
			" https://r.example/1]",
		`"url": "https://r.example/1", "mediatype": "text/html"`: "CHAT CHAT_MESSAGE [The text lies at" +
			" https://r.example/1]",
	} {
		c := parse(t, document(`{`+date+dialog+`}`))
		if got := strings.Join(allSaid(c), " "); got != want || c.TextsElsewhere != 1 {
			t.Errorf("%s: %q, %d elsewhere", dialog, got, c.TextsElsewhere)
		}
	}
	c := parse(t, document(`{`+date+`"url": "https://r.example/1.txt", "body": "there"}`))
	if got := strings.Join(allSaid(c), " "); got != "CHAT CHAT_MESSAGE there" || c.TextsElsewhere != 0 {
		t.Error(got)
	}
}

// More keys than are taken become few, and no value is lost.
func TestManyMetadataKeys(t *testing.T) {
	t.Parallel()
	list := func(format string, count int) string {
		var all []string
		for i := range count {
			all = append(all, fmt.Sprintf(format, strings.Repeat("k", i%50+1)+strings.Repeat("x", i/50)))
		}
		return strings.Join(all, ",")
	}
	for name, row := range map[string]struct {
		member string
		keys   int
		fold   string
	}{
		"an attachment": {`"attachments": [{"type": "crm", "body": {` + list(`"%s": "v"`, 600) + `}}, ` +
			`{"type": "case", "body": {"id": 1}}]`, 2, "crm"},
		"deep in one": {`"attachments": [{"type": "crm", "body": {"id": 1, "items": {` + list(`"%s": "v"`, 600) + `}}}]`,
			2, "crm.items"},
		"the vCon's":          {`"meta": {` + list(`"%s": "v"`, 2000) + `}`, 1, "meta"},
		"tags":                {`"attachments": [{"type": "tags", "body": [` + list(`"%s:v"`, 600) + `]}]`, 1, "tags"},
		"as many attachments": {`"attachments": [` + list(`{"type": "%s", "body": {"a": "v"}}`, 600) + `]`, 1, "metadata"},
		"as many names": {`"attachments": [` + list(`{"type": "%s", "body": "v", "encoding": "json"}`, 600) + `]`,
			0, ""},
		"just enough": {`"meta": {` + list(`"%s": "v"`, 500) + `}`, 500, ""},
	} {
		got := metadataOf(parse(t, document(hello, row.member)))
		if len(got) != row.keys {
			t.Errorf("%s: %d keys, want %d", name, len(got), row.keys)
		}
		if row.fold != "" && strings.Count(got[row.fold], `"v"`) < 600 {
			t.Errorf("%s: %.100s", name, got[row.fold])
		}
	}
	wide := list(`{"type": "%s", "body": {"a": 1, "b": 2}}`, 5_000)
	if got := metadataOf(parse(t, document(hello, `"attachments": [`+wide+`]`))); len(got) > 500 {
		t.Errorf("%d keys", len(got))
	}
}

// Dates of mail and of HTTP are dates.
func TestDatesOfMail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Sun, 2 Nov 2026 09:00:00 GMT":         "2026-11-02T09:00:00Z",
		"Mon, 02 Nov 2026 09:00:00 GMT":        "2026-11-02T09:00:00Z",
		"Mon, 2 Nov 2026 09:00:00 +0200":       "2026-11-02T07:00:00Z",
		"2 Nov 2026 09:00:00 -0500":            "2026-11-02T14:00:00Z",
		"Mon, 2 Nov 2026 09:00:00 EST":         "2026-11-02T14:00:00Z",
		"Mon, 2 Nov 2026 09:00:00 PDT":         "2026-11-02T16:00:00Z",
		"Mon, 2 Nov 2026 09:00:00 +0000 (UTC)": "2026-11-02T09:00:00Z",
		"Mon, 2 Nov 2026 09:00 UT":             "2026-11-02T09:00:00Z",
		"Monday, 02-Nov-26 09:00:00 GMT":       "2026-11-02T09:00:00Z",
		"Mon Nov  2 09:00:00 2026":             "2026-11-02T09:00:00Z",
		"2026-11-02T09:00:00Z":                 "2026-11-02T09:00:00Z",
	} {
		c := parse(t, document(`{"type": "text", "start": "`+text+`", "parties": [0], "body": "x"}`))
		if !c.StartedAt.Equal(at(want)) {
			t.Errorf("%s is %v, want %s", text, c.StartedAt, want)
		}
	}
	for _, text := range []string{"Sun, 32 Nov 2026 09:00:00 GMT", "yesterday at nine o'clock", "Nov", "1 2 3 4"} {
		refusal(t, document(`{"type": "text", "start": "`+text+`", "parties": [0], "body": "x"}`), vcon.Options{})
	}
}

// Roles of machines that speak.
func TestRolesOfMachines(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"ai", "AI", "ai_agent", "AI-Assistant", "bot", "assistant", "voice_bot", "llm"} {
		c := parse(t, withParties(`{"name": "Robo", "role": "`+role+`"}`))
		if c.Participants[0].Role != compliance.RoleBot {
			t.Errorf("%s is %s", role, c.Participants[0].Role)
		}
	}
}

// NUL, which cannot be stored, is left out of every text alike.
func TestNULIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, dialog := range map[string]string{
		"chat":             `"body": "a\u0000b"`,
		"chat in base64":   `"encoding": "base64url", "body": "YQBi"`,
		"chat in HTML":     `"mediatype": "text/html", "body": "a\u0000b"`,
		"mail":             `"message_id": "<1@a>", "body": "a\u0000b"`,
		"a whole mail":     `"mediatype": "message/rfc822", "body": "Subject: s\r\n\r\na\u0000b"`,
		"a mail in base64": `"mediatype": "message/rfc822", "encoding": "base64url", "body": "U3ViamVjdDogcw0KDQphAGI"`,
	} {
		c := parse(t, document(`{"type": "text", "start": "2026-03-01T09:00:00Z", "parties": [0], `+dialog+`}`))
		if got := c.Segments[0].Messages[0].Text; got != "ab" {
			t.Errorf("%s: %q", name, got)
		}
	}
	c := parse(t, document(hello, `"meta": {"a": "b\u0000c"}`, `"analysis": [{"type": "notes", "body": "x\u0000 y"}]`))
	if got := metadataOf(c)["meta.a"]; got != "bc" || c.Segments[0].Messages[1].Text != "x y" {
		t.Errorf("%q", got)
	}
}

// A refusal in a file of one line says where in the line.
func TestPlacesInALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"uuid": "x", "a": NaN}`:            "not JSON: unexpected character in line 1, column 20",
		`{"a": {"duration": NaN}, "b": "é"}`: "not JSON: unexpected character in line 1, column 20",
		`{"é": "é", "a": Infinity}`:          "not JSON: unexpected character in line 1, column 17",
		`{"a": -Infinity}`:                   "not JSON: unexpected character in line 1, column 8",
		"{\n\"a\": undefined}":               "not JSON: unexpected character in line 2, column 6",
		`{"a": 'b'}`:                         "not JSON: unexpected character in line 1, column 7",
	} {
		if got := refusal(t, text, vcon.Options{}); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// A signature in the compact form, and signatures around each other, hold a vCon like any.
func TestOtherFormsOfSignatures(t *testing.T) {
	t.Parallel()
	ours, theirs, unknown := newKey(t), newKey(t), newKey(t)
	trusted := []crypto.PublicKey{ours.Public()}
	compact := func(payload string) string {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: ours}, nil)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		text, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	deep := document(hello)
	for range 9 {
		deep = sign(t, deep, ours)
	}
	for name, row := range map[string]struct {
		text string
		keys []crypto.PublicKey
		want conversation.Signature
		err  string
	}{
		"compact":                     {compact(document(hello)), nil, conversation.NotVerified, ""},
		"compact with an end of line": {"\n" + compact(document(hello)) + "\n", trusted, conversation.Verified, ""},
		"compact with another key": {compact(document(hello)), []crypto.PublicKey{unknown.Public()}, "",
			"signatures: none"},
		"in another": {sign(t, sign(t, document(hello), theirs), ours), nil,
			conversation.NotVerified, ""},
		"the outer one trusted": {sign(t, sign(t, document(hello), theirs), ours), trusted,
			conversation.Verified, ""},
		"the inner one trusted": {sign(t, sign(t, document(hello), ours), theirs), trusted,
			conversation.Verified, ""},
		"none trusted": {sign(t, sign(t, document(hello), theirs), unknown), trusted, "",
			"signatures: none"},
		"compact in another": {sign(t, compact(document(hello)), theirs), trusted, conversation.Verified, ""},
		"another in compact": {compact(sign(t, document(hello), theirs)), trusted, conversation.Verified, ""},
		"wrong inside": {sign(t, sign(t, `{"a": 1, "a": 2}`, ours), theirs), nil, "",
			"payload.payload.a: is given twice"},
		"compact, wrong inside":           {compact(`[]`), nil, "", "payload: the document is a list"},
		"compact, a payload that is none": {"eyJhIjoxfQ.%.x", nil, "", "not JSON"},
		"compact, an empty payload":       {"eyJhIjoxfQ..x", nil, "", "payload: the document is empty"},
		"too deep": {deep, nil, "",
			"payload.payload.payload.payload.payload.payload.payload.payload: is signed over"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := vcon.Parse([]byte(row.text), vcon.Options{Keys: row.keys})
			switch {
			case row.err == "" && (err != nil || c.Signature != row.want || len(c.Segments) != 1):
				t.Errorf("%+v, %v; want %s", c, err, row.want)
			case row.err != "" && (err == nil || !strings.HasPrefix(err.Error(), row.err)):
				t.Errorf("%v, want %s", err, row.err)
			}
		})
	}
}
