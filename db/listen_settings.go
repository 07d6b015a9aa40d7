package db

import (
	"sync"
	"time"
)

// settingsSubscribers are told by a channel with room for one.
type settingsSubscribers struct {
	mu       sync.Mutex
	channels map[chan struct{}]bool
	changed  time.Time
}

// add tells the subscriber at once of what changed after a time that lies behind.
func (s *settingsSubscribers) add(channel chan struct{}, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel] = true
	if s.changed.After(since) {
		channel <- struct{}{}
	}
}

// remove closes the channel under the lock, so that tellAll never sends on one that is closed.
func (s *settingsSubscribers) remove(channel chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.channels, channel)
	close(channel)
}

func (s *settingsSubscribers) tellAll() {
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
