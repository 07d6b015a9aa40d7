package auth

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// rememberFor is how long a token that was checked is not checked again.
	rememberFor = time.Minute
	// maxRemembered and maxRememberedBytes bound how many tokens are remembered, and how long they are
	// together. What is kept of a token takes about as much memory as the token.
	maxRemembered      = 10_000
	maxRememberedBytes = 16 << 20
)

// memory remembers whom tokens sign in, since checking a signature is dear. It keeps a hash of each
// token, and only of those that were accepted: nobody without a token can fill it.
type memory struct {
	mu     sync.Mutex
	tokens *simplelru.LRU[tokenHash, remembered]
	bytes  int
	// epoch counts how often everything was forgotten.
	epoch int
}

type tokenHash [sha256.Size]byte

type remembered struct {
	viewer *Viewer
	until  time.Time
	bytes  int
}

func newMemory() *memory {
	m := &memory{}
	// Only a size that is not positive is an error.
	m.tokens, _ = simplelru.NewLRU(maxRemembered, func(_ tokenHash, r remembered) { m.bytes -= r.bytes })
	return m
}

// find returns whom a token signs in, or nil if that is not known (any more), and the epoch for remember.
func (m *memory) find(token string, now time.Time) (*Viewer, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	hash := sha256.Sum256([]byte(token))
	found, ok := m.tokens.Get(hash)
	if ok && !now.Before(found.until) {
		m.tokens.Remove(hash)
		ok = false
	}
	if !ok {
		return nil, m.epoch
	}
	return found.viewer, m.epoch
}

// remember keeps whom a token signs in, for rememberFor and until the token ends at most. It does nothing if
// everything was forgotten since the epoch: the key of the token may have been withdrawn meanwhile.
func (m *memory) remember(epoch int, token string, viewer *Viewer, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch != m.epoch {
		return
	}
	until := now.Add(rememberFor)
	if viewer.ExpiresAt.Before(until) {
		until = viewer.ExpiresAt
	}
	hash := sha256.Sum256([]byte(token))
	m.tokens.Remove(hash) // a replaced value would not be taken off bytes
	m.tokens.Add(hash, remembered{viewer, until, len(token)})
	for m.bytes += len(token); m.bytes > maxRememberedBytes; {
		m.tokens.RemoveOldest()
	}
}

// forget forgets every token.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens.Purge()
	m.epoch++
}
