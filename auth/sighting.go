package auth

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Sight is what a token let its holder see, and when it was issued. What is made for a viewer and outlives the
// token's request, such as a link, carries it, so that Verifier.Outdated can tell whether it still holds.
type Sight struct {
	// Person is the token's subject and client: other clients of a person may have other roles.
	Person [sha256.Size]byte
	// Scope stands for the conversations that the token's roles cover.
	Scope [sha256.Size]byte
	// IssuedAt is the token's iat, zero where it has none.
	IssuedAt time.Time
}

// Sight returns what the viewer's token lets its holder see.
func (v *Viewer) Sight() Sight {
	all, groups, own := v.Sees()
	scope := []any{all}
	if groups && !all {
		scope = append(scope, slices.Sorted(slices.Values(v.Groups)))
	}
	if own && !all {
		scope = append(scope, v.UserID, v.Email)
	}
	return Sight{hashOf(v.Subject, v.Client), hashOf(scope...), v.IssuedAt}
}

// hashOf tells lists of values apart.
func hashOf(values ...any) [sha256.Size]byte {
	text, _ := json.Marshal(values) // texts, lists of them and booleans can be written
	return sha256.Sum256(text)
}

// maxSightings bounds the number of persons whose last token is remembered; the one seen longest ago is forgotten
// first. An entry takes about 200 bytes.
const maxSightings = 10_000

// sightings knows what the newest token of each person covers, of those that were accepted here. It is safe for
// concurrent use.
type sightings struct {
	mu   sync.Mutex
	last *simplelru.LRU[[sha256.Size]byte, Sight]
}

func newSightings() *sightings {
	last, _ := simplelru.NewLRU[[sha256.Size]byte, Sight](maxSightings, nil) // fails for no size only
	return &sightings{last: last}
}

// note takes an accepted token. Tokens that do not say when they were issued tell nothing about others.
func (s *sightings) note(seen Sight) {
	if seen.IssuedAt.IsZero() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, known := s.last.Get(seen.Person); known && !seen.IssuedAt.After(last.IssuedAt) {
		return
	}
	s.last.Add(seen.Person, seen)
}

// Outdated reports whether a newer token of the same person and client has come here that covers something else,
// so that what was made for the older token no longer holds. Roles that were taken away count from then on.
func (v *Verifier) Outdated(sight Sight) bool {
	v.sightings.mu.Lock()
	defer v.sightings.mu.Unlock()
	last, known := v.sightings.last.Get(sight.Person)
	return known && last.IssuedAt.After(sight.IssuedAt) && last.Scope != sight.Scope
}
