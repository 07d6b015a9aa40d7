package conversation_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func importing() conversation.Importing {
	return conversation.Importing{
		Now:  now,
		Keys: keyIndex(),
		Hash: func(value string) string { return "hash of " + value },
	}
}

// full is a vCon with something of everything, with a recording of the given number.
func full(recordings ...string) *conversation.Incoming {
	in := arriving(1, "crm.iban=CZ65", "queue=care")
	in.Participants = []conversation.IncomingParticipant{
		{Role: compliance.RoleCustomer, Name: "Ada", PhoneNumber: "+420777123456", DigitalAddress: "ada@example.com",
			PhoneAddress: "420777123456@c.us"},
		{
			Role:   compliance.RoleAgent,
			Name:   "Tomas",
			UserID: "tlind",
			Email:  "tomas@contact.example",
			Groups: []string{"care"},
		},
	}
	call := conversation.IncomingSegment{
		Kind:      compliance.SegmentCall,
		StartedAt: earlier,
		Messages: []conversation.IncomingMessage{
			{Kind: compliance.Transcript, Author: 0, Text: "spoken words"},
		},
	}
	for _, name := range recordings {
		call.Media = append(call.Media, recording(name))
	}
	in.Segments = []conversation.IncomingSegment{
		call,
		{Kind: compliance.SegmentEmail, StartedAt: earlier, Subject: "a subject", Messages: []conversation.IncomingMessage{
			{Kind: compliance.EmailBody, Author: conversation.NoAuthor, Text: "written words"},
		}},
	}
	return in
}

func recording(name string) conversation.IncomingMedia {
	return conversation.IncomingMedia{
		Kind: compliance.MediaCall, MediaType: "audio/x-wav", URL: "https://media.example/" + name,
		ContentHash: "sha512-" + name,
	}
}

// plan works out the import of one vCon into what is stored, which may be nothing.
func plan(t *testing.T, base *conversation.Conversation, in *conversation.Incoming) conversation.Import {
	t.Helper()
	group := conversation.MergeGroup{Incoming: []*conversation.Incoming{in}}
	var principals map[uuid.UUID][]string
	if base == nil {
		if in.Anonymization != nil {
			group.Done = in.Anonymization.Selection
		}
		base = group.Base(now)
	} else {
		group.Stored = []*conversation.Conversation{base}
		principals = map[uuid.UUID][]string{in.UUID: {"group:care", "mail:hash of tomas@contact.example", "user:tlind"}}
	}
	result, err := importing().Plan(group, base, principals)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// store makes of an import of all vCons of a conversation what is stored afterwards, as a database would.
func store(one conversation.Import) *conversation.Conversation {
	c := *one.After
	last := int64(0)
	for _, s := range c.Segments {
		last = max(last, s.ID)
	}
	for _, f := range c.Media {
		last = max(last, f.ID)
	}
	number := func(id *int64) {
		if *id == 0 {
			last++
			*id = last
		}
	}
	number(&c.ID)
	c.Participants, c.Metadata, c.Media = nil, nil, nil
	for _, part := range one.Parts {
		part.After.SetConversation(c.ID)
		for _, segment := range part.After.Segments {
			number(&segment.ID)
			for _, file := range segment.Files {
				number(&file.ID)
			}
		}
		part.After.SetSegments()
		c.Participants, c.Metadata = append(
			c.Participants,
			part.After.Participants...), append(
			c.Metadata,
			part.After.Metadata...)
		c.Media = append(c.Media, part.After.Files()...)
	}
	return &c
}

// anonymize does to a stored conversation, all of whose values are in it, what anonymizing does.
func anonymize(c *conversation.Conversation, selection compliance.Selection) *conversation.Conversation {
	over := func(value *string, anonymized *bool, placeholder compliance.Placeholder, on bool) {
		if on && !*anonymized {
			*value, *anonymized = placeholder.Over(*value)
		}
	}
	for _, p := range c.Participants {
		over(&p.PhoneNumber, &p.PhoneNumberAnonymized, compliance.PhoneNumberPlaceholder, selection.ParticipantPhoneNumber)
		over(
			&p.DigitalAddress,
			&p.DigitalAddressAnonymized,
			compliance.DigitalAddressPlaceholder,
			selection.ParticipantDigitalAddress,
		)
		over(
			&p.PhoneAddress, &p.PhoneAddressAnonymized, compliance.DigitalAddressPlaceholder, selection.CoversPhoneAddress(),
		)
	}
	for _, s := range c.Segments {
		covered := selection.Basic(s.Kind.Content())
		over(&s.Title, &s.TitleAnonymized, compliance.ContentPlaceholder, covered)
		for _, m := range s.Messages {
			over(&m.Text, &m.TextAnonymized, compliance.ContentPlaceholder, covered)
		}
	}
	for _, m := range c.Metadata {
		over(&m.Value, &m.ValueAnonymized, compliance.MetadataPlaceholder, selection.Key(m.Key))
	}
	wanted := conversation.Anonymizing{Selection: selection, Version: 2, At: now}
	return wanted.Plan([]*conversation.Conversation{c}, nil).Conversations[0].After
}

// values lists what is stored of a conversation, each with what it is.
func values(c *conversation.Conversation) map[string]string {
	all := map[string]string{}
	if c == nil {
		return all
	}
	for i, p := range c.Participants {
		all[fmt.Sprint("phone ", i)], all[fmt.Sprint("address ", i)] = p.PhoneNumber, p.DigitalAddress
		all[fmt.Sprint("name ", i)] = p.Name
		all[fmt.Sprint("number in ", i)] = p.PhoneAddress
	}
	for _, s := range c.Segments {
		all[string(s.Kind)+" title"] = s.Title
		for i, m := range s.Messages {
			all[fmt.Sprint(s.Kind, " message ", i)] = m.Text
		}
	}
	for _, m := range c.Metadata {
		all[m.Key] = m.Value
	}
	for _, f := range c.Media {
		all[fmt.Sprint("file ", f.ID)] = fmt.Sprintf("%+v", *f)
	}
	return all
}

// New data replaces old, unless its kind was anonymized: then neither what the new file says nor what it no
// longer says changes anything, and new values of the kind are anonymized at once (design, section 5,
// "Reimport").
func TestReimportOfValues(t *testing.T) {
	t.Parallel()
	phone, address := compliance.Selection{
		ParticipantPhoneNumber: true,
	}, compliance.Selection{
		ParticipantDigitalAddress: true,
	}
	content, media := compliance.Selection{SubjectAndBody: true}, compliance.Selection{MediaFiles: true}
	key := compliance.Selection{Keys: []string{"crm.iban"}}
	type change func(*conversation.Incoming)
	metadata := func(text ...string) change {
		return func(in *conversation.Incoming) { in.Metadata = arriving(1, text...).Metadata }
	}
	participant := func(i int, number, mail string) change {
		return func(in *conversation.Incoming) {
			in.Participants = append(in.Participants, conversation.IncomingParticipant{})[:max(i+1, len(in.Participants))]
			in.Participants[i].PhoneNumber, in.Participants[i].DigitalAddress = number, mail
		}
	}
	phoneAddress := func(i int, value string) change {
		return func(in *conversation.Incoming) {
			more := slices.Concat(in.Participants, []conversation.IncomingParticipant{{}})
			in.Participants = more[:max(i+1, len(in.Participants))]
			in.Participants[i].PhoneAddress = value
		}
	}
	message := func(segment int) change {
		return func(in *conversation.Incoming) {
			in.Segments[segment].Messages = append(
				in.Segments[segment].Messages, conversation.IncomingMessage{Kind: compliance.Summary, Text: "in short"},
			)
		}
	}
	subject := func(text string) change { return func(in *conversation.Incoming) { in.Segments[1].Subject = text } }
	noSegment := func(in *conversation.Incoming) { in.Segments = in.Segments[:1] }
	for _, row := range []struct {
		name    string
		done    compliance.Selection
		change  change
		value   string
		without string // what is stored where nothing was anonymized
		with    string // what is stored where done was
	}{
		{"a phone number, changed", phone, participant(0, "+44 1", ""), "phone 0", "+44 1", "[anonphonenumber]"},
		{"a phone number, gone", phone, participant(0, "", ""), "phone 0", "", "[anonphonenumber]"},
		{"a phone number, where there was none", phone, participant(1, "+44 2", ""), "phone 1", "+44 2", "[anonphonenumber]"},
		{"a new participant's phone number", phone, participant(2, "+44 3", ""), "phone 2", "+44 3", "[anonphonenumber]"},
		{"a new participant without one", phone, participant(2, "", ""), "phone 2", "", ""},
		{"an address, changed", address, participant(0, "", "x@example.com"), "address 0", "x@example.com",
			"[anondigitaladdress]"},
		{"an address, gone", address, participant(0, "", ""), "address 0", "", "[anondigitaladdress]"},
		{"a new participant's address", address, participant(2, "", "y@example.com"), "address 2", "y@example.com",
			"[anondigitaladdress]"},
		{"an address where phone numbers were anonymized", phone, participant(0, "", "x@y.example"), "address 0",
			"x@y.example", "x@y.example"},
		{"a number in an address, phone", phone, phoneAddress(0, "1@c.us"), "number in 0", "1@c.us",
			"[anondigitaladdress]"},
		{"a number in an address, address", address, phoneAddress(0, "1@c.us"), "number in 0", "1@c.us",
			"[anondigitaladdress]"},
		{"a number in an address, content", content, phoneAddress(0, "1@c.us"), "number in 0", "1@c.us", "1@c.us"},
		{"a number in an address, gone", phone, phoneAddress(0, ""), "number in 0", "", "[anondigitaladdress]"},
		{"a new participant's number in an address", phone, phoneAddress(2, "2@c.us"), "number in 2", "2@c.us",
			"[anondigitaladdress]"},
		{"a new participant without one in an address", phone, phoneAddress(2, ""), "number in 2", "", ""},
		{"a subject, changed", content, subject("another"), "EMAIL title", "another", "[anonconversationcontent]"},
		{"a subject, gone", content, subject(""), "EMAIL title", "", "[anonconversationcontent]"},
		{"a message added to an e-mail", content, message(1), "EMAIL message 1", "in short", "[anonconversationcontent]"},
		{"a message added to a call", media, message(0), "CALL message 1", "in short", "[anonconversationcontent]"},
		{"a message added to a call where subject and body was on", content, message(0), "CALL message 1", "in short",
			"in short"},
		{"an e-mail that is gone", content, noSegment, "EMAIL title", "", ""},
		{"metadata, changed", key, metadata("crm.iban=GB12"), "crm.iban", "GB12", "[anonymized]"},
		{"metadata, gone", key, metadata(), "crm.iban", "", "[anonymized]"},
		{"metadata of another key", key, metadata("queue=sales"), "queue", "sales", "sales"},
		{"a value that reads like the placeholder", phone, metadata("crm.iban=[anonymized]"), "crm.iban", "[anonymized]",
			"[anonymized]"},
	} {
		again := full("a")
		row.change(again)
		plain, anonymized := store(plan(t, nil, full("a"))), anonymize(store(plan(t, nil, full("a"))), row.done)
		if got := values(imported(t, plain, again))[row.value]; got != row.without {
			t.Errorf("%s, never anonymized: stored is %q", row.name, got)
		}
		if got := values(imported(t, anonymized, again))[row.value]; got != row.with {
			t.Errorf("%s, anonymized before: stored is %q", row.name, got)
		}
	}
}

// imported is what is stored after an import.
func imported(t *testing.T, base *conversation.Conversation, in *conversation.Incoming) *conversation.Conversation {
	t.Helper()
	if result := plan(t, base, in); len(result.Parts) > 0 {
		return store(result)
	}
	return base
}

// reimportOfMedia is what becomes of a stored recording and of those that come in, by the state of the stored
// one: "=" leaves it as it is, "gone" removes it; a star marks a new file, DELETE that the Interaction
// service is asked to delete it.
const reimportOfMedia = `
the vCon has               | available            | planned            | being deleted
the same                   | =                    | =                  | =
the same, but deleted      | available            | =                  | =
no recording               | gone                 | =                  | =
the same from elsewhere    | available            | =                  | =
other bytes from there     | available            | =                  | =
it twice                   | =, available*        | =, planned* DELETE | =, planned* DELETE
another one too            | =, available*        | =, planned* DELETE | =, planned* DELETE
another one instead        | gone, available*     | planned* DELETE, = | planned* DELETE, =
a protected one too        | =, protected*        | =, protected*      | =, protected*
one whose protection ended | =, protection ended* | =, planned* DELETE | =, planned* DELETE
one that was deleted       | =, deleted*          | =, deleted*        | =, deleted*
the same, not here         | available            | =                  | =
another one, not here      | gone, missing*       | missing*, =        | missing*, =
`

// reimportOfKeptMedia is the same for recordings that are protected, owed or deleted.
const reimportOfKeptMedia = `
the vCon has               | protected            | owed               | deleted
the same                   | =                    | =                  | =
the same, but deleted      | protected            | owed               | =
no recording               | =                    | =                  | =
the same from elsewhere    | protected            | owed               | =
other bytes from there     | protected            | owed               | =
it twice                   | =, available*        | =, planned* DELETE | =, deleted*
another one too            | =, available*        | =, planned* DELETE | =, planned* DELETE
another one instead        | available*, =        | planned* DELETE, = | planned* DELETE, =
a protected one too        | =, protected*        | =, protected*      | =, protected*
one whose protection ended | =, protection ended* | =, planned* DELETE | =, planned* DELETE
one that was deleted       | =, deleted*          | =, deleted*        | =, deleted*
the same, not here         | protected            | owed               | =
another one, not here      | missing*, =          | missing*, =        | missing*, =
`

// reimportOfMissingMedia is the same for a recording that was missing, of a conversation whose media was
// anonymized: it is planned as soon as it comes.
const reimportOfMissingMedia = `
the vCon has               | missing
the same                   | planned DELETE
the same, but deleted      | deleted
no recording               | gone
the same from elsewhere    | planned DELETE
other bytes from there     | planned DELETE
it twice                   | planned DELETE, planned* DELETE
another one too            | planned DELETE, planned* DELETE
another one instead        | gone, planned* DELETE
a protected one too        | planned DELETE, protected*
one whose protection ended | planned DELETE, planned* DELETE
one that was deleted       | planned DELETE, deleted*
the same, not here         | =
another one, not here      | gone, missing*
`

func TestReimportOfMedia(t *testing.T) {
	t.Parallel()
	other := recording("a")
	other.StoreKey, other.ContentHash = "new", "sha512-new"
	elsewhere := recording("a")
	elsewhere.URL = "https://media.example/elsewhere"
	protected, ended, deleted := recording("b"), recording("b"), recording("b")
	protected.Protection = &conversation.IncomingProtection{Until: later, Reason: compliance.ReasonMiFID}
	ended.Protection = &conversation.IncomingProtection{Until: earlier, Reason: compliance.ReasonMiFID}
	gone := recording("a")
	deleted.Status, gone.Status = compliance.MediaDeleted, compliance.MediaDeleted
	missing, otherMissing := recording("a"), recording("b")
	missing.URL, otherMissing.URL, otherMissing.Name = "", "", "b.wav"
	arriving := map[string][]conversation.IncomingMedia{
		"the same": {
			recording("a"),
		}, "the same, but deleted": {gone}, "no recording": {}, "the same from elsewhere": {elsewhere},
		"other bytes from there": {other},
		"it twice":               {recording("a"), recording("a")}, "another one too": {recording("a"), recording("b")},
		"another one instead": {recording("b")}, "a protected one too": {recording("a"), protected},
		"one whose protection ended": {recording("a"), ended}, "one that was deleted": {recording("a"), deleted},
		"the same, not here": {missing}, "another one, not here": {otherMissing},
	}
	for _, table := range []string{reimportOfMedia, reimportOfKeptMedia, reimportOfMissingMedia} {
		states, rows := readTable(table)
		if len(rows) != len(arriving) {
			t.Fatalf("the table has %d rows", len(rows))
		}
		for _, row := range rows {
			for i, state := range states {
				base := withFile(store(plan(t, nil, full("a"))), standings()[state])
				in := full()
				in.Segments[0].Media = arriving[row.name]
				if got := describeFiles(base, plan(t, base, in)); got != row.cells[i] {
					t.Errorf("%s, %s: %q, want %q", row.name, state, got, row.cells[i])
				}
			}
		}
	}
}

// withFile puts the only file of a conversation into a state.
func withFile(c *conversation.Conversation, s standing) *conversation.Conversation {
	file, was := s.file, c.Media[0]
	file.ID, file.ConversationID, file.SegmentID, file.MediaType = was.ID, was.ConversationID, was.SegmentID, was.MediaType
	file.ContentHash, file.Origin = was.ContentHash, was.Origin
	if file.SourceURL != "" {
		file.SourceURL = was.SourceURL
	}
	c.Media[0] = &file
	if s.done != nil {
		c.SetDone(earlier, 1, *s.done)
	}
	c.Derive()
	return c
}

func describeFiles(base *conversation.Conversation, result conversation.Import) string {
	if result.Unchanged == 1 {
		return "="
	}
	var all []string
	part := result.Parts[0]
	if len(part.GoneFiles()) > 0 {
		all = append(all, "gone")
	}
	for _, file := range part.After.Files() {
		text := string(file.State(base.Done(), now))
		was := *base.Media[0]
		was.SegmentID, was.Position = file.SegmentID, file.Position
		switch {
		case cmp.Equal(was, *file):
			text = "="
		case file.ID == 0:
			text += "*"
		}
		if slices.Contains(part.PlannedFiles(), file) {
			text += " DELETE"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// A recording that was taken for a stored one, which is no longer there, has to come in again with its bytes.
func TestImportOfARecordingThatMoved(t *testing.T) {
	t.Parallel()
	in := full("a")
	in.Segments[0].Media[0].Known = true
	alone := conversation.MergeGroup{Incoming: []*conversation.Incoming{in}}
	if _, err := importing().Plan(alone, alone.Base(now), nil); !errors.Is(err, conversation.ErrMediaMoved) {
		t.Errorf("the error is %v", err)
	}
	if result := plan(t, store(plan(t, nil, full("a"))), in); result.Unchanged != 1 {
		t.Errorf("%+v", result)
	}
}

// The agents who are known by an e-mail address still see a conversation whose addresses are gone.
func TestReimportKeepsWhoSeesIt(t *testing.T) {
	t.Parallel()
	in := full()
	in.Participants[1].Email, in.Participants[1].Groups = "", []string{"sales"}
	for want, done := range map[string]compliance.Selection{
		"group:sales user:tlind":                                    {ParticipantPhoneNumber: true},
		"group:sales mail:hash of tomas@contact.example user:tlind": {ParticipantDigitalAddress: true},
	} {
		result := plan(t, anonymize(store(plan(t, nil, full())), done), in)
		if got := strings.Join(result.Parts[0].After.Principals, " "); got != want {
			t.Errorf("%s see it, want %s", got, want)
		}
	}
}

// The vCons of a conversation are in order of time, and by uuid where that is equal; importing one changes
// nothing of the others but the positions of their segments.
func TestReimportIntoSeveralVcons(t *testing.T) {
	t.Parallel()
	first, second := full("a"), full("b")
	second.UUID = vconID(2)
	both := conversation.MergeGroup{Incoming: []*conversation.Incoming{second, first}}
	result, err := importing().Plan(both, both.Base(now), nil)
	if err != nil {
		t.Fatal(err)
	}
	base := store(result)
	if got := order(base); got != "1 1 2 2" || result.Added != 2 {
		t.Errorf("the segments are of %s", got)
	}
	second.Segments[0].StartedAt, second.StartedAt = earlier.Add(-time.Hour), earlier.Add(-time.Hour)
	moved := plan(t, base, second)
	if got := order(moved.After); got != "2 2 1 1" || len(moved.Parts) != 1 || len(moved.Moved) != 2 ||
		!moved.After.StartedAt.Equal(second.StartedAt) {
		t.Errorf("the segments are of %s, %d of others moved", got, len(moved.Moved))
	}
	if got := order(base); got != "1 1 2 2" {
		t.Errorf("planning moved the stored segments: %s", got)
	}
	first.Participants[0].Name = "Eve"
	if renamed := plan(t, base, first); len(renamed.Parts) != 1 || len(renamed.Moved) != 0 {
		t.Errorf("%d vCons changed, %d segments moved", len(renamed.Parts), len(renamed.Moved))
	}
}

// A value that was anonymized stays so even where nothing else of its kind was.
func TestReimportKeepsASingleAnonymizedValue(t *testing.T) {
	t.Parallel()
	base := store(plan(t, nil, full()))
	base.Participants[0].PhoneNumber, base.Participants[0].PhoneNumberAnonymized = "[anonphonenumber]", true
	base.Segments[1].Title, base.Segments[1].TitleAnonymized = "[anonconversationcontent]", true
	in := full()
	in.Participants[0].Name = "Eve"
	got := values(imported(t, base, in))
	if got["name 0"] != "Eve" || got["phone 0"] != "[anonphonenumber]" ||
		got["EMAIL title"] != "[anonconversationcontent]" {
		t.Errorf("%v", got)
	}
}

func order(c *conversation.Conversation) string {
	var vcons []string
	for i, s := range c.Segments {
		if s.Position != i {
			return fmt.Sprintf("segment %d is at %d", i, s.Position)
		}
		vcons = append(vcons, s.VconUUID.String()[35:])
	}
	return strings.Join(vcons, " ")
}

func TestUploads(t *testing.T) {
	t.Parallel()
	with := func(keys ...string) *conversation.Incoming {
		in := full("a", "b", "c")
		for i, key := range keys {
			in.Segments[0].Media[i].StoreKey = key
		}
		return in
	}
	base := store(plan(t, nil, with("one", "two")))
	again := with("three", "", "four")
	again.Segments[0].Media = again.Segments[0].Media[1:] // a is gone, and with it its bytes
	adopted, dropped := conversation.Uploads([]conversation.Import{plan(t, base, again)})
	if diff := cmp.Diff([][]string{{"four"}, {"one"}}, [][]string{adopted, dropped}); diff != "" {
		t.Error(diff)
	}
}

// Whatever happens to a conversation, and whatever vCons say of it: importing the same twice changes nothing,
// no value of an anonymized kind comes back, media that was planned or deleted stays so, and what is stored
// is not touched by planning.
func TestNothingComesBack(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	for round := range 300 {
		var c *conversation.Conversation
		for range 6 {
			if c != nil && random.IntN(2) == 0 {
				c = anonymize(c, selections()[1+random.IntN(31)])
			}
			if c != nil && len(c.Media) > 0 {
				c = c.WithMedia([]conversation.MediaChange{happen(random, c)})
			}
			in := anyVcon(random)
			before := values(c)
			result := plan(t, c, in)
			if after := values(c); !maps.Equal(before, after) {
				t.Fatalf("seed %d, round %d: planning changed what is stored:\n%s", seed, round, cmp.Diff(before, after))
			}
			files := filesOf(c)
			if len(result.Parts) > 0 {
				c = store(result)
			}
			if again := plan(t, c, in); again.Unchanged != 1 || again.Changes() {
				t.Fatalf(
					"seed %d, round %d: importing it again changes %+v\n%s",
					seed,
					round,
					again,
					cmp.Diff(again.Parts[0].Before, again.Parts[0].After),
				)
			}
			checkStored(t, fmt.Sprintf("seed %d, round %d", seed, round), c, files)
		}
	}
}

// happen lets something happen to one of the files.
func happen(random *rand.Rand, c *conversation.Conversation) conversation.MediaChange {
	file := c.Media[random.IntN(len(c.Media))]
	switch random.IntN(4) {
	case 0:
		return file.Protect(
			conversation.Protection{Reason: compliance.ReasonMiFID, Until: []*time.Time{nil, &earlier, &later}[random.IntN(3)]},
		)
	case 1:
		return file.Release(c.Done(), now)
	case 2:
		return file.Expire(c.Done(), now)
	}
	return file.Delete()
}

// anyVcon is a version of the vCon with some of what can be in it; each value of it says what it is.
func anyVcon(random *rand.Rand) *conversation.Incoming {
	var recordings []string
	for range random.IntN(4) {
		recordings = append(recordings, []string{"a", "b", "c"}[random.IntN(3)])
	}
	in := full(recordings...)
	in.Participants[0].PhoneNumber = []string{"", "+420777123456", "+44 1"}[random.IntN(3)]
	in.Participants[0].DigitalAddress = []string{"", "ada@example.com", "x@example.com"}[random.IntN(3)]
	in.Participants[0].PhoneAddress = []string{"", "420777123456@c.us", "whatsapp:+441"}[random.IntN(3)]
	in.Metadata = in.Metadata[random.IntN(3):]
	in.Segments[1].Subject = []string{"", "a subject", "another"}[random.IntN(3)]
	if random.IntN(3) == 0 {
		in.Segments = in.Segments[random.IntN(2):][:1]
	}
	for i := range in.Segments {
		in.Segments[i].Messages = in.Segments[i].Messages[random.IntN(2):]
	}
	return in
}

func filesOf(c *conversation.Conversation) map[int64]conversation.MediaFile {
	files := map[int64]conversation.MediaFile{}
	if c != nil {
		for _, file := range c.Media {
			files[file.ID] = *file
		}
	}
	return files
}

func checkStored(t *testing.T, name string, c *conversation.Conversation, before map[int64]conversation.MediaFile) {
	t.Helper()
	after, deleted := filesOf(c), map[string]bool{}
	for id, was := range before {
		is, there := after[id]
		if !was.MayVanish() && (!there || is.Status != was.Status || is.Protected != was.Protected) {
			t.Errorf("%s: a file that was %+v is %+v", name, was, is)
		}
		deleted[was.ContentHash] = deleted[was.ContentHash] || was.Status == compliance.MediaDeleted
	}
	for id, is := range after {
		if _, had := before[id]; !had && deleted[is.ContentHash] && is.Status != compliance.MediaDeleted {
			t.Errorf("%s: a recording that was deleted is back as %+v", name, is)
		}
		if _, had := before[id]; !had && is.Owed(c.Done(), now) {
			t.Errorf("%s: a new file is not planned: %+v", name, is)
		}
	}
	places := map[string]bool{}
	for _, file := range c.Media {
		place := fmt.Sprint(file.SegmentID, " ", file.Position)
		if places[place] {
			t.Errorf("%s: two files are at one place of a segment", name)
		}
		places[place] = true
	}
	done := c.Done()
	if done == nil {
		return
	}
	for what, value := range values(c) {
		covered := strings.HasPrefix(what, "phone") && done.ParticipantPhoneNumber ||
			strings.HasPrefix(what, "address") && done.ParticipantDigitalAddress ||
			strings.HasPrefix(what, "number in") && done.CoversPhoneAddress() ||
			strings.HasPrefix(what, "EMAIL") && done.SubjectAndBody || strings.HasPrefix(what, "CALL") && done.MediaFiles ||
			done.Key(what)
		if covered && value != "" && !strings.HasPrefix(value, "[anon") {
			t.Errorf("%s: %s is %q again", name, what, value)
		}
	}
}

// What is exported and imported again is the same.
func TestOutgoingIsTheReverseOfAnImport(t *testing.T) {
	t.Parallel()
	in := full("a", "b")
	c := store(plan(t, nil, in))
	out := c.Outgoing(map[uuid.UUID][]string{in.UUID: {"care"}})
	out[0].Participants[1].Email = in.Participants[1].Email // an address is stored as its hash
	if result := plan(t, c, out[0]); len(out) != 1 || result.Unchanged != 1 {
		t.Errorf("%d vCons, %+v", len(out), result)
	}
}

// The note of a protection goes out and comes in with its recording, but neither out of an anonymized
// conversation nor into one: it may repeat what was overwritten there.
func TestNotesAndAnonymizedConversations(t *testing.T) {
	t.Parallel()
	noted := func(name string) conversation.IncomingMedia {
		file := recording(name)
		file.Protection = &conversation.IncomingProtection{Reason: compliance.ReasonComplaint, Note: "case 7"}
		return file
	}
	in := full("a")
	in.Segments[0].Media = []conversation.IncomingMedia{noted("a")}
	c := store(plan(t, nil, in))
	out := c.Outgoing(nil)[0].Segments[0].Media[0].Protection
	if note := c.Media[0].ProtectionNote; note != "case 7" || out.Note != note || out.Reason != compliance.ReasonComplaint {
		t.Errorf("stored %q, exported %+v", note, out)
	}
	for _, selection := range []compliance.Selection{{SubjectAndBody: true}, {MediaFiles: true}} {
		done := *c
		done.SetDone(now, 1, selection)
		// Somebody wrote the note since it was anonymized: it stays here, and does not go out.
		if out := done.Outgoing(nil)[0].Segments[0].Media[0].Protection; out.Note != "" || out.Reason == "" {
			t.Errorf("exported %+v", out)
		}
		again := full("a")
		again.Segments[0].Media = []conversation.IncomingMedia{noted("a"), noted("b")}
		after := plan(t, &done, again).After
		if len(after.Media) != 2 || after.Media[0].ProtectionNote != "case 7" {
			t.Fatalf("%+v", after.Media)
		}
		if b := after.Media[1]; b.ProtectionNote != "" || b.ProtectionReason != compliance.ReasonComplaint {
			t.Errorf("a new one comes with %q, %q", b.ProtectionReason, b.ProtectionNote)
		}
		again.Anonymization = &conversation.IncomingAnonymization{At: now, SettingsVersion: 1, Selection: selection}
		for _, file := range plan(t, nil, again).After.Media {
			if file.ProtectionNote != "" || !file.Protected {
				t.Errorf("an anonymized export comes with %+v", file)
			}
		}
	}
}
