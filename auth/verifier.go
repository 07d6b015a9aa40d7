package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Config says which tokens are accepted and how they are read.
type Config struct {
	// Issuer is the identity provider's address as its tokens name it. Audience has to be among a
	// token's audiences. Both are required.
	Issuer, Audience string
	// AuthorizedParties are the clients whose tokens are accepted; empty means those of every client.
	AuthorizedParties []string
	// RolesClient is the client whose roles are read, besides those of the realm.
	RolesClient string
	// RoleClaims are the claims that hold roles, as paths whose names are separated by dots; empty means
	// realm_access.roles and resource_access.<RolesClient>.roles.
	RoleClaims []string
	// GroupsClaim holds the person's groups, at first groups; UserIDClaim the id that conversations know
	// an agent by, at first preferred_username.
	GroupsClaim, UserIDClaim string
	// Algorithms are the accepted signature algorithms; empty means every asymmetric one that is in common
	// use.
	Algorithms []string
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
	// Transport carries the requests to the issuer; nil means one like http.DefaultTransport that opens a
	// connection for each.
	Transport http.RoundTripper
	// Logger receives how the issuer responds; nil logs nothing.
	Logger *slog.Logger
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
	keys       keySource
	memory     *memory
	sightings  *sightings
	accepted   func(context.Context, *Viewer)
}

// OnAccepted has a function called with whom a token signs in, each time that a token has been checked: about once a
// minute for a token that is in use. It is to be set before Verify is called.
func (v *Verifier) OnAccepted(accepted func(context.Context, *Viewer)) { v.accepted = accepted }

// NewVerifier accepts the tokens of the issuer, whose keys it knows while Run runs. The error says what is
// wrong with the config; whether the issuer answers is not asked here.
func NewVerifier(config Config) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	address, err := url.Parse(config.Issuer)
	if err != nil || address.Host == "" || (address.Scheme != "https" && address.Scheme != "http") {
		return nil, fmt.Errorf("the issuer %q is not a web address; give the identity provider's with "+
			"--oidc-issuer, such as https://id.example/realms/contact-centre", config.Issuer)
	}
	config = config.withDefaults()
	memory := newMemory()
	keys := newProviderKeys(config.Issuer, config.Transport, config.Logger, memory.forget)
	return &Verifier{config, config.algorithms(), keys, memory, newSightings(), nil}, nil
}

// NewStaticVerifier accepts tokens signed with one of the given keys, without asking an issuer; for the
// demo and for tests. It needs no Run.
func NewStaticVerifier(config Config, keys ...crypto.PublicKey) (*Verifier, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	return &Verifier{config, config.algorithms(), staticKeys(keys), newMemory(), newSightings(), nil}, nil
}

// Run finds the issuer and keeps its keys current until ctx ends, and returns the error of ctx. While the
// issuer does not answer, Run tries again with growing delays, and the keys that it last had stay valid.
func (v *Verifier) Run(ctx context.Context) error { return v.keys.run(ctx) }

// Ready reports whether the issuer's keys are known, so that people can sign in. Once they are, it stays
// true. It waits for the first answer of the issuer while ctx lasts.
func (v *Verifier) Ready(ctx context.Context) bool { return v.keys.ready(ctx) }

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
			return fmt.Errorf("the algorithm %q is not accepted; give asymmetric ones such as RS256 and ES256 with "+
				"--oidc-algorithm", name)
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
	if c.Transport == nil {
		c.Transport = freshConnections()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) algorithms() []jose.SignatureAlgorithm {
	if len(c.Algorithms) == 0 {
		return asymmetric()
	}
	var chosen []jose.SignatureAlgorithm
	for _, name := range c.Algorithms {
		chosen = append(chosen, jose.SignatureAlgorithm(name))
	}
	return chosen
}
