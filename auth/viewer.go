package auth

import (
	"context"
	"slices"
	"time"
)

// Viewer is somebody who is signed in.
type Viewer struct {
	// Subject is the token's subject, which never changes; UserID is the id under which conversations name the person as their agent.
	Subject, UserID string
	// Name is for display; Email is empty where the token has none.
	Name, Email string
	// Groups are the names of the groups that the person belongs to.
	Groups []string
	// Roles are plain roles; composite ones are expanded.
	Roles []Role
	// ExpiresAt is when the token ends.
	ExpiresAt time.Time
}

// Has reports whether the viewer holds a role.
func (v *Viewer) Has(role Role) bool { return slices.Contains(v.Roles, role) }

// Sees says which conversations the viewer's roles cover: all, those of the viewer's groups, the viewer's own. Without the role for the
// Conversation Explorer they cover none.
func (v *Viewer) Sees() (all, groups, own bool) {
	if !v.Has(RoleViewConversationsScreen) {
		return false, false, false
	}
	return v.Has(RoleInteractionsFullView), v.Has(RoleInteractionsGroupView), v.Has(RoleInteractionsAgentView)
}

type contextKey struct{}

// outcome is what a request's token came to.
type outcome struct {
	viewer *Viewer
	err    error
}

// NewContext returns a context in which the viewer is signed in.
func NewContext(ctx context.Context, viewer *Viewer) context.Context {
	return context.WithValue(ctx, contextKey{}, outcome{viewer: viewer})
}

// NewRefusedContext returns a context in which nobody is signed in, for the reason that err tells.
func NewRefusedContext(ctx context.Context, err error) context.Context {
	return context.WithValue(ctx, contextKey{}, outcome{err: err})
}

// FromContext returns who is signed in, or an *Error that says why nobody is.
func FromContext(ctx context.Context) (*Viewer, error) {
	found, ok := ctx.Value(contextKey{}).(outcome)
	switch {
	case !ok:
		return nil, refuse(ReasonMissing)
	case found.err != nil:
		return nil, found.err
	case !found.viewer.ExpiresAt.IsZero() && !time.Now().Before(found.viewer.ExpiresAt):
		return nil, refuse(ReasonExpired) // a WebSocket outlives its token
	}
	return found.viewer, nil
}
