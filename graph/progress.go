package graph

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// errAnswerTooLarge ends an operation whose answer has become larger than it may.
var errAnswerTooLarge = errors.New("the answer is too large")

// progress watches over one answer while it is made: its size, its time and its errors. Once it is stopped,
// no further field is read.
type progress struct {
	limit   int64
	bytes   atomic.Int64
	stopped atomic.Bool
	cancel  context.CancelFunc

	mu       sync.Mutex
	most     int
	errors   int
	left     int
	reported map[any]bool
}

type progressKey struct{}

func progressOf(ctx context.Context) *progress {
	p, _ := ctx.Value(progressKey{}).(*progress)
	return p
}

// budget bounds every answer: by time (but for subscriptions), by bytes, and by the number of its errors.
type budget struct {
	duration time.Duration
	bytes    int64
	errors   int
	refused  func(reason string)
}

// ExtensionName names the budget among gqlgen's extensions.
func (budget) ExtensionName() string { return "Budget" }

// Validate accepts every schema.
func (budget) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse watches over one answer; a subscription has one for each event.
func (b budget) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	operation := operationOf(ctx)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if b.duration > 0 && operation != nil && operation.Operation != ast.Subscription {
		ctx, cancel = context.WithTimeout(ctx, b.duration)
		defer cancel()
	}
	watch := &progress{limit: b.bytes, most: b.errors, cancel: cancel, reported: map[any]bool{}}
	response := next(context.WithValue(ctx, progressKey{}, watch))
	if response == nil {
		return nil
	}
	if watch.left > 0 {
		response.Errors = append(response.Errors, coded(codeInvalid, fmt.Sprintf("%d more errors are left out", watch.left)))
	}
	if !watch.stopped.Load() {
		return response
	}
	b.refused("answer")
	if operation == nil || operation.Operation != ast.Mutation {
		// What is null because it was not read any more must not be taken for what is null. Of a mutation it
		// has to be reported what was done.
		response.Data, response.Errors = []byte("null"), gqlerror.List{watch.tooLarge()}
	}
	return response
}

func (p *progress) tooLarge() *gqlerror.Error {
	return coded(codeInvalid, fmt.Sprintf("the answer is larger than %d bytes; ask for less, such as a smaller page", p.limit))
}

// InterceptRootField holds the deadline between root fields: those of a mutation come one after another.
func (budget) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if err := ctx.Err(); err != nil {
		graphql.AddError(ctx, err)
		return graphql.Null
	}
	return next(ctx)
}

// InterceptField counts what a field adds to the answer, and reads nothing more where the answer is too large
// already, or late.
func (budget) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	watch := progressOf(ctx)
	if watch == nil {
		return next(ctx)
	}
	if watch.stopped.Load() {
		return nil, errAnswerTooLarge
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	value, err := next(ctx)
	if err != nil {
		return value, err
	}
	if watch.add(int64(len(graphql.GetFieldContext(ctx).Field.Alias)+sizeOfField) + sizeOfValue(value)) {
		return nil, errAnswerTooLarge
	}
	return value, nil
}

// add counts bytes, and reports whether they are more than the answer may have.
func (p *progress) add(bytes int64) bool {
	if total := p.bytes.Add(bytes); p.limit <= 0 || total <= p.limit {
		return false
	}
	p.stopped.Store(true)
	p.cancel()
	return true
}

// admit reports whether an error is shown. Of those of an answer that was stopped it shows one a root field,
// which stands for all that is missing below; of any others the first ones.
func (p *progress) admit(shown *gqlerror.Error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped.Load() {
		root := any("")
		if len(shown.Path) > 0 {
			root = shown.Path[0]
		}
		if p.reported[root] {
			return false
		}
		p.reported[root] = true
		return true
	}
	if p.most > 0 && p.errors >= p.most {
		p.left++
		return false
	}
	p.errors++
	return true
}

// sizeOfField is what a field takes besides its name and value: quotes, colon and comma.
const sizeOfField = 4

// sizeOfValue is about how many bytes a value takes as JSON. Objects and lists count by their fields; a vCon
// does not count, since an operation has one export at most, which has a bound of its own.
func sizeOfValue(value any) int64 {
	switch v := value.(type) {
	case string:
		return sizeOfText(v)
	case *string:
		if v != nil {
			return sizeOfText(*v)
		}
	case []string:
		size := int64(2)
		for _, text := range v {
			size += 1 + sizeOfText(text)
		}
		return size
	case time.Time, *time.Time:
		return int64(len(time.RFC3339Nano))
	}
	return 4
}

// sizeOfText counts what JSON escapes as it is written: a control character takes six bytes, a quote two.
func sizeOfText(text string) int64 {
	size := int64(len(text)) + 2
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t':
			size++
		case c < 0x20:
			size += 5
		}
	}
	return size
}
