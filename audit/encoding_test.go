package audit_test

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is an event as the log has it, about one conversation.
func sample(activity audit.Activity, result audit.Result, details audit.Details) audit.Event {
	return audit.Event{
		ID:          uuid.MustParse("019ab8e0-5f40-7001-8000-000000000001"),
		OperationID: uuid.MustParse("019ab8e0-5f40-7000-8000-000000000002"),
		OccurredAt:  time.Date(2026, 11, 23, 12, 0, 0, 1000, time.UTC),
		Actor:       audit.Actor{ID: "u-17", Name: "Jana Nováková <\u2028>"},
		Activity:    activity, Result: result,
		ConversationID: 42, Vcons: []string{"b0YkV0k3fQ2mS9cXWzq1yJ7LxkT4nR8aHdEoPvUiG5M"}, SettingsVersion: 3,
		Details: details,
	}
}

func samples() map[string]audit.Event {
	until := time.Date(2030, 1, 2, 3, 4, 5, 600_000_000, time.UTC)
	files := []audit.MediaFile{
		{ID: 7, ContentHash: "sha512-" + strings.Repeat("Ab_-", 21) + "Ag"}, {ID: 1<<53 - 1},
	}
	about := func(e audit.Event) audit.Event { // nothing but the actor
		e.ConversationID, e.Vcons, e.SettingsVersion = 0, nil, 0
		return e
	}
	settings := func(activity audit.Activity, details audit.Details) audit.Event {
		e := about(sample(activity, audit.Success, details))
		e.SettingsVersion = 4
		return e
	}
	ok, failed := audit.Success, audit.Failure
	return map[string]audit.Event{
		"FIELD_CONFIG_UPDATE": settings(audit.FieldConfigUpdate,
			audit.BasicDataChange{Item: compliance.MediaFiles, Old: false, New: true}),
		"METADATA_KEY_UPDATE": settings(audit.MetadataKeyUpdate,
			audit.MetadataKeyChange{Key: "crm.číslo \"1\"", Property: audit.KeyAnonymized, New: true}),
		"METADATA_KEY_UPDATE_correlation": about(sample(audit.MetadataKeyUpdate, ok,
			audit.MetadataKeyChange{Key: "crm.case", Property: audit.KeyCorrelation, Old: true})),
		"INTERACTION_ANONYMIZE": sample(audit.InteractionAnonymize, ok, audit.Anonymization{
			Items: compliance.BasicItems(), Keys: []string{"crm.case", "crm.customer"},
			PhoneNumbers: 2, DigitalAddresses: 1, Subjects: 1, Messages: 12, MetadataValues: 2, MediaFiles: 2,
		}),
		"INTERACTION_ANONYMIZE_FAILURE": about(sample(audit.InteractionAnonymize, failed,
			audit.Refusal{Code: audit.CodeNotFound, Conversations: 3})),
		"MEDIA_DELETION_REQUESTED": sample(audit.MediaDeletionRequested, ok, audit.MediaFiles{Files: files}),
		"MEDIA_DELETED":            sample(audit.MediaDeleted, ok, audit.MediaFiles{Files: files[:1]}),
		"MEDIA_PROTECTED": sample(audit.MediaProtected, ok,
			audit.Protection{Files: files, Reason: compliance.ReasonMiFID, Until: &until}),
		"MEDIA_PROTECTED_forever": sample(audit.MediaProtected, ok,
			audit.Protection{Files: files, Reason: compliance.ReasonOther}),
		"MEDIA_PROTECTED_FAILURE": sample(audit.MediaProtected, failed,
			audit.Refusal{Code: audit.CodeConflict, MediaFiles: 1, Files: files[:1]}),
		"MEDIA_RELEASED": sample(audit.MediaReleased, ok,
			audit.Release{Files: files, Cause: audit.ReleaseExpired}),
		"MEDIA_RELEASED_FAILURE": about(sample(audit.MediaReleased, failed,
			audit.Refusal{Code: audit.CodeNotFound, MediaFiles: 2})),
		"MEDIA_PLAYED": sample(audit.MediaPlayed, ok, audit.MediaFiles{Files: files[:1]}),
		"CONVERSATION_IMPORTED": sample(audit.ConversationImported, ok,
			audit.Import{IsNew: true, Participants: 2, Segments: 1, Messages: 9, MetadataValues: 4, MediaFiles: 1}),
		"CONVERSATION_EXPORTED":         sample(audit.ConversationExported, ok, audit.Export{IncludesMedia: true}),
		"CONVERSATION_EXPORTED_FAILURE": sample(audit.ConversationExported, failed, audit.Refusal{Code: audit.CodeNotFound}),
		"CONVERSATION_VIEWED":           sample(audit.ConversationViewed, ok, audit.View{}),
		"ACCESS_DENIED_FAILURE": about(sample(audit.AccessDenied, failed,
			audit.AccessDenial{Operation: "anonymizeConversations", Code: audit.CodeForbidden, Count: 12})),
	}
}

// TestGolden holds that the encoding of every activity stays what it is: what is stored cannot be changed.
func TestGolden(t *testing.T) {
	t.Parallel()
	covered := map[audit.Activity]bool{}
	for name, event := range samples() {
		covered[event.Activity] = true
		got, err := audit.Encode(event)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is encoded as\n%s\nnot as\n%s", name, got, want)
		}
		if back, err := audit.Decode(want); err != nil || !cmp.Equal(back, event) {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(event, back))
		}
	}
	for _, activity := range audit.Activities() {
		if !covered[activity] {
			t.Errorf("no golden file has the activity %s", activity)
		}
	}
}

// seeded returns random numbers that a failing test can repeat.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func text(r *rand.Rand) string {
	runes := []rune("aZ09 \"\\/<>&\u0000\u001f\u007f\u2028é\U0001F600\ufffd")
	var all []rune
	for range r.IntN(12) {
		all = append(all, pick(r, runes...))
	}
	return string(all)
}

func list[T any](r *rand.Rand, most int, one func() T) (all []T) {
	for range r.IntN(most + 1) {
		all = append(all, one())
	}
	return all
}

func instant(r *rand.Rand) time.Time {
	return time.UnixMicro(r.Int64N(4e15) - 2e15).UTC()
}

func count(r *rand.Rand) int { return int(r.Int64N(pick[int64](r, 2, 1000, 1<<53))) }

func file(r *rand.Rand) audit.MediaFile {
	return audit.MediaFile{ID: 1 + r.Int64N(pick[int64](r, 9, 1<<53-1)), ContentHash: pick(r, "", "sha256-Ab_", "sha512-"+strings.Repeat("x", 86))}
}

// randomEvent makes an event of any activity and result. Most bounds its lists.
func randomEvent(r *rand.Rand, most int) audit.Event {
	files := func() []audit.MediaFile { return list(r, most, func() audit.MediaFile { return file(r) }) }
	var until *time.Time
	if r.IntN(2) == 0 {
		at := instant(r)
		until = &at
	}
	activity, result := pick(r, audit.Activities()...), pick(r, audit.Success, audit.Failure)
	event := audit.Event{
		ID: audit.NewID(), OperationID: audit.NewID(), OccurredAt: instant(r),
		Actor: audit.Actor{ID: text(r), Name: text(r)}, Activity: activity, Result: result,
		ConversationID: r.Int64N(1 << 53), SettingsVersion: r.IntN(5),
		Vcons: list(r, most, func() string { return strings.Repeat(pick(r, "a", "_"), 43) }),
	}
	switch details := audit.NewDetails(activity, result).(type) {
	case nil: // ACCESS_DENIED succeeds never
		return randomEvent(r, most)
	case audit.BasicDataChange:
		event.Details = audit.BasicDataChange{Item: pick(r, compliance.BasicItems()...), New: r.IntN(2) == 0}
	case audit.MetadataKeyChange:
		event.Details = audit.MetadataKeyChange{Key: "k" + text(r), Property: pick(r, audit.KeyFilter, audit.KeyAnonymized)}
	case audit.Anonymization:
		event.Details = audit.Anonymization{
			Items: list(r, 3, func() compliance.BasicItem { return pick(r, compliance.BasicItems()...) }),
			Keys:  list(r, most, func() string { return "k" + text(r) }), Messages: count(r), MediaFiles: count(r),
		}
	case audit.MediaFiles:
		event.Details = audit.MediaFiles{Files: files()}
	case audit.Protection:
		event.Details = audit.Protection{Files: files(), Reason: pick(r, compliance.ProtectionReasons()...), Until: until}
	case audit.Release:
		event.Details = audit.Release{Files: files(), Cause: pick(r, audit.ReleaseExpired, audit.ReleaseRequested)}
	case audit.Import:
		event.Details = audit.Import{IsNew: r.IntN(2) == 0, Messages: count(r), Merged: count(r)}
	case audit.Export:
		event.Details = audit.Export{IncludesMedia: r.IntN(2) == 0, IsRedacted: r.IntN(2) == 0}
	case audit.Refusal:
		event.Details = audit.Refusal{Code: pick(r, audit.Codes()...), Conversations: count(r), Files: files()}
	case audit.AccessDenial:
		event.Details = audit.AccessDenial{Operation: "import", Code: pick(r, audit.Codes()...), Count: count(r)}
	default:
		event.Details = details
	}
	return event
}

// TestRoundTrip holds that an event survives encoding, and that its bytes are the only ones.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := seeded(t)
	for range 3000 {
		event := randomEvent(r, 6)
		encoding, err := audit.Encode(event)
		if err != nil {
			t.Fatalf("%+v: %v", event, err)
		}
		back, err := audit.Decode(encoding)
		if err != nil || !cmp.Equal(event, back) {
			t.Fatalf("%s: %v\n%s", encoding, err, cmp.Diff(event, back))
		}
		if again, err := audit.Encode(back); err != nil || !bytes.Equal(again, encoding) {
			t.Fatalf("%s\nbecomes\n%s (%v)", encoding, again, err)
		}
		canonical := jsontext.Value(bytes.Clone(encoding))
		if err := canonical.Canonicalize(); err != nil || !bytes.Equal(canonical, encoding) {
			t.Fatalf("%s is not what RFC 8785 writes: %v", encoding, err)
		}
	}
}

// TestDecodeRefuses changes encodings in ways that leave the JSON, or most of it, as it is.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(filepath.Join("testdata", "MEDIA_PROTECTED.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new string }{
		{`{`, ` {`}, {`,`, `, `}, {`"version":1`, `"version":1.0`}, {`"version":1`, `"version":2`}, {`"version":1`, `"version":0`},
		{`"version":1`, `"version":1,"x":1`}, {`"version":1`, `"version":1,"version":1`}, {`"id":7`, `"id":7,"name":"x"`},
		{`019ab8e0-5f40-7001`, `019AB8E0-5F40-7001`}, {`019ab8e0-5f40-7001`, `019ab8e0-5f40-4001`}, {`019ab8e0-5f40-7001`, `urn:uuid:019ab8e0-5f40-7001`},
		{`12:00:00.000001Z`, `12:00:00.000001+00:00`}, {`12:00:00.000001Z`, `12:00:00.0000010Z`}, {`12:00:00.000001Z`, `12:00:00Z`},
		{`05.600000Z`, `05.6Z`}, {`"MIFID"`, `"BECAUSE"`}, {`"MIFID"`, `"mifid"`}, {`"MEDIA_PROTECTED"`, `"MEDIA_RELEASED"`},
		{`"SUCCESS"`, `"FAILURE"`}, {`"SUCCESS"`, `"success"`}, {`"conversationId":42`, `"conversationId":-42`},
		{`"conversationId":42`, `"conversationId":"42"`}, {`"conversationId":42`, `"conversationId":0`},
		{`"settingsVersion":3`, `"settingsVersion":0`}, {`"id":9007199254740991`, `"id":9007199254740993`}, {`"Jana`, `"\u004aana`},
		{`"b0Yk`, `"b0 Yk`}, {`"until":"2030-01-02T03:04:05.600000Z"`, `"until":null`},
	} {
		changed := strings.Replace(string(whole), test.old, test.new, 1)
		if changed == string(whole) {
			t.Errorf("%s is not in the golden file", test.old)
		}
		if event, err := audit.Decode([]byte(changed)); err == nil {
			t.Errorf("%s in place of %s is read as %+v", test.new, test.old, event)
		}
	}
	for end := range whole {
		if _, err := audit.Decode(whole[:end]); err == nil {
			t.Errorf("the first %d bytes are read", end)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	good := samples()["INTERACTION_ANONYMIZE"]
	for name, change := range map[string]func(*audit.Event){
		"no id":            func(e *audit.Event) { e.ID = uuid.Nil },
		"random id":        func(e *audit.Event) { e.OperationID = uuid.New() },
		"local time":       func(e *audit.Event) { e.OccurredAt = e.OccurredAt.In(time.FixedZone("x", 3600)) },
		"nanoseconds":      func(e *audit.Event) { e.OccurredAt = e.OccurredAt.Add(1) },
		"far future":       func(e *audit.Event) { e.OccurredAt = e.OccurredAt.AddDate(8000, 0, 0) },
		"activity":         func(e *audit.Event) { e.Activity = "X" },
		"no details":       func(e *audit.Event) { e.Details = nil },
		"other details":    func(e *audit.Event) { e.Details = audit.View{} },
		"result":           func(e *audit.Event) { e.Result = audit.Failure },
		"free text":        func(e *audit.Event) { e.Vcons = []string{"somebody's text"} },
		"item":             func(e *audit.Event) { e.Details = audit.Anonymization{Items: []compliance.BasicItem{"x"}} },
		"negative":         func(e *audit.Event) { e.Details = audit.Anonymization{Messages: -1} },
		"no double":        func(e *audit.Event) { e.ConversationID = 1 << 53 },
		"invalid UTF-8":    func(e *audit.Event) { e.Actor.Name = "\xff" },
		"one key too long": func(e *audit.Event) { e.Details = audit.Anonymization{Keys: []string{strings.Repeat("k", 5000)}} },
	} {
		event := good
		change(&event)
		if encoding, err := audit.Encode(event); err == nil {
			t.Errorf("%s: %s", name, encoding)
		}
	}
	denial := samples()["ACCESS_DENIED_FAILURE"]
	denial.Details = audit.AccessDenial{Operation: "what somebody typed", Code: audit.CodeForbidden}
	if _, err := audit.Encode(denial); err == nil {
		t.Error("a denial of free text is encoded")
	}
}

// application is what events do when they are applied to a restored database: each vCon meets each item, key
// and file.
func application(events []audit.Event) map[string]bool {
	done := map[string]bool{}
	for _, e := range events {
		var things []string
		add := func(files []audit.MediaFile) {
			for _, f := range files {
				things = append(things, "file "+f.ContentHash+string(rune(f.ID)))
			}
		}
		switch d := e.Details.(type) {
		case audit.Anonymization:
			for _, item := range d.Items {
				things = append(things, "item "+string(item))
			}
			for _, key := range d.Keys {
				things = append(things, "key "+key)
			}
		case audit.MediaFiles:
			add(d.Files)
		case audit.Protection:
			add(d.Files)
		case audit.Release:
			add(d.Files)
		case audit.Refusal:
			add(d.Files)
		}
		for _, vcon := range append([]string{""}, e.Vcons...) {
			for _, thing := range append([]string{""}, things...) {
				done[vcon+" "+thing] = true
			}
		}
	}
	return done
}

// TestSplit holds that the parts of an event fit, are whole events, and together do what the event does; and
// that what it counts is counted once.
func TestSplit(t *testing.T) {
	t.Parallel()
	r := seeded(t)
	split := 0
	for round := range 12 {
		event := randomEvent(r, 20)
		if hashes := r.IntN(3); hashes > 0 {
			event.Vcons = nil
			for range 1 + r.IntN(250*hashes) {
				event.Vcons = append(event.Vcons, strings.Map(func(rune) rune { return pick(r, 'a', 'b', 'c', '_') }, strings.Repeat("x", 190)))
			}
		}
		switch round % 3 {
		case 0:
			keys := list(r, 300, func() string { return "k" + strings.Repeat(pick(r, "\u0001", "x"), r.IntN(400)) })
			for round == 0 && len(keys) < 800 { // at least one event is too long
				keys = append(keys, "k"+strings.Repeat("x", 100))
			}
			event.Activity, event.Result = audit.InteractionAnonymize, audit.Success
			event.Details = audit.Anonymization{Items: compliance.BasicItems(), Keys: keys, Messages: 5, Subjects: 1}
		case 1:
			event.Activity, event.Result = audit.MediaDeleted, audit.Success
			event.Details = audit.MediaFiles{Files: list(r, 900, func() audit.MediaFile { return file(r) })}
		}
		parts, err := audit.Split(event, audit.NewID)
		if err != nil {
			t.Fatal(err)
		}
		if parts[0].ID != event.ID {
			t.Error("the first part has another id")
		}
		if len(parts) > 1 {
			split++
		}
		ids := map[uuid.UUID]bool{}
		counted := audit.Totals{}
		var events []audit.Event
		for _, encoded := range parts {
			part := encoded.Event
			events = append(events, part)
			encoding, err := audit.Encode(part)
			if err != nil || len(encoding) > audit.MaxEncoding || !bytes.Equal(encoding, encoded.Encoding) {
				t.Fatalf("a part of %d bytes: %v", len(encoding), err)
			}
			ids[part.ID] = true
			if d, ok := part.Details.(audit.Anonymization); ok {
				counted.Add(audit.Totals{audit.TotalMessages: d.Messages, audit.TotalSubjects: d.Subjects})
			}
			part.ID, part.Vcons, part.Details = event.ID, event.Vcons, event.Details
			if diff := cmp.Diff(event, part); diff != "" {
				t.Fatal(diff)
			}
		}
		if len(ids) != len(parts) {
			t.Error("two parts have the same id")
		}
		if d, ok := event.Details.(audit.Anonymization); ok {
			if counted[audit.TotalMessages] != d.Messages || counted[audit.TotalSubjects] != d.Subjects {
				t.Errorf("the parts count %v of %+v", counted, d)
			}
		}
		if diff := cmp.Diff(application([]audit.Event{event}), application(events)); diff != "" {
			t.Fatalf("the parts do something else: %s", diff[:min(len(diff), 500)])
		}
	}
	if split == 0 {
		t.Error("no event was split")
	}
}

// TestSplitGivesUp holds that what cannot be divided is an error, not an event that lacks something.
func TestSplitGivesUp(t *testing.T) {
	t.Parallel()
	event := samples()["CONVERSATION_VIEWED"]
	event.Actor.Name = strings.Repeat("x", audit.MaxEncoding)
	if _, err := audit.Split(event, audit.NewID); !errors.Is(err, audit.ErrTooLong) {
		t.Errorf("%v", err)
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	var events []audit.Event
	for _, event := range samples() {
		events = append(events, event)
	}
	want := audit.Totals{
		audit.TotalSwitchesChanged: 3, audit.TotalConversationsAnonymous: 1, audit.TotalConversationsImported: 1,
		audit.TotalConversationsExported: 1, audit.TotalConversationsViewed: 1,
		audit.TotalPhoneNumbers: 2, audit.TotalDigitalAddresses: 1, audit.TotalSubjects: 1, audit.TotalMessages: 12,
		audit.TotalMetadataValues: 2, audit.TotalMediaPlanned: 2, audit.TotalMediaDeleted: 1,
		audit.TotalMediaProtected: 4, audit.TotalMediaReleased: 2, audit.TotalMediaPlayed: 1,
		audit.TotalFailures: 3 + 1 + 2 + 1 + 12,
	}
	got := audit.TotalsOf(events)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreMapEntries(func(_ audit.TotalName, n int) bool { return n == 0 })); diff != "" {
		t.Error(diff)
	}
	for name := range got {
		if !slices.Contains(audit.TotalNames(), name) {
			t.Errorf("%q is no name of a total", name)
		}
	}
}

// FuzzDecode holds that whatever is read is written as it was.
func FuzzDecode(f *testing.F) {
	for _, event := range samples() {
		encoding, err := audit.Encode(event)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoding)
	}
	f.Fuzz(func(t *testing.T, encoding []byte) {
		event, err := audit.Decode(encoding)
		if err != nil {
			return
		}
		if again, err := audit.Encode(event); err != nil || !bytes.Equal(again, encoding) {
			t.Errorf("%q becomes %q, %v", encoding, again, err)
		}
	})
}
