package db

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// versionOf is the vCon with a number, made from others.
func versionOf(number int, from ...int) *conversation.Incoming {
	c := sample(1)
	c.UUID = sample(number).UUID
	c.Participants[0].Name = fmt.Sprint("Ada ", number)
	c.Segments[2].Messages[0].Text = fmt.Sprint("typed words ", number)
	self := conversation.IncomingVersion{
		UUID: c.UUID, MadeAt: c.StartedAt.Add(time.Duration(number) * time.Minute),
	}
	for _, number := range from {
		self.MadeFrom = append(self.MadeFrom, sample(number).UUID)
	}
	if len(from) > 0 {
		c.Versions = []conversation.IncomingVersion{self}
	}
	return c
}

// everyText is all that the tables with personal data hold, as text.
func everyText(t *testing.T, s *Store) string {
	t.Helper()
	all := ""
	for _, table := range []string{"participants", "segments", "messages", "metadata", "media_files", "vcons"} {
		var rows []string
		query := "SELECT row_to_json(r)::text FROM " + table + " AS r ORDER BY 1"
		if err := s.db.NewRaw(query).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		all += strings.Join(rows, "\n")
	}
	return all
}

// Versions of a vCon are one conversation, in any order, alone or together, and nothing that was anonymized in
// one of them comes back with another.
func TestVersionsAreOneConversation(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	for run := range 6 {
		t.Run(fmt.Sprint(run), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, uint64(run)))
			s := newStore(t)
			versions := []*conversation.Incoming{versionOf(1), versionOf(2, 1), versionOf(3, 2), versionOf(4, 1)}
			r.Shuffle(len(versions), func(i, j int) { versions[i], versions[j] = versions[j], versions[i] })
			at := 1 + r.IntN(len(versions)-1)
			mustImport(t, s, versions[:at]...)
			saveEverything(t, s)
			page, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 10}, Want{Columns: AllColumns})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range page.Rows {
				if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{c.ID}); err != nil {
					t.Fatal(err)
				}
			}
			for _, in := range versions[at:] {
				mustImport(t, s, in)
			}
			if page, err = s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 10}, Want{Columns: AllColumns}); err != nil {
				t.Fatal(err)
			}
			if len(page.Rows) != 1 || page.Rows[0].Reviewable || page.Rows[0].AnonymizedAt == nil {
				t.Fatalf("seed %d: %d conversations", seed, len(page.Rows))
			}
			text := everyText(t, s)
			for _, secret := range []string{"777123456", "ada@example", " words", "an iban", "a subject", "a room"} {
				if strings.Contains(text, secret) {
					t.Errorf("seed %d: %q is there:\n%s", seed, secret, text)
				}
			}
			if !strings.Contains(text, "Ada 4") || strings.Count(text, `"started_at"`) < 1 {
				t.Errorf("seed %d: the newest is not there:\n%s", seed, text)
			}
			before := everyText(t, s)
			for _, in := range versions {
				if got := mustImport(t, s, in); got.Unchanged != 1 {
					t.Errorf("seed %d: again: %+v", seed, got)
				}
			}
			if everyText(t, s) != before {
				t.Errorf("seed %d: rows were written", seed)
			}
			exports, err := s.ExportConversations(t.Context(), Everything(), []int64{page.Rows[0].ID})
			if err != nil || len(exports) != 1 || len(exports[0].Sources) != 1 ||
				len(exports[0].Sources[0].Versions) != 4 ||
				exports[0].Sources[0].UUID != versionOf(4).UUID {
				t.Errorf("seed %d: exported %v %v", seed, exports, err)
			}
		})
	}
}

// Versions that several imports bring at the same time are one conversation too.
func TestVersionsImportedTogether(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var group sync.WaitGroup
	for number := range 8 {
		group.Go(func() {
			one := versionOf(number+2, number+1)
			if number == 7 {
				one = versionOf(1)
			}
			if _, err := s.Import(t.Context(), deed(), []*conversation.Incoming{one}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var ids []uuid.UUID
	if err := s.db.NewRaw("SELECT uuid FROM vcons").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	if len(ids) != 1 || ids[0] != versionOf(8).UUID {
		t.Errorf("stored: %v", ids)
	}
}

// Versions of a merged conversation replace the vCon that they are versions of, and no other.
func TestVersionOfAMergedConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case")
	mustImport(t, s, keyed(1, "case=7"), keyed(2, "case=7"))
	amended := keyed(3, "case=8")
	amended.Versions = []conversation.IncomingVersion{{
		UUID: amended.UUID, MadeFrom: []uuid.UUID{keyed(1).UUID}, MadeAt: amended.StartedAt,
	}}
	mustImport(t, s, amended)
	got := picture(t, s)
	for _, want := range []string{"vcon 02", "vcon 03", "words of 2", "words of 3"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not there:\n%s", want, got)
		}
	}
	if strings.Contains(got, "words of 1") || strings.Count(got, "reviewable") != 1 {
		t.Errorf("the amended vCon is there:\n%s", got)
	}
}

// A text that was made from a call and from written text is overwritten when the rule says so, under every
// selection, and a preview counts the same.
func TestMixedTextsFollowTheRule(t *testing.T) {
	t.Parallel()
	for n := range 4 {
		selection := compliance.Selection{SubjectAndBody: n&1 > 0, MediaFiles: n&2 > 0, ParticipantPhoneNumber: true}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			in := sample(1)
			for i := range in.Segments {
				in.Segments[i].Messages = append(in.Segments[i].Messages, conversation.IncomingMessage{
					Kind: compliance.Summary, Author: conversation.NoAuthor, Text: "of all", Mixed: true,
				})
			}
			mustImport(t, s, in)
			settings, err := s.Settings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.SaveSettings(t.Context(), deed(), Save{BaseVersion: settings.Version, Wanted: &Wanted{
				Basic: map[compliance.BasicItem]bool{
					compliance.SubjectAndBody: selection.SubjectAndBody, compliance.MediaFiles: selection.MediaFiles,
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			preview, err := s.Preview(t.Context(), Everything(), []int64{1}, Relations{}, true)
			if err != nil {
				t.Fatal(err)
			}
			anonymizeAll(t, s)
			overwritten := 0
			for _, segment := range readFirst(t, s).Segments {
				for _, m := range segment.Messages {
					if want := selection.CoversText(segment.Kind, m.Mixed); m.TextAnonymized != want {
						t.Errorf("%s in %s: %v, want %v", m.Text, segment.Kind, m.TextAnonymized, want)
					}
					if m.TextAnonymized {
						overwritten++
					}
				}
			}
			if got := preview.Conversations[0].Effect.Of(compliance.Messages); got != overwritten {
				t.Errorf("the preview counts %d, overwritten are %d", got, overwritten)
			}
		})
	}
}
