// Package interactiontest runs an Interaction service for tests. It checks every request against
// openapi.json, remembers what it took, and fails in the ways in which services fail, on request.
package interactiontest

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/media/interaction"
)

// Service is an Interaction service on this machine. It is safe for concurrent use.
type Service struct {
	t        testing.TB
	contract contract
	address  string

	mutex      sync.Mutex
	server     *server
	behaviour  behaviour
	taken      map[uuid.UUID][]byte
	deliveries []Delivery
	attempts   int
	violations []string
	changed    chan struct{} // closed and replaced whenever something of the above changes
}

const anyPort = "127.0.0.1:0"

// New starts a service that behaves. When the test ends it stops, and every request against the contract
// fails the test.
func New(t testing.TB) *Service {
	t.Helper()
	rules, err := newContract()
	if err != nil {
		t.Fatalf("openapi.json cannot be used: %v", err)
	}
	s := &Service{
		t: t, contract: rules, address: anyPort, taken: map[uuid.UUID][]byte{}, changed: make(chan struct{}),
	}
	s.Start()
	t.Cleanup(s.finish)
	return s
}

func (s *Service) finish() {
	s.Stop()
	for _, violation := range s.Violations() {
		s.t.Errorf("the Interaction service got a request against its contract: %s", violation)
	}
}

// URL is the service's address, the same before and after a restart.
func (s *Service) URL() string { return "http://" + s.address }

// Stop closes the listener and every connection, and waits for the requests that are under way.
// Connections are refused until Start.
func (s *Service) Stop() {
	s.mutex.Lock()
	running := s.server
	s.server = nil
	s.mutex.Unlock()
	if running != nil {
		running.stop()
	}
}

// Start listens again, on the same address as before. It does nothing while the service runs.
func (s *Service) Start() {
	s.t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.server != nil {
		return
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatalf("the Interaction service cannot listen: %v", err)
	}
	if s.address == anyPort {
		s.address = listener.Addr().String()
	}
	s.server = serve(listener, http.HandlerFunc(s.handle))
}

// behaviour is how the service answers. The zero value behaves: it answers a request with 202, and one
// whose key it has taken before with 409.
type behaviour struct {
	status     int           // it fails with this status; 0: it does not fail
	retryAfter time.Duration // sent with status, unless 0
	hangs      bool
	drops      int             // this many of the next answers get lost
	late       <-chan struct{} // it answers once this is closed; nil: at once
}

func (s *Service) become(b behaviour) { s.update(func() { s.behaviour = b }) }

// Behave ends every trouble. Requests that hang are then taken.
func (s *Service) Behave() { s.become(behaviour{}) }

// Fail answers every request with status, and with Retry-After in whole seconds unless retryAfter is 0,
// and takes none.
func (s *Service) Fail(status int, retryAfter time.Duration) {
	s.become(behaviour{status: status, retryAfter: retryAfter})
}

// Hang takes and answers nothing, until another behaviour is set or the client leaves.
func (s *Service) Hang() { s.become(behaviour{hangs: true}) }

// DropAnswers takes requests, but breaks the connection in the middle of the next n answers.
func (s *Service) DropAnswers(n int) { s.become(behaviour{drops: n}) }

// AnswerLate takes requests at once, but answers only after release was closed. A client that leaves is
// not waited for.
func (s *Service) AnswerLate(release <-chan struct{}) { s.become(behaviour{late: release}) }

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

// Deliveries returns the requests that were taken, oldest first, with those whose answer the client
// never saw.
func (s *Service) Deliveries() []Delivery {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.deliveries)
}

// Attempts returns the number of requests that came, whether they were taken or not.
func (s *Service) Attempts() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.attempts
}

// Violations says what was wrong with requests against the contract. They were answered with 400 and not
// taken.
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

// update changes the service with the lock held, and wakes everybody who waits for a change.
func (s *Service) update(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}
