package vcon_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// generatedConversation is a conversation as the database may hold it, with odd values.
func generatedConversation(r *rand.Rand) *conversation.Incoming {
	start := time.Date(2026, 1, 1, 0, 0, 0, r.IntN(1e6)*1000,
		time.UTC).Add(time.Duration(r.IntN(1e6)) * time.Second)
	c := &conversation.Incoming{UUID: uuid.New(), StartedAt: start, EndedAt: start.Add(time.Hour),
		Direction: pickOf(r, "", compliance.Inbound, compliance.Outbound, compliance.Internal),
		Signature: conversation.Unsigned}
	if r.IntN(3) == 0 {
		from := conversation.IncomingVersion{UUID: uuid.New()}
		self := conversation.IncomingVersion{UUID: c.UUID, MadeFrom: []uuid.UUID{from.UUID}, MadeAt: start}
		c.Versions = []conversation.IncomingVersion{from, self}
	}
	for range r.IntN(4) {
		p := conversation.IncomingParticipant{Role: pickOf(r, compliance.RoleCustomer, compliance.RoleOther,
			compliance.RoleBot), Name: oddText(r),
			PhoneNumber: pickOf(r, "", "+420 777", "[anonphonenumber]", "1, 2", "+420 777, +420 888, 112"),
			DigitalAddress: pickOf(r, "", "a@b.example", "10.0.0.1", "[anondigitaladdress]", "x, a@b.example",
				"@jonas.0418", "a@b.example, @h, 198.51.100.77", "@h, a@b.example, c@d.example, 2001:db8::1, @i, e@f.example",
				`"Doe, John"@example.org, x`, `"unclosed, a@b.example`, ", x, , y", "http://chat.example/u, a b@c.example"),
			PhoneAddress: pickOf(r, "", "", "[anondigitaladdress]", "420777888101@c.us",
				"whatsapp:+420777888101, 4155550199@sms.example, +420777888101@sms.example")}
		if r.IntN(2) == 0 {
			p = conversation.IncomingParticipant{Role: compliance.RoleAgent, Name: oddText(r), UserID: "tlind",
				Groups: []string{"support", "vip"}, DigitalAddress: "t@b.example", Email: "t@b.example"}
		}
		c.Participants = append(c.Participants, p)
	}
	for range 1 + r.IntN(4) {
		c.Segments = append(c.Segments, generatedSegment(r, c))
	}
	for i := range r.IntN(4) {
		c.Metadata = append(c.Metadata,
			conversation.IncomingMetadatum{Key: fmt.Sprintf("key.%d.a b", i), Value: "v" + oddText(r)})
	}
	if r.IntN(3) == 0 {
		c.Anonymization = &conversation.IncomingAnonymization{At: start, SettingsVersion: 7,
			Selection: compliance.Selection{SubjectAndBody: true, MediaFiles: r.IntN(2) == 0,
				Keys: []string{"a", "b"}}}
	}
	return c
}

func generatedSegment(r *rand.Rand, c *conversation.Incoming) conversation.IncomingSegment {
	s := conversation.IncomingSegment{Kind: pickOf(r, compliance.SegmentKinds()...), StartedAt: c.StartedAt,
		Duration: time.Duration(r.IntN(100000)) * time.Millisecond}
	switch s.Kind {
	case compliance.SegmentEmail:
		s.Subject, s.Attachments = oddText(r), r.IntN(3)
	case compliance.SegmentChat:
		s.RoomName = oddText(r)
	case compliance.SegmentCall:
		for range r.IntN(3) {
			s.Media = append(s.Media, generatedMedia(r))
		}
	}
	for range r.IntN(5) {
		m := conversation.IncomingMessage{Kind: pickOf(r, compliance.Transcript, compliance.Summary,
			compliance.ChatMessage, compliance.EmailBody, compliance.Diarized, compliance.Translation),
			Author: r.IntN(len(c.Participants)+1) - 1, Text: "t" + oddText(r)}
		if m.Kind != compliance.ChatMessage && m.Kind != compliance.EmailBody {
			m.Mixed = r.IntN(2) == 0
		}
		if r.IntN(2) == 0 {
			m.SentAt = c.StartedAt.Add(time.Second)
		}
		s.Messages = append(s.Messages, m)
	}
	return s
}

func generatedMedia(r *rand.Rand) conversation.IncomingMedia {
	f := conversation.IncomingMedia{Kind: pickOf(r, compliance.MediaCall, compliance.MediaScreen),
		MediaType: pickOf(r, "", "audio/wav", "video/mp4"), Duration: 61_234 * time.Millisecond,
		Status: pickOf(r, "", compliance.MediaAvailable, compliance.MediaPlanned, compliance.MediaDeleted)}
	if r.IntN(2) == 0 {
		f.StartedAt = time.Date(2026, 3, 1, 9, 0, r.IntN(60), 250_000, time.UTC)
	}
	if f.Status != compliance.MediaDeleted && r.IntN(2) == 0 {
		f.URL = "https://media.example/recordings/file.wav"
	}
	if f.Status != compliance.MediaDeleted && r.IntN(2) == 0 {
		f.Body = []byte("RIFF sound")
		sums := vcon.NewSums()
		_, _ = sums.Write(f.Body)
		_ = sums.Verify(&f)
	}
	if r.IntN(3) == 0 {
		f.Protection = &conversation.IncomingProtection{
			Reason: pickOf(r, compliance.ProtectionReasons()...), Note: strings.TrimSuffix(oddText(r), strings.Repeat("long ", 400)),
		}
		if r.IntN(2) == 0 {
			f.Protection.Until = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
		}
	}
	return f
}

func pickOf[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func oddText(r *rand.Rand) string {
	return pickOf(r, "", "Ada", `quo"ted \ <b>&`, "č 漢 🎧", "two\nlines\ttab", "\u2028\u0001", "[anonymized]",
		strings.Repeat("long ", 500))
}

// What is written is valid by the schema, and reads back as the same conversation, one or several vCons.
func TestWriteAndReadBack(t *testing.T) {
	t.Parallel()
	schema := strictSchema(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var sources []*conversation.Incoming
		for range 1 + r.IntN(3) {
			sources = append(sources, generatedConversation(r))
		}
		checkRoundTrip(t, schema, sources)
	}
}

func checkRoundTrip(t *testing.T, validate func(t *testing.T, document []byte),
	sources []*conversation.Incoming) {
	t.Helper()
	document, err := vcon.Write(vcon.Export{Sources: sources})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, document)
	again, err := vcon.Write(vcon.Export{Sources: sources})
	if err != nil || string(again) != string(document) {
		t.Fatal("written twice it differs", err)
	}
	if strings.ContainsAny(string(document), "\n") {
		t.Fatal("it is not on one line")
	}
	first, err := vcon.Parse(document, vcon.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	read := append([]*conversation.Incoming{first}, first.Joined...)
	ignore := cmp.Options{
		cmpopts.IgnoreFields(conversation.Incoming{}, "Joined", "MergedWith", "Signature"),
		cmpopts.IgnoreFields(conversation.IncomingMedia{}, "Place", "Address", "Beside", "Name", "Hashes"),
		cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(sources, read, ignore); diff != "" {
		t.Fatalf("(-written +read)\n%s\n%s", diff, document)
	}
	for _, c := range read {
		if len(sources) > 1 && len(c.MergedWith) != len(sources)-1 {
			t.Fatalf("merged with %v", c.MergedWith)
		}
	}
	redacted := false
	for _, c := range sources {
		redacted = redacted || c.Anonymization != nil
	}
	if strings.Contains(string(document), `"redacted_from":{"type":"anonymized"}`) != redacted {
		t.Fatal("redacted or not?", redacted)
	}
	checkOlderSyntax(t, validate, sources, first, redacted)
}

// checkOlderSyntax writes the same in the syntax before the newest: it is valid, and reads back as the same.
func checkOlderSyntax(t *testing.T, validate func(t *testing.T, document []byte),
	sources []*conversation.Incoming, want *conversation.Incoming, redacted bool) {
	t.Helper()
	document, err := vcon.Write(vcon.Export{Sources: sources, Syntax: vcon.Syntax040})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, document)
	text := string(document)
	if !strings.HasPrefix(text, `{"vcon":"0.4.0",`) || strings.Contains(text, "redacted_from") ||
		strings.Contains(text, "amended_from") ||
		strings.Contains(text, `"redacted":{"type":"anonymized"}`) != redacted {
		t.Fatalf("not of the older syntax: %.200s", text)
	}
	read, err := vcon.Parse(document, vcon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Fatal(diff)
	}
}

// The latest time and the longest duration that come in go out and come in again.
func TestTheLastTimesSurviveExport(t *testing.T) {
	t.Parallel()
	c := parse(t, document(`{"type": "recording", "start": "9900-12-31T23:59:59Z", "duration": 2147483647, `+
		`"parties": [0]}`, `"analysis": [{"type": "transcript", "dialog": 0, "body": [{"start": 604799, `+
		`"text": "late"}]}]`))
	checkRoundTrip(t, strictSchema(t), []*conversation.Incoming{c})
}

// Every sample survives: read, written, and read again it is the same.
func TestSamplesSurviveExport(t *testing.T) {
	t.Parallel()
	validate := strictSchema(t)
	count := 0
	if _, err := os.Stat(samples); err != nil {
		t.Skipf("the sample vCons are not beside the project: %v", err)
	}
	for _, item := range samplesIn(t, samples) {
		if item.Err == nil {
			count++
			for s := range item.Conversation.Segments {
				for m := range item.Conversation.Segments[s].Messages {
					message := &item.Conversation.Segments[s].Messages[m]
					message.Text = strings.ToValidUTF8(message.Text, "")
				}
			}
			checkRoundTrip(t, validate, []*conversation.Incoming{item.Conversation})
		}
	}
	if count == 0 {
		t.Error("none of the samples comes in")
	}
}

// Another reader, who does not know the layout, still finds the same people and texts.
func TestExportWithoutItsLayoutIsAnOrdinaryVcon(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	c := &conversation.Incoming{
		UUID: uuid.New(), StartedAt: start, EndedAt: start.Add(time.Minute), Direction: compliance.Inbound,
		Participants: []conversation.IncomingParticipant{{Role: compliance.RoleCustomer, Name: "Ada",
			PhoneNumber: "+420777123456", DigitalAddress: "ada@example.com"}},
		Segments: []conversation.IncomingSegment{
			{Kind: compliance.SegmentCall, StartedAt: start, Duration: time.Minute,
				Media: []conversation.IncomingMedia{{Kind: compliance.MediaCall, MediaType: "audio/wav",
					URL: "https://media.example/a.wav", Duration: time.Minute}},
				Messages: []conversation.IncomingMessage{{Kind: compliance.Transcript, Author: 0, Text: "spoken"}}},
			{Kind: compliance.SegmentEmail, StartedAt: start, Subject: "a subject",
				Messages: []conversation.IncomingMessage{{Kind: compliance.EmailBody, Author: 0, SentAt: start,
					Text: "written"}}},
			{Kind: compliance.SegmentChat, StartedAt: start, RoomName: "a room",
				Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, Author: 0, SentAt: start,
					Text: "typed"}}},
		},
	}
	document, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{c}})
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(document, &plain); err != nil {
		t.Fatal(err)
	}
	plain["attachments"] = []any{}
	bare, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	got, err := vcon.Parse(bare, vcon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[compliance.SegmentKind]string{}
	for _, s := range got.Segments {
		texts[s.Kind] = s.Subject + s.RoomName + " " + s.Messages[0].Text
	}
	want := map[compliance.SegmentKind]string{compliance.SegmentCall: " spoken",
		compliance.SegmentEmail: "a subject written", compliance.SegmentChat: "a room typed"}
	if diff := cmp.Diff(want, texts); diff != "" || got.Participants[0].PhoneNumber != "+420777123456" ||
		got.Participants[0].DigitalAddress != "ada@example.com" || got.Direction != compliance.Inbound {
		t.Errorf("%s\n%+v", diff, got)
	}
}

// A layout that does not fit the rest is refused, with the place; never taken by halves.
func TestDamagedLayouts(t *testing.T) {
	t.Parallel()
	source := generatedConversation(rand.New(rand.NewPCG(5, 6)))
	source.Anonymization = &conversation.IncomingAnonymization{At: source.StartedAt, SettingsVersion: 3,
		Selection: compliance.Selection{MediaFiles: true}}
	document, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{source}})
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{
		`"version":1`: `"version":2`, `"version":1,`: `"version":"x",`, `"sources":[{`: `"sources":[],"x":[{`,
		`"dialog":0,"messages"`: `"dialog":99,"messages"`,
		`"author":-1`:           `"author":-2`, `"kind":"E`: `"kind":"X`, `"kind":"CA`: `"kind":"X`,
		`"party":0,"role":"`: `"party":77,"role":"`, `"durationMs":`: `"durationMs":-`,
		`"anonymization":{"at":"`: `"anonymization":{"at":"0000-01-01T00:00:00Z","x":"`,
		`"settingsVersion":3`:     `"settingsVersion":0`, `"settingsVersion":`: `"settingsVersion":99999999999`,
	} {
		damaged := strings.Replace(string(document), old, new, 1)
		if damaged == string(document) {
			continue
		}
		if _, err := vcon.Parse([]byte(damaged), vcon.Options{}); err == nil {
			t.Errorf("%s instead of %s is taken", new, old)
		}
	}
	if _, err := vcon.Parse([]byte(strings.Replace(string(document), `"uuid":"`,
		`"uuid":"019543da-b5aa-8d63-9dd8-dd37220d739c","x":"`, 1)), vcon.Options{}); err == nil {
		t.Error("an identity that is not that of the sources is taken")
	}
}

// strictSchema validates documents against the draft's own schema; where that is absent nothing is validated,
// and it is said.
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
			t.Fatalf("not valid by the schema: %v\n%s", err, document)
		}
	}
}
