package vcon

import "qm-compliance/conversation"

// What a vCon says, in the words of this system.
type (
	Conversation  = conversation.Incoming
	Anonymization = conversation.IncomingAnonymization
	Participant   = conversation.IncomingParticipant
	Segment       = conversation.IncomingSegment
	Message       = conversation.IncomingMessage
	MediaFile     = conversation.IncomingMedia
	Metadatum     = conversation.IncomingMetadatum
	Protection    = conversation.IncomingProtection
	Signature     = conversation.Signature
)

// The states of a signature, and the author of a message whose author is not known.
const (
	Unsigned    = conversation.Unsigned
	NotVerified = conversation.NotVerified
	Verified    = conversation.Verified
	NoAuthor    = conversation.NoAuthor
)
