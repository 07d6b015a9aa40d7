package db

import (
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// Conversation is a row of the listing. What belongs to it is nil until LoadRelations fills it.
type Conversation struct {
	bun.BaseModel `bun:"table:conversations,alias:c"`

	ID              int64 `bun:",pk,autoincrement"`
	StartedAt       time.Time
	EndedAt         time.Time
	DurationMs      int64
	Direction       compliance.Direction          `bun:",nullzero"`
	Types           []compliance.ConversationType `bun:",array"`
	Reviewable      bool
	MediaStatus     compliance.MediaStatus
	AnonymizedAt    *time.Time
	SettingsVersion *int
	// The Done fields tell everything that was on whenever the conversation was anonymized; Done puts them together.
	DonePhoneNumber    bool
	DoneDigitalAddress bool
	DoneContent        bool
	DoneMedia          bool
	DoneKeys           []string `bun:",array"`
	ImportedAt         time.Time

	Vcons        []*Vcon        `bun:"-"`
	Participants []*Participant `bun:"-"`
	Segments     []*Segment     `bun:"-"`
	Metadata     []*Metadatum   `bun:"-"`
	Media        []*MediaFile   `bun:"-"`
}

// Done returns everything that was on whenever the conversation was anonymized, nil where it never was.
func (c *Conversation) Done() *compliance.Selection {
	if c.AnonymizedAt == nil {
		return nil
	}
	return &compliance.Selection{
		ParticipantPhoneNumber: c.DonePhoneNumber, ParticipantDigitalAddress: c.DoneDigitalAddress,
		SubjectAndBody: c.DoneContent, MediaFiles: c.DoneMedia, Keys: c.DoneKeys,
	}
}

func (c *Conversation) setDone(done compliance.Selection) {
	c.DonePhoneNumber, c.DoneDigitalAddress = done.ParticipantPhoneNumber, done.ParticipantDigitalAddress
	c.DoneContent, c.DoneMedia = done.SubjectAndBody, done.MediaFiles
	c.DoneKeys = append([]string{}, done.Keys...)
}

// Vcon is one of the vCons that a conversation is made of: the one that it was imported as, and those that joined it. What a vCon brought carries its
// uuid. They are in order of time, and by uuid where that is equal.
type Vcon struct {
	bun.BaseModel `bun:"table:vcons,alias:v"`

	UUID           uuid.UUID `bun:",pk"`
	ConversationID int64
	StartedAt      time.Time
	EndedAt        time.Time
	Direction      compliance.Direction `bun:",nullzero"`
}

// Participant is somebody in a conversation, in the order of the vCon's parties.
type Participant struct {
	bun.BaseModel `bun:"table:participants,alias:p"`

	ConversationID           int64     `bun:",pk"`
	VconUUID                 uuid.UUID `bun:",pk"`
	Position                 int       `bun:",pk"`
	Role                     compliance.ParticipantRole
	Name                     string
	UserID                   string
	PhoneNumber              string
	PhoneNumberAnonymized    bool
	DigitalAddress           string
	DigitalAddressAnonymized bool
}

// Segment is one call, e-mail thread or chat of a conversation.
type Segment struct {
	bun.BaseModel `bun:"table:segments,alias:s"`

	ID              int64 `bun:",pk,autoincrement"`
	ConversationID  int64
	VconUUID        uuid.UUID
	Position        int // within the conversation
	Kind            compliance.SegmentKind
	StartedAt       time.Time
	DurationMs      int64
	Title           string // the subject of an e-mail, the room name of a chat
	TitleAnonymized bool
	Attachments     int

	Messages []*Message `bun:"-"`

	// Wanted are the files that an import wants in the segment; nil elsewhere.
	Wanted []*MediaFile `bun:"-"`
}

// Message is one piece of text in a segment.
type Message struct {
	bun.BaseModel `bun:"table:messages,alias:m"`

	ConversationID int64 `bun:",pk"`
	SegmentID      int64 `bun:",pk"`
	Position       int   `bun:",pk"`
	Kind           compliance.MessageKind
	AuthorPosition *int // the Position of a Participant of the same vCon; nil where nobody is known
	SentAt         *time.Time
	Text           string
	TextAnonymized bool
}

// Metadatum is one key of a conversation's metadata with its value.
type Metadatum struct {
	bun.BaseModel `bun:"table:metadata,alias:md"`

	ConversationID  int64     `bun:",pk"`
	VconUUID        uuid.UUID `bun:",pk"`
	KeyID           int       `bun:",pk"`
	Value           string
	ValueAnonymized bool

	Key string `bun:",scanonly"`
}

// MediaFile is one recording of a call segment.
type MediaFile struct {
	bun.BaseModel `bun:"table:media_files,alias:f"`

	ID              int64 `bun:",pk,autoincrement"`
	ConversationID  int64
	SegmentID       int64
	Position        int
	Kind            compliance.MediaKind
	Status          compliance.MediaStatus
	MediaType       string
	StartedAt       *time.Time // nil where it is not known
	DurationMs      int64
	SourceURL       string // empty once it is deleted
	Origin          string // a keyed hash of the source's url, which stays
	ContentHash     string
	StoreKey        string // where the file store has it; empty for one that is only referred to, and once it is deleted
	SizeBytes       int64
	PlannedAt       *time.Time
	DeletingAt      *time.Time // since when the Delete tool is at it: from then on it may be gone
	Failure         string     // why the Delete tool could not delete it last
	Protected       bool
	ProtectedUntil  *time.Time // nil with Protected: without an end
	ProtectedReason string

	// Known says that the intake takes a file for one whose bytes are stored already. Hashes are all that an import knows of its content.
	Known  bool     `bun:"-"`
	Hashes []string `bun:"-"`
}

// ProtectedAt reports whether MiFID protection holds at a time: it ends by release or by its date (design, section 4).
func (f *MediaFile) ProtectedAt(now time.Time) bool {
	return f.Protected && (f.ProtectedUntil == nil || f.ProtectedUntil.After(now))
}

// MetadataKey is a metadata key that the system knows.
type MetadataKey struct {
	bun.BaseModel `bun:"table:metadata_keys,alias:k"`

	ID            int `bun:",pk,autoincrement"`
	Name          string
	IsFilter      bool
	IsCorrelation bool
	FirstSeenAt   time.Time
}
