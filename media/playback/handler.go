package playback

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"qm-compliance/media/store"
)

// State is what the database says of a recording when a link to it is followed.
type State int

// The states.
const (
	// Missing: there is no such file, or not for this viewer (any more).
	Missing State = iota
	// Gone: it is deleted, or just being deleted.
	Gone
	// Elsewhere: it is only referred to; the bytes are not in the file store.
	Elsewhere
	// Playable: it is in the file store.
	Playable
)

// Recording is a media file as far as playing it goes.
type Recording struct {
	State State
	// Key is where the store has it, Size how many bytes it has.
	Key  string
	Size int64
	// MediaType may be empty. Hash is of the content, and empty where it is not known.
	MediaType, Hash string
}

// Recordings tells what a grant is about at this moment.
type Recordings interface {
	Recording(ctx context.Context, grant Grant) (Recording, error)
}

// Options are what the route is made of.
type Options struct {
	Links      *Links
	Recordings Recordings
	Store      *store.Store
	// Redirect sends players to a url of the store itself, where it has any, which is valid for a minute at most; otherwise the bytes come through this server.
	Redirect bool
	// Viewer tells who a request says it comes from: a media element says nothing, a program may send its token. Err is about a token that is no good.
	Viewer func(r *http.Request) (subject string, said bool, err error)
	Logger *slog.Logger
	Now    func() time.Time
}

// redirectLife is how long a url of the store is valid: it is checked no more, so it must end soon.
const redirectLife = time.Minute

// Handler answers GET and HEAD of links: 200 or 206 with (a part of) the recording, 304, 307 to the store, 403 where the link is forged, expired or somebody
// else's, 404, 410 once the recording is deleted, 416, 503 while the store cannot be reached.
func Handler(options Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			refuse(w, http.StatusMethodNotAllowed, "INVALID", "a recording is read by GET or HEAD")
			return
		}
		options.answer(w, r)
	})
}

func (o Options) answer(w http.ResponseWriter, r *http.Request) {
	grant, err := o.Links.Open(strings.TrimPrefix(r.URL.Path, Prefix))
	if err != nil {
		refuse(w, http.StatusForbidden, "FORBIDDEN", err.Error())
		return
	}
	if subject, said, err := o.Viewer(r); said && (err != nil || subject != grant.Subject) {
		refuse(w, http.StatusForbidden, "FORBIDDEN", "this link was made for somebody else; ask for one of your own")
		return
	}
	recording, err := o.Recordings.Recording(r.Context(), grant)
	if err != nil {
		o.failed(w, r, http.StatusInternalServerError, "INTERNAL", "the recording cannot be looked up just now", err)
		return
	}
	switch recording.State {
	case Playable:
		o.play(w, r, grant, recording)
	case Gone:
		refuse(w, http.StatusGone, "GONE", "this recording is deleted")
	case Elsewhere:
		refuse(w, http.StatusNotFound, "NOT_FOUND", "this recording is not kept here, only referred to")
	default:
		refuse(w, http.StatusNotFound, "NOT_FOUND", "there is no such recording that you may see")
	}
}

func (o Options) play(w http.ResponseWriter, r *http.Request, grant Grant, recording Recording) {
	if o.Redirect && o.redirect(w, r, grant, recording) {
		return
	}
	object, err := o.Store.Open(r.Context(), recording.Key)
	switch {
	case errors.Is(err, store.ErrNotFound): // the Delete tool was here a moment ago
		refuse(w, http.StatusGone, "GONE", "this recording is deleted")
		return
	case err != nil:
		w.Header().Set("Retry-After", "10")
		o.failed(w, r, http.StatusServiceUnavailable, "UNAVAILABLE", "the file store cannot be reached just now; try again soon", err)
		return
	}
	defer func() { _ = object.Close() }()
	if object.Size() != recording.Size {
		o.failed(w, r, http.StatusInternalServerError, "INTERNAL", "the stored recording is damaged", errors.New("the stored file has another size than it was imported with"))
		return
	}
	describe(w.Header(), recording)
	http.ServeContent(w, r, "", time.Time{}, object)
}

// redirect sends the player to the store, and reports whether the store has urls to send it to.
func (o Options) redirect(w http.ResponseWriter, r *http.Request, grant Grant, recording Recording) bool {
	left := time.Unix(grant.ExpiresAt, 0).Sub(o.Now())
	link, err := o.Store.Presign(r.Context(), recording.Key, max(time.Second, min(redirectLife, left)))
	if err != nil {
		return false
	}
	w.Header().Set("Location", link)
	w.WriteHeader(http.StatusTemporaryRedirect)
	return true
}

// failed tells the operator's log what the viewer cannot mend.
func (o Options) failed(w http.ResponseWriter, r *http.Request, status int, code, message string, err error) {
	if r.Context().Err() != nil {
		return
	}
	o.Logger.ErrorContext(r.Context(), "a recording could not be played", "error", err.Error())
	refuse(w, status, code, message)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
