package vcon

import (
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// layoutName is the purpose of the attachment by which this system knows its own exports, and layoutVersion
// the version of what stands in it.
const (
	layoutName    = "qm-compliance"
	layoutVersion = 1
)

// layout tells how the conversation of an export is made of the parts of the vCon, so that reading it gives
// the same conversation again. It refers to what people said and who they are by its place and never repeats
// it: whoever redacts the vCon further finds each value once.
type layout struct {
	Version int            `json:"version"`
	Sources []layoutSource `json:"sources"`
}

// layoutSource is one of the vCons that the conversation was imported as.
type layoutSource struct {
	UUID          uuid.UUID            `json:"uuid"`
	StartedAt     time.Time            `json:"startedAt"`
	EndedAt       time.Time            `json:"endedAt"`
	Direction     compliance.Direction `json:"direction,omitempty"`
	Parties       []layoutParty        `json:"parties"`
	Segments      []layoutSegment      `json:"segments"`
	Metadata      *int                 `json:"metadata,omitempty"` // the attachment
	Anonymization *layoutAnonymization `json:"anonymization,omitempty"`
	Versions      []layoutPredecessor  `json:"versions,omitempty"`
}

// layoutPredecessor is a version of the vCon that is known, with those that it was made from.
type layoutPredecessor struct {
	UUID     uuid.UUID   `json:"uuid"`
	MadeFrom []uuid.UUID `json:"madeFrom,omitempty"`
	MadeAt   *time.Time  `json:"madeAt,omitempty"`
}

type layoutParty struct {
	Party int                        `json:"party"`
	Role  compliance.ParticipantRole `json:"role"`
	// Addresses are the members of the party, or of its meta, that the parts of its digital address stand in, in
	// their order; PhoneAddresses those of its addresses with a phone number in them.
	Addresses      []string `json:"addresses,omitempty"`
	PhoneAddresses []string `json:"phoneAddresses,omitempty"`
}

type layoutSegment struct {
	Kind        compliance.SegmentKind `json:"kind"`
	StartedAt   time.Time              `json:"startedAt"`
	DurationMs  int64                  `json:"durationMs"`
	Attachments int                    `json:"attachments,omitempty"`
	// Dialog is the first dialog of the segment, which also holds the subject or the name of the room.
	Dialog   int             `json:"dialog"`
	Messages []layoutMessage `json:"messages,omitempty"`
	Media    []layoutMedia   `json:"media,omitempty"`
}

// layoutMessage is a text that stands in a dialog or in an analysis.
type layoutMessage struct {
	Kind     compliance.MessageKind `json:"kind"`
	Dialog   *int                   `json:"dialog,omitempty"`
	Analysis *int                   `json:"analysis,omitempty"`
	Author   int                    `json:"author"` // among the parties of the source, -1 where nobody is known
	SentAt   *time.Time             `json:"sentAt,omitempty"`
	Mixed    bool                   `json:"mixed,omitempty"`
}

type layoutMedia struct {
	Dialog     int                    `json:"dialog"`
	Kind       compliance.MediaKind   `json:"kind"`
	StartedAt  *time.Time             `json:"startedAt,omitempty"`
	DurationMs int64                  `json:"durationMs"`
	Status     compliance.MediaStatus `json:"status,omitempty"`
	// Elsewhere tells a recording that lies outside, at a url that is not written, from one that is missing.
	Elsewhere  bool              `json:"elsewhere,omitempty"`
	Protection *layoutProtection `json:"protection,omitempty"`
}

type layoutProtection struct {
	Until  *time.Time `json:"until,omitempty"`
	Reason string     `json:"reason"`
}

type layoutAnonymization struct {
	At              time.Time `json:"at"`
	SettingsVersion int       `json:"settingsVersion"`
	PhoneNumber     bool      `json:"participantPhoneNumber"`
	DigitalAddress  bool      `json:"participantDigitalAddress"`
	Content         bool      `json:"subjectAndBody"`
	Media           bool      `json:"mediaFiles"`
	Keys            []string  `json:"keys,omitempty"`
}
