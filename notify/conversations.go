package notify

import (
	"context"
	"slices"
	"sync"
	"time"
)

// SubscribeConversations returns a channel that receives the id of each of these conversations that may have
// changed, until ctx ends; then the channel is closed. A slow subscriber receives several changes of one
// conversation as one, delays nobody else, and misses none. A caller that reads the conversations after
// subscribing, or no longer than LookBack before, misses no change in between.
func (h *Hub) SubscribeConversations(ctx context.Context, ids []int64) <-chan int64 {
	return h.conversations.subscribe(ctx, ids, time.Now().Add(-h.LookBack))
}

// SubscribeJob returns a channel that receives the id of a job whenever it may have changed, as SubscribeConversations
// does.
func (h *Hub) SubscribeJob(ctx context.Context, id int64) <-chan int64 {
	return h.jobs.subscribe(ctx, []int64{id}, time.Now().Add(-h.LookBack))
}

func (c *conversationSubscribers) subscribe(ctx context.Context, ids []int64, since time.Time) <-chan int64 {
	subscriber := newConversationSubscriber(ids)
	c.add(subscriber, since)
	go func() {
		defer close(subscriber.out)
		defer c.remove(subscriber)
		subscriber.run(ctx)
	}()
	return subscriber.out
}

// conversationSubscriber is one subscription. An id waits in its queue once, however often it is notified.
type conversationSubscriber struct {
	ids  []int64
	wake chan struct{}
	out  chan int64

	mu      sync.Mutex
	pending map[int64]bool
	queue   []int64 // the pending ids, in the order of arrival
}

func newConversationSubscriber(ids []int64) *conversationSubscriber {
	return &conversationSubscriber{
		ids: slices.Clone(ids), pending: map[int64]bool{}, wake: make(chan struct{}, 1), out: make(chan int64),
	}
}

// notify never blocks. The subscribed ids bound the length of the queue.
func (s *conversationSubscriber) notify(id int64) {
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

// take removes an id from the queue before the subscriber receives it, so that a change from then on is
// queued again.
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

// conversationSubscribers holds the subscriptions to conversations, or to jobs, by the ids that they are for.
type conversationSubscribers struct {
	mu     sync.Mutex
	byID   map[int64]map[*conversationSubscriber]bool
	recent recentChanges
}

// add queues what changed after since for the new subscriber at once.
func (c *conversationSubscribers) add(s *conversationSubscriber, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.recent.since(since, s.ids) {
		s.notify(id)
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

func (c *conversationSubscribers) notify(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent.note(id, time.Now())
	for s := range c.byID[id] {
		s.notify(id)
	}
}

// notifyAll wakes every subscriber after notifications may have been lost.
func (c *conversationSubscribers) notifyAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recent = recentChanges{lostUntil: time.Now()}
	for id, subscribers := range c.byID {
		for s := range subscribers {
			s.notify(id)
		}
	}
}

// count counts subscriptions; each of them stands once for each of its ids.
func (c *conversationSubscribers) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	distinct := map[*conversationSubscriber]bool{}
	for _, subscribers := range c.byID {
		for s := range subscribers {
			distinct[s] = true
		}
	}
	return len(distinct)
}

// keptChanges limits what is remembered when very much changes, such as while a job anonymizes.
const keptChanges = 10_000

// recentChanges remembers which conversations changed within the last lookBack.
type recentChanges struct {
	changes []recentChange // the oldest first
	// lostUntil is the time up to which changes may be missing: the hub was not listening, or there were too
	// many to remember.
	lostUntil time.Time
}

type recentChange struct {
	id int64
	at time.Time
}

// note adds a change, and forgets those that are too old or too many.
func (r *recentChanges) note(id int64, now time.Time) {
	r.changes = append(r.changes, recentChange{id, now})
	old := 0
	for old < len(r.changes) && now.Sub(r.changes[old].at) > lookBack {
		old++
	}
	if over := len(r.changes) - keptChanges; over > old {
		old, r.lostUntil = over, r.changes[over-1].at
	}
	r.changes = r.changes[old:]
}

// since returns those of the given conversations that may have changed after then.
func (r *recentChanges) since(then time.Time, ids []int64) []int64 {
	if r.lostUntil.After(then) {
		return ids
	}
	var changed []int64
	for _, c := range r.changes {
		if c.at.After(then) && slices.Contains(ids, c.id) && !slices.Contains(changed, c.id) {
			changed = append(changed, c.id)
		}
	}
	return changed
}
