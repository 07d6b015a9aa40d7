package auth

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// A clock that shows whole seconds may be right until the second is over.
func TestAhead(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 11, 25, 12, 0, 0, 900_000_000, time.UTC)
	until := from.Add(500 * time.Millisecond)
	for shown, want := range map[time.Time]time.Duration{
		from.Truncate(time.Second):                      0,
		from.Truncate(time.Second).Add(time.Second):     0,
		until.Add(time.Hour):                            time.Hour,
		from.Add(-time.Hour).Add(-time.Second):          -time.Hour,
		from.Truncate(time.Second).Add(-time.Second):    -900 * time.Millisecond,
		from.Truncate(time.Second).Add(2 * time.Second): 600 * time.Millisecond,
	} {
		if got := ahead(shown, from, until); got != want {
			t.Errorf("%s: ahead by %s, want %s", shown, got, want)
		}
	}
}

func TestAlgorithmsOfKeys(t *testing.T) {
	t.Parallel()
	curve := func(c elliptic.Curve) *ecdsa.PublicKey { return &ecdsa.PublicKey{Curve: c} }
	for name, row := range map[string]struct {
		key  jose.JSONWebKey
		want jose.SignatureAlgorithm
		not  jose.SignatureAlgorithm
	}{
		"named":   {jose.JSONWebKey{Algorithm: "PS384", Key: &rsa.PublicKey{N: big.NewInt(3)}}, jose.PS384, jose.RS256},
		"RSA":     {jose.JSONWebKey{Key: &rsa.PublicKey{N: big.NewInt(3)}}, jose.RS256, jose.ES256},
		"P-256":   {jose.JSONWebKey{Key: curve(elliptic.P256())}, jose.ES256, jose.ES384},
		"P-384":   {jose.JSONWebKey{Key: curve(elliptic.P384())}, jose.ES384, jose.ES256},
		"P-521":   {jose.JSONWebKey{Key: curve(elliptic.P521())}, jose.ES512, jose.ES256},
		"Ed25519": {jose.JSONWebKey{Key: ed25519.PublicKey{}}, jose.EdDSA, jose.RS256},
	} {
		got := algorithmsOf(row.key)
		if !slices.Contains(got, row.want) || slices.Contains(got, row.not) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := algorithmsOf(jose.JSONWebKey{Key: []byte("secret")}); got != nil {
		t.Errorf("a secret: %v", got)
	}
}
