package importing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

// maxListed is how many refusals an answer lists one by one; the rest is only counted.
const maxListed = 1000

// patience is how long an import that has ended waits for a client that has said nothing since.
const patience = time.Second

// Options configure the HTTP route.
type Options struct {
	Config
	// Read says how the body is read; zero values mean the defaults of Read.
	Read   ReadOptions
	Logger *slog.Logger
	// MaxBytes bounds the body, however many documents it holds.
	MaxBytes int64
	// Duration bounds the time that one request may take; zero means no limit.
	Duration time.Duration
	// Done is called with what became of the documents of a request; it may be nil.
	Done func(Totals)
}

// Handler answers POST /import: one vCon, or newline-delimited JSON, gzipped or not, in the body. It is to
// stand behind auth.Require with the role ADD_CALL. The answer counts what became of the documents and lists
// the refused ones; its status is 200 where something was taken in or there was nothing to refuse, 422 where
// everything was refused.
func Handler(options Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			answer(w, http.StatusMethodNotAllowed,
				problem("INVALID", "send vCons by POST, as JSON or newline-delimited JSON"))
			return
		}
		options.take(w, r)
	})
}

type report struct {
	Added       int             `json:"added"`
	Updated     int             `json:"updated"`
	Unchanged   int             `json:"unchanged"`
	NotVerified int             `json:"notVerified"`
	NotFetched  int             `json:"notFetched"`
	Missing     int             `json:"missing"`
	Elsewhere   int             `json:"textsElsewhere"`
	RefusedSum  int             `json:"refusedCount"`
	Refused     []refusedReport `json:"refused"`
}

type refusedReport struct {
	Source string `json:"source"`
	Reason string `json:"reason"`
}

func (o Options) take(w http.ResponseWriter, r *http.Request) {
	viewer, err := auth.FromContext(r.Context())
	if err != nil {
		answer(w, http.StatusUnauthorized, problem("UNAUTHENTICATED", err.Error()))
		return
	}
	if o.Duration > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), o.Duration)
		defer cancel()
		r = r.WithContext(ctx)
	}
	shown := report{Refused: []refusedReport{}}
	observer := Observer{Refused: func(refusal Refusal) {
		if len(shown.Refused) < maxListed {
			shown.Refused = append(shown.Refused, refusedReport(refusal))
		}
	}}
	body := http.MaxBytesReader(w, r.Body, o.MaxBytes)
	// A client that sends on ends the read by itself: a read that fails would end the connection, and the answer
	// could be lost. Recorders in tests have no deadlines.
	interrupt := func() { _ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(patience)) }
	items := ReadAhead(r.Context(), body, "body", o.Read, interrupt)
	totals, err := Run(r.Context(), o.Config, audit.Actor{ID: viewer.Subject, Name: viewer.Name}, items, observer)
	if o.Done != nil {
		o.Done(totals)
	}
	if err != nil {
		o.failed(w, r, err)
		return
	}
	shown.Added, shown.Updated, shown.Unchanged = totals.Added, totals.Updated, totals.Unchanged
	shown.NotVerified, shown.NotFetched, shown.RefusedSum = totals.NotVerified, totals.NotFetched, totals.Refused
	shown.Missing = totals.Missing
	shown.Elsewhere = totals.TextsElsewhere
	answer(w, status(totals), shown)
}

func status(totals Totals) int {
	if totals.Taken() == 0 && totals.Refused > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// failed logs for the operator what the client cannot fix. PostgreSQL's own words stay out of the log and of
// the answer, since they may repeat values.
func (o Options) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch ended := r.Context().Err(); {
	case errors.Is(ended, context.DeadlineExceeded):
		answer(w, http.StatusServiceUnavailable, problem("TIMEOUT", fmt.Sprintf("the import took longer than %s; "+
			"the vCons imported before are stored; send the rest, or less at once", o.Duration)))
		return
	case ended != nil && errors.Is(err, ended):
		return
	}
	status, code, words := http.StatusInternalServerError, "INTERNAL", cmp.Or(db.Explain(err), "it is not the database's")
	if media, ok := errors.AsType[*filestore.Error](err); ok {
		status, code = http.StatusServiceUnavailable, "UNAVAILABLE" // it may be there again, or have room again
		words = media.Error()
	} else if db.Unavailable(err) != db.Available {
		status, code = http.StatusServiceUnavailable, "UNAVAILABLE"
	}
	o.Logger.ErrorContext(r.Context(), "import failed", "code", code, "error", words)
	answer(w, status, problem(code, "the import was interrupted; the vCons imported before are stored, "+
		"and sending them again does not change them"))
}

func problem(code, message string) any {
	return map[string]any{"error": map[string]string{"code": code, "message": message}}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
