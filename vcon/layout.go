package vcon

import (
	"slices"
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
// it: a person who redacts the vCon further finds each value once.
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
	Until *time.Time `json:"until,omitempty"`
	// Reason is a compliance.ProtectionReason; exports of earlier versions have a person's words there.
	Reason string `json:"reason"`
	Note   string `json:"note,omitempty"`
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

// refuseAdded refuses an export to which another tool has added something that would come in with any other
// vCon: the layout does not know it, so reading the export by its layout would drop it without a word. What is
// merely changed comes in, since the layout refers to it.
func (e *exportReader) refuseAdded(root object, own int, wanted layout) error {
	known := wanted.parts(own)
	for _, list := range []struct {
		name  string
		parts []object
	}{
		{"parties", e.parties}, {"dialog", e.dialogs}, {"analysis", e.analyses}, {"attachments", e.attachments},
	} {
		for i, one := range list.parts {
			if !known[list.name][i] {
				return added(element(list.name, i))
			}
			if extra := addedMeta(one); extra != "" {
				return added(extra)
			}
		}
	}
	if root.has("meta") {
		return added("meta")
	}
	return nil
}

func added(path string) error {
	return wrong(path, "is not of this system's export: another tool has added it. Import it as a vCon of its own, "+
		"with another uuid, or leave the attachment %s out to read all of this like any other vCon", layoutName)
}

// addedMeta is the first member of the meta of a party or a dialog that this system does not write.
func addedMeta(o object) string {
	written := []string{"user_id", "groups", "tel", "email", "handle", "ip", "room", "direction"}
	for name := range o.object("meta").members {
		if !slices.Contains(written, name) {
			return o.at("meta")
		}
	}
	return ""
}

// parts are the places of all parts that the layout refers to, by the lists of a vCon. Own is the attachment that
// holds the layout.
func (l layout) parts(own int) map[string]map[int]bool {
	known := map[string]map[int]bool{
		"parties": {}, "dialog": {}, "analysis": {}, "attachments": {own: true},
	}
	for _, source := range l.Sources {
		for _, party := range source.Parties {
			known["parties"][party.Party] = true
		}
		if source.Metadata != nil {
			known["attachments"][*source.Metadata] = true
		}
		for _, segment := range source.Segments {
			known["dialog"][segment.Dialog] = true
			for _, message := range segment.Messages {
				if message.Dialog != nil {
					known["dialog"][*message.Dialog] = true
				}
				if message.Analysis != nil {
					known["analysis"][*message.Analysis] = true
				}
			}
			for _, media := range segment.Media {
				known["dialog"][media.Dialog] = true
			}
		}
	}
	return known
}
