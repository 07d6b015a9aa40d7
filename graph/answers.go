package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/graph/answer"
)

// answers is the extension of gqlgen that writes conversations, and what is below them, by package answer: where a
// field has resolved to one, the field's result is what was written. All else is written by the generated code, and
// so is everything where the extension is not used.
type answers struct {
	*shapes
	types  map[string]answer.Described
	schema graphql.ExecutableSchema
	output answer.Output
	// everything has all columns loaded, whatever an answer needs.
	everything bool
}

func newAnswers() *answers {
	a := &answers{}
	a.shapes = newShapes(a.generated)
	a.types = answer.All(a.connection, a.segment, a.mediaFile)
	return a
}

// generated is the generated code, for an operation.
func (a *answers) generated(ctx context.Context) *executionContext {
	operation, schema := graphql.GetOperationContext(ctx), a.schema.(*executableSchema)
	return newExecutionContext(operation, schema, make(chan graphql.DeferredResult))
}

// ExtensionName names the answers among gqlgen's extensions.
func (*answers) ExtensionName() string { return "Answers" }

// Validate refuses, at start, descriptions of types that are not the schema's.
func (a *answers) Validate(schema graphql.ExecutableSchema) error {
	var errs []error
	for _, described := range a.types {
		errs = append(errs, described.Check(schema.Schema()))
	}
	return errors.Join(errs...)
}

// InterceptField writes what a field has resolved to.
func (a *answers) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	switch v := value.(type) {
	case *ConversationConnection:
		return one(ctx, a, a.connection, v), nil
	case *Conversation:
		if v != nil {
			return one(ctx, a, a.conversation, v), nil
		}
	case *MediaFile:
		if v != nil {
			return one(ctx, a, a.mediaFile, v), nil
		}
	case *CallSegment:
		return one(ctx, a, a.segment, v.segment), nil
	case *EmailSegment:
		return one(ctx, a, a.segment, v.segment), nil
	case *ChatSegment:
		return one(ctx, a, a.segment, v.segment), nil
	case []*Conversation:
		if v != nil {
			return many(ctx, a, a.conversation, v), nil
		}
	case []*MediaFile:
		if v != nil {
			return many(ctx, a, a.mediaFile, v), nil
		}
	}
	return value, nil
}

func one[T any](ctx context.Context, a *answers, of answer.Type[T], value T) graphql.Marshaler {
	return planOf(ctx, of).One(ctx, value, &a.output, watchOf(ctx))
}

func many[T any](ctx context.Context, a *answers, of answer.Type[T], values []T) graphql.Marshaler {
	return planOf(ctx, of).List(ctx, values, &a.output, watchOf(ctx))
}

func planOf[T any](ctx context.Context, of answer.Type[T]) answer.Plan[T] {
	field := graphql.GetFieldContext(ctx).Field
	return planned(ctx, field, of.Name(), func() answer.Plan[T] { return answer.Compile(ctx, of, field.Selections) })
}

// watchOf holds the bounds of an answer while it is written: its bytes, and its time.
func watchOf(ctx context.Context) answer.Watch {
	watch := progressOf(ctx)
	return func(bytes int) error {
		if watch != nil && (watch.stopped.Load() || watch.add(int64(bytes))) {
			return errAnswerTooLarge
		}
		return ctx.Err()
	}
}

// plans keeps what was found out about the fields of a document or of one operation. They are as many as the
// document has fields, at most. It is safe for concurrent use.
type plans struct {
	mu   sync.Mutex
	kept map[planKey]plan
}

type planKey struct {
	operation *ast.OperationDefinition
	field     *ast.Field
	purpose   string
}

type plan struct {
	// selected tells apart what one field selects where it is merged with others, and where it is not.
	selected ast.SelectionSet
	value    any
}

func (p *plans) get(key planKey, selected ast.SelectionSet) (any, bool) {
	if p == nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found, known := p.kept[key]
	return found.value, known && slices.Equal(found.selected, selected)
}

func (p *plans) keep(key planKey, selected ast.SelectionSet, value any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[planKey]plan{}
	}
	p.kept[key] = plan{selected, value}
}

// measuredOnce returns what measure says of an operation: once for all runs of its document, where it uses no variable.
func measuredOnce[V any](ctx context.Context, op *graphql.OperationContext, what string, measure func() V) V {
	ready, _ := ctx.Value(documentKey{}).(*document)
	if ready == nil {
		return measure()
	}
	key := planKey{operation: op.Operation, purpose: what}
	if value, found := ready.plans.get(key, nil); found {
		return value.(V)
	}
	value := measure()
	if !answer.UsesVariables(op.Operation.SelectionSet) {
		ready.plans.keep(key, nil, value)
	}
	return value
}

// plansKey is where the plans of an operation and of its document are kept.
const plansKey = "plans"

type plansOf struct {
	document  *plans // nil where none is kept
	operation plans
}

// keepPlans lets the plans of an operation be kept with its document, whose size is counted as what is kept of it. Plans
// have fragments written out: those of an operation that is many times as long that way are not kept.
func keepPlans(operation *graphql.OperationContext, of *document) {
	const longer = 2
	kept := &plansOf{}
	if measure(operation.Operation.SelectionSet, map[string]size{}).fields <= longer*of.fields {
		kept.document = of.plans
	}
	operation.Stats.SetExtension(plansKey, kept)
}

// planned returns what build makes of a field for a purpose. It is made once for all operations of the document, or
// once for the operation where the selection depends on variables.
func planned[V any](ctx context.Context, field graphql.CollectedField, purpose string, build func() V) V {
	operation := graphql.GetOperationContext(ctx)
	kept, _ := operation.Stats.GetExtension(plansKey).(*plansOf)
	if kept == nil {
		return build()
	}
	key := planKey{operation.Operation, field.Field, purpose}
	for _, plans := range []*plans{kept.document, &kept.operation} {
		if value, found := plans.get(key, field.Selections); found {
			return value.(V)
		}
	}
	value, keeper := build(), kept.document
	if keeper == nil || answer.UsesVariables(field.Selections) {
		keeper = &kept.operation
	}
	keeper.keep(key, field.Selections, value)
	return value
}

// selection is what an operation selects of conversations, wherever they are in the answer of a field.
type selection struct {
	types     map[string]answer.Described
	variables map[string]any
	want      db.Want
}

// want is what has to be loaded for the answer of the field that is being resolved.
func (r *Resolver) want(ctx context.Context) db.Want {
	field, operation := graphql.GetFieldContext(ctx).Field, graphql.GetOperationContext(ctx)
	return planned(ctx, field, "want", func() db.Want {
		s := selection{types: r.answers.types, variables: operation.Variables}
		s.collect(field.Selections)
		if r.answers.everything {
			s.want.Columns = db.AllColumns
		}
		return s.want
	})
}

// collect takes what stands in a selection, whether it is skipped or not. Arguments that are wrong are errors of the
// fields themselves.
func (s *selection) collect(set ast.SelectionSet) {
	for _, selected := range set {
		switch of := selected.(type) {
		case *ast.Field:
			if described := s.types[of.ObjectDefinition.Name]; described != nil {
				s.want.Columns |= db.Columns(described.Needs(of.Name))
				s.messages(of)
			}
			s.collect(of.SelectionSet)
		case *ast.InlineFragment:
			s.collect(of.SelectionSet)
		case *ast.FragmentSpread:
			s.collect(of.Definition.SelectionSet)
		}
	}
}

// messages takes how many segments are shown, and which pages of messages.
func (s *selection) messages(field *ast.Field) {
	if field.Name != "segments" && field.Name != "messages" {
		return
	}
	arguments := field.ArgumentMap(s.variables)
	switch field.Name {
	case "segments":
		s.want.Segments = max(s.want.Segments, number(arguments["first"]))
	case "messages":
		var after *string
		if cursor, given := arguments["after"].(string); given {
			after = &cursor
		}
		window, err := messageWindow(number(arguments["first"]), after, kindsOf(arguments["kinds"]))
		window.UpTo = countedTo(s.variables, field.SelectionSet)
		if at := slices.IndexFunc(s.want.Messages, window.Same); at >= 0 {
			s.want.Messages[at].UpTo = max(s.want.Messages[at].UpTo, window.UpTo)
		} else if err == nil {
			s.want.Messages = append(s.want.Messages, window)
		}
	}
}

// countedTo is how far a selection of a page counts, 0 where it does not.
func countedTo(variables map[string]any, set ast.SelectionSet) int {
	upTo := 0
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			if s.Name == "totalCount" {
				upTo = max(upTo, min(number(s.ArgumentMap(variables)["upTo"]), maxTotal))
			}
		case *ast.InlineFragment:
			upTo = max(upTo, countedTo(variables, s.SelectionSet))
		case *ast.FragmentSpread:
			upTo = max(upTo, countedTo(variables, s.Definition.SelectionSet))
		}
	}
	return upTo
}

// kindsOf reads an argument whose values have been checked; one value stands for a list of one.
func kindsOf(argument any) []compliance.MessageKind {
	items, isList := argument.([]any)
	if !isList && argument != nil {
		items = []any{argument}
	}
	var kinds []compliance.MessageKind
	for _, item := range items {
		kinds = append(kinds, compliance.MessageKind(fmt.Sprint(item)))
	}
	return kinds
}

// number reads an Int argument, 0 where it is none.
func number(argument any) int {
	n, err := graphql.UnmarshalInt(argument)
	if err != nil {
		return 0
	}
	return n
}
