package db

import (
	"strings"
	"sync"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// column is a column, or several, of a relation. It is read where one of the Columns in when is wanted; always, where
// when is zero. A column that read leaves alone is nil.
type column[T any] struct {
	sql  string
	when Columns
	read func(value *T, from *row)
}

// relation is what is read of a table: the columns, and which rows in which order.
type relation[T any] struct {
	columns []column[T]
	from    string
	mask    Columns
	known   sync.Map // of *projection[T], by the columns that are wanted, and whether it is of one conversation
}

// ofIDs stands for the condition that a conversation is one of those with some ids. One is compared by itself: for a
// list PostgreSQL expects ten and more, so that it would plan a statement of one anew each time.
const ofIDs = "= @ids"

// shape is what the text of a statement depends on.
type shape struct {
	columns Columns
	single  bool
}

// projection reads the wanted columns of a relation.
type projection[T any] struct {
	sql  string
	read []func(*T, *row)
}

func newRelation[T any](from string, columns ...column[T]) *relation[T] {
	r := &relation[T]{columns: columns, from: from}
	for _, column := range columns {
		r.mask |= column.when
	}
	return r
}

// with is the projection to the columns that are wanted, of one conversation or of several. There are at most two to
// the power of the number of columns that can be left out.
func (r *relation[T]) with(want Columns, single bool) *projection[T] {
	of := shape{want & r.mask, single}
	if known, found := r.known.Load(of); found {
		return known.(*projection[T])
	}
	made := &projection[T]{}
	var names []string
	for _, column := range r.columns {
		if column.when != 0 && of.columns&column.when == 0 {
			continue
		}
		names = append(names, column.sql)
		if column.read != nil {
			made.read = append(made.read, column.read)
		}
	}
	ids := "= ANY($1)"
	if single {
		ids = "= $1"
	}
	made.sql = "SELECT " + strings.Join(names, ", ") + " " + strings.Replace(r.from, ofIDs, ids, 1)
	known, _ := r.known.LoadOrStore(of, made)
	return known.(*projection[T])
}

func (p *projection[T]) row(value *T, from *row) {
	for _, read := range p.read {
		read(value, from)
	}
}

// relations are those of which conversations are read. The first column of all but the conversations is the id of the
// conversation, by which the rows are ordered first.
type relations struct {
	conversations *relation[conversation.Conversation]
	vcons         *relation[conversation.Vcon]
	participants  *relation[conversation.Participant]
	segments      *relation[conversation.Segment]
	messages      *relation[windowed]
	metadata      *relation[conversation.Metadatum]
	media         *relation[conversation.MediaFile]
}

func newRelations() *relations {
	return &relations{
		conversations: newRelation("", conversationColumns()...),
		vcons: newRelation("FROM vcons AS v WHERE v.conversation_id "+ofIDs+
			" ORDER BY v.conversation_id, v.started_at, v.uuid", vconColumns()...),
		participants: newRelation("FROM participants AS p WHERE p.conversation_id "+ofIDs+
			" ORDER BY p.conversation_id, p.place, p.vcon_uuid, p.position", participantColumns()...),
		segments: newRelation("FROM segments AS s WHERE s.conversation_id "+ofIDs+
			" ORDER BY s.conversation_id, s.position", segmentColumns()...),
		messages: newRelation("", messageColumns()...),
		metadata: newRelation("FROM metadata AS m WHERE m.conversation_id "+ofIDs+
			" ORDER BY m.conversation_id, m.place, m.vcon_uuid, m.key_id", metadataColumns()...),
		media: newRelation("FROM media_files AS f WHERE f.conversation_id "+ofIDs+
			" ORDER BY f.conversation_id, f.segment_position, f.position", mediaColumns()...),
	}
}

func conversationColumns() []column[conversation.Conversation] {
	type it = conversation.Conversation
	return []column[it]{
		{"conversation.id, conversation.started_at, conversation.duration_ms", 0, func(c *it, from *row) {
			c.ID, c.StartedAt, c.DurationMs = from.int64(), from.time(), from.int64()
		}},
		{"conversation.ended_at", WithEnd, func(c *it, from *row) { c.EndedAt = from.time() }},
		{"conversation.direction", WithDirection, func(c *it, from *row) {
			c.Direction = word(from, compliance.Inbound, compliance.Outbound, compliance.Internal)
		}},
		{"conversation.types", WithTypes, func(c *it, from *row) {
			c.Types = words(from, compliance.TypeCall, compliance.TypeScreenRecording, compliance.TypeEmail,
				compliance.TypeChat)
		}},
		{"conversation.reviewable", WithReviewable, func(c *it, from *row) { c.Reviewable = from.bool() }},
		{"conversation.media_status", WithMediaStatus, func(c *it, from *row) { c.MediaStatus = mediaStatus(from) }},
		{"conversation.anonymized_at, conversation.settings_version, conversation.done_phone_number," +
			" conversation.done_digital_address, conversation.done_content, conversation.done_media," +
			" conversation.done_keys", WithDone, func(c *it, from *row) {
			c.AnonymizedAt, c.SettingsVersion = from.timeOrNil(), from.intOrNil()
			c.DonePhoneNumber, c.DoneDigitalAddress = from.bool(), from.bool()
			c.DoneContent, c.DoneMedia, c.DoneKeys = from.bool(), from.bool(), words[string](from)
		}},
	}
}

func mediaStatus(from *row) compliance.MediaStatus {
	return word(from, compliance.MediaAvailable, compliance.MediaNone, compliance.MediaPlanned,
		compliance.MediaDeleted, compliance.MediaMissing)
}

func vconColumns() []column[conversation.Vcon] {
	return []column[conversation.Vcon]{
		{"v.conversation_id, v.uuid", 0, func(v *conversation.Vcon, from *row) {
			v.ConversationID, v.UUID = from.int64(), from.uuid()
		}},
	}
}

func participantColumns() []column[conversation.Participant] {
	type it = conversation.Participant
	return []column[it]{
		{"p.conversation_id, p.vcon_uuid", 0, func(p *it, from *row) {
			p.ConversationID, p.VconUUID = from.int64(), from.uuid()
		}},
		{"p.position", WithAuthors, func(p *it, from *row) { p.Position = from.int() }},
		{"p.role", WithRole, func(p *it, from *row) {
			p.Role = word(from, compliance.RoleCustomer, compliance.RoleAgent, compliance.RoleSupervisor,
				compliance.RoleBot, compliance.RoleOther)
		}},
		{"p.name", WithName, func(p *it, from *row) { p.Name = from.text() }},
		{"p.user_id", withUserID, func(p *it, from *row) { p.UserID = from.text() }},
		{"p.phone_number, p.phone_number_anonymized", WithPhoneNumber, func(p *it, from *row) {
			p.PhoneNumber, p.PhoneNumberAnonymized = from.text(), from.bool()
		}},
		{"p.digital_address, p.digital_address_anonymized, p.phone_address, p.phone_address_anonymized",
			WithDigitalAddress, func(p *it, from *row) {
				p.DigitalAddress, p.DigitalAddressAnonymized = from.text(), from.bool()
				p.PhoneAddress, p.PhoneAddressAnonymized = from.text(), from.bool()
			}},
	}
}

func segmentColumns() []column[conversation.Segment] {
	type it = conversation.Segment
	return []column[it]{
		{"s.conversation_id, s.id, s.kind", 0, func(s *it, from *row) {
			s.ConversationID, s.ID = from.int64(), from.int64()
			s.Kind = word(from, compliance.SegmentCall, compliance.SegmentEmail, compliance.SegmentChat)
		}},
		{"s.vcon_uuid", WithAuthors, func(s *it, from *row) { s.VconUUID = from.uuid() }},
		{"s.started_at, s.duration_ms", WithSegmentTimes, func(s *it, from *row) {
			s.StartedAt, s.DurationMs = from.time(), from.int64()
		}},
		{"s.title, s.title_anonymized", WithTitle, func(s *it, from *row) {
			s.Title, s.TitleAnonymized = from.text(), from.bool()
		}},
		{"s.attachments", WithAttachments, func(s *it, from *row) { s.Attachments = from.int() }},
	}
}

func metadataColumns() []column[conversation.Metadatum] {
	type it = conversation.Metadatum
	return []column[it]{
		{"m.conversation_id, m.key_id", 0, func(m *it, from *row) {
			m.ConversationID, m.KeyID = from.int64(), from.int()
		}},
		{"m.value, m.value_anonymized", WithValue, func(m *it, from *row) {
			m.Value, m.ValueAnonymized = from.text(), from.bool()
		}},
	}
}

func mediaColumns() []column[conversation.MediaFile] {
	type it = conversation.MediaFile
	return []column[it]{
		{"f.conversation_id, f.id, f.segment_id, f.kind, f.status, f.protected", 0, func(f *it, from *row) {
			f.ConversationID, f.ID, f.SegmentID = from.int64(), from.int64(), from.int64()
			f.Kind, f.Status = word(from, compliance.MediaCall, compliance.MediaScreen), mediaStatus(from)
			f.Protected = from.bool()
		}},
		{"f.media_type", WithMediaType, func(f *it, from *row) { f.MediaType = from.text() }},
		{"f.started_at, f.duration_ms", WithMediaTimes, func(f *it, from *row) {
			f.StartedAt, f.DurationMs = from.timeOrNil(), from.int64()
		}},
		{"f.store_key, f.source_url, f.deleting_at, f.failure", WithSource, func(f *it, from *row) {
			f.StoreKey, f.SourceURL = from.text(), from.text()
			f.DeletingAt, f.Failure = from.timeOrNil(), from.text()
		}},
		{"f.protected_until, f.protection_reason, f.protection_note", WithProtection, func(f *it, from *row) {
			f.ProtectedUntil = from.timeOrNil()
			f.ProtectionReason, f.ProtectionNote = word[compliance.ProtectionReason](from), from.text()
		}},
	}
}

// windowed is a message of a window.
type windowed struct {
	window int
	conversation.Message
}

func messageColumns() []column[windowed] {
	return []column[windowed]{
		{"w.number, m.segment_id, m.position, m.kind, m.author_position", 0, func(m *windowed, from *row) {
			m.window, m.SegmentID, m.Position = int(from.int64()), from.int64(), from.int()
			m.Kind, m.AuthorPosition = word(from, compliance.MessageKinds()...), from.intOrNil()
		}},
		{"m.sent_at", WithSentAt, func(m *windowed, from *row) { m.SentAt = from.timeOrNil() }},
		{"m.text, m.text_anonymized", WithText, func(m *windowed, from *row) {
			m.Text, m.TextAnonymized = from.text(), from.bool()
		}},
	}
}

// ofKinds selects the messages of a segment (s) that a window (w) asks for.
const ofKinds = `conversation_id = s.conversation_id AND segment_id = s.id
          AND (w.kinds = '' OR kind = ANY (string_to_array(w.kinds, ' ')))`

// messagePages reads the windows of messages.
func messagePages(ids []int64, want Want) *statement {
	pages := wantedMessages(ids, want)
	pages.write(`
 CROSS JOIN LATERAL (
       SELECT * FROM messages WHERE ` + ofKinds + ` AND position > w.after ORDER BY position LIMIT w.first) AS m
 ORDER BY w.number, m.segment_id, m.position`)
	return pages
}

// messageCounts counts the messages of windows, in an order in which they are read by the index, and no further than
// counted.
func messageCounts(ids []int64, want Want) *statement {
	counts := &statement{}
	counts.write(`SELECT w.number, s.id, (SELECT count(*) FROM (
       SELECT FROM messages WHERE ` + ofKinds + ` ORDER BY position LIMIT w.up_to) AS m)`)
	counts.append(wantedMessages(ids, want))
	return counts
}

// wantedMessages joins the windows (w) with the segments (s) that they are of: the first ones of each of the
// conversations, or one segment.
func wantedMessages(ids []int64, want Want) *statement {
	from := &statement{}
	separator := "\n  FROM (VALUES "
	for i, window := range want.Messages {
		key := Key{Sort: -1}
		if window.After != nil {
			key = *window.After
		}
		from.write(separator+"(?::bigint, ?::bigint, ?::bigint, ?::bigint, ?::text, ?::bigint)",
			int64(i), int64(window.First)+1, key.ID, key.Sort, texts(window.Kinds), int64(window.UpTo))
		separator = ", "
	}
	from.write(") AS w (number, first, segment, after, kinds, up_to)\n  JOIN segments AS s ON w.segment IN (0, s.id) AND ")
	if want.OnlySegment != 0 {
		from.write("s.id = ? AND ", want.OnlySegment)
	} else {
		from.write("s.position < ? AND ", int32(min(want.Segments, maxPosition)))
	}
	if len(ids) == 1 {
		from.write("s.conversation_id = ?", ids[0])
	} else {
		from.write("s.conversation_id = ANY(?)", ids)
	}
	return from
}

// maxPosition is more segments than a conversation has.
const maxPosition = 1 << 30
