// Package interaction asks the Interaction service, the system that owns media files, to delete them (design,
// section 4). The file openapi.json describes the one request that it makes.
package interaction

import (
	"context"
	_ "embed" // the contract is part of the binary
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the contract between this server and the Interaction service, an OpenAPI 3.1 document
// in JSON.
func OpenAPI() []byte { return slices.Clone(openAPI) }

// Action says what is to happen to files.
type Action string

// The actions. Keep names files of an earlier Delete that have been protected meanwhile and must not be
// deleted.
const (
	Delete Action = "DELETE"
	Keep   Action = "KEEP"
)

// Request asks the Interaction service to delete files or to keep them. It must hold nothing personal.
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

// Conversation is the one that the files belong to: its global id, and the uuids of the vCons that it
// was imported from.
type Conversation struct {
	ID    string      `json:"id"`
	Vcons []uuid.UUID `json:"vcons"`
}

// File is a media file, by its global id. ContentHash (such as sha512-...) and SourceURL are empty if
// its vCon did not give them.
type File struct {
	ID          string               `json:"id"`
	Kind        compliance.MediaKind `json:"kind"`
	ContentHash string               `json:"contentHash,omitempty"`
	SourceURL   string               `json:"sourceUrl,omitempty"`
}

// Service takes requests. Send returns nil once the request is taken, now or in an earlier attempt.
// After an error the caller sends the same request again, after the delay that Next returns.
type Service interface {
	Send(ctx context.Context, request Request) error
}

// Embedded takes every request without asking anybody: the files are in this server's own store, where
// the Delete tool deletes them.
type Embedded struct{}

// Send takes the request. It fails only if ctx has ended.
func (Embedded) Send(ctx context.Context, _ Request) error { return ctx.Err() }

// encode writes empty lists as lists, since the contract knows no null, and the time in UTC, so that
// every attempt has the same bytes.
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
