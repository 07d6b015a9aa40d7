package conversation

import (
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Incoming is what a vCon says, in the words of this system (design, sections 2 and 5). Reading makes one of
// a document; it holds personal data and must never be logged.
type Incoming struct {
	// UUID is the identity of the vCon; never the nil UUID.
	UUID uuid.UUID
	// Versions tell what the vCon says about versions of itself, where it says anything: of itself what it was
	// made from, in an export also of the others that were known.
	Versions []IncomingVersion
	// StartedAt is the start of the first segment, or the vCon's creation where no segment says; in UTC.
	StartedAt time.Time
	// EndedAt is the end of the last segment; never before StartedAt.
	EndedAt time.Time
	// Direction is empty where the vCon does not tell.
	Direction    compliance.Direction
	Participants []IncomingParticipant
	// Segments holds at least one segment, in order of time.
	Segments []IncomingSegment
	// Metadata is sorted by key, and holds each key once.
	Metadata []IncomingMetadatum
	// TextsElsewhere counts the texts of which the vCon has no more than a url.
	TextsElsewhere int
	// Signature says what is known of the vCon's signature.
	Signature Signature
	// Anonymization is what this system's own export says was done to the conversation; nil for any other.
	Anonymization *IncomingAnonymization
	// Joined are the other conversations that an export of a merged one holds, in the order of the export;
	// nil elsewhere. MergedWith names, in each of them and in the first, all the others of the export,
	// sorted.
	Joined     []*Incoming
	MergedWith []uuid.UUID
}

// IncomingAnonymization tells what was anonymized in a conversation that this system exported.
type IncomingAnonymization struct {
	At              time.Time
	SettingsVersion int
	// Selection is everything that was on whenever the conversation was anonymized.
	Selection compliance.Selection
}

// Signature is the state of a vCon's signature.
type Signature string

// The states of a signature.
const (
	Unsigned    Signature = "unsigned"
	NotVerified Signature = "not verified"
	Verified    Signature = "verified"
)

// IncomingParticipant is a party of the vCon.
type IncomingParticipant struct {
	Role compliance.ParticipantRole
	// Name is empty where the vCon has none, or only a phone number or an address in its place.
	Name string
	// PhoneNumber is as given, without the scheme (tel:, sip:); empty where there is none. Several are joined
	// by ", ".
	PhoneNumber string
	// DigitalAddress is an e-mail address, an IP address or a chat handle; empty where there is none. Several
	// are joined by ", ", e-mail first.
	DigitalAddress string
	// PhoneAddress is a digital address with a phone number in it, such as whatsapp:+420777123456, which is not
	// in DigitalAddress; empty where there is none. Several are joined by ", ".
	PhoneAddress string
	// UserID is the agent's user id in the contact centre; empty for others, or where the vCon has none.
	UserID string
	// Email is the agent's e-mail address, to match a signed-in user by its keyed hash; empty for others. It
	// is never stored as it is.
	Email string
	// Groups are the names of the groups that the agent belongs to.
	Groups []string
}

// IncomingSegment is one call, e-mail thread or chat.
type IncomingSegment struct {
	Kind      compliance.SegmentKind
	StartedAt time.Time
	// Duration is zero where it is not known.
	Duration time.Duration
	// Subject belongs to e-mails, RoomName to chats; empty elsewhere.
	Subject, RoomName string
	// Attachments counts the attachments of an e-mail.
	Attachments int
	Messages    []IncomingMessage
	Media       []IncomingMedia
}

// IncomingMessage is a piece of text in a segment.
type IncomingMessage struct {
	Kind compliance.MessageKind
	// Author is an index into the conversation's participants, or NoAuthor.
	Author int
	// SentAt is the zero time where it is not known.
	SentAt time.Time
	// Text is never empty.
	Text string
	// Mixed tells that the text was made from a call and from written text as well: it goes with the first of
	// them that goes.
	Mixed bool
}

// NoAuthor stands where a message has no author, or one that is no participant.
const NoAuthor = -1

// IncomingMedia is one recording of a call segment.
type IncomingMedia struct {
	Kind compliance.MediaKind
	// MediaType is the MIME type without parameters, such as audio/mpeg.
	MediaType string
	// StartedAt is when the recording began, the zero time where that is not known; Duration is zero where it
	// is not known.
	StartedAt time.Time
	Duration  time.Duration
	// URL is where the recording lies outside; empty for an inline one, and where the url holds personal
	// data.
	URL string
	// ContentHash is the algorithm and the base64url digest that the vCon has (sha512-...), the SHA-512 of an
	// inline recording that has none; else empty.
	ContentHash string
	// Hashes are all the hashes that the vCon gives, written like ContentHash, without a digest where it
	// gives one that cannot be; of an inline recording all that there are.
	Hashes []string
	// Body is an inline recording, decoded; nil otherwise.
	Body []byte
	// Place is where in the vCon the recording stands. Address is its url as given, and Beside are names
	// under which it may lie beside the vCon; both may hold personal data, serve to find the bytes, and are
	// never stored.
	Place, Address string
	Beside         []string
	// Name is what the vCon calls a recording that no url leads to, with letters folded. It may be personal
	// data; only a keyed hash of it is stored.
	Name string
	// Elsewhere says that the recording lies outside, at a url that is not in URL because it holds personal
	// data.
	Elsewhere bool
	// Status is what an export says became of the recording; empty for any other vCon.
	Status compliance.MediaStatus
	// Protection is what an export says of MiFID's protection; nil where there is none.
	Protection *IncomingProtection

	// StoreKey is where the intake has put the recording, Size its length in bytes; empty where it has not.
	// Known says that it has not because the same recording is stored already.
	StoreKey string
	Size     int64
	Known    bool
}

// IsMissing reports whether the content of the recording is nowhere known: no bytes were found, and no url leads
// to them.
func (m *IncomingMedia) IsMissing() bool {
	known := m.StoreKey != "" || m.Known || m.URL != "" || m.Elsewhere
	return !known && m.Status != compliance.MediaDeleted && m.Status != compliance.MediaPlanned
}

// IncomingProtection is MiFID's protection of a recording from deletion.
type IncomingProtection struct {
	// Until is the zero time for a protection without an end.
	Until  time.Time
	Reason compliance.ProtectionReason
	// Note is what a person added to the reason, empty for nothing.
	Note string
}

// IncomingMetadatum is one key of the metadata with its value.
type IncomingMetadatum struct {
	// Key is dotted, such as bria_call_ended.direction; it holds no personal data. The package's description
	// lists the prefixes.
	Key string
	// Value is the text of a scalar, or a list as JSON.
	Value string
}
