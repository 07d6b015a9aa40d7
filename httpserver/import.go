package httpserver

import (
	"encoding/json"
	"net/http"
	"strconv"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/graph/admission"
	"qm-compliance/importing"
)

// importRoute takes vCons from those who may import. Anybody else is refused, and the refusal is audited as
// it is for a mutation.
func importRoute(o Options, meter meter) http.Handler {
	take := importing.Handler(importing.Options{
		Config: importing.Config{Store: o.Store, Media: o.Media, Fetch: o.Fetcher, Tracer: o.Tracer},
		Logger: o.Logger, MaxBytes: o.Limits.ImportBytes, Duration: o.Limits.ImportDuration, Done: meter.Imported,
	})
	admitted := admitImports(o.Limits, meter, take)
	return auth.Middleware(o.SignIn.verify)(auth.Require(auth.RoleAddCall, auditRefusal(o, meter), admitted))
}

// auditRefusal records that somebody was refused an import, and why.
func auditRefusal(o Options, meter meter) func(r *http.Request, viewer *auth.Viewer, code string) {
	return func(r *http.Request, viewer *auth.Viewer, code string) {
		switch {
		case viewer == nil && code == "UNAVAILABLE": // whose token could not be checked; nobody was refused
			meter.Refused("provider")
			return
		case viewer == nil:
			meter.Refused("unauthenticated")
			o.Refusals.Nobody(r, "import")
			return
		}
		meter.Refused("forbidden")
		o.Refusals.Person(r.Context(), viewer, "import", audit.Code(code))
	}
}

// admitImports lets so many imports run at once, of one person and in all.
func admitImports(limits Limits, meter meter, next http.Handler) http.Handler {
	all, each := admission.NewSeats(limits.Imports, 0), admission.NewSeats(0, limits.ImportsEach)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, err := auth.FromContext(r.Context())
		if err != nil { // Require has refused it
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		leave, ok := each.Take(viewer.Subject)
		if !ok {
			meter.Refused("imports")
			refuseImport(w, http.StatusTooManyRequests, "RATE_LIMITED",
				"you have too many imports in progress; retry when one of them has ended")
			return
		}
		defer leave()
		done, ok := all.Take("")
		if !ok {
			meter.Refused("imports")
			refuseImport(w, http.StatusServiceUnavailable, "UNAVAILABLE",
				"too many imports are in progress; try again later")
			return
		}
		defer done()
		meter.Active("imports", 1)
		defer meter.Active("imports", -1)
		next.ServeHTTP(w, r)
	})
}

// importAgain is after how many seconds an import that was refused is worth another try.
const importAgain = 5

func refuseImport(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", strconv.Itoa(importAgain))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
