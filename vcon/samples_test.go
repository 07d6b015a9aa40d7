package vcon_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

const samples = "../../shared/vcons"

func sampleFolder(t *testing.T, name string) string {
	t.Helper()
	folder := filepath.Join(samples, name)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the sample vCons are not beside the project: %v", err)
	}
	return folder
}

// parsedFile is a sample and what Parse makes of it.
type parsedFile struct {
	File         string
	Conversation *conversation.Incoming
	Err          error
}

// samplesIn parses every file below folders, but those that are no vCon by their names.
func samplesIn(t *testing.T, folders ...string) []parsedFile {
	t.Helper()
	var all []parsedFile
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || vcon.MediaTypeOf(file) != "" {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			conversation, failed := vcon.Parse(content, vcon.Options{})
			all = append(all, parsedFile{file, conversation, failed})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// What is refused of the samples, each for a reason of its own; everything else comes in.
func TestSamplesThatAreRefused(t *testing.T) {
	t.Parallel()
	const mail = "this is an e-mail (RFC 5322), not a vCon; import it as the body of a text dialog inside a vCon"
	want := map[string]string{
		"ab.vcon":                            "uuid: is missing; a vCon is recognised by its uuid",
		"email_acct_prob_bob_image.txt":      mail,
		"email_prob_followup_alice.txt":      mail,
		"bad_dialog_types.json":              "dialog[0].mimetype: is a number; text is needed",
		"bad_duration.json":                  "dialog[0].duration: is negative; a number of seconds is needed",
		"bad_party_ref.json":                 "dialog[0].parties[1]: there is no party 99; the vCon has 2 parties",
		"empty_vcon.json":                    "uuid: is empty; a vCon is recognised by its uuid",
		"missing_uuid_and_vcon_version.json": "uuid: is missing; a vCon is recognised by its uuid",
		"null_parties.json":                  "parties: is null, and dialog[0] refers to parties; a list is needed",
	}
	folders := []string{sampleFolder(t, "chats-and-calls"), sampleFolder(t, "recorded-calls"),
		sampleFolder(t, "email-and-standard"), sampleFolder(t, "invalid")}
	got, read := map[string]string{}, 0
	for _, item := range samplesIn(t, folders...) {
		if item.Err == nil {
			read++
			continue
		}
		got[filepath.Base(item.File)] = item.Err.Error()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if read != 313+21+6 {
		t.Errorf("%d samples came in", read)
	}
}

// sample is as much of a sample as these tests compare with.
type sample struct {
	Parties []struct {
		Tel, Mailto, Email, ID, Name, Role string
		Meta                               struct{ Role string }
	}
	Dialog []struct {
		Type, Body, Filename, URL, Signature string
		Parties                              []int
		Originator                           *int
	}
	Analysis []struct {
		Type string
		Body json.RawMessage
	}
}

func readSample(t *testing.T, file string) sample {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func mustRead(t *testing.T, item parsedFile) (sample, *conversation.Incoming) {
	t.Helper()
	if item.Err != nil {
		t.Fatalf("%s: %v", item.File, item.Err)
	}
	return readSample(t, item.File), item.Conversation
}

// A chat of n turns has n messages, in order, with their authors.
func TestSampleChatsComeInTurnByTurn(t *testing.T) {
	t.Parallel()
	chats := 0
	for _, item := range samplesIn(t, sampleFolder(t, "chats-and-calls")) {
		source, conversation := mustRead(t, item)
		var want []string
		for _, d := range source.Dialog {
			if d.Type == "text" && d.Body != "" {
				want = append(want, "CHAT_MESSAGE "+string(rune('0'+*d.Originator))+" "+d.Body)
			}
		}
		if len(want) == 0 {
			continue
		}
		chats++
		if n := len(conversation.Segments); n != 1 || conversation.Segments[0].Kind != compliance.SegmentChat {
			t.Fatalf("%s has %d segments", item.File, n)
		}
		if diff := cmp.Diff(want, said(conversation.Segments[0])); diff != "" {
			t.Errorf("%s:\n%s", item.File, diff)
		}
		for i, m := range conversation.Segments[0].Messages {
			if m.SentAt.IsZero() {
				t.Errorf("%s: turn %d has no time", item.File, i)
			}
		}
	}
	if chats != 82 {
		t.Errorf("%d chats", chats)
	}
}

// A call has each of its analyses as a message with the very text, in order, without an author; only one of
// the samples has a recording.
func TestSampleCallsWithoutRecording(t *testing.T) {
	t.Parallel()
	calls, files := 0, 0
	for _, item := range samplesIn(t, sampleFolder(t, "chats-and-calls")) {
		source, conversation := mustRead(t, item)
		segment := conversation.Segments[0]
		if segment.Kind != compliance.SegmentCall {
			continue
		}
		calls, files = calls+1, files+len(segment.Media)
		var want []string
		for _, a := range source.Analysis {
			var text string
			var wrapped struct{ Transcript string }
			if json.Unmarshal(a.Body, &text) != nil && json.Unmarshal(a.Body, &wrapped) == nil {
				text = wrapped.Transcript
			}
			want = append(want, strings.ToUpper(a.Type)+" / "+text) // the character before 0 stands for nobody
		}
		if diff := cmp.Diff(want, said(segment)); diff != "" || len(conversation.Segments) != 1 || len(want) != 3 {
			t.Errorf("%s has %d segments:\n%s", item.File, len(conversation.Segments), diff)
		}
		if conversation.Direction != compliance.Outbound || metadataOf(conversation)["dialog.disposition"] == "" {
			t.Errorf("%s: direction %q, metadata %v", item.File, conversation.Direction, metadataOf(conversation))
		}
	}
	if calls != 231 || files != 1 {
		t.Errorf("%d calls with %d files", calls, files)
	}
}

// A recorded call has its file, and a message for each turn of the transcript, by the participant of the
// speaker's role.
func TestSampleRecordedCalls(t *testing.T) {
	t.Parallel()
	turns := 0
	for _, item := range samplesIn(t, sampleFolder(t, "recorded-calls")) {
		source, conversation := mustRead(t, item)
		speakers := map[string]string{}
		for i, p := range source.Parties {
			speakers[p.Meta.Role] = string(rune('0' + i))
		}
		var body []struct{ Speaker, Message string }
		if err := json.Unmarshal(source.Analysis[0].Body, &body); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, turn := range body {
			author, known := speakers[strings.ToLower(turn.Speaker)]
			if !known {
				author, turn.Message = "/", turn.Speaker+": "+turn.Message
			}
			want = append(want, "TRANSCRIPT "+author+" "+turn.Message)
		}
		turns += len(want)
		segment := conversation.Segments[0]
		if diff := cmp.Diff(want, said(segment)); diff != "" || len(conversation.Segments) != 1 {
			t.Errorf("%s has %d segments:\n%s", item.File, len(conversation.Segments), diff)
		}
		file := segment.Media[0]
		if len(segment.Media) != 1 || file.Kind != compliance.MediaCall || file.MediaType != "audio/mp3" ||
			file.URL != source.Dialog[0].URL ||
			file.ContentHash != "sha512-"+strings.TrimRight(source.Dialog[0].Signature, "=") ||
			file.Duration != segment.Duration || file.Duration == 0 {
			t.Errorf("%s has the files %+v", item.File, segment.Media)
		}
	}
	if turns != 257 {
		t.Errorf("%d turns", turns)
	}
}

func sampleFile(t *testing.T, name string) *conversation.Incoming {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(sampleFolder(t, "email-and-standard"), name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(content))
}

func TestSampleThreadIsOneSegment(t *testing.T) {
	t.Parallel()
	conversation := sampleFile(t, "ab_email_acct_prob_thread.vcon")
	segment := conversation.Segments[0]
	if len(conversation.Segments) != 1 || segment.Kind != compliance.SegmentEmail ||
		segment.Subject != "Account problem" || segment.Attachments != 1 || len(segment.Messages) != 2 {
		t.Fatalf("%d segments; subject %q, %d attachments, %d messages", len(conversation.Segments),
			segment.Subject, segment.Attachments, len(segment.Messages))
	}
	all := said(segment)
	if all[0] != "EMAIL_BODY 0 Alice:Please find the image attached.\r\n\r\nRegards,Bob" &&
		all[0] != "EMAIL_BODY 0 Alice:Please find the image attached.\n\nRegards,Bob" {
		t.Errorf("the first mail is %q", all[0])
	}
	if !strings.HasPrefix(all[1], "EMAIL_BODY 1 Hi Bob:Got it. Thanks.") || segment.Duration.Seconds() != 34 {
		t.Errorf("the second mail is %q, %v later", all[1], segment.Duration)
	}
}

func TestStandardSamples(t *testing.T) {
	t.Parallel()
	mail := sampleFile(t, "ab_email_prob_followup_alice.vcon").Segments
	if len(mail) != 1 || mail[0].Subject != "Account issue followup" || len(mail[0].Messages) != 1 ||
		mail[0].Messages[0].Author != 0 || !strings.HasPrefix(mail[0].Messages[0].Text, "Hi Bob:\nI just") {
		t.Errorf("the mail is %+v", mail)
	}
	redacted := sampleFile(t, "ab_call_ext_rec_redacted.vcon").Segments[0]
	if len(redacted.Messages) != 18 || len(redacted.Media) != 1 ||
		redacted.Messages[1].Text != "This is {{URL}}." || redacted.Messages[1].Author != 0 ||
		!redacted.Messages[1].SentAt.Equal(at("2022-06-21T17:53:27.76Z")) {
		t.Errorf("the redacted call is %+v", redacted)
	}
	inline := sampleFile(t, "ab_call_int_rec.vcon").Segments[0].Media[0]
	if string(inline.Body[:4]) != "RIFF" || inline.URL != "" ||
		!strings.HasPrefix(inline.ContentHash, "sha512-") {
		t.Errorf("the inline recording is %d bytes, url %q, hash %q", len(inline.Body), inline.URL,
			inline.ContentHash)
	}
	external, signed := sampleFile(t, "ab_call_ext_rec.vcon"), sampleFile(t, "ab_call_ext_rec_signed.vcon")
	if signed.Signature != conversation.NotVerified || external.Signature != conversation.Unsigned {
		t.Errorf("signatures: %s, %s", signed.Signature, external.Signature)
	}
	if diff := cmp.Diff(external.Segments, signed.Segments); diff != "" || signed.UUID != external.UUID {
		t.Error("the signed vCon differs from the plain one:\n", diff)
	}
}

// Names, keys, ids and urls hold nothing of a party's number or address, nor does anything hold a file name.
func TestSamplesLeaveNothingWhereItDoesNotBelong(t *testing.T) {
	t.Parallel()
	folders := []string{sampleFolder(t, "chats-and-calls"), sampleFolder(t, "recorded-calls"),
		sampleFolder(t, "email-and-standard")}
	checked := 0
	for _, item := range samplesIn(t, folders...) {
		if item.Err != nil {
			continue
		}
		all := strings.Join(kept(item.Conversation), "\n")
		source := readSample(t, item.File)
		for _, d := range source.Dialog {
			if d.Filename != "" && strings.Contains(strings.ReplaceAll(all, d.URL, ""), d.Filename) {
				t.Errorf("%s: the file name is kept", item.File)
			}
		}
		for _, p := range source.Parties {
			for _, secret := range []string{p.Tel, strings.TrimPrefix(p.Tel, "+"), p.Mailto, p.Email, p.ID} {
				if secret != "" && strings.Contains(all, secret) {
					t.Errorf("%s: what of a party is kept holds its number, address or id", item.File)
				}
				checked++
			}
		}
	}
	if checked < 3000 {
		t.Errorf("only %d values were looked for", checked)
	}
}

// kept is everything of a conversation that no switch covers.
func kept(c *conversation.Incoming) []string {
	var all []string
	for _, p := range c.Participants {
		all = append(append(all, p.Name, p.UserID), p.Groups...)
	}
	for _, m := range c.Metadata {
		all = append(all, m.Key)
	}
	for _, segment := range c.Segments {
		for _, file := range segment.Media {
			all = append(all, file.URL, file.MediaType, file.ContentHash)
		}
	}
	return all
}
