package db

import (
	"context"
	"slices"
	"sync"
	"time"
)

// SubscribeConversations tells which of these conversations may have changed since they were read last, until ctx ends; then the channel is closed. A
// subscriber that is slow is told once about several changes of one conversation, delays nobody else, and misses none. Whoever reads the
// conversations after subscribing, or not longer than LookBack before, misses no change in between.
func (h *Hub) SubscribeConversations(ctx context.Context, ids []int64) <-chan int64 {
	subscriber := newConversationSubscriber(ids)
	h.conversations.add(subscriber, time.Now().Add(-h.LookBack))
	go func() {
		defer close(subscriber.out)
		defer h.conversations.remove(subscriber)
		subscriber.run(ctx)
	}()
	return subscriber.out
}

// SubscribeSettings tells that the compliance settings, or what a metadata key is used for, may have changed, from LookBack ago until ctx ends; then the
// channel is closed. Several changes may be told as one.
func (h *Hub) SubscribeSettings(ctx context.Context) <-chan struct{} {
	// Room for one is all that it takes: whoever has not yet taken it is going to read the settings anyway.
	channel := make(chan struct{}, 1)
	h.settings.add(channel, time.Now().Add(-h.LookBack))
	context.AfterFunc(ctx, func() { h.settings.remove(channel) })
	return channel
}

// conversationSubscriber hands on the ids it is told, each of them once until it was taken.
type conversationSubscriber struct {
	ids  []int64
	wake chan struct{}
	out  chan int64

	mu      sync.Mutex
	pending map[int64]bool
	queue   []int64 // the pending ids, in the order in which they came
}

func newConversationSubscriber(ids []int64) *conversationSubscriber {
	return &conversationSubscriber{ids: slices.Clone(ids), pending: map[int64]bool{}, wake: make(chan struct{}, 1), out: make(chan int64)}
}

// tell never waits. What is pending is limited by the ids that were subscribed to.
func (s *conversationSubscriber) tell(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pending[id] {
		s.pending[id] = true
		s.queue = append(s.queue, id)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take forgets the id that it returns before it is handed over, so that a change from then on is told again.
func (s *conversationSubscriber) take() (id int64, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return 0, false
	}
	id, s.queue = s.queue[0], s.queue[1:]
	delete(s.pending, id)
	return id, true
}

func (s *conversationSubscriber) run(ctx context.Context) {
	for {
		id, pending := s.take()
		if !pending {
			select {
			case <-s.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case s.out <- id:
		case <-ctx.Done():
			return
		}
	}
}

// conversationSubscribers are the subscribers by what they subscribed to.
type conversationSubscribers struct {
	mu     sync.Mutex
	byID   map[int64]map[*conversationSubscriber]bool
	recent recentChanges
}

// add tells the subscriber at once of what changed after a time that lies behind.
func (c *conversationSubscribers) add(s *conversationSubscriber, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.recent.since(since, s.ids) {
		s.tell(id)
	}
	for _, id := range s.ids {
		if c.byID[id] == nil {
			c.byID[id] = map[*conversationSubscriber]bool{}
		}
		c.byID[id][s] = true
	}
}

func (c *conversationSubscribers) remove(s *conversationSubscriber) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range s.ids {
		delete(c.byID[id], s)
		if len(c.byID[id]) == 0 {
			delete(c.byID, id)
		}
	}
}

func (c *conversationSubscribers) tell(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent.note(id, time.Now())
	for s := range c.byID[id] {
		s.tell(id)
	}
}

// tellAll is for changes of which nobody knows what they were about.
func (c *conversationSubscribers) tellAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent = recentChanges{lostUntil: time.Now()}
	for id, subscribers := range c.byID {
		for s := range subscribers {
			s.tell(id)
		}
	}
}
