package graph

import (
	"context"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// document is ready to run.
type document struct {
	*ast.QueryDocument
	// plans are those of its operations that depend on no variable.
	plans *plans
	// fields is how many it has, not written out.
	fields int
}

// documents makes GraphQL documents ready to run: it parses them, measures them, and only then validates
// them, because validating takes time that grows faster than the document. It keeps those that are ready,
// within a bound of bytes.
type documents struct {
	schema *ast.Schema
	limits Limits
	rules  *rules.Rules
	// introspection is whether documents may ask for the schema.
	introspection bool
	ready         *byteCache[*document]
}

func newDocuments(schema *ast.Schema, options Options) *documents {
	return &documents{
		schema: schema, limits: options.Limits, rules: validationRules(options.Suggestions),
		introspection: options.Introspection != IntrospectionOff, ready: newByteCache[*document](options.Limits.CacheBytes),
	}
}

// validationRules are GraphQL's own. Without suggestions an error does not say which names the schema has
// instead.
func validationRules(suggestions bool) *rules.Rules {
	all := rules.NewDefaultRules()
	if suggestions {
		return all
	}
	for name, rule := range map[string]core.Rule{
		"FieldsOnCorrectType": rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		"KnownArgumentNames":  rules.KnownArgumentNamesRuleWithoutSuggestions,
		"KnownTypeNames":      rules.KnownTypeNamesRuleWithoutSuggestions,
		"ScalarLeafs":         rules.ScalarLeafsRuleWithoutSuggestions,
		"ValuesOfCorrectType": rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		all.RemoveRule(name)
		all.AddRule(rule.Name, rule.RuleFunc)
	}
	return all
}

// prepare returns a document that is ready to run, or what is wrong with it. Admit, where it is not nil, may
// refuse it before it is validated; such a document is not kept either.
func (d *documents) prepare(text string, admit func(*ast.QueryDocument) *gqlerror.Error) (*document, gqlerror.List) {
	if limit := d.limits.DocumentBytes; limit > 0 && len(text) > limit {
		return nil, gqlerror.List{coded(codeInvalid, fmt.Sprintf("the document is larger than %d bytes", limit))}
	}
	if ready, found := d.ready.get(text); found && admit == nil {
		return ready, nil
	}
	parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, d.limits.Tokens)
	if err != nil {
		return nil, requestErrors(errcode.ParseFailed, gqlerror.List{gqlerror.WrapIfUnwrapped(err)})
	}
	if len(parsed.Operations) == 0 {
		return nil, gqlerror.List{coded(codeInvalid, "the document has no operation")}
	}
	size := sizeOf(parsed)
	if refused := size.exceeds(d.limits); refused != nil {
		return nil, gqlerror.List{refused}
	}
	if size.schema && !d.introspection {
		return nil, gqlerror.List{coded(codeInvalid, "this server does not show its schema")}
	}
	if admit != nil {
		if refused := admit(parsed); refused != nil {
			return nil, gqlerror.List{refused}
		}
	}
	if errs := validator.ValidateWithRules(d.schema, parsed, d.rules); len(errs) > 0 {
		return nil, requestErrors(errcode.ValidationFailed, errs)
	}
	ready := &document{parsed, new(plans), size.fields}
	if admit == nil && len(text) <= d.limits.CachedDocumentBytes {
		d.ready.add(text, ready, len(text)+size.memory())
	}
	return ready, nil
}

// requestErrors marks errors as the request's, and leaves out those beyond the first ones.
func requestErrors(code string, errs gqlerror.List) gqlerror.List {
	errs = errs[:min(len(errs), maxRequestErrors)]
	for _, err := range errs {
		errcode.Set(err, code)
	}
	return errs
}

// maxRequestErrors is the number of errors of a document that are reported at once.
const maxRequestErrors = 10

type documentKey struct{}

// prepared hands the executor the document that was made ready for the operation. It looks like a cache that
// always hits, which keeps the executor from parsing and validating by itself.
type prepared struct{}

var _ graphql.Cache[*ast.QueryDocument] = prepared{}

func withDocument(ctx context.Context, ready *document) context.Context {
	return context.WithValue(ctx, documentKey{}, ready)
}

// Get returns the document that withDocument has put into the context.
func (prepared) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	ready, found := ctx.Value(documentKey{}).(*document)
	if !found {
		return nil, false
	}
	return ready.QueryDocument, true
}

// Add keeps nothing.
func (prepared) Add(context.Context, string, *ast.QueryDocument) {}

// byteCache keeps what was used last, as far as the bytes that it is said to take go. It is safe for
// concurrent use.
type byteCache[V any] struct {
	mu    sync.Mutex
	limit int
	bytes int
	kept  *simplelru.LRU[string, cached[V]]
}

type cached[V any] struct {
	value V
	bytes int
}

// manyEntries is more than fit into any bound of bytes that makes sense.
const manyEntries = 1 << 20

func newByteCache[V any](limit int) *byteCache[V] {
	c := &byteCache[V]{limit: limit}
	// The only error is a size that is not positive.
	c.kept, _ = simplelru.NewLRU(manyEntries, func(_ string, gone cached[V]) { c.bytes -= gone.bytes })
	return c
}

func (c *byteCache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.kept.Get(key)
	return found.value, ok
}

func (c *byteCache[V]) add(key string, value V, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(key)
	c.kept.Add(key, cached[V]{value, bytes})
	c.bytes += bytes
	for c.bytes > c.limit {
		c.kept.RemoveOldest()
	}
}
