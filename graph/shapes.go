package graph

import (
	"context"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/graph/answer"
)

// shapes describe conversations, and what is below them, for package answer: each field with its value, and with
// the columns that it needs. What a value is stands in the methods that the generated code calls, too.
type shapes struct {
	connection   *answer.Object[*ConversationConnection]
	conversation *answer.Object[*Conversation]
	segment      *answer.OneOf[segment]
	mediaFile    *answer.Object[*MediaFile]
}

// newShapes describes the types. Executed gives what the generated code makes of a field.
func newShapes(generated func(ctx context.Context) *executionContext) *shapes {
	pageInfo, participant, file := pageInfoShape(), participantShape(), mediaFileShape()
	segment := segmentShape(messagesShape(participant, pageInfo), file)
	conversation := conversationShape(participant, segment, file, generated)
	return &shapes{connectionShape(conversation, pageInfo), conversation, segment, file}
}

// needs adds the columns from which a field is made.
func needs[T any](columns db.Columns, field answer.Field[T]) answer.Field[T] {
	return field.Needs(uint64(columns))
}

// arguments reads those of a field as the generated code does.
func arguments(
	read func(ec *executionContext, ctx context.Context, raw map[string]any) (map[string]any, error),
) answer.Parse {
	ec := newExecutionContext(nil, &executableSchema{}, nil)
	return func(ctx context.Context, raw map[string]any) (map[string]any, error) { return read(ec, ctx, raw) }
}

// list is a list that is no connection: the first items of all.
func list[T, I, E any](
	name string, of answer.Type[E], all func(T) []I, show func(T, int, I) E,
	read func(ec *executionContext, ctx context.Context, raw map[string]any) (map[string]any, error),
) answer.Field[T] {
	return answer.Many(name, of, func(value T, arguments answer.Arguments) ([]I, error) {
		if err := checkList(arguments.First()); err != nil {
			return nil, err
		}
		items := all(value)
		return items[:min(arguments.First(), len(items))], nil
	}, show).With(arguments(read))
}

// each is a list of all items.
func each[T, I, E any](
	name string, of answer.Type[E], all func(T) []I, show func(T, int, I) E,
) answer.Field[T] {
	return answer.Many(name, of, func(value T, _ answer.Arguments) ([]I, error) { return all(value), nil }, show)
}

func count[T any](name string, get func(T) int) answer.Field[T] { return answer.Int(name, get) }

func itself[T, E any](_ T, _ int, element E) E { return element }

func emptyWhereNil(text *string) string { return given(text) }

func pageInfoShape() *answer.Object[*PageInfo] {
	type info = *PageInfo
	return answer.Define("PageInfo", nil,
		answer.Bool("hasNextPage", func(p info) bool { return p.HasNextPage }),
		answer.Bool("hasPreviousPage", func(p info) bool { return p.HasPreviousPage }),
		answer.TextOrNull("startCursor", func(p info) string { return emptyWhereNil(p.StartCursor) }),
		answer.TextOrNull("endCursor", func(p info) string { return emptyWhereNil(p.EndCursor) }),
	)
}

func connectionShape(
	of *answer.Object[*Conversation], pageInfo *answer.Object[*PageInfo],
) *answer.Object[*ConversationConnection] {
	type connection = *ConversationConnection
	type edge struct {
		list connection
		node *Conversation
	}
	edges := answer.Define("ConversationEdge", nil,
		answer.Text("cursor", func(e edge) string { return e.list.cursor(e.node) }),
		answer.One("node", of, func(e edge) *Conversation { return e.node }),
	)
	return answer.Define("ConversationConnection", nil,
		each("edges", edges, connection.Nodes, func(c connection, _ int, one *Conversation) edge { return edge{c, one} }),
		each("nodes", of, connection.Nodes, itself[connection]),
		answer.One("pageInfo", pageInfo, connection.PageInfo),
		answer.Count("totalCount", func(ctx context.Context, c connection, a answer.Arguments) (int, error) {
			return c.TotalCount(ctx, a["upTo"].(int))
		}).With(arguments((*executionContext).field_ConversationConnection_totalCount_args)),
	)
}

func conversationShape(
	participant *answer.Object[Participant], segment *answer.OneOf[segment], file *answer.Object[*MediaFile],
	generated func(ctx context.Context) *executionContext,
) *answer.Object[*Conversation] {
	type conv = *Conversation
	return answer.Define("Conversation", []string{"Node"},
		answer.ID("id", func(b []byte, c conv) []byte { return appendID(b, kindConversation, c.Conversation.ID) }),
		answer.Time("startedAt", func(c conv) time.Time { return c.StartedAt }),
		needs(db.WithEnd, answer.Time("endedAt", func(c conv) time.Time { return c.EndedAt })),
		answer.Float("durationSeconds", conv.DurationSeconds),
		needs(db.WithDirection, answer.TextOrNull("direction",
			func(c conv) compliance.Direction { return c.Conversation.Direction })),
		needs(db.WithTypes, answer.Texts("types", func(c conv) []compliance.ConversationType { return c.Types })),
		needs(db.WithParticipants, list("participants", participant, conv.participants,
			func(_ conv, _ int, p *conversation.Participant) Participant { return Participant{p} },
			(*executionContext).field_Conversation_participants_args)),
		needs(db.WithParticipants, count("participantCount", conv.ParticipantCount)),
		needs(db.WithSegments, list("segments", segment, conv.ofSegments, conv.showSegment,
			(*executionContext).field_Conversation_segments_args)),
		needs(db.WithSegments, count("segmentCount", conv.SegmentCount)),
		// Equal values of several vCons are shown once, so that keys alone need the values, too.
		needs(db.WithMetadata|db.WithValue, list("metadata", metadataShape(), conv.metadata, itself[conv],
			(*executionContext).field_Conversation_metadata_args)),
		needs(db.WithMetadata|db.WithValue, count("metadataCount", conv.MetadataCount)),
		needs(db.WithReviewable, answer.Bool("isReviewable", conv.IsReviewable)),
		needs(db.WithMediaStatus, answer.Text("mediaStatus",
			func(c conv) compliance.MediaStatus { return c.MediaStatus })),
		needs(db.WithMedia, list("media", file, conv.files,
			func(c conv, _ int, f *conversation.MediaFile) *MediaFile { return c.showFile(f) },
			(*executionContext).field_Conversation_media_args)),
		needs(db.WithMedia, count("mediaCount", conv.MediaCount)),
		needs(db.WithMedia, count("protectedMediaCount", conv.ProtectedMediaCount)),
		needs(db.WithVcons, answer.Strings("vcons", func(c conv, a answer.Arguments) ([]string, error) {
			return c.Vcons(a.First())
		}).With(arguments((*executionContext).field_Conversation_vcons_args))),
		needs(db.WithVcons, count("vconCount", conv.VconCount)),
		needs(db.WithDone, answer.OneOrNull("anonymization", anonymizationShape(), func(c conv) (*Anonymization, bool) {
			done := c.Anonymization()
			return done, done != nil
		})),
		answer.Executed("history",
			func(ctx context.Context, field graphql.CollectedField, c conv) graphql.Marshaler {
				return generated(ctx)._Conversation_history(ctx, field, c)
			}),
	)
}

func anonymizationShape() *answer.Object[*Anonymization] {
	type done = *Anonymization
	type data = *BasicData
	basicData := answer.Define("BasicData", nil,
		answer.Bool("participantPhoneNumber", func(d data) bool { return d.ParticipantPhoneNumber }),
		answer.Bool("participantDigitalAddress", func(d data) bool { return d.ParticipantDigitalAddress }),
		answer.Bool("subjectAndBody", func(d data) bool { return d.SubjectAndBody }),
		answer.Bool("mediaFiles", func(d data) bool { return d.MediaFiles }),
	)
	return answer.Define("Anonymization", nil,
		answer.Time("anonymizedAt", func(a done) time.Time { return a.AnonymizedAt }),
		answer.Int("settingsVersion", func(a done) int { return a.SettingsVersion }),
		answer.One("basicData", basicData, func(a done) data { return a.BasicData }),
		answer.Strings("metadataKeys", func(a done, arguments answer.Arguments) ([]string, error) {
			return a.MetadataKeys(arguments.First())
		}).With(arguments((*executionContext).field_Anonymization_metadataKeys_args)),
		count("metadataKeyCount", done.MetadataKeyCount),
	)
}

func metadataShape() *answer.Object[*conversation.Metadatum] {
	type entry = *conversation.Metadatum
	return answer.Define("MetadataEntry", nil,
		answer.Text("key", func(m entry) string { return m.Key }),
		needs(db.WithValue, answer.Text("value", func(m entry) string { return m.Value })),
		needs(db.WithValue, answer.Bool("isAnonymized", func(m entry) bool { return m.ValueAnonymized })),
	)
}

func participantShape() *answer.Object[Participant] {
	return answer.Define("Participant", nil,
		needs(db.WithRole, answer.Text("role", func(p Participant) compliance.ParticipantRole { return p.Role })),
		needs(db.WithName, answer.TextOrNull("name", func(p Participant) string { return p.Participant.Name })),
		needs(db.WithPhoneNumber, answer.TextOrNull("phoneNumber",
			func(p Participant) string { return p.Participant.PhoneNumber })),
		needs(db.WithPhoneNumber, answer.Bool("isPhoneNumberAnonymized",
			func(p Participant) bool { return p.IsPhoneNumberAnonymized() })),
		needs(db.WithDigitalAddress, answer.TextOrNull("digitalAddress", Participant.address)),
		needs(db.WithDigitalAddress, answer.Bool("isDigitalAddressAnonymized",
			func(p Participant) bool { return p.IsDigitalAddressAnonymized() })),
	)
}

func mediaFileShape() *answer.Object[*MediaFile] {
	type file = *MediaFile
	type held = *MediaProtection
	protection := answer.Define("MediaProtection", nil,
		answer.Text("reason", func(p held) compliance.ProtectionReason { return p.Reason }),
		answer.TextOrNull("note", func(p held) string { return emptyWhereNil(p.Note) }),
		answer.TimeOrNull("until", func(p held) *time.Time { return p.Until }),
	)
	return answer.Define("MediaFile", []string{"Node"},
		answer.ID("id", func(b []byte, f file) []byte { return appendID(b, kindMediaFile, f.MediaFile.ID) }),
		answer.Text("kind", func(f file) compliance.MediaKind { return f.Kind }),
		answer.Text("status", func(f file) compliance.MediaStatus { return f.Status }),
		needs(db.WithMediaType, answer.TextOrNull("mediaType", func(f file) string { return f.MediaFile.MediaType })),
		needs(db.WithMediaTimes, answer.TimeOrNull("startedAt", func(f file) *time.Time { return f.StartedAt })),
		needs(db.WithMediaTimes, answer.FloatOrNull("durationSeconds", func(f file) (float64, bool) {
			return seconds(f.DurationMs), f.DurationMs != 0
		})),
		needs(db.WithSource, answer.TextOrNull("playbackUrl",
			func(f file) string { return emptyWhereNil(f.PlaybackURL()) })),
		needs(db.WithSource, answer.TextOrNull("sourceUrl", func(f file) string { return f.MediaFile.SourceURL })),
		answer.Bool("isProtected", file.IsProtected),
		needs(db.WithProtection, answer.OneOrNull("protection", protection, func(f file) (held, bool) {
			protection := f.Protection()
			return protection, protection != nil
		})),
		needs(db.WithSource, answer.TextOrNull("deletionFailure", func(f file) string { return f.Failure })),
	)
}

func messagesShape(
	participant *answer.Object[Participant], pageInfo *answer.Object[*PageInfo],
) *answer.Object[*MessageConnection] {
	type connection = *MessageConnection
	type item struct {
		list connection
		*conversation.Message
	}
	message := answer.Define("Message", nil,
		answer.Text("kind", func(m item) compliance.MessageKind { return m.Kind }),
		needs(db.WithParticipants|db.WithAuthors, answer.OneOrNull("author", participant,
			func(m item) (Participant, bool) {
				author := m.list.segment.author(m.AuthorPosition)
				return Participant{author}, author != nil
			})),
		needs(db.WithSentAt, answer.TimeOrNull("sentAt", func(m item) *time.Time { return m.SentAt })),
		needs(db.WithText, answer.Text("text", func(m item) string { return m.Text })),
		needs(db.WithText, answer.Bool("isAnonymized", func(m item) bool { return m.TextAnonymized })),
	)
	edge := answer.Define("MessageEdge", nil,
		answer.Text("cursor", func(m item) string { return messageCursors.cursor(db.MessageKey(m.Message)) }),
		answer.One("node", message, func(m item) item { return m }),
	)
	show := func(c connection, _ int, m *conversation.Message) item { return item{c, m} }
	rows := func(c connection) []*conversation.Message { return c.page.Rows }
	return answer.Define("MessageConnection", nil,
		each("edges", edge, rows, show),
		each("nodes", message, rows, show),
		answer.One("pageInfo", pageInfo, connection.PageInfo),
		answer.Count("totalCount", func(_ context.Context, c connection, a answer.Arguments) (int, error) {
			return c.TotalCount(a["upTo"].(int))
		}).With(arguments((*executionContext).field_MessageConnection_totalCount_args)),
	)
}

func segmentShape(
	messages *answer.Object[*MessageConnection], file *answer.Object[*MediaFile],
) *answer.OneOf[segment] {
	show := func(s segment, _ int, f *conversation.MediaFile) *MediaFile { return s.conversation.showFile(f) }
	call := answer.Define("CallSegment", []string{"Node", "Segment"}, slices.Concat(
		commonShape(messages, (*executionContext).field_CallSegment_messages_args),
		[]answer.Field[segment]{
			needs(db.WithMedia, list("media", file, segment.media, show,
				(*executionContext).field_CallSegment_media_args)),
			needs(db.WithMedia, count("mediaCount", func(s segment) int { return len(s.media()) })),
		})...)
	email := answer.Define("EmailSegment", []string{"Node", "Segment"}, slices.Concat(
		commonShape(messages, (*executionContext).field_EmailSegment_messages_args),
		[]answer.Field[segment]{
			needs(db.WithTitle, answer.TextOrNull("subject", func(s segment) string { return s.Title })),
			needs(db.WithTitle, answer.Bool("isSubjectAnonymized", func(s segment) bool { return s.TitleAnonymized })),
			needs(db.WithAttachments, answer.Int("attachmentCount", func(s segment) int { return s.Attachments })),
		})...)
	chat := answer.Define("ChatSegment", []string{"Node", "Segment"}, slices.Concat(
		commonShape(messages, (*executionContext).field_ChatSegment_messages_args),
		[]answer.Field[segment]{
			needs(db.WithTitle, answer.TextOrNull("roomName", func(s segment) string { return s.Title })),
			needs(db.WithTitle, answer.Bool("isRoomNameAnonymized", func(s segment) bool { return s.TitleAnonymized })),
		})...)
	return answer.Either("Segment", func(s segment) int {
		return slices.Index([]compliance.SegmentKind{compliance.SegmentCall, compliance.SegmentEmail,
			compliance.SegmentChat}, s.Kind)
	}, call, email, chat)
}

// commonShape is what every kind of segment shows.
func commonShape(
	messages *answer.Object[*MessageConnection],
	read func(ec *executionContext, ctx context.Context, raw map[string]any) (map[string]any, error),
) []answer.Field[segment] {
	const review = db.WithSegments | db.WithMedia | db.WithDone
	return []answer.Field[segment]{
		answer.ID("id", func(b []byte, s segment) []byte { return appendID(b, kindSegment, s.Segment.ID) }),
		needs(db.WithSegmentTimes, answer.Time("startedAt", func(s segment) time.Time { return s.StartedAt })),
		needs(db.WithSegmentTimes, answer.FloatOrNull("durationSeconds", func(s segment) (float64, bool) {
			length := s.DurationSeconds()
			return given(length), length != nil
		})),
		needs(review, answer.Bool("isAnonymized", segment.IsAnonymized)),
		needs(review, answer.Text("reviewabilityReason", segment.ReviewabilityReason)),
		needs(db.WithSegments, answer.OneWith("messages", messages,
			func(s segment, a answer.Arguments) (*MessageConnection, error) {
				return s.Messages(a.First(), a["after"].(*string), a["kinds"].([]compliance.MessageKind))
			}).With(arguments(read))),
	}
}
