package interactiontest

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/media/interaction"
)

// Delivery is a request that the service took.
type Delivery struct {
	Key    uuid.UUID
	Action interaction.Action
	// Files are the files' global ids.
	Files []string
	At    time.Time
	// Again says that the key had been taken before.
	Again bool
	// Authorization is the header of that name.
	Authorization string
	Request       interaction.Request
}

// Deliveries are the requests that were taken, oldest first, also those whose answer the client never saw.
func (s *Service) Deliveries() []Delivery {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.deliveries)
}

// Attempts counts the requests that came, whatever became of them.
func (s *Service) Attempts() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.attempts
}

// Violations says what was wrong with requests that were not as the contract says. They were answered with 400 and not taken.
func (s *Service) Violations() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.violations)
}

// WaitFor returns the deliveries once there are at least n, or ctx's error.
func (s *Service) WaitFor(ctx context.Context, n int) ([]Delivery, error) {
	err := s.wait(ctx, func() bool { return len(s.deliveries) >= n })
	return s.Deliveries(), err
}

// WaitForAttempts returns once at least n requests came, or ctx's error.
func (s *Service) WaitForAttempts(ctx context.Context, n int) error {
	return s.wait(ctx, func() bool { return s.attempts >= n })
}

// wait calls reached with the lock held.
func (s *Service) wait(ctx context.Context, reached func() bool) error {
	for {
		s.mutex.Lock()
		done, changed := reached(), s.changed
		s.mutex.Unlock()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// update changes the service with the lock held, and wakes who waits for a change.
func (s *Service) update(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}
