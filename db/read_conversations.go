package db

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"qm-compliance/conversation"
)

// Reading is conversations with what was wanted of them. Relations that were read are never nil, though they may be
// empty; those that were not are.
type Reading struct {
	Rows []*conversation.Conversation
	// Messages are the pages of messages, one map by segment for each of the windows that were wanted.
	Messages []map[int64]MessagePage

	byID map[int64]*conversation.Conversation
}

// of is the conversation with an id, nil where it was not found.
func (r *Reading) of(id int64) *conversation.Conversation { return r.byID[id] }

// page reads a page of conversations: the rows first, then what belongs to them. Of several lists each is asked only
// where the one before did not fill the page.
func (r *reader) page(ctx context.Context, lists []*statement, p Page, want Want) (found ConversationPage, err error) {
	err = r.connected(ctx, func(conn *pgx.Conn) error {
		read := &Reading{byID: map[int64]*conversation.Conversation{}}
		for _, list := range lists {
			if len(read.Rows) > p.size() {
				break
			}
			if err := r.ask(ctx, conn, []question{r.rows(list, want.Columns, read, p.size()+1)}); err != nil {
				return err
			}
		}
		read.Rows, found.HasNext, found.HasPrevious = window(p, read.Rows)
		err := r.complete(ctx, conn, read, want)
		found.Reading = *read
		return err
	})
	return found, err
}

// complete reads what belongs to conversations that have been found.
func (r *reader) complete(ctx context.Context, conn *pgx.Conn, read *Reading, want Want) error {
	if len(read.Rows) == 0 {
		read.Messages = make([]map[int64]MessagePage, len(want.Messages))
		return nil
	}
	ids := conversationIDs(read.Rows)
	if questions := r.related(ids, want, read); len(questions) > 0 {
		if err := r.ask(ctx, conn, questions); err != nil {
			return err
		}
	}
	return r.finish(ctx, conn, read, want.Columns)
}

// byID reads the conversations with some ids, and what belongs to them, in one round trip: the rows of the relations
// that belong to others than those that are found are dropped.
func (r *reader) byID(ctx context.Context, access Access, ids []int64, want Want) (Reading, error) {
	read := &Reading{byID: map[int64]*conversation.Conversation{}}
	from := &statement{}
	from.write("FROM conversations AS conversation")
	if len(ids) == 1 {
		from.and("conversation.id = ?", ids[0])
	} else {
		from.and("conversation.id = ANY(?)", ids)
	}
	access.write(from)
	err := r.connected(ctx, func(conn *pgx.Conn) error {
		questions := append([]question{r.rows(from, want.Columns, read, len(ids))}, r.related(ids, want, read)...)
		if err := r.ask(ctx, conn, questions); err != nil {
			return err
		}
		return r.finish(ctx, conn, read, want.Columns)
	})
	return *read, err
}

// ofSegment reads the conversation that a segment belongs to.
func (r *reader) ofSegment(ctx context.Context, access Access, segment int64, want Want) (Reading, error) {
	read := &Reading{byID: map[int64]*conversation.Conversation{}}
	from := &statement{}
	from.write("FROM conversations AS conversation")
	from.and("conversation.id = (SELECT s.conversation_id FROM segments AS s WHERE s.id = ?)", segment)
	access.write(from)
	err := r.connected(ctx, func(conn *pgx.Conn) error {
		if err := r.ask(ctx, conn, []question{r.rows(from, want.Columns, read, 1)}); err != nil {
			return err
		}
		return r.complete(ctx, conn, read, want)
	})
	return *read, err
}

// rows reads the conversations that a statement selects, most of them at most.
func (r *reader) rows(from *statement, want Columns, read *Reading, most int) question {
	as := r.relations.conversations.with(want, false)
	return from.question(as.sql, func(answer *rows) error {
		all, err := rowsAs(answer, as, most)
		for _, c := range all {
			read.byID[c.ID] = c
		}
		read.Rows = all
		return err
	})
}

// rowsAs reads all rows. They lie next to each other, in blocks, the first of which has room for those that are
// expected.
func rowsAs[T any](answer *rows, as *projection[T], expected int) ([]*T, error) {
	const least, most = 8, 256
	var all []*T
	var block []T
	size := expected
	for row := answer.next(); row != nil; row = answer.next() {
		if len(block) == cap(block) {
			size = min(max(least, size), most)
			block, all = make([]T, 0, size), slices.Grow(all, size)
			size *= 2
		}
		block = block[:len(block)+1]
		one := &block[len(block)-1]
		as.row(one, row)
		all = append(all, one)
	}
	return all, answer.close()
}

// children reads the rows of one relation, and gives each conversation that was found its own, in their order. Rows
// come ordered by the id of the conversation, which of tells.
func children[T any](
	of *relation[T], want Columns, ids []int64, read *Reading, owner func(*T) int64,
	give func(to *conversation.Conversation, own []*T),
) question {
	as, argument := of.with(want, len(ids) == 1), any(ids)
	if len(ids) == 1 {
		argument = ids[0]
	}
	return question{as.sql, []any{argument}, false, func(answer *rows) error {
		all, err := rowsAs(answer, as, len(ids))
		for from, to := 0, 0; from < len(all); from = to {
			id := owner(all[from])
			for to = from; to < len(all) && owner(all[to]) == id; {
				to++
			}
			if c := read.of(id); c != nil {
				give(c, all[from:to:to])
			}
		}
		return err
	}}
}

// related asks for what belongs to conversations.
func (r *reader) related(ids []int64, want Want, read *Reading) []question {
	type conv = *conversation.Conversation
	columns, t := want.Columns, r.relations
	var asked []question
	if columns.Has(WithVcons) {
		asked = append(asked, children(t.vcons, columns, ids, read,
			func(v *conversation.Vcon) int64 { return v.ConversationID },
			func(c conv, own []*conversation.Vcon) { c.Vcons = own }))
	}
	if columns.Has(WithParticipants) {
		asked = append(asked, r.participants(ids, columns, read))
	}
	if columns.Has(WithSegments) {
		asked = append(asked, children(t.segments, columns, ids, read,
			func(s *conversation.Segment) int64 { return s.ConversationID },
			func(c conv, own []*conversation.Segment) { c.Segments = own }))
	}
	if columns.Has(WithMetadata) {
		asked = append(asked, children(t.metadata, columns, ids, read,
			func(m *conversation.Metadatum) int64 { return m.ConversationID },
			func(c conv, own []*conversation.Metadatum) { c.Metadata = own }))
	}
	if columns.Has(WithMedia) {
		asked = append(asked, children(t.media, columns, ids, read,
			func(f *conversation.MediaFile) int64 { return f.ConversationID },
			func(c conv, own []*conversation.MediaFile) { c.Media = own }))
	}
	return append(asked, r.messages(ids, want, read)...)
}

func (r *reader) participants(ids []int64, columns Columns, read *Reading) question {
	return children(r.relations.participants, columns, ids, read,
		func(p *conversation.Participant) int64 { return p.ConversationID },
		func(c *conversation.Conversation, own []*conversation.Participant) { c.Participants = own })
}

// messages asks for the windows of messages, and how many there are where that is counted.
func (r *reader) messages(ids []int64, want Want, read *Reading) []question {
	read.Messages = make([]map[int64]MessagePage, len(want.Messages))
	if len(want.Messages) == 0 {
		return nil
	}
	as := r.relations.messages.with(want.Columns, false)
	asked := []question{messagePages(ids, want).question(as.sql, func(answer *rows) error {
		all, err := rowsAs(answer, as, len(ids))
		for i := range read.Messages { // also where it is asked again
			read.Messages[i] = map[int64]MessagePage{}
		}
		for _, m := range all {
			page := read.Messages[m.window][m.SegmentID]
			if len(page.Rows) == want.Messages[m.window].First {
				page.HasNext = true
			} else {
				page.Rows = append(page.Rows, &m.Message)
			}
			read.Messages[m.window][m.SegmentID] = page
		}
		return err
	})}
	if !slices.ContainsFunc(want.Messages, func(w MessageWindow) bool { return w.UpTo > 0 }) {
		return asked
	}
	return append(asked, messageCounts(ids, want).question("", func(answer *rows) error {
		for row := answer.next(); row != nil; row = answer.next() {
			window, segment := row.int64(), row.int64()
			page := read.Messages[window][segment]
			page.Count = int(row.int64())
			read.Messages[window][segment] = page
		}
		return answer.close()
	}))
}

// finish makes what was read whole: names of metadata keys, empty relations, and all columns of the participants of a
// conversation of several vCons, since it takes all of them to see who is the same person.
func (r *reader) finish(ctx context.Context, conn *pgx.Conn, read *Reading, columns Columns) error {
	if !columns.Has(wholeParticipant) {
		if several := ofSeveralVcons(read.Rows); len(several) > 0 {
			whole := columns | wholeParticipant
			if err := r.ask(ctx, conn, []question{r.participants(several, whole, read)}); err != nil {
				return err
			}
		}
	}
	for _, c := range read.Rows {
		c.Vcons = loaded(c.Vcons, columns.Has(WithVcons))
		c.Participants = loaded(c.Participants, columns.Has(WithParticipants))
		c.Segments = loaded(c.Segments, columns.Has(WithSegments))
		c.Metadata = loaded(c.Metadata, columns.Has(WithMetadata))
		c.Media = loaded(c.Media, columns.Has(WithMedia))
	}
	return r.keys.name(ctx, r, conn, read.Rows)
}

// loaded is nil where the rows were not read, and never where they were.
func loaded[T any](rows []*T, was bool) []*T {
	if was {
		return orEmpty(rows)
	}
	return nil
}

// ofSeveralVcons are the conversations whose participants were brought by more than one vCon.
func ofSeveralVcons(rows []*conversation.Conversation) (ids []int64) {
	for _, c := range rows {
		if n := len(c.Participants); n > 0 && c.Participants[0].VconUUID != c.Participants[n-1].VconUUID {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// keyMemory are the names of the metadata keys. The name of a key never changes, and a key never goes, so that one
// whose name is not known is all that makes them be read again.
type keyMemory struct {
	mu    sync.Mutex
	names map[int]string
}

// name fills in the names of the keys of metadata, and brings the metadata into the order of them.
func (k *keyMemory) name(ctx context.Context, r *reader, conn *pgx.Conn, all []*conversation.Conversation) error {
	names, err := k.with(ctx, r, conn, all)
	if err != nil {
		return err
	}
	for _, c := range all {
		for _, m := range c.Metadata {
			m.Key = names[m.KeyID]
		}
		slices.SortStableFunc(c.Metadata, func(a, b *conversation.Metadatum) int { return strings.Compare(a.Key, b.Key) })
	}
	return nil
}

// with returns the names, among them those of all keys in the rows.
func (k *keyMemory) with(
	ctx context.Context, r *reader, conn *pgx.Conn, all []*conversation.Conversation,
) (map[int]string, error) {
	k.mu.Lock()
	names := k.names
	k.mu.Unlock()
	known := func(c *conversation.Conversation) bool {
		return !slices.ContainsFunc(c.Metadata, func(m *conversation.Metadatum) bool { return names[m.KeyID] == "" })
	}
	if !slices.ContainsFunc(all, func(c *conversation.Conversation) bool { return !known(c) }) {
		return names, nil
	}
	read := map[int]string{}
	err := r.ask(ctx, conn, []question{{"SELECT id, name FROM metadata_keys", nil, false, func(answer *rows) error {
		for row := answer.next(); row != nil; row = answer.next() {
			id := row.int()
			read[id] = row.text()
		}
		return answer.close()
	}}})
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.names = read
	return read, nil
}

// wholeParticipant are all columns that conversation.Participant.SamePerson compares.
const wholeParticipant = WithRole | WithName | WithPhoneNumber | WithDigitalAddress | withUserID
