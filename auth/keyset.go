package auth

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// keySource knows the keys that sign tokens.
type keySource interface {
	// verify returns the content of a token that one of the keys has signed, or why there is none.
	verify(ctx context.Context, token *jose.JSONWebSignature) ([]byte, Reason)
	run(ctx context.Context) error
	ready(ctx context.Context) bool
}

// staticKeys are known from the start and stay the same.
type staticKeys []crypto.PublicKey

func (s staticKeys) verify(_ context.Context, token *jose.JSONWebSignature) ([]byte, Reason) {
	for _, key := range s {
		if content, err := token.Verify(key); err == nil {
			return content, ""
		}
	}
	return nil, ReasonSignature
}

func (staticKeys) run(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (staticKeys) ready(context.Context) bool { return true }

// keySet is what a provider published at one time. It never changes.
type keySet []signingKey

// signingKey is a key with its fingerprint, which covers its id as well.
type signingKey struct {
	jose.JSONWebKey
	fingerprint string
}

// verify returns the content of a token that a key of the set has signed, or nil. known reports whether the
// set has the very key that the token names, so that a newer set would not help either.
func (s keySet) verify(token *jose.JSONWebSignature) (content []byte, known bool) {
	id := token.Signatures[0].Header.KeyID
	for _, key := range s {
		if id != "" && key.KeyID != id {
			continue
		}
		if content, err := token.Verify(&key.JSONWebKey); err == nil {
			return content, true
		}
		known = id != ""
	}
	return nil, known
}

// lacks reports whether a key of another set is missing here.
func (s keySet) lacks(other keySet) bool {
	held := map[string]bool{}
	for _, key := range s {
		held[key.fingerprint] = true
	}
	for _, key := range other {
		if !held[key.fingerprint] {
			return true
		}
	}
	return false
}

// findKeys asks an issuer where its keys are (OpenID Connect discovery).
func findKeys(ctx context.Context, client *http.Client, issuer string) (string, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), issuer)
	if err != nil {
		return "", err
	}
	var document struct {
		JWKSURL string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return "", err
	}
	if document.JWKSURL == "" {
		return "", errors.New("its discovery document names no jwks_uri")
	}
	return document.JWKSURL, nil
}

// fetchKeys asks for the keys at an address.
func fetchKeys(ctx context.Context, client *http.Client, address string) (keySet, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Cache-Control", "no-cache")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	set, err := parseKeys(body)
	if err != nil {
		return nil, fmt.Errorf("%s is not a key set: %w", address, err)
	}
	return set, nil
}

// parseKeys reads a JSON Web Key Set. It leaves out what it cannot use, as RFC 7517 (section 5) asks: keys of
// kinds that are unknown here, and secrets.
func parseKeys(document []byte) (keySet, error) {
	var raw struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &raw); err != nil {
		return nil, err
	}
	if raw.Keys == nil {
		return nil, errors.New("it has no keys")
	}
	set := keySet{}
	for _, element := range *raw.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(element, &key) != nil || !key.Valid() || !key.IsPublic() {
			continue
		}
		sum, err := key.Thumbprint(crypto.SHA256)
		if err != nil {
			continue
		}
		set = append(set, signingKey{key, string(sum) + key.KeyID})
	}
	return set, nil
}

// freshConnections never uses a connection twice: one that died without a word would take every later request
// with it.
func freshConnections() http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	transport.DisableKeepAlives = true
	return transport
}

// maxAnswer is how much an answer of the provider may hold.
const maxAnswer = 1 << 20

// boundedTransport fails to read longer answers.
type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxAnswer)
	}
	return response, err
}

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
	hash := sha256.Sum256([]byte(token)) // what takes longest keeps nobody else waiting
	m.mu.Lock()
	defer m.mu.Unlock()
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
	hash := sha256.Sum256([]byte(token))
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch != m.epoch {
		return
	}
	until := now.Add(rememberFor)
	if viewer.ExpiresAt.Before(until) {
		until = viewer.ExpiresAt
	}
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
