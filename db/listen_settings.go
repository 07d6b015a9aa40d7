package db

import "sync"

// settingsSubscribers are told by a channel with room for one.
type settingsSubscribers struct {
	mu       sync.Mutex
	channels map[chan struct{}]bool
}

func (s *settingsSubscribers) add(channel chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel] = true
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
	for channel := range s.channels {
		select {
		case channel <- struct{}{}:
		default:
		}
	}
}
