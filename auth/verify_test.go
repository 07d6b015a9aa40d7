package auth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"qm-compliance/auth"
)

const (
	testIssuer   = "https://id.example/realms/cc"
	testAudience = "qm-compliance"
)

var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func config() auth.Config {
	return auth.Config{Issuer: testIssuer, Audience: testAudience,
		AuthorizedParties: []string{"my.console", "my-ingest"}, RolesClient: "my.console",
		Now: func() time.Time { return testNow }}
}

// nullClaim is the value of a claim that is null.
var nullClaim = json.RawMessage("null")

// claims are those of a token that is accepted, with changes; a nil value leaves a claim out.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": testIssuer, "aud": []string{"account", testAudience}, "sub": "u1",
		"exp": testNow.Add(time.Hour).Unix(), "iat": testNow.Unix(), "typ": "Bearer",
		"azp": "my.console", "name": "Una Secretname", "preferred_username": "una", "email": "una@contact.example",
		"groups":       []string{"/support", "billing"},
		"realm_access": map[string]any{"roles": []string{"VIEW_AUDIT", "offline_access"}},
		"resource_access": map[string]any{"my.console": map[string]any{"roles": []string{"DEFAULT_AGENT"}},
			"other": map[string]any{"roles": []string{"ADD_CALL"}}},
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func sign(
	t testing.TB, algorithm jose.SignatureAlgorithm, key any, kind string, content map[string]any,
) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if kind != "" {
		options = options.WithType(jose.ContentType(kind))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	return serialize(t, signer, content)
}

func serialize(t testing.TB, signer jose.Signer, content map[string]any) string {
	t.Helper()
	token, err := jwt.Signed(signer).Claims(content).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newVerifier(t testing.TB, c auth.Config, keys ...crypto.PublicKey) *auth.Verifier {
	t.Helper()
	verifier, err := auth.NewStaticVerifier(c, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

// A role that is withdrawn ends with the token that has it: whom the next one signs in is read from that one,
// however fresh the memory of the other is.
func TestRolesThatAreWithdrawn(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	verifier := newVerifier(t, config(), key.Public())
	for _, roles := range [][]string{{"VIEW_AUDIT", "ADD_CALL"}, {"VIEW_AUDIT"}, {}} {
		token := sign(t, jose.RS256, key, "JWT", claims(map[string]any{
			"realm_access": map[string]any{"roles": roles}, "resource_access": nil,
		}))
		for range 2 { // checked, and remembered
			viewer, err := verifier.Verify(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(auth.Expand(roles), viewer.Roles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
		}
	}
}

func TestATokenThatIsAccepted(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	for _, kind := range []string{"", "JWT", "at+jwt", "application/at+jwt"} {
		viewer, err := newVerifier(t, config(), key.Public()).Verify(t.Context(),
			sign(t, jose.RS256, key, kind, claims(nil)))
		if err != nil {
			t.Fatalf("typ %q: %v", kind, err)
		}
		want := &auth.Viewer{
			Subject: "u1", UserID: "una", Name: "Una Secretname", Email: "una@contact.example",
			Groups: []string{"support", "billing"},
			Roles: []auth.Role{auth.RoleViewConversationsScreen, auth.RoleInteractionsAgentView,
				auth.RoleViewAudit},
			ExpiresAt: viewer.ExpiresAt, IssuedAt: testNow, Client: "my.console",
		}
		if diff := cmp.Diff(want, viewer); diff != "" {
			t.Error(diff)
		}
		if until := viewer.ExpiresAt.Sub(testNow); until < time.Hour || until > time.Hour+time.Minute {
			t.Errorf("it ends in %s", until)
		}
	}
}

// Every refusal has a reason of its own, and its text holds nothing of the token.
func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	key, other := newKey(t), newKey(t)
	elliptic256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	good := sign(t, jose.RS256, key, "", claims(nil))
	with := func(changes map[string]any) string { return sign(t, jose.RS256, key, "", claims(changes)) }
	parts := strings.Split(good, ".")
	for name, row := range map[string]struct {
		token  string
		reason auth.Reason
	}{
		"expired": {with(map[string]any{"exp": testNow.Add(-time.Minute).Unix()}),
			auth.ReasonExpired},
		"without an end": {with(map[string]any{"exp": nil}), auth.ReasonExpired},
		"not valid yet": {with(map[string]any{"nbf": testNow.Add(time.Hour).Unix()}),
			auth.ReasonNotYetValid},
		"foreign issuer": {with(map[string]any{"iss": "https://id.example/realms/other"}),
			auth.ReasonIssuer},
		"other audience":           {with(map[string]any{"aud": "account"}), auth.ReasonAudience},
		"without an audience":      {with(map[string]any{"aud": nil}), auth.ReasonAudience},
		"without a subject":        {with(map[string]any{"sub": nil}), auth.ReasonSubject},
		"an empty subject":         {with(map[string]any{"sub": ""}), auth.ReasonSubject},
		"signed with another key":  {sign(t, jose.RS256, other, "", claims(nil)), auth.ReasonSignature},
		"signed with another kind": {sign(t, jose.ES256, elliptic256, "", claims(nil)), auth.ReasonSignature},
		"public key as a secret":   {sign(t, jose.HS256, public, "", claims(nil)), auth.ReasonAlgorithm},
		"unsigned":                 {unsigned(t), auth.ReasonAlgorithm},
		"signature cut off":        {parts[0] + "." + parts[1] + ".", auth.ReasonSignature},
		"content exchanged": {parts[0] + "." + strings.Split(with(map[string]any{"sub": "u2"}), ".")[1] +
			"." + parts[2], auth.ReasonSignature},
		"two parts": {parts[0] + "." + parts[1], auth.ReasonMalformed},
		"garbage":   {"a.b.c", auth.ReasonMalformed},
		"empty":     {"", auth.ReasonMalformed},
		"huge":      {good + strings.Repeat("A", 20_000), auth.ReasonMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			viewer, err := newVerifier(t, config(), key.Public()).Verify(context.Background(), row.token)
			var refused *auth.Error
			if viewer != nil || !errors.As(err, &refused) || refused.Reason != row.reason {
				t.Fatalf("viewer %v, error %v; want %s", viewer, err, row.reason)
			}
			for _, secret := range []string{"Secretname", "una", "u1", parts[2]} {
				if strings.Contains(refused.Error(), secret) {
					t.Errorf("%q repeats the token", refused)
				}
			}
		})
	}
}

func unsigned(t *testing.T) string {
	t.Helper()
	content, err := json.Marshal(claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode(content) + "."
}

func TestConfigsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*auth.Config){
		"no issuer":   func(c *auth.Config) { c.Issuer = "" },
		"no audience": func(c *auth.Config) { c.Audience = "" },
		"none":        func(c *auth.Config) { c.Algorithms = []string{"none"} },
		"HS256":       func(c *auth.Config) { c.Algorithms = []string{"RS256", "HS256"} },
		"lower case":  func(c *auth.Config) { c.Algorithms = []string{"rs256"} },
		"empty":       func(c *auth.Config) { c.Algorithms = []string{""} },
	} {
		c := config()
		change(&c)
		if _, err := auth.NewStaticVerifier(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	for _, issuer := range []string{"id.example", "urn:id", "ftp://id.example", "https://", "http://%zz"} {
		_, err := auth.NewVerifier(auth.Config{Issuer: issuer, Audience: "x"})
		if err == nil || !strings.Contains(err.Error(), "--oidc-issuer") {
			t.Errorf("the issuer %s: %v", issuer, err)
		}
	}
}

func TestRoleClaimsAsConfigured(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	c := config()
	c.RoleClaims = []string{"scope", "https://x.example/roles", "deep.er.roles"}
	c.GroupsClaim, c.UserIDClaim = "teams", "employee"
	token := sign(t, jose.RS256, key, "", claims(map[string]any{
		"scope": "openid ADD_CALL", "https://x.example/roles": []string{"VIEW_AUDIT"},
		"deep":  map[string]any{"er": map[string]any{"roles": []any{"EDIT_ADMIN_SETTING", 7}}},
		"teams": "a,b", "employee": "e7",
	}))
	viewer, err := newVerifier(t, c, key.Public()).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]auth.Role{auth.RoleViewAudit, auth.RoleEditAdminSetting, auth.RoleAddCall},
		viewer.Roles); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, viewer.Groups); diff != "" || viewer.UserID != "e7" {
		t.Errorf("groups %v, user id %s", viewer.Groups, viewer.UserID)
	}
}

func FuzzVerify(f *testing.F) {
	key := newKey(f)
	verifier := newVerifier(f, config(), key.Public())
	good := sign(f, jose.RS256, key, "", claims(nil))
	f.Add("a.b.c")
	f.Add("")
	f.Add(good[:len(good)-4])
	f.Add(strings.Replace(good, ".", "..", 1))
	f.Fuzz(func(t *testing.T, token string) {
		viewer, err := verifier.Verify(t.Context(), token)
		var refused *auth.Error
		switch {
		case err == nil && token != good:
			t.Errorf("accepted as %s", viewer.Subject)
		case err != nil && (!errors.As(err, &refused) || len(err.Error()) > 1_000):
			t.Errorf("refused with %.1000v", err)
		}
	})
}

// A token is checked anew where the clock goes beyond the minute for which it is remembered.
func BenchmarkVerify(b *testing.B) {
	key := newKey(b)
	token := sign(b, jose.RS256, key, "", claims(map[string]any{"exp": testNow.AddDate(9, 0, 0).Unix()}))
	for name, step := range map[string]time.Duration{"remembered": 0, "anew": 2 * time.Minute} {
		b.Run(name, func(b *testing.B) {
			now, c := testNow, config()
			c.Now = func() time.Time { return now }
			verifier := newVerifier(b, c, key.Public())
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(step)
				if _, err := verifier.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
