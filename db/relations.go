package db

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Relations names what belongs to conversations and is to be loaded. Messages brings the segments along.
// Conversation.Review needs Segments and Media.
type Relations struct {
	Vcons, Versions, Participants, Segments, Messages, Metadata, Media bool
}

// everyRelation is all that belongs to a conversation.
func everyRelation() Relations {
	return Relations{Vcons: true, Versions: true, Participants: true, Segments: true, Messages: true, Metadata: true,
		Media: true}
}

// loadRelations fills in what is wanted, in one statement for each relation, however many conversations there
// are: in the order of position, metadata in the order of its keys' names. What was loaded is never nil,
// though it may be empty; what is not wanted stays as it is. Vcons are the only ones whose participants, messages and
// metadata are loaded; nil loads those of all.
func loadRelations(
	ctx context.Context, db bun.IDB, batch []*conversation.Conversation, want Relations, vcons []uuid.UUID,
) error {
	if len(batch) == 0 {
		return nil
	}
	for _, relation := range []struct {
		wanted bool
		load   func(context.Context, bun.IDB, []*conversation.Conversation, []uuid.UUID) error
	}{
		{want.Vcons, loadVcons},
		{want.Versions, loadVersions},
		{want.Participants, loadParticipants},
		{want.Segments || want.Messages, loadSegments},
		{want.Messages, loadMessages},
		{want.Metadata, loadMetadata},
		{want.Media, loadMedia},
	} {
		if !relation.wanted {
			continue
		}
		if err := relation.load(ctx, db, batch, vcons); err != nil {
			return err
		}
	}
	return nil
}

func loadVcons(ctx context.Context, db bun.IDB, batch []*conversation.Conversation, _ []uuid.UUID) error {
	query := belonging[conversation.Vcon](db, batch).OrderExpr("conversation_id, started_at, uuid")
	rows, err := rowsOf(ctx, query, func(v *conversation.Vcon) int64 { return v.ConversationID })
	for _, c := range batch {
		c.Vcons = orEmpty(rows[c.ID])
	}
	return err
}

func loadVersions(ctx context.Context, db bun.IDB, batch []*conversation.Conversation, _ []uuid.UUID) error {
	rows, err := rowsOf(ctx, belonging[conversation.VconVersion](db, batch).OrderExpr("conversation_id, uuid"),
		func(v *conversation.VconVersion) int64 { return v.ConversationID })
	for _, c := range batch {
		c.Versions = orEmpty(rows[c.ID])
	}
	return err
}

func loadParticipants(
	ctx context.Context, db bun.IDB, batch []*conversation.Conversation, vcons []uuid.UUID,
) error {
	query := belonging[conversation.Participant](db, batch).Apply(only(vcons)).
		OrderExpr("conversation_id, place, vcon_uuid, position")
	rows, err := rowsOf(ctx, query, func(p *conversation.Participant) int64 { return p.ConversationID })
	for _, c := range batch {
		c.Participants = orEmpty(rows[c.ID])
	}
	return err
}

func loadSegments(ctx context.Context, db bun.IDB, batch []*conversation.Conversation, _ []uuid.UUID) error {
	rows, err := rowsOf(ctx, belonging[conversation.Segment](db, batch).OrderExpr("conversation_id, position"),
		func(s *conversation.Segment) int64 { return s.ConversationID })
	for _, c := range batch {
		c.Segments = orEmpty(rows[c.ID])
	}
	return err
}

// loadMessages fills the segments, which are loaded before.
func loadMessages(
	ctx context.Context, db bun.IDB, batch []*conversation.Conversation, vcons []uuid.UUID,
) error {
	query := belonging[conversation.Message](db, batch).OrderExpr("conversation_id, segment_id, position")
	if vcons != nil {
		const ofVcons = `segment_id IN (SELECT s.id FROM segments AS s
			WHERE s.conversation_id IN (?) AND s.vcon_uuid IN (?))`
		query = query.Where(ofVcons, bun.List(conversationIDs(batch)), bun.List(vcons))
	}
	rows, err := rowsOf(ctx, query, func(m *conversation.Message) int64 { return m.SegmentID })
	for _, c := range batch {
		for _, segment := range c.Segments {
			segment.Messages = orEmpty(rows[segment.ID])
		}
	}
	return err
}

func loadMetadata(
	ctx context.Context, db bun.IDB, batch []*conversation.Conversation, vcons []uuid.UUID,
) error {
	query := belonging[conversation.Metadatum](db, batch).ColumnExpr("?TableColumns, k.name AS key").
		Join("JOIN metadata_keys AS k ON k.id = metadatum.key_id").Apply(only(vcons)).
		OrderExpr(`metadatum.conversation_id, k.name COLLATE "C", metadatum.place`)
	rows, err := rowsOf(ctx, query, func(m *conversation.Metadatum) int64 { return m.ConversationID })
	for _, c := range batch {
		c.Metadata = orEmpty(rows[c.ID])
	}
	return err
}

// loadMedia sorts files by their segment's position first: their own position counts within it.
func loadMedia(ctx context.Context, db bun.IDB, batch []*conversation.Conversation, _ []uuid.UUID) error {
	query := belonging[conversation.MediaFile](db, batch).OrderExpr("conversation_id, segment_position, position")
	rows, err := rowsOf(ctx, query, func(f *conversation.MediaFile) int64 { return f.ConversationID })
	for _, c := range batch {
		c.Media = orEmpty(rows[c.ID])
	}
	return err
}

// belonging selects the rows of a table that belong to conversations.
func belonging[T any](db bun.IDB, batch []*conversation.Conversation) *bun.SelectQuery {
	ids := bun.List(conversationIDs(batch))
	return db.NewSelect().Model((*T)(nil)).Where("?TableAlias.conversation_id IN (?)", ids)
}

// only narrows a query over rows that a vCon has brought to those of some vCons, nil to all.
func only(vcons []uuid.UUID) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(query *bun.SelectQuery) *bun.SelectQuery {
		if vcons == nil {
			return query
		}
		return query.Where("vcon_uuid IN (?)", bun.List(vcons))
	}
}

// rowsOf reads the rows of a query and sorts them into groups; it keeps their order.
func rowsOf[K comparable, T any](
	ctx context.Context, query *bun.SelectQuery, key func(*T) K,
) (map[K][]*T, error) {
	var rows []*T
	if err := query.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	groups := map[K][]*T{}
	for _, row := range rows {
		groups[key(row)] = append(groups[key(row)], row)
	}
	return groups, nil
}

// orEmpty tells what was loaded and is empty from what was not loaded.
func orEmpty[T any](rows []*T) []*T {
	if rows == nil {
		return []*T{}
	}
	return rows
}

// MessageWindow asks for the First messages of a segment, or for those after After, of some Kinds or of all.
// Without After it asks so of every segment. It counts all of those kinds, no further than UpTo; zero does not count.
type MessageWindow struct {
	First int
	After *Key
	Kinds []compliance.MessageKind
	UpTo  int
}

// MessageKey is the place of a message in its segment: its position, and the id of the segment.
func MessageKey(m *conversation.Message) Key { return Key{Sort: int64(m.Position), ID: m.SegmentID} }

// Same reports whether two windows ask for the same messages, counted or not.
func (w MessageWindow) Same(other MessageWindow) bool {
	same := w.First == other.First && slices.Equal(w.Kinds, other.Kinds)
	if w.After == nil || other.After == nil {
		return same && w.After == other.After
	}
	return same && *w.After == *other.After
}

// MessagePage is a window of the messages of a segment, in the order of position.
type MessagePage struct {
	Rows    []*conversation.Message
	HasNext bool
	Count   int
}

// MessagePages reads the wanted windows of messages, one map by segment for each of the windows, of the conversations
// with these ids. It takes one statement, however many there are of either, and another one where any is counted. It
// reads no message outside of the windows but the one after each, which tells whether there are more, and those of
// other kinds.
func (s *Store) MessagePages(ctx context.Context, ids []int64, want Want) ([]map[int64]MessagePage, error) {
	var read Reading
	questions := s.reader.messages(ids, want, &read)
	if len(questions) == 0 || len(ids) == 0 {
		return read.Messages, nil
	}
	err := s.reader.connected(ctx, func(conn *pgx.Conn) error { return s.reader.ask(ctx, conn, questions) })
	return read.Messages, err
}

// texts writes kinds with blanks between them.
func texts(kinds []compliance.MessageKind) string {
	names := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		names = append(names, string(kind))
	}
	return strings.Join(names, " ")
}

// Columns says what is read of conversations: which relations, and which of the columns that not every answer
// shows. What identifies a row, and what lists are ordered by, is always read.
type Columns uint64

// The relations, of which every column without a name of its own is read.
const (
	WithVcons Columns = 1 << iota
	WithParticipants
	WithSegments
	WithMetadata
	WithMedia

	// Of the conversation.
	WithEnd         // EndedAt
	WithDirection   // Direction
	WithTypes       // Types
	WithReviewable  // Reviewable
	WithMediaStatus // MediaStatus
	WithDone        // AnonymizedAt, SettingsVersion and the Done fields

	// Of the participants.
	WithRole           // Role
	WithName           // Name
	WithPhoneNumber    // PhoneNumber, and whether it was overwritten
	WithDigitalAddress // DigitalAddress and PhoneAddress, and whether they were overwritten
	WithAuthors        // what a message finds its author by: Position, and VconUUID of the segments

	// Of the segments.
	WithSegmentTimes // StartedAt and DurationMs
	WithTitle        // Title, and whether it was overwritten
	WithAttachments  // Attachments

	// Of the messages of a window.
	WithSentAt // SentAt
	WithText   // Text, and whether it was overwritten

	// Of the metadata.
	WithValue // Value, and whether it was overwritten

	// Of the media files, besides ID, SegmentID, Kind, Status and Protected.
	WithMediaType  // MediaType
	WithMediaTimes // StartedAt and DurationMs
	WithSource     // StoreKey, SourceURL and Failure
	WithProtection // ProtectedUntil, ProtectionReason and ProtectionNote

	// withUserID reads UserID of the participants, which no answer shows.
	withUserID
)

// AllColumns reads everything that an answer can show.
const AllColumns = WithProtection<<1 - 1

// Has reports whether all of some columns are wanted.
func (c Columns) Has(columns Columns) bool { return c&columns == columns }

// Want is what an answer shows of conversations.
type Want struct {
	Columns Columns
	// Messages are the windows that are read of the messages of segments: of the first Segments of each
	// conversation, or of OnlySegment where it is not zero.
	Messages    []MessageWindow
	Segments    int
	OnlySegment int64
}

// Relations are those of the wanted columns.
func (w Want) Relations() Relations {
	return Relations{
		Vcons: w.Columns.Has(WithVcons), Participants: w.Columns.Has(WithParticipants),
		Segments: w.Columns.Has(WithSegments), Metadata: w.Columns.Has(WithMetadata), Media: w.Columns.Has(WithMedia),
	}
}
