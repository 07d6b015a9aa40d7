package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/graph/refusals"
)

// guard enforces who may do what: the directives @hasRole and @signedIn, and deny by default for root fields that carry
// neither (design, section 6). What it refuses of a mutation or an export it audits.
type guard struct {
	refusals *refusals.Log
	refused  func(reason string)
}

func (g guard) hasRole(ctx context.Context, _ any, next graphql.Resolver, role auth.Role) (any, error) {
	viewer, err := g.require(ctx, role)
	if err == nil {
		return next(ctx)
	}
	field := graphql.GetFieldContext(ctx).Field.Name
	if viewer != nil && isAudited(ctx, field) {
		g.refusals.Person(ctx, viewer, field, audit.CodeForbidden)
	}
	return nil, err
}

// isAudited reports whether the refusal of a root field is audited: of what changes something, or takes a
// conversation out.
func isAudited(ctx context.Context, field string) bool {
	return graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation || field == exportField
}

// require returns the viewer, with an error where the viewer lacks the role; nil where nobody is signed in.
func (g guard) require(ctx context.Context, role auth.Role) (*auth.Viewer, error) {
	viewer, err := auth.FromContext(ctx)
	if err != nil {
		return nil, err
	}
	if !viewer.Has(role) {
		g.refused("forbidden")
		field := graphql.GetFieldContext(ctx).Field.Name
		return viewer, coded(codeForbidden, fmt.Sprintf("%s requires the role %s, which you do not have", field, role))
	}
	return viewer, nil
}

func (g guard) signedIn(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	if _, err := auth.FromContext(ctx); err != nil {
		return nil, err
	}
	return next(ctx)
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
