package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Inspection is what an OpenID Connect provider says of itself, for who judges whether people can sign in.
type Inspection struct {
	// Issuer is the provider's own name, which its tokens have; Config.Issuer has to be the same, letter by letter.
	Issuer string
	// Keys counts the keys with which it may sign, Usable those of them that sign with an accepted algorithm.
	Keys, Usable int
	// Challenges are the methods of PKCE that it names; nil where it names none.
	Challenges []string
	// Ahead is by how much its clock is ahead of this machine's, to a second; HasClock is false where it shows none.
	Ahead    time.Duration
	HasClock bool
}

// Inspect asks the provider of a config for its discovery document and for its keys. It has ten seconds. What it has learned
// until it fails is in the inspection.
func Inspect(ctx context.Context, config Config) (Inspection, error) {
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	config = config.withDefaults()
	client := &http.Client{Transport: boundedTransport{config.Transport}}
	var found Inspection
	body, err := found.discover(ctx, client, config)
	if err != nil {
		return found, err
	}
	var document struct {
		Issuer     string   `json:"issuer"`
		Keys       string   `json:"jwks_uri"`
		Challenges []string `json:"code_challenge_methods_supported"`
	}
	if err := json.Unmarshal(body, &document); err != nil {
		return found, errors.New("its discovery document is not JSON")
	}
	found.Issuer, found.Challenges = document.Issuer, document.Challenges
	if document.Keys == "" {
		return found, errors.New("its discovery document names no jwks_uri")
	}
	keys, err := fetchKeys(ctx, client, document.Keys)
	if err != nil {
		return found, err
	}
	found.Keys = len(keys)
	for _, key := range keys {
		if slices.ContainsFunc(algorithmsOf(key.JSONWebKey), func(name jose.SignatureAlgorithm) bool {
			return slices.Contains(config.algorithms(), name)
		}) && key.Use != "enc" {
			found.Usable++
		}
	}
	return found, nil
}

// discover fetches the discovery document, and reads the clock from the answer.
func (i *Inspection) discover(ctx context.Context, client *http.Client, config Config) ([]byte, error) {
	address := strings.TrimSuffix(config.Issuer, "/") + "/.well-known/openid-configuration"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("its address cannot be read")
	}
	request.Header.Set("Cache-Control", "no-cache")
	asked := config.Now()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if shown, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		i.Ahead, i.HasClock = ahead(shown, asked, config.Now()), true
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}

// ahead is by how much a clock, which shows whole seconds, is ahead of one that showed from before and until after: zero
// where both may be right.
func ahead(shown, from, until time.Time) time.Duration {
	switch {
	case shown.After(until):
		return shown.Sub(until)
	case shown.Add(time.Second).Before(from):
		return shown.Add(time.Second).Sub(from)
	}
	return 0
}

// algorithmsOf are those by which a key may sign.
func algorithmsOf(key jose.JSONWebKey) []jose.SignatureAlgorithm {
	if key.Algorithm != "" {
		return []jose.SignatureAlgorithm{jose.SignatureAlgorithm(key.Algorithm)}
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512}
	case *ecdsa.PublicKey:
		bits := map[int]jose.SignatureAlgorithm{256: jose.ES256, 384: jose.ES384, 521: jose.ES512}
		return []jose.SignatureAlgorithm{bits[public.Curve.Params().BitSize]}
	case ed25519.PublicKey:
		return []jose.SignatureAlgorithm{jose.EdDSA}
	}
	return nil
}
