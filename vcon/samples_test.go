package vcon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/vcon"
)

const sampleFolders = "../../shared/vcons"

func sampleFolder(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(sampleFolders, name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the sample vCons are not beside the project: %v", err)
	}
	return folder
}

// What is refused of the samples, each for a reason of its own; everything else comes in.
func TestSamplesThatAreRefused(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"ab.vcon":                            "uuid: is missing",
		"email_acct_prob_bob_image.txt":      "this is an e-mail (RFC 5322), not a vCon",
		"email_prob_followup_alice.txt":      "this is an e-mail (RFC 5322), not a vCon",
		"bad_dialog_types.json":              "dialog[0].mimetype: is a number",
		"bad_duration.json":                  "dialog[0].duration: is negative",
		"bad_party_ref.json":                 "dialog[0].parties[1]: there is no party 99; the vCon has 2 parties",
		"empty_vcon.json":                    "uuid: is empty",
		"missing_uuid_and_vcon_version.json": "uuid: is missing",
		"null_parties.json":                  "parties: is null",
	}
	folders := []string{sampleFolder(t, "chats-and-calls"), sampleFolder(t, "recorded-calls"), sampleFolder(t, "email-and-standard"), sampleFolder(t, "invalid")}
	read := 0
	for item := range vcon.Walk(t.Context(), folders, vcon.Options{}) {
		name := filepath.Base(item.File)
		if item.Err == nil {
			read++
			if reason, refused := want[name]; refused {
				t.Errorf("%s came in; want: %s", name, reason)
			}
			continue
		}
		if reason := want[name]; reason == "" || !strings.HasPrefix(item.Err.Error(), reason) {
			t.Errorf("%s is refused: %v; want: %s", name, item.Err, reason)
		}
	}
	if read != 313+21+6 {
		t.Errorf("%d samples came in", read)
	}
}

// sampleDocument is as much of a vCon as these tests compare with.
type sampleDocument struct {
	Parties []struct {
		Tel, Mailto, Email, ID, Name string
	}
	Dialog []struct {
		Type, Body, Filename string
		Parties              []int
		Originator           *int
	}
	Analysis []struct{ Type string }
}

func readSample(t *testing.T, file string) sampleDocument {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d sampleDocument
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// A chat of n turns has n messages, in order, with their authors.
func TestSampleChatsComeInTurnByTurn(t *testing.T) {
	t.Parallel()
	chats := 0
	for item := range vcon.Walk(t.Context(), []string{sampleFolder(t, "chats-and-calls")}, vcon.Options{}) {
		source := readSample(t, item.File)
		var want, got []string
		authors := map[int]int{}
		for _, d := range source.Dialog {
			if d.Type == "text" && d.Body != "" {
				want = append(want, d.Body)
				authors[len(want)-1] = *d.Originator
			}
		}
		if len(want) == 0 {
			continue
		}
		chats++
		if n := len(item.Conversation.Segments); n != 1 || item.Conversation.Segments[0].Kind != compliance.SegmentChat {
			t.Fatalf("%s has %d segments", item.File, n)
		}
		for i, m := range item.Conversation.Segments[0].Messages {
			got = append(got, m.Text)
			if m.Author != authors[i] || m.Kind != compliance.ChatMessage || m.SentAt.IsZero() {
				t.Errorf("%s: turn %d is by %d, want %d", item.File, i, m.Author, authors[i])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", item.File, diff)
		}
	}
	if chats != 82 {
		t.Errorf("%d chats", chats)
	}
}

// A call without a recording has its transcript, summary and diarized text.
func TestSampleCalls(t *testing.T) {
	t.Parallel()
	calls, files := 0, 0
	for item := range vcon.Walk(t.Context(), []string{sampleFolder(t, "chats-and-calls"), sampleFolder(t, "recorded-calls")}, vcon.Options{}) {
		for _, segment := range item.Conversation.Segments {
			if segment.Kind != compliance.SegmentCall {
				continue
			}
			calls++
			files += len(segment.Media)
			kinds := map[compliance.MessageKind]bool{}
			for _, m := range segment.Messages {
				kinds[m.Kind] = true
			}
			if !kinds[compliance.Transcript] {
				t.Errorf("%s has no transcript", item.File)
			}
			if len(readSample(t, item.File).Analysis) == 3 && (!kinds[compliance.Summary] || !kinds[compliance.Diarized]) {
				t.Errorf("%s has only %v", item.File, kinds)
			}
		}
	}
	if calls != 231+21 || files != 1+21 {
		t.Errorf("%d calls with %d files", calls, files)
	}
}

func TestSampleThreadIsOneSegment(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(sampleFolder(t, "email-and-standard"), "ab_email_acct_prob_thread.vcon"))
	if err != nil {
		t.Fatal(err)
	}
	conversation, err := vcon.Parse(content, vcon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	segment := conversation.Segments[0]
	if len(conversation.Segments) != 1 || segment.Subject != "Account problem" || segment.Attachments != 1 || len(segment.Messages) != 2 {
		t.Fatalf("%d segments; subject %q, %d attachments, %d messages", len(conversation.Segments), segment.Subject, segment.Attachments, len(segment.Messages))
	}
	if !strings.Contains(segment.Messages[0].Text, "find the image attached") || segment.Messages[0].Author != 0 || segment.Messages[1].Author != 1 {
		t.Errorf("the messages are %+v", segment.Messages)
	}
}

// Names, keys, ids and urls hold nothing of a party's number or address, nor does anything hold a file name.
func TestSamplesLeaveNothingWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	folders := []string{sampleFolder(t, "chats-and-calls"), sampleFolder(t, "recorded-calls")}
	for item := range vcon.Walk(t.Context(), folders, vcon.Options{}) {
		var kept []string
		for _, p := range item.Conversation.Participants {
			kept = append(append(kept, p.Name, p.UserID), p.Groups...)
		}
		for _, m := range item.Conversation.Metadata {
			kept = append(kept, m.Key)
		}
		for _, segment := range item.Conversation.Segments {
			for _, file := range segment.Media {
				kept = append(kept, file.URL, file.MediaType)
			}
		}
		all := strings.Join(kept, "\n")
		for _, p := range readSample(t, item.File).Parties {
			for _, secret := range []string{p.Tel, strings.TrimPrefix(p.Tel, "+"), p.Mailto, p.Email, p.ID} {
				if secret != "" && strings.Contains(all, secret) {
					t.Errorf("%s: what of a party is kept holds its number, address or id", item.File)
				}
			}
		}
	}
}
