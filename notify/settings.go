package notify

import (
	"context"
	"sync"
	"time"
)

// SubscribeSettings returns a channel that receives a value whenever the compliance settings, or what a
// metadata key is used for, may have changed, from LookBack ago until ctx ends; then the channel is closed.
// Several changes may arrive as one.
func (h *Hub) SubscribeSettings(ctx context.Context) <-chan struct{} {
	// One place is enough: a subscriber that has not taken the last value yet is going to read the settings
	// anyway.
	channel := make(chan struct{}, 1)
	h.settings.add(channel, time.Now().Add(-h.LookBack))
	context.AfterFunc(ctx, func() { h.settings.remove(channel) })
	return channel
}

// settingsSubscribers holds the channels of all subscriptions, each with one place.
type settingsSubscribers struct {
	mu       sync.Mutex
	channels map[chan struct{}]bool
	changed  time.Time
}

// add wakes the new subscriber at once if something changed after since.
func (s *settingsSubscribers) add(channel chan struct{}, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel] = true
	if s.changed.After(since) {
		channel <- struct{}{}
	}
}

// remove closes the channel under the lock, so that notifyAll never sends on a closed one.
func (s *settingsSubscribers) remove(channel chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.channels, channel)
	close(channel)
}

func (s *settingsSubscribers) notifyAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = time.Now()
	for channel := range s.channels {
		select {
		case channel <- struct{}{}:
		default:
		}
	}
}

func (s *settingsSubscribers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.channels)
}
