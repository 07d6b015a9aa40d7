// Package graph is the GraphQL API of schema.graphqls: resolvers by noun, the guard that enforces roles,
// connections, limits and errors. It holds no rule and no SQL: compliance decides, db stores.
//
// A conversation is read with everything that the selection asks for at once, one statement a relation
// (see Resolver.want), so that the fields below it are plain and a page costs the same number of
// statements whatever its size.
package graph

import (
	"context"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/notify"
)

// Resolver answers the root fields.
type Resolver struct {
	store  *db.Store
	hub    *notify.Hub
	now    func() time.Time
	links  func(viewer *auth.Viewer, access db.Access, fileID int64) string
	export func(
		ctx context.Context, op audit.Operation, access db.Access, id int64, includeMedia bool,
	) ([]byte, error)
	answers *answers
	// auditViews says that reading a conversation is audited.
	auditViews bool
	// present shows an error that comes up after a subscription has begun.
	present func(context.Context, error) *gqlerror.Error
	// require returns the viewer, or fails where the viewer lacks a role.
	require func(ctx context.Context, role auth.Role) (*auth.Viewer, error)
}

var _ ResolverRoot = (*Resolver)(nil)

// Query answers what is read.
func (r *Resolver) Query() QueryResolver { return query{r} }

// Mutation answers what changes something.
func (r *Resolver) Mutation() MutationResolver { return mutation{r} }

// Subscription tells what changed.
func (r *Resolver) Subscription() SubscriptionResolver { return subscription{r} }

type (
	query        struct{ *Resolver }
	mutation     struct{ *Resolver }
	subscription struct{ *Resolver }
)

// viewer returns the caller. Every root field is guarded, so an error here means that a guard is
// missing, and nothing is answered.
func viewer(ctx context.Context) (*auth.Viewer, error) {
	return auth.FromContext(ctx)
}

// actorOf is the viewer as the audit log knows them.
func actorOf(viewer *auth.Viewer) audit.Actor {
	return audit.Actor{ID: viewer.Subject, Name: viewer.Name}
}

// operation begins an operation of the viewer.
func operation(viewer *auth.Viewer, activity audit.Activity) audit.Operation {
	return audit.Begin(actorOf(viewer), activity)
}

func (r *Resolver) actor(ctx context.Context) (audit.Actor, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return audit.Actor{}, err
	}
	return actorOf(viewer), nil
}

// access is what the viewer may see: everything, or the conversations of the viewer and of the viewer's
// groups, as far as the roles go (design, section 6).
func (r *Resolver) access(ctx context.Context) (db.Access, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return db.Access{}, err
	}
	return r.accessOf(viewer), nil
}

func (r *Resolver) accessOf(viewer *auth.Viewer) db.Access {
	all, groups, own := viewer.Sees()
	access := db.Access{All: all}
	if groups {
		for _, group := range viewer.Groups {
			access.Principals = append(access.Principals, conversation.GroupPrincipal(group))
		}
	}
	if own {
		access.Principals = append(access.Principals, conversation.UserPrincipal(viewer.UserID))
		if viewer.Email != "" {
			access.Principals = append(access.Principals, r.store.MailPrincipal(viewer.Email))
		}
	}
	return access
}

// Viewer is who asks.
func (q query) Viewer(ctx context.Context) (*Viewer, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	return &Viewer{UserID: viewer.Subject, Name: viewer.Name, Roles: viewer.Roles}, nil
}
