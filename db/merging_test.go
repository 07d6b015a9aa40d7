package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// keyed is a vCon with a chat and values of correlation keys, given as key=value.
func keyed(number int, values ...string) *conversation.Incoming {
	start := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).Add(time.Duration(number*7%10) * time.Hour)
	c := &conversation.Incoming{
		UUID: uuid.MustParse(fmt.Sprintf("00000000-0000-8000-8000-%012d", number)), StartedAt: start,
		EndedAt: start.Add(time.Minute),
		Participants: []conversation.IncomingParticipant{{Role: compliance.RoleCustomer,
			Name: fmt.Sprint("customer ", number), PhoneNumber: fmt.Sprint("+42077712345", number)}},
		Segments: []conversation.IncomingSegment{{Kind: compliance.SegmentChat, StartedAt: start,
			Messages: []conversation.IncomingMessage{
				{Kind: compliance.ChatMessage, Author: 0, SentAt: start, Text: fmt.Sprint("words of ", number)},
			}}},
	}
	for _, value := range values {
		key, value, _ := strings.Cut(value, "=")
		c.Metadata = append(c.Metadata, conversation.IncomingMetadatum{Key: key, Value: value})
	}
	return c
}

func correlate(t testing.TB, s *Store, keys ...string) {
	t.Helper()
	if err := s.KnowKeys(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	yes := true
	for _, key := range keys {
		if _, err := s.ConfigureMetadataKey(t.Context(), deed(),
			KeyConfiguration{Key: key, Correlation: &yes}); err != nil {
			t.Fatal(err)
		}
	}
}

// picture is everything that a person sees of the stored conversations, without the ids, which follow the
// order of import.
func picture(t testing.TB, s *Store) string {
	t.Helper()
	page, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, Page{First: 100}, Want{})
	if err != nil {
		t.Fatal(err)
	}
	if err := loadRelations(t.Context(), s.db, page.Rows, everyRelation(), nil); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range page.Rows {
		text := fmt.Sprintf("%s-%s %s %v reviewable=%v\n", c.StartedAt.Format(time.TimeOnly),
			c.EndedAt.Format(time.TimeOnly), c.Direction, c.Types, c.Reviewable)
		for _, v := range c.Vcons {
			text += " vcon " + v.UUID.String()[34:] + "\n"
		}
		for _, p := range c.Participants {
			text += fmt.Sprintf(" %s %s\n", p.Name, p.PhoneNumber)
		}
		for _, segment := range c.Segments {
			text += fmt.Sprintf(" segment %d %s", segment.Position, segment.StartedAt.Format(time.TimeOnly))
			for _, m := range segment.Messages {
				text += " " + m.Text
			}
			text += "\n"
		}
		for _, m := range c.Metadata {
			text += fmt.Sprintf(" %s=%s %v\n", m.Key, m.Value, m.ValueAnonymized)
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

func forget(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.db.NewRaw("TRUNCATE conversations, conversation_facets CASCADE").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, rest := range permutations(n - 1) {
		for at := 0; at <= len(rest); at++ {
			all = append(all, slices.Insert(slices.Clone(rest), at, n-1))
		}
	}
	return all
}

// Any order of the same files ends in the same conversations: chains that only the last one closes, values
// that several share, and some that nobody does.
func TestEveryOrderOfImportEndsInTheSameConversations(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case", "customer")
	set := []*conversation.Incoming{
		keyed(1, "case=1"), keyed(2, "case=2", "customer=a"), keyed(3, "case=1", "customer=a"),
		keyed(4, "case=3", "other=1"), keyed(5, "customer=b", "other=1"),
	}
	want := ""
	for _, order := range permutations(len(set)) {
		forget(t, s)
		for _, i := range order {
			mustImport(t, s, set[i])
		}
		got := picture(t, s)
		if want == "" {
			want = got
			if strings.Count(got, "reviewable=") != 3 {
				t.Fatalf("1, 2 and 3 belong together, 4 and 5 to nobody:\n%s", got)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order %v (-first order +this one):\n%s", order, diff)
		}
	}
	forget(t, s)
	mustImport(t, s, set...)
	if diff := cmp.Diff(want, picture(t, s)); diff != "" {
		t.Errorf("all at once:\n%s", diff)
	}
	if result := mustImport(t, s, set...); result.Unchanged != len(set) {
		t.Errorf("again: %+v", result)
	}
}

// Generated sets, in any order and in batches of any size: conversations are what is connected by equal
// values, as a graph would say.
func TestMergingIsConnectedness(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "a", "b", "c")
	r := rand.New(rand.NewPCG(7, 7))
	for round := range 40 {
		var set []*conversation.Incoming
		for n := range 8 {
			c := keyed(n + 1)
			for _, key := range []string{"a", "b", "c"} {
				if r.IntN(3) == 0 {
					c.Metadata = append(c.Metadata, conversation.IncomingMetadatum{Key: key, Value: fmt.Sprint(r.IntN(5))})
				}
			}
			set = append(set, c)
		}
		want := components(set)
		for range 3 {
			forget(t, s)
			shuffled := slices.Clone(set)
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			for len(shuffled) > 0 {
				size := 1 + r.IntN(len(shuffled))
				mustImport(t, s, shuffled[:size]...)
				shuffled = shuffled[size:]
			}
			if diff := cmp.Diff(want, merges(t, s)); diff != "" {
				t.Fatalf("round %d:\n%s", round, diff)
			}
		}
	}
}

// components are the connected sets of vCons, by the last digits of their uuids.
func components(set []*conversation.Incoming) []string {
	group := make([]int, len(set))
	for i := range group {
		group[i] = i
	}
	for range set {
		for i, a := range set {
			for j, b := range set {
				if shareValue(a, b) {
					low := min(group[i], group[j])
					group[i], group[j] = low, low
				}
			}
		}
	}
	names := map[int]string{}
	for i, c := range set {
		names[group[i]] += c.UUID.String()[34:] + " "
	}
	var all []string
	for _, name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func shareValue(a, b *conversation.Incoming) bool {
	return slices.ContainsFunc(a.Metadata,
		func(m conversation.IncomingMetadatum) bool { return slices.Contains(b.Metadata, m) })
}

func merges(t *testing.T, s *Store) (all []string) {
	t.Helper()
	const query = "SELECT string_agg(right(uuid::text, 2) || ' ', '' ORDER BY uuid) FROM vcons GROUP BY" +
		" conversation_id ORDER BY 1"
	if err := s.db.NewRaw(query).Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Anonymized values never match anything: not each other, not what comes in, and not a text that reads like
// the placeholder.
func TestAnonymizedValuesMergeNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case")
	mustImport(t, s, keyed(1, "case=1"), keyed(2, "case=2"))
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wanted := &Wanted{Keys: []compliance.KeySwitch{{Key: "case", On: true}}}
	if _, err := s.SaveSettings(t.Context(), deed(),
		Save{BaseVersion: settings.Version, Wanted: wanted, AllowCorrelationKeys: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1, 2}); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, keyed(3, "case=[anonymized]"), keyed(4, "case=[anonymized]"), keyed(5, "case=1"),
		keyed(1, "case=5"), keyed(2, "case=5"), keyed(6, "case=5"))
	if diff := cmp.Diff([]string{"01 ", "02 ", "03 ", "04 ", "05 ", "06 "}, merges(t, s)); diff != "" {
		t.Error(diff)
	}
}

// What joins an anonymized conversation is anonymized like it, in what was stored before as in what comes in.
func TestJoiningAnAnonymizedConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case")
	mustImport(t, s, keyed(1, "case=1"), keyed(2, "case=2"))
	// phone numbers and addresses, as at first
	if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1}); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, keyed(3, "case=1"))
	link := keyed(4, "case=1")
	link.Metadata = append(link.Metadata, conversation.IncomingMetadatum{Key: "case2", Value: "x"})
	mustImport(t, s, link)
	if got := picture(t, s); strings.Contains(got, "+420777123451") || strings.Contains(got, "+420777123453") ||
		strings.Contains(got, "+420777123454") || !strings.Contains(got, "+420777123452") {
		t.Errorf("phone numbers of 1, 3 and 4 are to be gone, that of 2 is not:\n%s", got)
	}
	correlate(t, s, "case2")
	bridge := keyed(5, "case=2")
	bridge.Metadata = append(bridge.Metadata, conversation.IncomingMetadatum{Key: "case2", Value: "x"})
	mustImport(t, s, bridge)
	got := picture(t, s)
	if strings.Contains(got, "+42077712345") || strings.Count(got, "reviewable=") != 1 {
		t.Errorf("all are one conversation now, anonymized:\n%s", got)
	}
	// The id of the one that joined finds the other one, for reading and for anonymizing.
	for _, id := range []int64{1, 2} {
		if c, err := s.ConversationByID(t.Context(), Everything(), id); err != nil || c == nil || c.ID != 1 {
			t.Errorf("conversation %d: %+v, %v", id, c, err)
		}
	}
	if done, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{2}); err != nil || len(done.Missing) != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	two := int64(2)
	if events, err := s.AuditEvents(t.Context(), AuditFilter{ConversationID: &two}, Page{First: 100}); err != nil ||
		len(events.Rows) < 4 {
		t.Errorf("%d events of both, %v", len(events.Rows), err)
	}
}

// An id that joined a conversation out of sight is not found, and nobody looks for it for ever.
func TestAnonymizingWhatJoinedAConversationOutOfSight(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case", "customer")
	mustImport(t, s, keyed(1, "case=1"), keyed(2, "customer=1"))
	mustImport(t, s, keyed(3, "case=1", "customer=1"))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if done, err := s.Anonymize(ctx, deed(), Access{Principals: []string{"user:nobody"}},
		[]int64{1, 2}); err != nil || len(done.Missing) != 2 {
		t.Errorf("%+v, %v", done, err)
	}
}

// Importing one vCon of a merged conversation again replaces its part and nothing of the others'.
func TestReimportIntoAMergedConversation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "case")
	mustImport(t, s, keyed(1, "case=1"), keyed(2, "case=1"))
	changed := keyed(2)
	changed.Segments[0].Messages[0].Text = "other words"
	changed.Participants = append(changed.Participants,
		conversation.IncomingParticipant{Role: compliance.RoleAgent, Name: "new"})
	if diff := cmp.Diff(ImportResult{Updated: 1}, mustImport(t, s, changed)); diff != "" {
		t.Error(diff)
	}
	got := picture(t, s)
	if !strings.Contains(got, "words of 1") || strings.Contains(got, "words of 2") ||
		!strings.Contains(got, "other words") || strings.Count(got, "reviewable=") != 1 || strings.Count(got, "case=1") != 1 {
		t.Errorf("once joined it stays joined, with its new data:\n%s", got)
	}
}

// Many imports at once, of vCons that belong together, end in the same conversations as one after the other.
func TestSimultaneousImportsMerge(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	correlate(t, s, "a", "b")
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := range 6 {
				number := worker*6 + n + 1
				c := keyed(number, fmt.Sprintf("a=%d", number%5), fmt.Sprintf("b=%d", number%7+100*(number%2)))
				if _, err := s.Import(t.Context(), deed(), []*conversation.Incoming{c}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	var set []*conversation.Incoming
	for number := 1; number <= 48; number++ {
		set = append(set, keyed(number, fmt.Sprintf("a=%d", number%5), fmt.Sprintf("b=%d", number%7+100*(number%2))))
	}
	if diff := cmp.Diff(len(components(set)), len(merges(t, s))); diff != "" {
		t.Errorf("conversations: %s\n%v", diff, merges(t, s))
	}
}
