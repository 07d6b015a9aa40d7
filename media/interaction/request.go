package interaction

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Action says what is to happen to files.
type Action string

// The actions. Keep names files of an earlier Delete that have been protected meanwhile and must not be deleted.
const (
	Delete Action = "DELETE"
	Keep   Action = "KEEP"
)

// Request asks the Interaction service to delete files or to keep them. Nothing personal belongs into it.
type Request struct {
	// ID identifies the request across all its attempts: it is the idempotency key.
	ID uuid.UUID `json:"requestId"`
	// Sequence grows: of two requests about the same file the one with the higher sequence says what holds.
	Sequence     int64        `json:"sequence"`
	Action       Action       `json:"action"`
	Conversation Conversation `json:"conversation"`
	// Files are those that the request is about, at least one.
	Files           []File `json:"files"`
	SettingsVersion int    `json:"settingsVersion"`
	// RequestedAt is when the request was decided on, the same in every attempt.
	RequestedAt time.Time `json:"requestedAt"`
}

// Conversation is the one that the files belong to: its global id, and the uuids of the vCons that it was imported from.
type Conversation struct {
	ID    string      `json:"id"`
	Vcons []uuid.UUID `json:"vcons"`
}

// File is a media file, by its global id. ContentHash (such as sha512-...) and SourceURL are empty where its vCon did not give them.
type File struct {
	ID          string               `json:"id"`
	Kind        compliance.MediaKind `json:"kind"`
	ContentHash string               `json:"contentHash,omitempty"`
	SourceURL   string               `json:"sourceUrl,omitempty"`
}

// Service takes requests. Send returns nil when the request was taken, now or in an earlier attempt. After an error the caller sends the same
// request again, after the delay that Next tells.
type Service interface {
	Send(ctx context.Context, request Request) error
}

// Embedded takes every request without asking anybody: the files are in this server's own store, where the Delete tool deletes them.
type Embedded struct{}

// Send takes the request. It fails only where ctx has ended.
func (Embedded) Send(ctx context.Context, _ Request) error { return ctx.Err() }

// encode writes empty lists as lists, since the contract knows no null, and the time in UTC, so that every attempt has the same bytes.
func (r Request) encode() ([]byte, error) {
	if r.Conversation.Vcons == nil {
		r.Conversation.Vcons = []uuid.UUID{}
	}
	if r.Files == nil {
		r.Files = []File{}
	}
	r.RequestedAt = r.RequestedAt.UTC()
	return json.Marshal(r)
}
