package db

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// storeLong stores conversations of two segments with so many messages each, at every second position.
func storeLong(t *testing.T, s *Store, conversations, messages int) []*conversation.Segment {
	t.Helper()
	for _, query := range []string{
		`INSERT INTO conversations (started_at, ended_at, duration_ms, types, reviewable, media_status, imported_at)
			SELECT '2026-01-01', '2026-01-01', 0, '{CHAT}', true, 'NONE', '2026-01-01' FROM generate_series(1, ?)`,
		`INSERT INTO vcons (uuid, conversation_id, started_at, ended_at)
			SELECT gen_random_uuid(), id, started_at, ended_at FROM conversations WHERE ? > 0`,
		`INSERT INTO segments (conversation_id, vcon_uuid, position, kind, started_at)
			SELECT conversation_id, uuid, n, 'CHAT', started_at FROM vcons, generate_series(0, 1) AS n WHERE ? > 0`,
	} {
		if _, err := s.db.NewRaw(query, conversations).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const fill = `INSERT INTO messages (conversation_id, segment_id, position, kind, text)
		SELECT conversation_id, id, 2 * n, CASE n % 3 WHEN 0 THEN 'SUMMARY' ELSE 'CHAT_MESSAGE' END, repeat('x', 200) FROM segments, generate_series(0, ? - 1) AS n`
	if _, err := s.db.NewRaw(fill, messages).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "VACUUM ANALYZE messages"); err != nil {
		t.Fatal(err)
	}
	settleAll(t, s)
	var segments []*conversation.Segment
	if err := s.db.NewSelect().Model(&segments).Order("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return segments
}

// A page of messages reads no more rows than it answers, one for each segment, and the segments; so does a count.
func TestMessagesAreReadByWindows(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	segments := storeLong(t, s, 5, 10_000)
	last := segments[len(segments)-1].ID
	const joined = 2 * 10 // the segments, as they are read and as they are joined
	pages := func(ids []int64, want Want) *statement {
		all := &statement{}
		all.write(s.reader.relations.messages.with(AllColumns, false).sql)
		all.append(messagePages(ids, want))
		return all
	}
	for name, test := range map[string]struct {
		query   func([]int64, Want) *statement
		windows []MessageWindow
		most    float64
	}{
		"the first 10 of all": {pages, []MessageWindow{{First: 10}}, 10*11 + joined},
		"10 in the middle":    {pages, []MessageWindow{{First: 10, After: &Key{Sort: 10_000, ID: last}}}, 11 + joined},
		"several windows": {pages, []MessageWindow{{First: 10}, {First: 3},
			{First: 10, After: &Key{Sort: 19_990, ID: last}}}, 10*11 + 10*4 + 11 + 3*joined},
		"a count": {messageCounts, []MessageWindow{{First: 1, UpTo: 100}}, 10*100 + joined},
	} {
		want := Want{Columns: AllColumns, Messages: test.windows, Segments: 2}
		query := test.query(ownersOf(segments), want)
		got := explainText(t, s, query.text.String(), query.arguments)
		if got.read() > test.most {
			t.Errorf("%s: %v rows are read, want at most %v", name, got.read(), test.most)
		}
	}
}

// ownersOf are the ids of the conversations of segments.
func ownersOf(segments []*conversation.Segment) (ids []int64) {
	for _, segment := range segments {
		if !slices.Contains(ids, segment.ConversationID) {
			ids = append(ids, segment.ConversationID)
		}
	}
	return ids
}

// Windows answer what cutting the whole list answers. A window of a segment is empty for all others.
func TestMessagePages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	segments := storeLong(t, s, 2, 7)
	random := rand.New(rand.NewPCG(41, 0))
	for range 50 {
		var windows []MessageWindow
		for range 1 + random.IntN(4) {
			window := MessageWindow{First: 1 + random.IntN(9), UpTo: random.IntN(10)}
			if random.IntN(2) == 0 {
				window.Kinds = []compliance.MessageKind{compliance.Summary, compliance.Translation}
			}
			if random.IntN(2) == 0 {
				window.After = &Key{Sort: int64(random.IntN(16)), ID: segments[random.IntN(len(segments))].ID}
			}
			windows = append(windows, window)
		}
		pages, err := s.MessagePages(t.Context(), ownersOf(segments),
			Want{Columns: AllColumns, Messages: windows, Segments: 2})
		if err != nil {
			t.Fatal(err)
		}
		for i, window := range windows {
			for _, segment := range segments {
				want, more := cutWindow(window, segment.ID)
				got := pages[i][segment.ID]
				var positions []int
				for _, m := range got.Rows {
					positions = append(positions, m.Position)
				}
				count := min(window.UpTo, len(positionsOf(window)))
				if window.After != nil && window.After.ID != segment.ID {
					count = 0
				}
				if diff := cmp.Diff(want, positions); diff != "" || got.HasNext != more || got.Count != count {
					t.Errorf("%+v of segment %d, more %t (-want +got):\n%s", window, segment.ID, got.HasNext, diff)
				}
			}
		}
	}
}

// positionsOf are the positions of the kinds of a window, of 0, 2, ... 12.
func positionsOf(window MessageWindow) []int {
	if window.Kinds != nil {
		return []int{0, 6, 12}
	}
	return []int{0, 2, 4, 6, 8, 10, 12}
}

// cutWindow cuts them.
func cutWindow(window MessageWindow, segmentID int64) (positions []int, more bool) {
	for _, position := range positionsOf(window) {
		switch {
		case window.After != nil && (window.After.ID != segmentID || int64(position) <= window.After.Sort):
		case len(positions) == window.First:
			more = true
		default:
			positions = append(positions, position)
		}
	}
	return positions, more
}

// A count stops where it is told to, and reads no further.
func TestCountConversationsUpTo(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	storeLong(t, s, 30, 1)
	for upTo, want := range map[int]int{1: 1, 29: 29, 30: 30, 31: 30, 100_000: 30} {
		if got, err := s.CountConversations(t.Context(), Everything(), Filter{}, upTo); got != want || err != nil {
			t.Errorf("up to %d: %d, %v", upTo, got, err)
		}
	}
}
