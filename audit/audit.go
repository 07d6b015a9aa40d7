// Package audit holds the events of the audit log as data: what was done, by whom, with typed details for each
// activity, and their canonical encoding, which the log stores (docs/audit-log.md). It knows no database and
// no API, and decides nothing about conversations.
//
// An operation is one action: one save, one anonymizing of up to 100 conversations, one import, one pass of the
// Delete tool. Its events say what it did, to one conversation each. An event holds no value that was removed,
// and no text that somebody typed: what cannot be erased must not hold it. It says enough to be applied again
// to a database that was restored from a backup: keyed hashes of the uuids of the conversation's vCons, the
// selection, the media files, the positions of switches.
package audit

import (
	"time"

	"github.com/google/uuid"
)

// Activity is what an event records (design, section 7).
type Activity string

// The activities.
const (
	FieldConfigUpdate      Activity = "FIELD_CONFIG_UPDATE"
	MetadataKeyUpdate      Activity = "METADATA_KEY_UPDATE"
	InteractionAnonymize   Activity = "INTERACTION_ANONYMIZE"
	MediaDeletionRequested Activity = "MEDIA_DELETION_REQUESTED"
	MediaDeleted           Activity = "MEDIA_DELETED"
	MediaProtected         Activity = "MEDIA_PROTECTED"
	MediaReleased          Activity = "MEDIA_RELEASED"
	MediaPlayed            Activity = "MEDIA_PLAYED"
	ConversationImported   Activity = "CONVERSATION_IMPORTED"
	ConversationExported   Activity = "CONVERSATION_EXPORTED"
	ConversationViewed     Activity = "CONVERSATION_VIEWED"
	AccessDenied           Activity = "ACCESS_DENIED"
)

// Activities returns every activity.
func Activities() []Activity {
	return []Activity{
		FieldConfigUpdate, MetadataKeyUpdate, InteractionAnonymize, MediaDeletionRequested, MediaDeleted,
		MediaProtected, MediaReleased, MediaPlayed, ConversationImported, ConversationExported,
		ConversationViewed, AccessDenied,
	}
}

// Result says whether what an event records happened.
type Result string

// The results.
const (
	Success Result = "SUCCESS"
	Failure Result = "FAILURE"
)

// Actor is who does something: a signed-in user, or a command of the program. ID is empty for somebody who is
// not signed in; Name is as it was at the time.
type Actor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CommandActor is the actor of a command that an operator runs on the machine itself.
func CommandActor(command string) Actor {
	return Actor{ID: "command:" + command, Name: "qm-compliance " + command}
}

// Operation is one action of a person or a command. The code that begins the action makes it and passes it down
// to everything that records events of it, in one transaction or in many.
type Operation struct {
	// ID is a UUID of version 7.
	ID    uuid.UUID
	Actor Actor
	// Activity is its purpose; its events may record others that follow from it.
	Activity Activity
}

// Begin makes the operation of an action that begins now.
func Begin(actor Actor, activity Activity) Operation {
	return Operation{ID: NewID(), Actor: actor, Activity: activity}
}

// NewID returns a UUID of version 7. Within a process each is greater than those before it.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) } // it fails only where the system has no random numbers

// Event is one entry of the log.
type Event struct {
	// ID is a UUID of version 7.
	ID          uuid.UUID
	OperationID uuid.UUID
	// OccurredAt is in UTC, to the microsecond.
	OccurredAt time.Time
	Actor      Actor
	Activity   Activity
	Result     Result
	// ConversationID is zero where the event is about no conversation. Vcons are keyed hashes of the uuids of
	// its vCons at the time, by which it is found again in a restored database, where its id may be another's.
	ConversationID int64
	Vcons          []string
	// SettingsVersion is the version of the compliance settings that was stored or applied, zero for none.
	SettingsVersion int
	// Details is the struct of the activity and the result; see NewDetails.
	Details Details
}

// TotalName names what the totals of an operation count.
type TotalName string

// The names of totals. TotalEvents and TotalFailedEvents count the events themselves.
const (
	TotalEvents                 TotalName = "EVENTS"
	TotalFailedEvents           TotalName = "FAILED_EVENTS"
	TotalFailures               TotalName = "FAILURES"
	TotalSwitchesChanged        TotalName = "SWITCHES_CHANGED"
	TotalConversationsAnonymous TotalName = "CONVERSATIONS_ANONYMIZED"
	TotalConversationsImported  TotalName = "CONVERSATIONS_IMPORTED"
	TotalConversationsExported  TotalName = "CONVERSATIONS_EXPORTED"
	TotalConversationsViewed    TotalName = "CONVERSATIONS_VIEWED"
	TotalVconsAdded             TotalName = "VCONS_ADDED"
	TotalVconsUpdated           TotalName = "VCONS_UPDATED"
	TotalVconsUnchanged         TotalName = "VCONS_UNCHANGED"
	TotalDocumentsRefused       TotalName = "DOCUMENTS_REFUSED"
	TotalPhoneNumbers           TotalName = "PHONE_NUMBERS"
	TotalDigitalAddresses       TotalName = "DIGITAL_ADDRESSES"
	TotalSubjects               TotalName = "SUBJECTS"
	TotalMessages               TotalName = "MESSAGES"
	TotalMetadataValues         TotalName = "METADATA_VALUES"
	TotalMediaPlanned           TotalName = "MEDIA_FILES_PLANNED"
	TotalMediaDeleted           TotalName = "MEDIA_FILES_DELETED"
	TotalMediaProtected         TotalName = "MEDIA_FILES_PROTECTED"
	TotalMediaReleased          TotalName = "MEDIA_FILES_RELEASED"
	TotalMediaPlayed            TotalName = "MEDIA_FILES_PLAYED"
)

// TotalNames returns every name, in the order in which totals are shown.
func TotalNames() []TotalName {
	return []TotalName{
		TotalEvents, TotalFailedEvents, TotalFailures, TotalSwitchesChanged,
		TotalConversationsAnonymous, TotalConversationsImported, TotalConversationsExported,
		TotalConversationsViewed,
		TotalVconsAdded, TotalVconsUpdated, TotalVconsUnchanged, TotalDocumentsRefused,
		TotalPhoneNumbers, TotalDigitalAddresses, TotalSubjects, TotalMessages, TotalMetadataValues,
		TotalMediaPlanned, TotalMediaDeleted, TotalMediaProtected, TotalMediaReleased, TotalMediaPlayed,
	}
}

// Totals counts what an operation did; a name that is missing counts nothing.
type Totals map[TotalName]int

// Add adds other totals to these.
func (t Totals) Add(other Totals) {
	for name, count := range other {
		t[name] += count
	}
}

// TotalsOf adds up what events did. Pass them before they are split, so that nothing counts twice.
func TotalsOf(events []Event) Totals {
	totals := Totals{}
	for _, event := range events {
		event.Details.addTo(totals, event.Activity)
	}
	return totals
}

func (d BasicDataChange) addTo(totals Totals, _ Activity)   { totals[TotalSwitchesChanged]++ }
func (d MetadataKeyChange) addTo(totals Totals, _ Activity) { totals[TotalSwitchesChanged]++ }
func (d Import) addTo(totals Totals, _ Activity)            { totals[TotalConversationsImported]++ }
func (d Export) addTo(totals Totals, _ Activity)            { totals[TotalConversationsExported]++ }
func (d View) addTo(totals Totals, _ Activity)              { totals[TotalConversationsViewed]++ }

// addTo leaves out the media files, which an event of their own counts.
func (d Anonymization) addTo(totals Totals, _ Activity) {
	totals.Add(Totals{
		TotalConversationsAnonymous: 1,
		TotalPhoneNumbers:           d.PhoneNumbers, TotalDigitalAddresses: d.DigitalAddresses,
		TotalSubjects: d.Subjects, TotalMessages: d.Messages, TotalMetadataValues: d.MetadataValues,
	})
}

func (d MediaFiles) addTo(totals Totals, activity Activity) {
	name := map[Activity]TotalName{
		MediaDeletionRequested: TotalMediaPlanned, MediaDeleted: TotalMediaDeleted, MediaPlayed: TotalMediaPlayed,
	}[activity]
	totals[name] += len(d.Files)
}

func (d Protection) addTo(totals Totals, _ Activity) { totals[TotalMediaProtected] += len(d.Files) }
func (d Release) addTo(totals Totals, _ Activity)    { totals[TotalMediaReleased] += len(d.Files) }
func (d Refusal) addTo(totals Totals, _ Activity) {
	totals[TotalFailures] += max(1, d.Conversations+d.MediaFiles)
}
func (d AccessDenial) addTo(totals Totals, _ Activity) { totals[TotalFailures] += max(1, d.Count) }
