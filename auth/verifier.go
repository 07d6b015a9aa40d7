package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Config says which tokens are accepted and how they are read.
type Config struct {
	// Issuer is the identity provider's address as its tokens name it. Audience has to be among a
	// token's audiences. Both are required.
	Issuer, Audience string
	// ClientID, if set, is the only client whose tokens are accepted (claim azp), and the client whose
	// roles are read.
	ClientID string
	// RoleClaims are the claims that hold roles, as paths whose names are separated by dots; nil means
	// realm_access.roles and resource_access.<ClientID>.roles.
	RoleClaims []string
	// GroupsClaim holds the person's groups, at first groups; UserIDClaim the id that conversations know
	// an agent by, at first preferred_username.
	GroupsClaim, UserIDClaim string
	// Algorithms are the accepted signature algorithms; nil means every asymmetric one that is in common use.
	Algorithms []string
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
}

// asymmetric returns the algorithms that can be accepted at all: with any other, everybody who can
// check a token could make one.
func asymmetric() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
		jose.EdDSA,
	}
}

// Verifier checks access tokens. It is safe for concurrent use.
type Verifier struct {
	config     Config
	algorithms []jose.SignatureAlgorithm
	tokens     *oidc.IDTokenVerifier
}

const discoveryTimeout = 15 * time.Second

// NewVerifier asks the issuer for its keys (OpenID Connect discovery). The error says what to check if
// the issuer cannot be reached or is set up wrongly. Keys that the issuer changes later are fetched
// when they are first used.
func NewVerifier(ctx context.Context, config Config) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	discovery, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(discovery, config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the issuer %s does not answer as an OpenID Connect provider: %w; check "+
			"--oidc-issuer, and that this machine reaches it", config.Issuer, err)
	}
	return newVerifier(config, provider.Verifier(config.oidc())), nil
}

// NewStaticVerifier accepts tokens signed with one of the given keys, without asking an issuer; for the
// demo and for tests.
func NewStaticVerifier(config Config, keys ...crypto.PublicKey) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	set := &oidc.StaticKeySet{PublicKeys: keys}
	return newVerifier(config, oidc.NewVerifier(config.Issuer, set, config.oidc())), nil
}

func newVerifier(config Config, tokens *oidc.IDTokenVerifier) *Verifier {
	return &Verifier{config: config.withDefaults(), algorithms: config.algorithms(), tokens: tokens}
}

func (c Config) check() error {
	switch {
	case c.Issuer == "":
		return errors.New("no issuer is set; name the identity provider with --oidc-issuer (OIDC_ISSUER)")
	case c.Audience == "":
		return errors.New("no audience is set; name what the tokens for this server have in their claim aud " +
			"with --oidc-audience (OIDC_AUDIENCE)")
	}
	for _, name := range c.Algorithms {
		if !slices.Contains(asymmetric(), jose.SignatureAlgorithm(name)) {
			return fmt.Errorf("the algorithm %q is not accepted; give asymmetric ones such as RS256 and ES256", name)
		}
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	if c.UserIDClaim == "" {
		c.UserIDClaim = "preferred_username"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Config) algorithms() []jose.SignatureAlgorithm {
	if c.Algorithms == nil {
		return asymmetric()
	}
	var chosen []jose.SignatureAlgorithm
	for _, name := range c.Algorithms {
		chosen = append(chosen, jose.SignatureAlgorithm(name))
	}
	return chosen
}

// oidc leaves issuer, audience and expiry to Verify, which reports which of them is wrong.
func (c Config) oidc() *oidc.Config {
	names := []string{}
	for _, algorithm := range c.algorithms() {
		names = append(names, string(algorithm))
	}
	return &oidc.Config{
		SkipClientIDCheck: true, SkipIssuerCheck: true, SkipExpiryCheck: true, SupportedSigningAlgs: names,
	}
}
