package db

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
