package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/graph/admission"
)

// Limits keep anybody from using up more than their share. Zero means no limit.
type Limits struct {
	// BodyBytes is the size of a request's body, DocumentBytes that of the GraphQL document in it.
	BodyBytes     int64
	DocumentBytes int
	// Tokens is the number of lexical tokens of a document. Fields, Aliases, Directives and Fragments are how
	// many of each it has, written out or not; Repeats is how often one selection set may name the same field
	// in the answer.
	Tokens, Fields, Aliases, Directives, Fragments, Repeats int
	// RootFields is how many root fields a query has, MutationFields a mutation, and Exports how many of them
	// export a conversation.
	RootFields, MutationFields, Exports int
	// Depth is the nesting of an operation, Cost what it may cost; see cost.go.
	Depth, Cost int
	// CacheBytes is about how much memory is kept for documents that are ready to run, and
	// CachedDocumentBytes the largest of them.
	CacheBytes, CachedDocumentBytes int
	// PersistedBytes is how much is kept of automatic persisted queries.
	PersistedBytes int
	// Duration is how long one operation may take; subscriptions are not bound by it.
	Duration time.Duration
	// WriteTimeout is how long a client of a WebSocket may take to read a piece of an answer of 64 KB; of HTTP
	// the server itself takes care.
	WriteTimeout time.Duration
	// AnswerBytes is the size of an answer, without the vCons in it, and Errors how many errors it has.
	AnswerBytes int64
	Errors      int
	// Admission is how much is done at once and over time.
	Admission admission.Limits
	// ExportsAtOnce are the exports that are made at once, since each has recordings in memory; ExportsEach are
	// those of one person, until the answer is taken. They wait beside the other operations.
	ExportsAtOnce, ExportsEach int
	// Sockets are the WebSockets at once, Subscriptions the subscriptions, in all and of each person.
	Sockets, SocketsEach, Subscriptions, SubscriptionsEach int
	// SocketsOpening are the WebSockets of one address at once that have not signed in yet.
	SocketsOpening int
}

// DefaultLimits admit everything that a console asks for, with room to spare.
func DefaultLimits() Limits {
	return Limits{
		BodyBytes: 1 << 20, DocumentBytes: 64 << 10,
		Tokens: 2_000, Fields: 1_000, Aliases: 100, Directives: 100, Fragments: 100, Repeats: 20,
		RootFields: 50, MutationFields: 10, Exports: 1, ExportsAtOnce: 1, ExportsEach: 2, Depth: 20, Cost: 20_000,
		CacheBytes: 16 << 20, CachedDocumentBytes: 20 << 10, PersistedBytes: 1 << 20,
		Duration: 30 * time.Second, WriteTimeout: 10 * time.Second, AnswerBytes: 16 << 20, Errors: 50,
		Admission: admission.DefaultLimits(),
		Sockets:   2_000, SocketsEach: 20, Subscriptions: 10_000, SubscriptionsEach: 200,
		SocketsOpening: 500,
	}
}

// sizeLimit refuses operations that are nested too deep, or that select too many fields once their fragments are written out. It measures each fragment
// once, so that fragments of fragments cannot make the measuring itself long; what counts pages comes after it.
type sizeLimit struct {
	depth, fields int
}

// ExtensionName names the limit among gqlgen's extensions.
func (sizeLimit) ExtensionName() string { return "SizeLimit" }

// Validate accepts every schema.
func (sizeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses an operation before it runs.
func (l sizeLimit) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	size := measuredOnce(ctx, op, "size", func() size { return measure(op.Operation.SelectionSet, map[string]size{}) })
	if l.depth > 0 && size.depth > l.depth {
		return coded(codeInvalid, fmt.Sprintf("the operation is nested %d levels deep; at most %d are allowed", size.depth, l.depth))
	}
	if l.fields > 0 && size.fields > l.fields {
		return coded(codeInvalid, fmt.Sprintf("the operation selects more than %d fields", l.fields))
	}
	return nil
}

type size struct {
	depth, fields int
}

// manyFields is where counting stops, long before a sum could overflow.
const manyFields = 1 << 30

func measure(set ast.SelectionSet, fragments map[string]size) size {
	var total size
	for _, selection := range set {
		var part size
		switch s := selection.(type) {
		case *ast.Field:
			part = measure(s.SelectionSet, fragments)
			part.depth, part.fields = part.depth+1, part.fields+1
		case *ast.InlineFragment:
			part = measure(s.SelectionSet, fragments)
		case *ast.FragmentSpread:
			part = measureFragment(s.Definition, fragments)
		}
		total.depth, total.fields = max(total.depth, part.depth), min(total.fields+part.fields, manyFields)
	}
	return total
}

func measureFragment(fragment *ast.FragmentDefinition, fragments map[string]size) size {
	if known, found := fragments[fragment.Name]; found {
		return known
	}
	fragments[fragment.Name] = measure(fragment.SelectionSet, fragments)
	return fragments[fragment.Name]
}
