package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Activity is what an audit event records (design, section 7).
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
	ConversationImported   Activity = "CONVERSATION_IMPORTED"
	AccessDenied           Activity = "ACCESS_DENIED"
)

// Result says whether what an event records happened.
type Result string

// The results.
const (
	Success Result = "SUCCESS"
	Failure Result = "FAILURE"
)

// Actor is who does something: a signed-in user, or a command of the program.
type Actor struct {
	ID, Name string
}

// CommandActor is the actor of a command that an operator runs on the machine itself.
func CommandActor(command string) Actor {
	return Actor{ID: "command:" + command, Name: "qm-compliance " + command}
}

// AuditEvent is one event of the log. It never holds a value that was removed.
type AuditEvent struct {
	bun.BaseModel `bun:"table:audit_events,alias:a"`

	ID              int64 `bun:",pk,autoincrement"`
	At              time.Time
	ActorID         string
	ActorName       string
	Activity        Activity
	Result          Result
	ConversationID  *int64
	SettingsVersion *int
	Details         AuditDetails `bun:"type:jsonb"`
}

// AuditDetails is what an event was about, besides its conversation and settings version; members that do not apply are empty.
type AuditDetails struct {
	// Item is a Basic Data item or a metadata key; Old and New are the positions of its switch.
	Item string `json:"item,omitempty"`
	Old  *bool  `json:"old,omitempty"`
	New  *bool  `json:"new,omitempty"`
	// Counts says how many values of each kind were overwritten, or how many things were imported.
	Counts map[string]int `json:"counts,omitempty"`
	// MediaFileIDs are the files that a deletion request is about.
	MediaFileIDs []int64 `json:"mediaFileIds,omitempty"`
	// Operation is the root field that was refused, and Reason why. Of a protection Reason says why it is needed, of a release that nobody asked for what
	// ended it.
	Operation string `json:"operation,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// Until is the end of a protection; nil for one without an end.
	Until *time.Time `json:"until,omitempty"`
}

// Record writes an event of its own, for what is refused before anything is changed. Whatever changes something writes its
// event in its own transaction.
func (s *Store) Record(ctx context.Context, actor Actor, event AuditEvent) error {
	return s.record(ctx, s.db, actor, &event)
}

func (s *Store) record(ctx context.Context, tx bun.IDB, actor Actor, events ...*AuditEvent) error {
	if len(events) == 0 {
		return nil
	}
	for _, event := range events {
		event.At, event.ActorID, event.ActorName = s.now(), actor.ID, actor.Name
	}
	_, err := tx.NewInsert().Model(&events).Exec(ctx)
	return err
}
