package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// DemoPerson is one of the people whom the demo signs in (design, section 6).
type DemoPerson struct {
	// Key names the person in the sign-in, Role is the composite role that the person holds.
	Key, Role string
	// Title describes the person's job.
	Title                        string
	Subject, UserID, Name, Email string
	Groups                       []string
}

// DemoPeople returns the four people of the demo.
func DemoPeople() []DemoPerson {
	return []DemoPerson{
		{Key: "manager", Role: "DEFAULT_CC_MANAGER", Title: "contact-centre manager",
			Subject: "demo-manager", UserID: "cnovak", Name: "Clara Novak", Email: "clara.novak@contact.example"},
		{Key: "analyst", Role: "DEFAULT_COMPLIANCE_ANALYST", Title: "compliance analyst",
			Subject: "demo-analyst", UserID: "mwebb", Name: "Marcus Webb", Email: "marcus.webb@contact.example"},
		{Key: "supervisor", Role: "DEFAULT_SUPERVISOR", Title: "supervisor",
			Subject: "demo-supervisor", UserID: "praman", Name: "Priya Raman", Email: "priya.raman@contact.example",
			Groups: []string{"support"}},
		{Key: "agent", Role: "DEFAULT_AGENT", Title: "agent",
			Subject: "demo-agent", UserID: "tlind", Name: "Tomas Lind", Email: "tomas.lind@contact.example",
			Groups: []string{"support"}},
	}
}

const (
	demoIssuer   = "urn:qm-compliance:demo"
	demoAudience = "qm-compliance"
	demoLifetime = time.Hour
)

// DemoIssuer signs in the demo's people, with a key that it makes itself and that ends with the process.
type DemoIssuer struct {
	signer   jose.Signer
	verifier *Verifier
	now      func() time.Time
}

// NewDemoIssuer makes a key; now returns the current time.
func NewDemoIssuer(now func() time.Time) (*DemoIssuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	options := new(jose.SignerOptions).WithType("at+jwt")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return nil, err
	}
	config := Config{Issuer: demoIssuer, Audience: demoAudience, Now: now}
	verifier, err := NewStaticVerifier(config, key.Public())
	return &DemoIssuer{signer: signer, verifier: verifier, now: now}, err
}

// Verifier accepts the tokens of this issuer and no others.
func (d *DemoIssuer) Verifier() *Verifier { return d.verifier }

// Token signs one of the demo's people in for an hour. Its error names the people if nobody has this
// key.
func (d *DemoIssuer) Token(key string) (string, error) {
	for _, person := range DemoPeople() {
		if person.Key == key {
			return jwt.Signed(d.signer).Claims(d.claims(person)).Serialize()
		}
	}
	return "", fmt.Errorf("there is no demo user %q; sign in as manager, analyst, supervisor or agent", key)
}

// claims have the shape of Keycloak's.
func (d *DemoIssuer) claims(person DemoPerson) map[string]any {
	now := d.now()
	return map[string]any{
		"iss": demoIssuer, "aud": demoAudience, "sub": person.Subject, "iat": now.Unix(),
		"exp": now.Add(demoLifetime).Unix(), "typ": "Bearer",
		"preferred_username": person.UserID, "name": person.Name, "email": person.Email, "groups": person.Groups,
		"realm_access": map[string]any{"roles": []string{person.Role}},
	}
}

// DemoTokenPath is where the demo's people sign in.
const DemoTokenPath = "/demo/token"

// Handler answers POST /demo/token?as=PERSON with {"accessToken": "..."}. It answers programs on this
// machine and the demo's own pages: a page of another site, or one that reaches this server under
// another name, is refused.
func (d *DemoIssuer) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch site := r.Header.Get("Sec-Fetch-Site"); {
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			writeError(w, http.StatusMethodNotAllowed, "INVALID",
				"sign in by POST "+DemoTokenPath+"?as=manager|analyst|supervisor|agent")
			return
		case !loopback(r.Host) || (site != "" && site != "same-origin" && site != "none"):
			writeError(w, http.StatusForbidden, "FORBIDDEN", "the demo accepts sign-ins from its own site only")
			return
		}
		token, err := d.Token(r.URL.Query().Get("as"))
		if err != nil {
			writeError(w, http.StatusBadRequest, "INVALID", err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(map[string]string{"accessToken": token})
	})
}

// loopback reports whether a Host header names this very machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
