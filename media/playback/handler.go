// Package playback plays media files: it makes short-lived links, each bound to a file and to the
// viewer who asked for it, and serves them (design, sections 4 and 8). A link is no right by itself:
// every request checks again whether the file is still there and whether the viewer may still see it.
package playback

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

// Options configure Handler. Links, Recordings and Store are required.
type Options struct {
	Links      *Links
	Recordings Recordings
	Store      *filestore.Files
	// Redirect sends players to the store itself, if it can hand out links (S3); otherwise this server
	// passes the bytes on. It spares this server the bytes, at a price: Chromium seeks at the store's
	// address, which ends after a minute, so that a player must then set its source anew; and nobody
	// checks there any more whether the viewer may still see the file.
	Redirect bool
	// Logger gets what the operator should know; nil for nothing. It never gets a token, a key or a viewer.
	Logger *slog.Logger
	// Viewer returns who sends a request, if the request says so; media elements of browsers do not. Its error
	// says that this cannot be found out now. May be nil.
	Viewer func(*http.Request) (subject string, present bool, err error)
	// Outdated reports whether the viewer's roles are known to have changed since the link was made. May be nil.
	Outdated func(auth.Sight) bool
}

// Handler answers GET and HEAD of /media/TOKEN, and has to be mounted at Prefix. Errors are JSON,
// {"error": {"code", "message"}}:
//
//   - 403 FORBIDDEN: the link is forged or expired, belongs to another viewer, or was made before its
//     viewer's roles changed;
//   - 404 NOT_FOUND: there is no such file, or its viewer may not see it, or its bytes are elsewhere;
//   - 410 GONE: the file is deleted, also for conditional requests and for links handed out before;
//   - 500 INTERNAL: the database failed, or the stored file is not as long as it was, since half a
//     recording must not pass for a whole one;
//   - 503 UNAVAILABLE with Retry-After: the store cannot be reached, the audit log does not take that the
//     recording is played, or who asks cannot be found out now.
//
// Otherwise it answers like a file server: ranges, HEAD, If-None-Match and If-Range; or, with
// Redirect, GET by 307 to the store. CORS is left to the caller.
func Handler(options Options) http.Handler {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if p := options.play(w, r); p != nil && r.Context().Err() == nil {
			p.answer(w)
		}
	})
}

// play answers the request, or returns the problem.
func (o Options) play(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return notAllowed()
	}
	grant, p := o.admit(r)
	if p != nil {
		return p
	}
	recording, err := o.Recordings.Recording(r.Context(), grant)
	if err != nil {
		o.report(r, grant, "a recording could not be looked up", err)
		return internal()
	}
	if recording.State != Playable {
		return recording.State.problem()
	}
	object, p := o.open(r, grant, recording)
	if p != nil {
		return p
	}
	defer func() { _ = object.Close() }()
	if p := o.audit(r, grant, recording); p != nil {
		return p
	}
	o.send(w, r, grant, recording, object)
	return nil
}

// admit returns the grant of a link.
func (o Options) admit(r *http.Request) (Grant, *problem) {
	token, ok := strings.CutPrefix(r.URL.Path, Prefix)
	if !ok {
		return Grant{}, missing()
	}
	grant, err := o.Links.Open(token)
	if err != nil {
		return Grant{}, forbidden(err.Error())
	}
	if o.Viewer != nil {
		subject, present, err := o.Viewer(r)
		if err != nil {
			return Grant{}, unavailable(err.Error())
		}
		if present && subject != grant.Subject {
			return Grant{}, forbidden("the link belongs to another user; request your own link")
		}
	}
	if o.Outdated != nil && o.Outdated(grant.Sight) {
		return Grant{}, forbidden("what you may see has changed since the link was made; ask for a new one")
	}
	return grant, nil
}

// open opens the file in the store, whole.
func (o Options) open(r *http.Request, grant Grant, recording Recording) (*filestore.Object, *problem) {
	object, err := o.Store.Open(r.Context(), recording.Key)
	switch {
	case errors.Is(err, filestore.ErrNotFound):
		return nil, gone() // it is being deleted: the status follows the fact
	case errors.Is(err, filestore.ErrUnavailable):
		o.report(r, grant, "the media store is unavailable", err)
		return nil, unavailable("the recording cannot be reached now; try again in a while")
	case err != nil:
		o.report(r, grant, "a recording could not be opened", err)
		return nil, internal()
	case object.Size() != recording.Size:
		_ = object.Close()
		o.Logger.ErrorContext(r.Context(), "a stored recording has another size than recorded",
			"file", grant.FileID, "stored", object.Size(), "recorded", recording.Size)
		return nil, internal()
	}
	return object, nil
}

// audit has the log take that the recording is played, before any of it leaves. HEAD plays nothing.
func (o Options) audit(r *http.Request, grant Grant, recording Recording) *problem {
	if r.Method == http.MethodHead {
		return nil
	}
	if err := o.Recordings.Played(r.Context(), grant, recording); err != nil {
		o.report(r, grant, "the audit log does not take that a recording is played", err)
		return unavailable("the recording cannot be played now; try again in a while")
	}
	return nil
}

// report logs an error, unless the client has just gone away.
func (o Options) report(r *http.Request, grant Grant, what string, err error) {
	if r.Context().Err() == nil {
		o.Logger.ErrorContext(r.Context(), what, "file", grant.FileID, "error", cmp.Or(db.Explain(err), err.Error()))
	}
}

// problem is an answer other than the file.
type problem struct {
	status  int
	code    string
	message string
	// header and value say more to programs; both may be empty.
	header, value string
}

func forbidden(message string) *problem {
	return &problem{status: http.StatusForbidden, code: "FORBIDDEN", message: message}
}

func (s State) problem() *problem {
	switch s {
	case Gone:
		return gone()
	case NotStored:
		return &problem{status: http.StatusNotFound, code: "NOT_FOUND",
			message: "this server does not hold the recording, only a reference to it"}
	}
	return missing()
}

func missing() *problem {
	return &problem{status: http.StatusNotFound, code: "NOT_FOUND", message: "there is no such recording"}
}

func gone() *problem {
	return &problem{status: http.StatusGone, code: "GONE", message: "the recording has been deleted"}
}

func internal() *problem {
	return &problem{status: http.StatusInternalServerError, code: "INTERNAL",
		message: "the recording cannot be played; the server's log says why"}
}

func unavailable(message string) *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "UNAVAILABLE", message: message,
		header: "Retry-After", value: "10",
	}
}

func notAllowed() *problem {
	return &problem{
		status: http.StatusMethodNotAllowed, code: "INVALID", message: "fetch recordings with GET or HEAD",
		header: "Allow", value: "GET, HEAD",
	}
}

func (p *problem) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if p.header != "" {
		w.Header().Set(p.header, p.value)
	}
	w.WriteHeader(p.status)
	body := map[string]any{"error": map[string]string{"code": p.code, "message": p.message}}
	_ = json.NewEncoder(w).Encode(body)
}

// State says whether a media file can be played.
type State int

// The states. The zero value plays nothing.
const (
	// Missing: there is no such file, or the viewer may not see it (any more). The two look the same.
	Missing State = iota
	// Playable: the file is in the store, though it may be planned for deletion.
	Playable
	// Gone: the file is deleted, or is being deleted.
	Gone
	// NotStored: only a reference was imported; the bytes are elsewhere.
	NotStored
)

// Recording is what the database knows about a media file.
type Recording struct {
	State State
	// Key is the file's key in the store; this and what follows count only if the file is playable.
	Key string
	// Size is the file's size in bytes when it was stored.
	Size int64
	// MediaType is as it was imported, such as "audio/wav"; it is not trusted.
	MediaType string
	// Hash is the hash of the content, in hexadecimal or base64; empty if it is not known.
	Hash string
	// ConversationID is whose recording it is.
	ConversationID int64
}

// Recordings looks up media files.
type Recordings interface {
	// Recording looks up grant.FileID for a viewer who sees what grant.All and grant.Principals say.
	// It is called for every request and must not answer from a cache. The text of an error goes to
	// the log, so it must hold nothing personal.
	Recording(ctx context.Context, grant Grant) (Recording, error)
	// Played records in the audit log that a recording is about to be played by a link: once for each link,
	// whichever server it is played at. What the log does not take may not be played.
	Played(ctx context.Context, grant Grant, recording Recording) error
}

// FromDatabase looks recordings up in the database, whose audit log records what is played.
func FromDatabase(store *db.Store) Recordings { return stored{store} }

type stored struct{ store *db.Store }

// Recording looks the file up within what the viewer saw when the link was made. From the moment that
// the Delete tool begins with a file nobody plays it any more, since parts of it may be gone.
func (s stored) Recording(ctx context.Context, grant Grant) (Recording, error) {
	file, err := s.store.MediaFile(ctx, db.Access{All: grant.All, Principals: grant.Principals}, grant.FileID)
	if file == nil || err != nil {
		return Recording{State: Missing}, err
	}
	recording := Recording{
		State: Playable, Key: file.StoreKey, Size: file.SizeBytes, MediaType: file.MediaType,
		Hash: file.ContentHash, ConversationID: file.ConversationID,
	}
	switch {
	case file.Status == compliance.MediaDeleted || file.DeletingAt != nil:
		recording.State = Gone
	case file.StoreKey == "":
		recording.State = NotStored
	}
	return recording, nil
}

// Played is recorded for the viewer of the link, which is all that a media element's request says.
func (s stored) Played(ctx context.Context, grant Grant, recording Recording) error {
	file := &conversation.MediaFile{
		ID: grant.FileID, ConversationID: recording.ConversationID, ContentHash: recording.Hash,
	}
	op := audit.Begin(audit.Actor{ID: grant.Subject, Name: grant.Name}, audit.MediaPlayed)
	return s.store.RecordPlayback(ctx, op, file, grant.Link, grant.ExpiresAt)
}
