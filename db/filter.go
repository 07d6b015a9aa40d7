package db

import (
	"time"

	"qm-compliance/compliance"
)

// What a filter may ask for, so that an index can answer it.
const (
	// MinimumSearch is the number of digits or characters that a search inside a value needs: a trigram index knows nothing shorter.
	MinimumSearch = 3
	// MaximumMetadataMatches is the number of metadata values that one filter can ask for.
	MaximumMetadataMatches = 10
)

// Filter narrows conversations; everything that is given must match, and the zero Filter lets every conversation through. A value
// that was anonymized matches nothing.
type Filter struct {
	// StartedFrom is inclusive, StartedTo exclusive.
	StartedFrom, StartedTo *time.Time
	// Types lets conversations of any of these types through; nil lets through all.
	Types []compliance.ConversationType
	// PhoneNumber is looked for inside the phone numbers of participants. Only its digits count, of which it has at least MinimumSearch.
	PhoneNumber string
	// DigitalAddress is looked for inside the digital addresses of participants, in upper or lower case.
	DigitalAddress string
	// Metadata must match all; each by the exact value.
	Metadata   []MetadataMatch
	Reviewable *bool
	// MediaStatuses lets conversations with any of these statuses through; nil lets through all.
	MediaStatuses []compliance.MediaStatus
	// Anonymized asks for conversations that were, or never were, anonymized, whatever was overwritten in them.
	Anonymized *bool
}

// MetadataMatch asks for a metadata key with exactly this value.
type MetadataMatch struct {
	Key, Value string
}
