package command

import (
	"net/http"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/media/playback"
)

// link makes a link for a viewer to play a file, which ends with the sign-in at the latest.
func (s site) link(viewer *auth.Viewer, access db.Access, fileID int64) string {
	grant := playback.Grant{FileID: fileID, Subject: viewer.Subject, All: access.All, Principals: access.Principals, ExpiresAt: viewer.ExpiresAt}
	return s.publicURL + s.links.Seal(grant)
}

// media answers links. A media element sends no token; a request that does must be of the viewer whose link it is.
func (s site) media() http.Handler {
	return auth.Middleware(s.verify)(playback.Handler(playback.Options{
		Links: s.links, Recordings: playback.FromDatabase(s.store), Store: s.database.media, Redirect: s.redirect, Logger: s.logger, Viewer: sender,
	}))
}

// sender is the viewer whose token a request carries, if it carries one; a token of no worth makes it nobody's.
func sender(r *http.Request) (subject string, present bool) {
	if r.Header.Get("Authorization") == "" {
		return "", false
	}
	viewer, err := auth.FromContext(r.Context())
	if err != nil {
		return "", true
	}
	return viewer.Subject, true
}
