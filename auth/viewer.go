// Package auth identifies the caller: it checks access tokens of OpenID Connect, expands composite
// roles, and says what a role's scope covers (design, section 6). It decides nothing about data; its
// callers enforce what it says.
package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
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
	// IssuedAt is when the token was issued, zero where it does not say so; Client is who asked for it, or empty.
	IssuedAt time.Time
	Client   string
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

// Role is a permission, as the identity provider names it.
type Role string

// The roles of the design's section 6.
const (
	RoleInteractionAnonymize    Role = "INTERACTION_ANONYMIZE"
	RoleViewConversationsScreen Role = "VIEW_CONVERSATIONS_SCREEN"
	RoleInteractionsAgentView   Role = "INTERACTIONS_AGENT_VIEW"
	RoleInteractionsGroupView   Role = "INTERACTIONS_GROUP_VIEW"
	RoleInteractionsFullView    Role = "INTERACTIONS_FULL_VIEW"
	RoleViewAudit               Role = "VIEW_AUDIT"
	RoleManageDataLifecycle     Role = "MANAGE_DATA_LIFECYCLE"
	RoleEditAdminSetting        Role = "EDIT_ADMIN_SETTING"
	RoleAddCall                 Role = "ADD_CALL"
	RoleInteractionsExportJSON  Role = "INTERACTIONS_EXPORT_JSON"
)

// Roles returns every role, in the order of the design's table.
func Roles() []Role {
	return []Role{
		RoleInteractionAnonymize, RoleViewConversationsScreen, RoleInteractionsAgentView,
		RoleInteractionsGroupView, RoleInteractionsFullView,
		RoleViewAudit, RoleManageDataLifecycle, RoleEditAdminSetting, RoleAddCall, RoleInteractionsExportJSON,
	}
}

// CompositeRoles returns the plain roles that each composite role stands for.
func CompositeRoles() map[string][]Role {
	return map[string][]Role{
		"DEFAULT_CC_MANAGER": Roles(),
		"DEFAULT_COMPLIANCE_ANALYST": {
			RoleInteractionAnonymize, RoleViewConversationsScreen, RoleInteractionsFullView, RoleViewAudit,
			RoleManageDataLifecycle,
		},
		"DEFAULT_SUPERVISOR": {RoleViewConversationsScreen, RoleInteractionsGroupView},
		"DEFAULT_AGENT":      {RoleViewConversationsScreen, RoleInteractionsAgentView},
	}
}

// Expand returns the plain roles that the names of a token stand for, each once and in the order of the
// table. Names that are no role of this system are ignored.
func Expand(names []string) []Role {
	held := map[Role]bool{}
	composite := CompositeRoles()
	for _, name := range names {
		held[Role(name)] = true
		for _, role := range composite[name] {
			held[role] = true
		}
	}
	return slices.DeleteFunc(Roles(), func(role Role) bool { return !held[role] })
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
	ReasonSubject     Reason = "subject"
	ReasonUnavailable Reason = "unavailable"
)

// Error says why nobody is signed in and what to do. It holds nothing of the token.
type Error struct {
	Reason Reason
	claim  string // the claim that makes a signed token malformed, or empty
}

func refuse(reason Reason) *Error { return &Error{Reason: reason} }

// refuseClaim refuses a token for a claim whose value no token may have.
func refuseClaim(name string) *Error { return &Error{Reason: ReasonMalformed, claim: name} }

// UnavailableAgain is after how long a token is worth another try that could not be checked.
const UnavailableAgain = askEvery

// Unavailable reports whether nobody can say yet if the token is good, because the identity provider does not
// answer. That is no refusal: the same token may be accepted later.
func (e *Error) Unavailable() bool { return e.Reason == ReasonUnavailable }

// Header sets what an answer without a sign-in says to programs, and returns its status and code.
func (e *Error) Header(header http.Header) (status int, code string) {
	switch e.Reason {
	case ReasonUnavailable:
		header.Set("Retry-After", strconv.Itoa(int(UnavailableAgain.Seconds())))
		return http.StatusServiceUnavailable, "UNAVAILABLE"
	case ReasonMissing:
		header.Set("WWW-Authenticate", "Bearer")
	default:
		header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	return http.StatusUnauthorized, "UNAUTHENTICATED"
}

// Error returns the message for the user.
func (e *Error) Error() string {
	switch e.Reason {
	case ReasonMissing:
		return "you are not signed in; send an access token as Authorization: Bearer TOKEN"
	case ReasonMalformed:
		if e.claim != "" {
			return "the claim " + e.claim + " of the access token cannot be used: it is too long, holds control " +
				"characters or is of the wrong kind; ask the administrator of the identity provider to change it"
		}
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
		return "the access token is not for this server; its audience must name this server"
	case ReasonClient:
		return "the access token was issued to a client that this server does not accept; sign in through " +
			"one that it is set up for"
	case ReasonExpired:
		return "the access token has expired; sign in again"
	case ReasonNotYetValid:
		return "the access token is not valid yet; check the clocks of this server and of the identity provider"
	case ReasonTokenType:
		return "the token is not an access token; send the access token, not the id token or the refresh token"
	case ReasonSubject:
		return "the access token names no user: it has no claim sub; sign in as a person, or let " +
			"the identity provider add sub to the tokens of clients"
	}
	return "the identity provider cannot be reached to check the access token; try again"
}

// Middleware checks the access token of each request and puts the outcome into the request's context,
// where FromContext finds it. It refuses nothing by itself: the handlers decide who may do what.
func Middleware(
	verify func(ctx context.Context, raw string) (*Viewer, error),
) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			viewer, err := signIn(r, verify)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, outcome{viewer, err})))
		})
	}
}

func signIn(r *http.Request, verify func(context.Context, string) (*Viewer, error)) (*Viewer, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, refuse(ReasonMissing)
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !found || !strings.EqualFold(scheme, "Bearer") {
		return nil, refuse(ReasonMalformed)
	}
	return verify(r.Context(), strings.TrimSpace(token))
}

// Require admits holders of a role to a route that is not GraphQL, behind Middleware. Others get 401
// or 403, or 503 while their token cannot be checked, with the error as JSON. Refused, unless nil, is called for each refusal, with a nil viewer
// if nobody is signed in.
func Require(
	role Role, refused func(r *http.Request, viewer *Viewer, code string), next http.Handler,
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, err := FromContext(r.Context())
		status, code, message := http.StatusOK, "", ""
		var problem *Error
		switch {
		case errors.As(err, &problem):
			status, code = problem.Header(w.Header())
			message = problem.Error()
		case !viewer.Has(role):
			status, code, message = http.StatusForbidden, "FORBIDDEN",
				fmt.Sprintf("this requires the role %s, which you do not have", role)
		default:
			next.ServeHTTP(w, r)
			return
		}
		if refused != nil {
			refused(r, viewer, code)
		}
		writeError(w, status, code, message)
	})
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
