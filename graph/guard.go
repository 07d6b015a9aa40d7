package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/db"
)

// guard enforces who may do what: the directives @hasRole and @signedIn, and deny by default for root fields that carry
// neither (design, section 6). What it refuses of a mutation it audits.
type guard struct {
	store  *db.Store
	logger *slog.Logger
}

func (g guard) hasRole(ctx context.Context, _ any, next graphql.Resolver, role auth.Role) (any, error) {
	viewer, err := auth.FromContext(ctx)
	if err != nil {
		g.auditRefusal(ctx, nil, codeUnauthenticated)
		return nil, err
	}
	if !viewer.Has(role) {
		g.auditRefusal(ctx, viewer, codeForbidden)
		return nil, coded(codeForbidden, fmt.Sprintf("%s needs the role %s, which you do not hold", graphql.GetFieldContext(ctx).Field.Name, role))
	}
	return next(ctx)
}

func (g guard) signedIn(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if _, err := auth.FromContext(ctx); err != nil {
		return nil, err
	}
	return next(ctx)
}

// auditRefusal records a refused mutation. That the event cannot be written does not turn the refusal into anything else.
func (g guard) auditRefusal(ctx context.Context, viewer *auth.Viewer, reason string) {
	field := graphql.GetFieldContext(ctx).Field
	if graphql.GetOperationContext(ctx).Operation.Operation != ast.Mutation {
		return
	}
	actor := db.Actor{Name: "not signed in"}
	if viewer != nil {
		actor = actorOf(viewer)
	}
	event := db.AuditEvent{Activity: db.AccessDenied, Result: db.Failure, Details: db.AuditDetails{Operation: field.Name, Reason: reason}}
	if err := g.store.Record(ctx, actor, event); err != nil {
		g.logger.ErrorContext(ctx, "a refusal could not be audited", "request", requestID(ctx), "error", redacted(err))
	}
}

// ExtensionName names the guard among gqlgen's extensions.
func (guard) ExtensionName() string { return "Guard" }

// Validate refuses, at start, to serve a schema with a root field that does not declare who may use it.
func (guard) Validate(schema graphql.ExecutableSchema) error {
	var errs []error
	for _, root := range roots(schema.Schema()) {
		for _, field := range root.Fields {
			if !strings.HasPrefix(field.Name, "__") && !declares(field) {
				errs = append(errs, fmt.Errorf("%s.%s declares neither @hasRole nor @signedIn", root.Name, field.Name))
			}
		}
	}
	return errors.Join(errs...)
}

// InterceptRootField refuses, at run time, a root field that does not declare who may use it.
func (guard) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	field := graphql.GetRootFieldContext(ctx).Field
	if !strings.HasPrefix(field.Name, "__") && !declares(field.Definition) {
		graphql.AddError(ctx, coded(codeForbidden, field.Name+" declares nobody who may use it"))
		return graphql.Null
	}
	return next(ctx)
}

func roots(schema *ast.Schema) []*ast.Definition {
	var all []*ast.Definition
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		if root != nil {
			all = append(all, root)
		}
	}
	return all
}

// declares reports whether a root field says, in exactly one way, who may use it.
func declares(field *ast.FieldDefinition) bool {
	return (field.Directives.ForName("hasRole") != nil) != (field.Directives.ForName("signedIn") != nil)
}
