package vcon_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/conversation"
)

// Every format of a text comes in turn by turn where it tells turns, by the participant who is meant.
func TestTurns(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, analysis string
		want           []string
	}{
		{"text", `"type": "transcript", "body": "All of it"`, []string{"TRANSCRIPT / All of it"}},
		{"an object", `"type": "transcript", "body": {"transcript": "All of it", "confidence": 0.9}`, []string{"TRANSCRIPT / All of it"}},
		{"an object with an object", `"type": "transcript", "body": {"transcript": {"text": "All of it", "language": "en"}}`, []string{"TRANSCRIPT / All of it"}},
		{"redacted", `"type": "transcript-redacted", "body": "x"`, []string{"TRANSCRIPT / x"}},
		{"diarized", `"type": "Diarized", "body": "A: x"`, []string{"DIARIZED / A: x"}},
		{"a summary", `"type": "summary", "body": {"summary": "short"}`, []string{"SUMMARY / short"}},
		{"a translation", `"type": "translation", "body": "kurz"`, []string{"TRANSLATION / kurz"}},
		{"by role", `"type": "transcript", "body": [{"speaker": "Agent", "message": "a"}, {"speaker": "CUSTOMER", "message": "b"}]`, []string{"TRANSCRIPT 1 a", "TRANSCRIPT 0 b"}},
		{"by name", `"type": "transcript", "body": [{"speaker": "bob", "message": "a"}, {"name": "Ada", "text": "b"}]`, []string{"TRANSCRIPT 1 a", "TRANSCRIPT 0 b"}},
		{"by number", `"type": "transcript", "body": [{"parties": 0, "text": "a"}, {"party": 1, "text": "b"}, {"parties": [1, 0], "text": "c"}]`, []string{"TRANSCRIPT 0 a", "TRANSCRIPT 1 b", "TRANSCRIPT 1 c"}},
		{"a party that is none", `"type": "transcript", "body": [{"party": 99, "text": "a"}]`, []string{"TRANSCRIPT / a"}},
		{"a strange speaker", `"type": "transcript", "body": [{"speaker": "Narrator", "text": "a"}, {"speaker": 0, "text": "b"}]`, []string{"TRANSCRIPT / Narrator: a", "TRANSCRIPT / Speaker 0: b"}},
		{"a speaker who is a number", `"type": "transcript", "body": [{"speaker": "+420 777 123 456", "text": "a"}, {"speaker": "eve@example.net", "text": "b"}, {"speaker": 777123456, "text": "c"}]`,
			[]string{"TRANSCRIPT / a", "TRANSCRIPT / b", "TRANSCRIPT / c"}},
		{"an empty turn", `"type": "transcript", "body": [{"speaker": "Agent", "message": ""}, {"speaker": "Agent", "message": "a"}]`, []string{"TRANSCRIPT 1 a"}},
		{"segments", `"type": "transcript", "body": {"transcript": {"text": "all"}, "segments": [{"id": 0, "text": "a", "speaker": "Agent", "words": [{"word": "a"}]}, {"text": "b", "speaker": 1}]}`,
			[]string{"TRANSCRIPT 1 a", "TRANSCRIPT / Speaker 1: b"}},
		{"words", `"type": "transcript", "body": {"words": [{"word": "Good", "speaker": "agent"}, {"word": "day", "speaker": "agent"}, {"word": "Hi", "speaker": "customer"}]}`, []string{"TRANSCRIPT 1 Good day", "TRANSCRIPT 0 Hi"}},
		{"nested results", `"type": "transcript", "body": {"results": {"channels": [{"alternatives": [{"transcript": "best"}, {"transcript": "worse"}]}]}}`, []string{"TRANSCRIPT / best"}},
		{"messages", `"type": "transcript", "body": {"messages": [{"role": "agent", "content": "a"}, {"role": "customer", "content": {"text": "b"}}]}`, []string{"TRANSCRIPT 1 a", "TRANSCRIPT 0 b"}},
		{"a list of texts", `"type": "transcript", "body": ["a", "b"]`, []string{"TRANSCRIPT / a", "TRANSCRIPT / b"}},
		{"JSON in a string", `"type": "transcript", "encoding": "json", "body": "{\"transcript\": \"inside\"}"`, []string{"TRANSCRIPT / inside"}},
		{"text in JSON in a string", `"type": "transcript", "encoding": "json", "body": "\"inside\""`, []string{"TRANSCRIPT / inside"}},
		{"base64url", `"type": "transcript", "encoding": "base64url", "body": "aW5zaWRl"`, []string{"TRANSCRIPT / inside"}},
		{"text that begins like JSON", `"type": "transcript", "body": "[noise] hello"`, []string{"TRANSCRIPT / [noise] hello"}},
		{"an unknown format", `"type": "transcript", "body": {"said": {"by": "Ada"}}`, []string{`TRANSCRIPT / {"said":{"by":"Ada"}}`}},
		{"nothing", `"type": "transcript", "body": {"transcript": ""}`, nil},
		{"null", `"type": "transcript", "body": null`, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, document(record, `"analysis": [{`+row.analysis+`, "dialog": 0, "vendor": "x"}]`))
			if diff := cmp.Diff(row.want, said(c.Segments[0])); diff != "" || len(c.Metadata) != 0 {
				t.Errorf("metadata %v:\n%s", c.Metadata, diff)
			}
		})
	}
}

// A text about a set of recordings is about the call that they are of.
func TestTextsOfASet(t *testing.T) {
	t.Parallel()
	other := recording("08:00:00", "5", "[0]", "audio/wav")
	set := `{"type": "recording-set", "start": "2026-03-01T09:00:00Z", "recordings": [2]}`
	c := parse(t, document(other+","+set+","+record, `"analysis": [{"type": "transcript", "dialog": 1, "vendor": "x", "body": "said"}]`))
	if diff := cmp.Diff([]string{"TRANSCRIPT / said"}, said(c.Segments[1])); diff != "" || len(c.Segments) != 2 {
		t.Error(diff)
	}
}

func TestTimesOfTurns(t *testing.T) {
	t.Parallel()
	messages := parse(t, document(record, `"analysis": [{"type": "transcript", "dialog": 0, "body": [
		{"text": "a", "start": 1.5}, {"text": "b", "start": "2026-03-01T09:00:07Z"}, {"text": "c", "start": "later"}, {"text": "d", "start": -1}, {"text": "e", "start": 1740000000}, {"text": "f"}]}]`)).Segments[0].Messages
	for i, want := range []string{"2026-03-01T09:00:01.5Z", "2026-03-01T09:00:07Z"} {
		if !messages[i].SentAt.Equal(at(want)) {
			t.Errorf("turn %d is at %v, want %s", i, messages[i].SentAt, want)
		}
	}
	for _, m := range messages[2:] {
		if !m.SentAt.IsZero() {
			t.Errorf("turn %q is at %v", m.Text, m.SentAt)
		}
	}
}

// A text belongs to the segment of the dialog that it names, else to the first that fits.
func TestWhereTextsBelong(t *testing.T) {
	t.Parallel()
	call := strings.Replace(record, "09:00:00Z", "11:00:00Z", 1)
	transfer := `{"type": "transfer"}`
	for analysis, want := range map[string]string{
		`"type": "summary", "dialog": 1, "body": "x"`: "CALL", `"type": "summary", "dialog": [1, 0], "body": "x"`: "CALL", `"type": "summary", "dialog": 0, "body": "x"`: "CHAT",
		`"type": "summary", "body": "x"`: "CHAT", `"type": "transcript", "body": "x"`: "CALL", `"type": "summary", "dialog": [], "body": "x"`: "CHAT",
		`"type": "summary", "dialog": [2, 1], "body": "x"`: "CALL", `"type": "translation", "dialog": 2, "body": "x"`: "CHAT",
	} {
		var got []string
		for _, segment := range parse(t, document(hello+","+call+","+transfer, `"analysis": [{`+analysis+`}]`)).Segments {
			for _, m := range segment.Messages {
				if m.Text == "x" {
					got = append(got, string(segment.Kind))
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is in %v, want %s", analysis, got, want)
		}
	}
}

// A speaker whose name was dropped, because it is a number, is still found by it.
func TestASpeakerNamedByNumber(t *testing.T) {
	t.Parallel()
	c := parse(t, members(header, `"parties": [{"name": "+420777123456", "tel": "+420777123456"}]`, `"dialog": [`+strings.ReplaceAll(record, "[1, 0]", "[0]")+`]`,
		`"analysis": [{"type": "transcript", "body": [{"speaker": "+420777123456", "text": "a"}]}]`))
	if m := c.Segments[0].Messages[0]; m.Author != 0 || m.Text != "a" || c.Participants[0].Name != "" {
		t.Errorf("%+v of %+v", m, c.Participants)
	}
	if conversation.NoAuthor != -1 {
		t.Error("NoAuthor is an index")
	}
}
