package db

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// statements counts what is asked of the database.
type statements struct {
	count atomic.Int64
}

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	s.count.Add(1)
	return ctx
}

func (s *statements) AfterQuery(context.Context, *bun.QueryEvent) {}

// counting returns the same store with its statements counted.
func counting(s *Store) (*Store, *statements) {
	counted, hook := *s, new(statements)
	counted.db = s.db.WithQueryHook(hook)
	return counted.CountingReads(func(statements int) { hook.count.Add(int64(statements)) }), hook
}

// ConversationByID returns the row of a conversation, whole, nil where there is none or it is out of scope.
func (s *Store) ConversationByID(ctx context.Context, access Access, id int64) (*conversation.Conversation, error) {
	found, err := s.ConversationsByID(ctx, access, []int64{id}, Want{})
	if err != nil || len(found.Rows) == 0 {
		return nil, err
	}
	whole := new(conversation.Conversation)
	return whole, s.db.NewSelect().Model(whole).Where("id = ?", found.Rows[0].ID).Scan(ctx)
}

// storeWithContent stores two conversations with everything that can belong to one, and one between them with
// nothing. The rows go in out of order.
func storeWithContent(t *testing.T, s *Store) []*conversation.Conversation {
	t.Helper()
	g, keys := newGenerator(21), storeKeys(t, s, "z", "Y", "a.b", "a")
	var all []stored
	for range 3 {
		c := g.conversation(nil)
		c.Participants, c.Metadata = nil, nil
		all = append(all, c)
	}
	storeConversations(t, s, all)
	rows := []*conversation.Conversation{all[0].Conversation, all[1].Conversation, all[2].Conversation}
	for _, c := range []*conversation.Conversation{rows[2], rows[0]} {
		for _, position := range []int{2, 0, 1} {
			insertAll(t, s, []*conversation.Participant{{ConversationID: c.ID, VconUUID: c.Vcons[0].UUID,
				Position: position, Role: compliance.RoleAgent, Name: "N"}})
			storeSegment(t, s, c, position)
		}
		for _, key := range []string{"z", "a", "Y", "a.b"} {
			insertAll(t, s, []*conversation.Metadatum{{ConversationID: c.ID, VconUUID: c.Vcons[0].UUID, KeyID: keys[key],
				Value: "value of " + key}})
		}
	}
	settleAll(t, s)
	return rows
}

// storeSegment stores a segment; one at position 1 stays empty, the others get two messages and two files.
func storeSegment(t *testing.T, s *Store, c *conversation.Conversation, position int) {
	t.Helper()
	segment := &conversation.Segment{ConversationID: c.ID, VconUUID: c.Vcons[0].UUID, Position: position,
		Kind: compliance.SegmentCall, StartedAt: c.StartedAt}
	insertAll(t, s, []*conversation.Segment{segment})
	for _, at := range []int{1, 0} {
		if position == 1 {
			return
		}
		insertAll(t, s, []*conversation.Message{{ConversationID: c.ID, SegmentID: segment.ID, Position: at,
			Kind: compliance.Transcript, Text: "text"}})
		insertAll(t, s, []*conversation.MediaFile{{ConversationID: c.ID, SegmentID: segment.ID, SegmentPosition: position, Position: at,
			Kind: compliance.MediaCall, Status: compliance.MediaAvailable}})
	}
}

func TestLoadRelationsInOrder(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rows := storeWithContent(t, s)
	if err := loadRelations(t.Context(), s.db, rows,
		Relations{Participants: true, Messages: true, Metadata: true, Media: true}, nil); err != nil {
		t.Fatal(err)
	}
	empty := rows[1]
	if empty.Participants == nil || empty.Segments == nil || empty.Metadata == nil || empty.Media == nil ||
		len(empty.Participants)+len(empty.Segments)+len(empty.Metadata)+len(empty.Media) > 0 {
		t.Errorf("the conversation without anything: %+v", empty)
	}
	for _, c := range []*conversation.Conversation{rows[0], rows[2]} {
		holdContent(t, c)
	}
}

// content is what belongs to a conversation, in the order in which it was loaded.
type content struct {
	Participants, Segments []int
	Messages               [][]int
	Metadata               [][2]string
	Media                  [][2]int // positions of the segment and of the file
}

func holdContent(t *testing.T, c *conversation.Conversation) {
	t.Helper()
	var got content
	positions := map[int64]int{}
	for _, p := range c.Participants {
		got.Participants = append(got.Participants, p.Position)
	}
	for _, segment := range c.Segments {
		got.Segments = append(got.Segments, segment.Position)
		positions[segment.ID] = segment.Position
		messages := []int{}
		for _, m := range segment.Messages {
			messages = append(messages, m.Position)
		}
		got.Messages = append(got.Messages, messages)
	}
	for _, m := range c.Metadata {
		got.Metadata = append(got.Metadata, [2]string{m.Key, m.Value})
	}
	for _, f := range c.Media {
		got.Media = append(got.Media, [2]int{positions[f.SegmentID], f.Position})
	}
	want := content{
		Participants: []int{0, 1, 2}, Segments: []int{0, 1, 2}, Messages: [][]int{{0, 1}, {}, {0, 1}},
		Metadata: [][2]string{{"Y", "value of Y"}, {"a", "value of a"}, {"a.b", "value of a.b"}, {"z", "value of z"}},
		Media:    [][2]int{{0, 0}, {0, 1}, {2, 0}, {2, 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conversation %d (-want +got):\n%s", c.ID, diff)
	}
}

func TestLoadRelationsLeavesTheRest(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rows := storeWithContent(t, s)
	if err := loadRelations(t.Context(), s.db, rows, Relations{Segments: true}, nil); err != nil {
		t.Fatal(err)
	}
	if c := rows[0]; len(c.Segments) != 3 || c.Segments[0].Messages != nil || c.Participants != nil ||
		c.Metadata != nil || c.Media != nil {
		t.Errorf("only segments were wanted: %+v", c)
	}
}

// TestOneConversationTwice loads into two copies of a row, as the loaders of two requests for it would.
func TestOneConversationTwice(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	first := storeWithContent(t, s)[0]
	second := *first
	if err := loadRelations(t.Context(), s.db, []*conversation.Conversation{first, &second},
		Relations{Participants: true, Messages: true, Media: true}, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, &second, cmpopts.EquateComparable()); diff != "" {
		t.Errorf("the copies differ:\n%s", diff)
	}
}

// TestStatements holds the number of statements that each question takes, which depends on no number of rows.
func TestStatements(t *testing.T) {
	t.Parallel()
	plain := newStore(t)
	rows := storeWithContent(t, plain)
	s, asked := counting(plain)
	metadata := Filter{Metadata: []MetadataMatch{{Key: "a", Value: "value of a"}, {Key: "z", Value: "value of z"}}}
	list := func(a Access, f Filter) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.Conversations(ctx, a, f, Order{}, Page{First: 50}, Want{})
			return err
		}
	}
	load := func(rows []*conversation.Conversation, want Relations) func(context.Context) error {
		return func(ctx context.Context) error { return loadRelations(ctx, s.db, rows, want, nil) }
	}
	for _, test := range []struct {
		name string
		want int64
		ask  func(context.Context) error
	}{
		{"a page", 1, list(Everything(), Filter{})},
		{"a page by a phone number", 3 + 1, list(Everything(), Filter{PhoneNumber: "123"})},
		{"a page within a scope", 2 + 1, list(Access{Principals: []string{"user:ann", "group:sales"}}, Filter{})},
		{"a page by metadata", 1 + 2 + 1, list(Everything(), metadata)},
		{"a page for nobody", 0, list(Access{}, metadata)},
		{"a count", 1, func(ctx context.Context) error {
			_, err := s.CountConversations(ctx, Everything(), Filter{}, 10_000)
			return err
		}},
		{"a count for nobody", 0,
			func(ctx context.Context) error {
				_, err := s.CountConversations(ctx, Access{}, Filter{}, 10_000)
				return err
			}},
		{"by ids", 1, func(ctx context.Context) error {
			_, err := s.ConversationsByID(ctx, Everything(), []int64{rows[0].ID, rows[1].ID}, Want{})
			return err
		}},
		{"by no ids", 0, func(ctx context.Context) error {
			_, err := s.ConversationsByID(ctx, Everything(), nil, Want{})
			return err
		}},
		{"by ids for nobody", 0,
			func(ctx context.Context) error { _, err := s.ConversationByID(ctx, Access{}, 1); return err }},
		{"participants, segments, metadata and media", 4,
			load(rows, Relations{Participants: true, Segments: true, Metadata: true, Media: true})},
		{"everything", 5, load(rows,
			Relations{Participants: true, Segments: true, Messages: true, Metadata: true, Media: true})},
		{"messages", 2, load(rows, Relations{Messages: true})},
		{"nothing", 0, load(rows, Relations{})},
		{"of nothing", 0, load(nil, Relations{Messages: true})},
		{"the audit log", 1, func(ctx context.Context) error {
			_, err := s.AuditEvents(ctx, AuditFilter{}, Page{First: 50})
			return err
		}},
		{"metadata keys", 1, func(ctx context.Context) error { _, err := s.MetadataKeys(ctx); return err }},
	} {
		asked.count.Store(0)
		if err := test.ask(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := asked.count.Load(); got != test.want {
			t.Errorf("%s: %d statements, want %d", test.name, got, test.want)
		}
	}
}
