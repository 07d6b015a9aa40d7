package db

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

var importer = audit.Actor{ID: "i", Name: "I"}

// deed is an operation of somebody, for what is tested.
func deed() audit.Operation { return audit.Begin(importer, audit.ConversationImported) }

// sample is a conversation with something of everything.
func sample(number int) *conversation.Incoming {
	start := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(number) * time.Hour)
	return &conversation.Incoming{
		UUID: uuid.MustParse(fmt.Sprintf("00000000-0000-8000-8000-%012d", number)), StartedAt: start,
		EndedAt: start.Add(time.Hour), Direction: compliance.Inbound,
		Participants: []conversation.IncomingParticipant{
			{Role: compliance.RoleCustomer, Name: "Ada", PhoneNumber: "+420777123456", DigitalAddress: "ada@example.com",
				PhoneAddress: "420777123456@c.us"},
			{Role: compliance.RoleAgent, Name: "Tomas", DigitalAddress: "tomas@contact.example", UserID: "tlind",
				Email: "tomas@contact.example", Groups: []string{"support"}},
		},
		Segments: []conversation.IncomingSegment{
			{Kind: compliance.SegmentCall, StartedAt: start, Duration: time.Minute,
				Messages: []conversation.IncomingMessage{{Kind: compliance.Transcript, Author: 0, SentAt: start,
					Text: "spoken words"}},
				Media: []conversation.IncomingMedia{{Kind: compliance.MediaCall, MediaType: "audio/x-wav",
					URL: "https://media.contact.example/a", ContentHash: "sha512-a"}}},
			{Kind: compliance.SegmentEmail, StartedAt: start, Subject: "a subject", Attachments: 1,
				Messages: []conversation.IncomingMessage{{Kind: compliance.EmailBody, Author: conversation.NoAuthor,
					Text: "written words"}}},
			{Kind: compliance.SegmentChat, StartedAt: start, RoomName: "a room",
				Messages: []conversation.IncomingMessage{{Kind: compliance.ChatMessage, Author: 1, SentAt: start,
					Text: "typed words"}}},
		},
		Metadata: []conversation.IncomingMetadatum{{Key: "crm.iban", Value: "an iban"},
			{Key: "routing.queue", Value: "a queue"}},
	}
}

func importOne(t testing.TB, s *Store) {
	t.Helper()
	mustImport(t, s, sample(1))
}

func mustImport(t testing.TB, s *Store, conversations ...*conversation.Incoming) ImportResult {
	t.Helper()
	result, err := s.Import(t.Context(), deed(), conversations)
	if err != nil {
		t.Fatal(err)
	}
	holdPlaces(t, s)
	return result
}

// holdPlaces compares the order in which rows are read with what it follows from. Every import of the tests goes
// through it: first ones, versions, those that come again, and those that join conversations, in any order.
func holdPlaces(t testing.TB, s *Store) {
	t.Helper()
	const wrong = `
WITH v AS (SELECT uuid, conversation_id, row_number() OVER (PARTITION BY conversation_id ORDER BY started_at, uuid) - 1 AS place FROM vcons)
SELECT (SELECT count(*) FROM participants AS p LEFT JOIN v ON v.uuid = p.vcon_uuid AND v.conversation_id = p.conversation_id
         WHERE v.place IS DISTINCT FROM p.place)
     + (SELECT count(*) FROM metadata AS m LEFT JOIN v ON v.uuid = m.vcon_uuid AND v.conversation_id = m.conversation_id
         WHERE v.place IS DISTINCT FROM m.place)
     + (SELECT count(*) FROM media_files AS f JOIN segments AS s ON s.id = f.segment_id
         WHERE s.position <> f.segment_position)`
	var rows int
	if err := s.db.NewRaw(wrong).Scan(t.Context(), &rows); err != nil || rows > 0 {
		t.Fatalf("%d rows are at a wrong place, %v", rows, err)
	}
}

// readFirst reads conversation 1 with everything.
func readFirst(t testing.TB, s *Store) *conversation.Conversation {
	t.Helper()
	c, err := s.ConversationByID(t.Context(), Everything(), 1)
	if err != nil || c == nil {
		t.Fatal(c, err)
	}
	if err := loadRelations(t.Context(), s.db, []*conversation.Conversation{c}, everyRelation(), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func anonymizeAll(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1}); err != nil {
		t.Fatal(err)
	}
}

func TestImportStoresEverything(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if diff := cmp.Diff(ImportResult{Added: 1}, mustImport(t, s, sample(1))); diff != "" {
		t.Error(diff)
	}
	c := readFirst(t, s)
	if c.Participants[0].PhoneNumber != "+420777123456" || c.Segments[1].Title != "a subject" ||
		c.Segments[2].Title != "a room" ||
		c.Segments[0].Messages[0].Text != "spoken words" || *c.Segments[0].Messages[0].AuthorPosition != 0 ||
		c.Segments[1].Messages[0].AuthorPosition != nil ||
		c.Metadata[0].Value != "an iban" || c.Media[0].ContentHash != "sha512-a" {
		t.Errorf("stored: %+v", c)
	}
	want := []compliance.ConversationType{compliance.TypeCall, compliance.TypeEmail, compliance.TypeChat}
	if diff := cmp.Diff(want, c.Types); diff != "" || !c.Reviewable || c.MediaStatus != compliance.MediaAvailable {
		t.Errorf("derived: %s %v %s", diff, c.Reviewable, c.MediaStatus)
	}
	for _, principal := range []string{conversation.UserPrincipal("tlind"), conversation.GroupPrincipal("support"),
		s.MailPrincipal("TOMAS@contact.example")} {
		if found, err := s.ConversationByID(t.Context(), Access{Principals: []string{principal}}, 1); err != nil ||
			found == nil {
			t.Errorf("%s does not see it: %v", principal, err)
		}
	}
}

// Importing the same twice changes nothing: not one row is written, not one event.
func TestImportingTheSameAgainWritesNothing(t *testing.T) {
	t.Parallel()
	for _, anonymized := range []bool{false, true} {
		t.Run(fmt.Sprint("anonymized ", anonymized), func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			importOne(t, s)
			if anonymized {
				saveEverything(t, s)
				anonymizeAll(t, s)
			}
			before := versions(t, s)
			if diff := cmp.Diff(ImportResult{Unchanged: 1}, mustImport(t, s, sample(1))); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, versions(t, s)); diff != "" {
				t.Errorf("rows were written:\n%s", diff)
			}
		})
	}
}

// versions are the transactions that wrote each row.
func versions(t *testing.T, s *Store) []string {
	t.Helper()
	var all []string
	for _, table := range []string{"conversations", "participants", "segments", "messages", "metadata", "media_files",
		"audit_operations", "audit_events", "audit_totals", "conversation_principals", "metadata_keys"} {
		var rows []string
		if err := s.db.NewRaw("SELECT ? || ' ' || ctid || ' ' || xmin FROM ? ORDER BY 1", table,
			bun.Ident(table)).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return all
}

func TestNewDataReplacesOld(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	before := readFirst(t, s)
	changed := sample(1)
	changed.Participants[0].PhoneNumber = "+1 202 555 0143"
	changed.Segments[2].Messages = append(changed.Segments[2].Messages,
		conversation.IncomingMessage{Kind: compliance.ChatMessage, Author: 0, Text: "one more"})
	changed.Segments = append(changed.Segments[:1], changed.Segments[2:]...) // the e-mail is gone
	changed.Metadata = changed.Metadata[1:]
	if diff := cmp.Diff(ImportResult{Updated: 1}, mustImport(t, s, changed)); diff != "" {
		t.Error(diff)
	}
	c := readFirst(t, s)
	if c.Participants[0].PhoneNumber != "+1 202 555 0143" || len(c.Segments) != 2 ||
		len(c.Segments[1].Messages) != 2 || len(c.Metadata) != 1 {
		t.Errorf("stored: %+v", c)
	}
	if c.Segments[0].ID != before.Segments[0].ID || c.Segments[1].ID != before.Segments[2].ID ||
		c.Media[0].ID != before.Media[0].ID {
		t.Error("what stayed has other ids")
	}
}

// What was anonymized stays anonymized, and so do new values of its kind; one row a kind of value.
func TestReimportBringsNothingBack(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*conversation.Incoming)
		value  func(*conversation.Conversation) (string, bool)
		want   string
	}{
		"phone number, changed": {func(c *conversation.Incoming) { c.Participants[0].PhoneNumber = "+44 1" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Participants[0].PhoneNumber, c.Participants[0].PhoneNumberAnonymized
			}, "[anonphonenumber]"},
		"phone number, now empty": {func(c *conversation.Incoming) { c.Participants[0].PhoneNumber = "" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Participants[0].PhoneNumber, c.Participants[0].PhoneNumberAnonymized
			}, "[anonphonenumber]"},
		"phone number, where there was none": {func(c *conversation.Incoming) { c.Participants[1].PhoneNumber = "+44 2" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Participants[1].PhoneNumber, c.Participants[1].PhoneNumberAnonymized
			}, "[anonphonenumber]"},
		"address, changed": {func(c *conversation.Incoming) { c.Participants[0].DigitalAddress = "x@example.com" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Participants[0].DigitalAddress, c.Participants[0].DigitalAddressAnonymized
			}, "[anondigitaladdress]"},
		"a new participant": {func(c *conversation.Incoming) {
			c.Participants = append(c.Participants,
				conversation.IncomingParticipant{Role: compliance.RoleOther, DigitalAddress: "new@example.com"})
		}, func(c *conversation.Conversation) (string, bool) {
			return c.Participants[2].DigitalAddress, c.Participants[2].DigitalAddressAnonymized
		}, "[anondigitaladdress]"},
		"subject, changed": {func(c *conversation.Incoming) { c.Segments[1].Subject = "another" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Segments[1].Title, c.Segments[1].TitleAnonymized
			}, "[anonconversationcontent]"},
		"a new message": {func(c *conversation.Incoming) {
			c.Segments[0].Messages = append(c.Segments[0].Messages,
				conversation.IncomingMessage{Kind: compliance.Summary, Author: conversation.NoAuthor, Text: "new words"})
		}, func(c *conversation.Conversation) (string, bool) {
			return c.Segments[0].Messages[1].Text, c.Segments[0].Messages[1].TextAnonymized
		}, "[anonconversationcontent]"},
		"a new segment": {func(c *conversation.Incoming) {
			c.Segments = append(c.Segments,
				conversation.IncomingSegment{Kind: compliance.SegmentEmail, StartedAt: c.EndedAt, Subject: "new subject"})
		}, func(c *conversation.Conversation) (string, bool) {
			return c.Segments[3].Title, c.Segments[3].TitleAnonymized
		}, "[anonconversationcontent]"},
		"metadata, changed": {func(c *conversation.Incoming) { c.Metadata[0].Value = "another" },
			func(c *conversation.Conversation) (string, bool) {
				return c.Metadata[0].Value, c.Metadata[0].ValueAnonymized
			}, "[anonymized]"},
		"metadata, no longer there": {func(c *conversation.Incoming) { c.Metadata = c.Metadata[1:] },
			func(c *conversation.Conversation) (string, bool) {
				return c.Metadata[0].Value, c.Metadata[0].ValueAnonymized
			}, "[anonymized]"},
		"metadata of a key that was not on": {func(c *conversation.Incoming) {
			c.Metadata = append(c.Metadata, conversation.IncomingMetadatum{Key: "survey.score", Value: "5"})
		}, func(c *conversation.Conversation) (string, bool) {
			return c.Metadata[2].Value, !c.Metadata[2].ValueAnonymized
		}, "5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			importOne(t, s)
			saveEverything(t, s)
			anonymizeAll(t, s)
			changed := sample(1)
			row.change(changed)
			mustImport(t, s, changed)
			if value, anonymized := row.value(readFirst(t, s)); value != row.want || !anonymized {
				t.Errorf("stored: %q, as it should be: %v; want %q", value, anonymized, row.want)
			}
			if after := readFirst(t, s); after.Reviewable {
				t.Error("the conversation can be reviewed again")
			}
		})
	}
}

// Media that is planned or deleted stays that way, and what is new is planned at once.
func TestReimportOfMedia(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	saveEverything(t, s)
	anonymizeAll(t, s)
	if _, err := s.db.NewRaw("UPDATE media_files SET status = 'DELETED', source_url = ''").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	changed := sample(1)
	changed.Segments[0].Media = append(changed.Segments[0].Media,
		conversation.IncomingMedia{Kind: compliance.MediaScreen, MediaType: "video/mp4",
			URL: "https://media.contact.example/b"})
	mustImport(t, s, changed)
	c := readFirst(t, s)
	if len(c.Media) != 2 || c.Media[0].Status != compliance.MediaDeleted ||
		c.Media[1].Status != compliance.MediaPlanned || c.MediaStatus != compliance.MediaPlanned {
		t.Fatalf("files %+v %+v, status %s", c.Media[0], c.Media[1], c.MediaStatus)
	}
	var requests int
	if err := s.db.NewRaw("SELECT count(*) FROM media_deletion_requests WHERE media_file_ids = ARRAY[?::bigint]",
		c.Media[1].ID).Scan(t.Context(), &requests); err != nil || requests != 1 {
		t.Errorf("%d requests to delete the new file, %v", requests, err)
	}
	without := sample(1)
	without.Segments = without.Segments[1:]
	mustImport(t, s, without)
	if c := readFirst(t, s); len(c.Media) != 2 || len(c.Segments) != 3 {
		t.Errorf("files or their segment vanished with the new file: %d files, %d segments", len(c.Media), len(c.Segments))
	}
}

// An agent who changed groups is seen by the new group and no longer by the old one, though nothing else
// about the conversation is new. An export may come in after the protection that it tells of has ended: what
// was owed then is planned.
func TestProtectionThatEndedBeforeTheImport(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	in := sample(1)
	in.Anonymization = &conversation.IncomingAnonymization{At: in.StartedAt, SettingsVersion: 1,
		Selection: compliance.Selection{MediaFiles: true}}
	in.Segments[0].Media[0].Protection = &conversation.IncomingProtection{Until: in.StartedAt, Reason: compliance.ReasonMiFID}
	mustImport(t, s, in)
	for range 2 {
		file := readFirst(t, s).Media[0]
		if file.Status != compliance.MediaPlanned || file.Protected || file.ProtectedUntil != nil ||
			file.ProtectionReason != "" || file.ProtectionNote != "" {
			t.Errorf("%+v", file)
		}
		if result := mustImport(t, s, in); result.Unchanged != 1 {
			t.Errorf("imported again: %+v", result)
		}
	}
}

func TestReimportFollowsTheAgentsGroups(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	moved := sample(1)
	moved.Participants[1].Groups = []string{"billing"}
	if diff := cmp.Diff(ImportResult{Updated: 1}, mustImport(t, s, moved)); diff != "" {
		t.Error(diff)
	}
	for group, sees := range map[string]bool{"support": false, "billing": true} {
		found, err := s.ConversationByID(t.Context(), Access{Principals: []string{conversation.GroupPrincipal(group)}}, 1)
		if err != nil || (found != nil) != sees {
			t.Errorf("the group %s finds %v, %v", group, found, err)
		}
	}
}

func TestTheSameTwiceInABatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	later := sample(1)
	later.Participants[0].Name = "Later"
	if diff := cmp.Diff(ImportResult{Added: 1, Updated: 1}, mustImport(t, s, sample(1), later)); diff != "" {
		t.Error(diff)
	}
	if name := readFirst(t, s).Participants[0].Name; name != "Later" {
		t.Errorf("stored: %q", name)
	}
}

// Several importers of the same conversations wait for each other: no error, nothing twice.
func TestImportersAtOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var batch []*conversation.Incoming
	for i := range 50 {
		batch = append(batch, sample(i+1))
	}
	var group sync.WaitGroup
	results := make([]ImportResult, 4)
	for i := range results {
		group.Go(func() {
			var err error
			if results[i], err = s.Import(context.WithoutCancel(t.Context()), deed(), batch); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var sum ImportResult
	for _, result := range results {
		sum.Added, sum.Updated, sum.Unchanged = sum.Added+result.Added, sum.Updated+result.Updated,
			sum.Unchanged+result.Unchanged
	}
	if diff := cmp.Diff(ImportResult{Added: 50, Unchanged: 150}, sum); diff != "" {
		t.Error(diff)
	}
}

func TestABatchThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	broken := sample(2)
	broken.Participants[0].Name = "\x00"
	if _, err := s.Import(t.Context(), deed(), []*conversation.Incoming{sample(1), broken}); err == nil {
		t.Fatal("NUL was stored")
	}
	if count, err := s.CountConversations(t.Context(), Everything(), Filter{}, 10); err != nil || count != 0 {
		t.Errorf("%d conversations are left, %v", count, err)
	}
}

func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := newStore(b)
		var batch []*conversation.Incoming
		for i := range 300 {
			batch = append(batch, sample(i+1))
		}
		b.StartTimer()
		for len(batch) > 0 {
			mustImport(b, s, batch[:50]...)
			batch = batch[50:]
		}
	}
}
