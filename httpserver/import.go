package httpserver

import (
	"net/http"

	"qm-compliance/auth"
	"qm-compliance/importing"
)

// importRoute takes vCons from those who may import. Anybody else is refused, and the refusal is audited as
// it is for a mutation.
func importRoute(o Options) http.Handler {
	take := importing.Handler(importing.Options{
		Config: importing.Config{Store: o.Store, Media: o.Media, Fetch: o.Fetcher},
		Logger: o.Logger, MaxBytes: o.Limits.ImportBytes,
	})
	return auth.Middleware(o.SignIn.verify)(auth.Require(auth.RoleAddCall, auditRefusal(o), take))
}

// auditRefusal records that somebody was refused an import, and why.
func auditRefusal(o Options) func(r *http.Request, viewer *auth.Viewer, code string) {
	return func(r *http.Request, viewer *auth.Viewer, code string) {
		if viewer == nil {
			o.Refusals.Nobody(r, "import")
			return
		}
		o.Refusals.Person(r.Context(), viewer, "import", code)
	}
}
