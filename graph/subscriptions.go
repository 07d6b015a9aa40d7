package graph

import (
	"context"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
)

// ComplianceSettingsChanged tells the settings each time they changed. It ends when the viewer's token does.
func (s subscription) ComplianceSettingsChanged(ctx context.Context) (<-chan *ComplianceSettings, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := untilExpiry(ctx, viewer)
	return stream(ctx, cancel, s.hub.SubscribeSettings(ctx), s.present,
		func(struct{}) (*ComplianceSettings, error) {
			return s.settings(ctx, actorOf(viewer))
		}), nil
}

// ConversationChanged sends a conversation each time it changed, as far as the viewer may see it then.
// It ends when the viewer's token does.
func (s subscription) ConversationChanged(ctx context.Context, ids []string) (<-chan *Conversation, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	numbers, err := conversationIDs(ids, "ids")
	if err != nil {
		return nil, err
	}
	ctx, cancel := untilExpiry(ctx, viewer)
	return stream(ctx, cancel, s.hub.SubscribeConversations(ctx, unique(numbers)), s.present,
		func(id int64) (*Conversation, error) {
			shown, err := s.conversations(ctx, s.accessOf(viewer), []int64{id})
			if err != nil || len(shown) == 0 {
				return nil, err
			}
			return shown[0], nil
		}), nil
}

// untilExpiry ends a subscription with its token; the roles were checked when it began.
func untilExpiry(ctx context.Context, viewer *auth.Viewer) (context.Context, context.CancelFunc) {
	if viewer.ExpiresAt.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, viewer.ExpiresAt)
}

// stream reads the subject of each change and passes it on. A failure to read is shown as an error and
// ends the stream, so that no change is missed silently.
func stream[Change, Shown any](
	ctx context.Context, cancel context.CancelFunc, changes <-chan Change,
	present func(context.Context, error) *gqlerror.Error, read func(Change) (*Shown, error),
) <-chan *Shown {
	shown := make(chan *Shown)
	go func() {
		defer close(shown)
		defer cancel()
		for change := range changes {
			value, err := read(change)
			if err != nil {
				failSubscription(ctx, present(ctx, err))
				return
			}
			if value != nil && !send(ctx, shown, value) {
				return
			}
		}
	}()
	return shown
}

func send[T any](ctx context.Context, to chan<- T, value T) bool {
	select {
	case to <- value:
		return true
	case <-ctx.Done():
		return false
	}
}

type subscriptionKey struct{}

// subscriptionFailure is why a subscription ended by itself, nil where it did not fail. It is set before the stream ends.
// Where a subscription is ended meanwhile, it may be read at the same time.
type subscriptionFailure struct {
	err atomic.Pointer[gqlerror.Error]
}

func withSubscription(ctx context.Context) (context.Context, *subscriptionFailure) {
	failure := new(subscriptionFailure)
	return context.WithValue(ctx, subscriptionKey{}, failure), failure
}

func failSubscription(ctx context.Context, err *gqlerror.Error) {
	if failure, ok := ctx.Value(subscriptionKey{}).(*subscriptionFailure); ok {
		failure.err.Store(err)
	}
}
