package interactiontest

import (
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/google/uuid"
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

// New starts a service that behaves. When the test ends it stops, and every request that was not as the contract says fails the test.
func New(t testing.TB) *Service {
	t.Helper()
	rules, err := newContract()
	if err != nil {
		t.Fatalf("openapi.yaml cannot be used: %v", err)
	}
	s := &Service{t: t, contract: rules, address: anyPort, taken: map[uuid.UUID][]byte{}, changed: make(chan struct{})}
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

// Stop closes the listener and every connection, and waits for the requests that are under way: connections are refused until Start.
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
