// Package auth identifies the caller: it checks access tokens of OpenID Connect, expands composite
// roles, and says what a role's scope covers (design, section 6). It decides nothing about data; its
// callers enforce what it says.
package auth

import (
	"context"
	"slices"
	"time"
)

// Viewer is somebody who is signed in.
type Viewer struct {
	// Subject is the token's subject, which never changes; UserID is the id under which conversations
	// name the person as their agent.
	Subject, UserID string
	// Name is for display; Email is empty if the token has none.
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

// Sees reports which conversations the viewer's roles cover: all, those of the viewer's groups, the
// viewer's own. Without the role for the Conversation Explorer they cover none.
func (v *Viewer) Sees() (all, groups, own bool) {
	if !v.Has(RoleViewConversationsScreen) {
		return false, false, false
	}
	return v.Has(RoleInteractionsFullView), v.Has(RoleInteractionsGroupView), v.Has(RoleInteractionsAgentView)
}

type contextKey struct{}

// outcome is the result of checking a request's token.
type outcome struct {
	viewer *Viewer
	err    error
}

// NewContext returns a context in which the viewer is signed in.
func NewContext(ctx context.Context, viewer *Viewer) context.Context {
	return context.WithValue(ctx, contextKey{}, outcome{viewer: viewer})
}

// NewRefusedContext returns a context in which nobody is signed in, for the reason in err.
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

// Reason says why nobody is signed in.
type Reason string

// The reasons.
const (
	ReasonMissing     Reason = "missing"
	ReasonMalformed   Reason = "malformed"
	ReasonAlgorithm   Reason = "algorithm"
	ReasonSignature   Reason = "signature"
	ReasonIssuer      Reason = "issuer"
	ReasonAudience    Reason = "audience"
	ReasonClient      Reason = "client"
	ReasonExpired     Reason = "expired"
	ReasonNotYetValid Reason = "not yet valid"
	ReasonTokenType   Reason = "token type"
	ReasonUnavailable Reason = "unavailable"
)

// Error says why nobody is signed in and what to do. It holds nothing of the token.
type Error struct {
	Reason Reason
}

func refuse(reason Reason) *Error { return &Error{Reason: reason} }

// Error returns the message for the user.
func (e *Error) Error() string {
	switch e.Reason {
	case ReasonMissing:
		return "you are not signed in; send an access token as Authorization: Bearer TOKEN"
	case ReasonMalformed:
		return "the access token is not a signed JWT; send the token as the identity provider issued it, as " +
			"Authorization: Bearer TOKEN"
	case ReasonAlgorithm:
		return "the access token is not signed with an accepted algorithm; an asymmetric one such as RS256 or " +
			"ES256 is needed"
	case ReasonSignature:
		return "the signature of the access token is not the identity provider's; sign in again"
	case ReasonIssuer:
		return "the access token was issued by another identity provider; sign in at the one that this server " +
			"trusts"
	case ReasonAudience:
		return "the access token is not meant for this server; its audience has to name it"
	case ReasonClient:
		return "the access token was issued to another client; sign in through the one that this server is set " +
			"up for"
	case ReasonExpired:
		return "the access token has expired; sign in again"
	case ReasonNotYetValid:
		return "the access token is not valid yet; check the clocks of this server and of the identity provider"
	case ReasonTokenType:
		return "the token is not an access token; send the access token, not the id token or the refresh token"
	}
	return "the identity provider cannot be reached to check the access token; try again"
}
