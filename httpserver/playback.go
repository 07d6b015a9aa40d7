package httpserver

import (
	"errors"
	"net/http"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/media/playback"
)

// linkMaker makes a link for a viewer, who sees what access covers, to play a file.
type linkMaker = func(viewer *auth.Viewer, access db.Access, fileID int64) string

// linker makes links that expire with the viewer's sign-in at the latest.
func linker(links *playback.Links, publicURL string) linkMaker {
	return func(viewer *auth.Viewer, access db.Access, fileID int64) string {
		return publicURL + links.Seal(playback.Grant{
			FileID: fileID, Subject: viewer.Subject, Name: viewer.Name, All: access.All, Principals: access.Principals,
			Sight: viewer.Sight(), ExpiresAt: viewer.ExpiresAt,
		})
	}
}

// recordings answers links. A media element sends no token; a request with a token must come from the viewer
// whom the link was made for.
func recordings(o Options) http.Handler {
	return auth.Middleware(o.SignIn.verify)(playback.Handler(playback.Options{
		Links: o.Links, Recordings: playback.FromDatabase(o.Store), Store: o.Media, Redirect: o.Redirect,
		Logger: o.Logger, Viewer: sender, Outdated: o.SignIn.outdated,
	}))
}

// sender is the viewer whose token a request carries, and whether it carries one; an invalid token is
// nobody's. Its error says that the token cannot be checked now.
func sender(r *http.Request) (subject string, present bool, err error) {
	if r.Header.Get("Authorization") == "" {
		return "", false, nil
	}
	viewer, err := auth.FromContext(r.Context())
	var problem *auth.Error
	switch {
	case errors.As(err, &problem) && problem.Unavailable():
		return "", true, problem
	case err != nil:
		return "", true, nil
	}
	return viewer.Subject, true, nil
}
