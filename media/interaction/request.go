// Package interaction speaks with the Interaction service, the system that owns media files: it asks the service to delete them, or to keep them after all (design,
// section 4, "Media deletion"). The request is documented in openapi.yaml beside this file. Without a configured service the embedded one answers.
package interaction

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Request asks for the deletion of files, or takes that back. Its JSON is the body of the HTTP request.
type Request struct {
	// ID is the idempotency key: the same however often the request is sent.
	ID uuid.UUID `json:"requestId"`
	// Sequence decides between requests about the same file: the higher one holds.
	Sequence int64 `json:"sequence"`
	// Action is DELETE or KEEP.
	Action          string       `json:"action"`
	Conversation    Conversation `json:"conversation"`
	Files           []File       `json:"files"`
	SettingsVersion int          `json:"settingsVersion"`
	RequestedAt     time.Time    `json:"requestedAt"`
}

// Conversation is what the files belong to.
type Conversation struct {
	// ID is the global id of the API.
	ID    string      `json:"id"`
	Vcons []uuid.UUID `json:"vcons"`
}

// File is one media file. ContentHash and SourceURL are empty where they are not known.
type File struct {
	ID          string `json:"id"`
	Kind        string `json:"kind"`
	ContentHash string `json:"contentHash,omitempty"`
	SourceURL   string `json:"sourceUrl,omitempty"`
}

// Service takes requests. An error means that the request may not have been taken, and is to be sent again.
type Service interface {
	Send(ctx context.Context, request Request) error
}

// Embedded is the service where none is configured: the files are in this system's own store, where the Delete tool deletes them, so there is nobody to ask.
type Embedded struct{}

// Send takes every request.
func (Embedded) Send(context.Context, Request) error { return nil }
