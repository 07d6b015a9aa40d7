// Package compliance holds the rules of the system as pure Go: which data a switch covers, what stands where
// personal data stood, when a conversation can still be reviewed, and what became of its media. It reads like
// sections 3 and 4 of the design, whose tables its tests repeat row by row.
//
// The package imports nothing of the project and touches no database: the packages that store and show
// conversations ask it, and hold no rule of their own.
package compliance

// SegmentKind says what a segment of a conversation is (design, section 2).
type SegmentKind string

// The kinds of segments.
const (
	SegmentCall  SegmentKind = "CALL"
	SegmentEmail SegmentKind = "EMAIL"
	SegmentChat  SegmentKind = "CHAT"
)

// SegmentKinds returns every kind of segment, in the order of the design.
func SegmentKinds() []SegmentKind {
	return []SegmentKind{SegmentCall, SegmentEmail, SegmentChat}
}

// MediaKind says what a media file recorded: the call (audio) or the screen (video).
type MediaKind string

// The kinds of media files.
const (
	MediaCall   MediaKind = "CALL"
	MediaScreen MediaKind = "SCREEN"
)

// MediaKinds returns every kind of media file.
func MediaKinds() []MediaKind {
	return []MediaKind{MediaCall, MediaScreen}
}

// MessageKind tells what somebody said or wrote from what was made of it afterwards (design, section 2,
// "message").
type MessageKind string

// The kinds of messages. ChatMessage and EmailBody were written by a participant; the others were made from a
// segment.
const (
	ChatMessage MessageKind = "CHAT_MESSAGE"
	EmailBody   MessageKind = "EMAIL_BODY"
	Transcript  MessageKind = "TRANSCRIPT"
	Diarized    MessageKind = "DIARIZED"
	Summary     MessageKind = "SUMMARY"
	Translation MessageKind = "TRANSLATION"
)

// MessageKinds returns every kind of message: what was written, then what was made of it.
func MessageKinds() []MessageKind {
	return []MessageKind{ChatMessage, EmailBody, Transcript, Diarized, Summary, Translation}
}

// ConversationType is what the icons of a listing show (design, section 4, "Media status").
type ConversationType string

// The types of conversations, in the order in which they are listed.
const (
	TypeCall            ConversationType = "CALL"
	TypeScreenRecording ConversationType = "SCREEN_RECORDING"
	TypeEmail           ConversationType = "EMAIL"
	TypeChat            ConversationType = "CHAT"
)

// ParticipantRole is the part somebody plays in a conversation.
type ParticipantRole string

// The roles of participants. Everything that is known to be neither a customer nor an agent is RoleOther.
const (
	RoleCustomer   ParticipantRole = "CUSTOMER"
	RoleAgent      ParticipantRole = "AGENT"
	RoleSupervisor ParticipantRole = "SUPERVISOR"
	RoleBot        ParticipantRole = "BOT"
	RoleOther      ParticipantRole = "OTHER"
)

// Direction says who started a conversation, seen from the contact centre. The empty Direction means that it
// is not known.
type Direction string

// The directions of a conversation.
const (
	Inbound  Direction = "INBOUND"
	Outbound Direction = "OUTBOUND"
	Internal Direction = "INTERNAL"
)

// ProtectionReason says why a media file must be kept (design, section 4, "MiFID protection").
type ProtectionReason string

// The reasons for a protection.
const (
	ReasonMiFID      ProtectionReason = "MIFID"
	ReasonLegalClaim ProtectionReason = "LEGAL_CLAIM"
	ReasonComplaint  ProtectionReason = "COMPLAINT"
	ReasonRegulator  ProtectionReason = "REGULATOR"
	ReasonOther      ProtectionReason = "OTHER"
)

// ProtectionReasons returns every reason for a protection.
func ProtectionReasons() []ProtectionReason {
	return []ProtectionReason{ReasonMiFID, ReasonLegalClaim, ReasonComplaint, ReasonRegulator, ReasonOther}
}
