package auth_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/auth"
)

// reasonFor returns why a token with these changes is refused, with the message, or "" if it is accepted.
func reasonFor(
	t *testing.T, verifier *auth.Verifier, key any, header string, changes map[string]any,
) (auth.Reason, string) {
	t.Helper()
	_, err := verifier.Verify(t.Context(), sign(t, jose.RS256, key, header, claims(changes)))
	var refused *auth.Error
	switch {
	case err == nil:
		return "", ""
	case !errors.As(err, &refused):
		t.Fatalf("an error of another kind: %v", err)
	}
	return refused.Reason, refused.Error()
}

// What a token calls itself decides what it is; without that, what it is bound to.
func TestTypesOfTokens(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	verifier := newVerifier(t, config(), key.Public())
	logout := map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}
	for name, row := range map[string]struct {
		header   string
		claims   map[string]any
		accepted bool
	}{
		"Keycloak before 25":            {"JWT", map[string]any{"nonce": "n"}, true},
		"Bearer with every hash":        {"", map[string]any{"at_hash": "a", "c_hash": "c"}, true},
		"bearer in lower case":          {"JWT", map[string]any{"typ": "bearer", "nonce": "n"}, true},
		"at+jwt with a nonce":           {"at+jwt", map[string]any{"typ": nil, "nonce": "n"}, true},
		"the media type with a nonce":   {"application/at+jwt", map[string]any{"typ": nil, "nonce": "n"}, true},
		"AT+JWT":                        {"AT+JWT", map[string]any{"typ": nil, "nonce": "n"}, true},
		"without a type":                {"", map[string]any{"typ": nil}, true},
		"without a type, JWT":           {"JWT", map[string]any{"typ": nil}, true},
		"the type is null":              {"JWT", map[string]any{"typ": nullClaim}, true},
		"a nonce that is null":          {"JWT", map[string]any{"typ": nil, "nonce": nullClaim}, true},
		"no type, a nonce":              {"", map[string]any{"typ": nil, "nonce": "n"}, false},
		"a nonce that is a number":      {"JWT", map[string]any{"typ": nil, "nonce": 7}, false},
		"an empty nonce":                {"JWT", map[string]any{"typ": nil, "nonce": ""}, false},
		"without a type, at_hash":       {"", map[string]any{"typ": nil, "at_hash": "h"}, false},
		"without a type, c_hash":        {"JWT", map[string]any{"typ": nil, "c_hash": "h"}, false},
		"without a type, s_hash":        {"JWT", map[string]any{"typ": nil, "s_hash": "h"}, false},
		"Keycloak's id token":           {"JWT", map[string]any{"typ": "ID"}, false},
		"Keycloak's refresh token":      {"JWT", map[string]any{"typ": "Refresh"}, false},
		"Keycloak's offline token":      {"JWT", map[string]any{"typ": "Offline"}, false},
		"Keycloak's logout token":       {"JWT", map[string]any{"typ": "Logout"}, false},
		"at+jwt, and an id token":       {"at+jwt", map[string]any{"typ": "ID"}, false},
		"the type is a number":          {"JWT", map[string]any{"typ": 1}, false},
		"an empty type":                 {"JWT", map[string]any{"typ": ""}, false},
		"header of a logout token":      {"logout+jwt", nil, false},
		"header of a security event":    {"secevent+jwt", nil, false},
		"header of a DPoP proof":        {"dpop+jwt", nil, false},
		"a logout token without a type": {"", map[string]any{"typ": nil, "events": logout}, false},
		"events in a Bearer token":      {"JWT", map[string]any{"events": logout}, false},
		"events in at+jwt":              {"at+jwt", map[string]any{"typ": nil, "events": logout}, false},
		"events that are a list":        {"JWT", map[string]any{"typ": nil, "events": []string{}}, false},
	} {
		reason, _ := reasonFor(t, verifier, key, row.header, row.claims)
		if (reason == "") != row.accepted || (reason != "" && reason != auth.ReasonTokenType) {
			t.Errorf("%s: %q", name, reason)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key},
		new(jose.SignerOptions).WithHeader("typ", 7))
	if err != nil {
		t.Fatal(err)
	}
	token := serialize(t, signer, claims(nil))
	if _, err := verifier.Verify(t.Context(), token); err == nil {
		t.Error("a header whose type is a number is accepted")
	}
}

// Where the accepted clients are listed, a token has to name one of them, whatever its provider calls the
// claim.
func TestAuthorizedParties(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	open := config()
	open.AuthorizedParties = nil
	listed, everybody := newVerifier(t, config(), key.Public()), newVerifier(t, open, key.Public())
	for name, row := range map[string]struct {
		claims   map[string]any
		accepted bool
	}{
		"azp, the first":           {map[string]any{"azp": "my.console"}, true},
		"azp, the second":          {map[string]any{"azp": "my-ingest"}, true},
		"client_id":                {map[string]any{"azp": nil, "client_id": "my-ingest"}, true},
		"cid":                      {map[string]any{"azp": nil, "cid": "my-ingest"}, true},
		"azp is null, client_id":   {map[string]any{"azp": nullClaim, "client_id": "my-ingest"}, true},
		"azp before client_id":     {map[string]any{"azp": "my-ingest", "client_id": "other"}, true},
		"other azp":                {map[string]any{"azp": "other"}, false},
		"other client_id":          {map[string]any{"azp": nil, "client_id": "other"}, false},
		"other cid":                {map[string]any{"azp": nil, "cid": "other"}, false},
		"other azp, client_id":     {map[string]any{"azp": "other", "client_id": "my-ingest"}, false},
		"other client_id, cid":     {map[string]any{"azp": nil, "client_id": "other", "cid": "my-ingest"}, false},
		"none of them":             {map[string]any{"azp": nil}, false},
		"azp a number":             {map[string]any{"azp": 7}, false},
		"azp a list":               {map[string]any{"azp": []string{"my-ingest"}}, false},
		"azp an object, client_id": {map[string]any{"azp": map[string]any{}, "client_id": "my-ingest"}, false},
		"azp empty":                {map[string]any{"azp": ""}, false},
		"client_id a list":         {map[string]any{"azp": nil, "client_id": []string{"my-ingest"}}, false},
		"cid false":                {map[string]any{"azp": nil, "cid": false}, false},
		"other case":               {map[string]any{"azp": "My-Ingest"}, false},
		"a space behind it":        {map[string]any{"azp": "my-ingest "}, false},
		"another claim":            {map[string]any{"azp": nil, "client": "my-ingest"}, false},
	} {
		reason, _ := reasonFor(t, listed, key, "", row.claims)
		if (reason == "") != row.accepted || (reason != "" && reason != auth.ReasonClient) {
			t.Errorf("%s: %q", name, reason)
		}
		if reason, _ := reasonFor(t, everybody, key, "", row.claims); reason != "" {
			t.Errorf("%s, without a list: %q", name, reason)
		}
	}
}

// The client whose roles count and the clients whose tokens are accepted have nothing to do with each other.
func TestRolesOfAClientOfTheAPIsOwn(t *testing.T) {
	t.Parallel()
	key, c := newKey(t), config()
	c.RolesClient = "the.api"
	token := sign(t, jose.RS256, key, "", claims(map[string]any{"azp": "my.console", "realm_access": nil,
		"resource_access": map[string]any{"the.api": map[string]any{"roles": []string{"ADD_CALL"}},
			"my.console": map[string]any{"roles": []string{"VIEW_AUDIT"}}}}))
	viewer, err := newVerifier(t, c, key.Public()).Verify(t.Context(), token)
	if err != nil || !slices.Equal(viewer.Roles, []auth.Role{auth.RoleAddCall}) {
		t.Errorf("%+v, %v", viewer, err)
	}
}

func TestTimesOfTokens(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	verifier := newVerifier(t, config(), key.Public())
	at := func(d time.Duration) int64 { return testNow.Add(d).Unix() }
	for name, row := range map[string]struct {
		claims map[string]any
		reason auth.Reason
	}{
		"nbf within the leeway":         {map[string]any{"nbf": at(30 * time.Second)}, ""},
		"iat within the leeway":         {map[string]any{"iat": at(30 * time.Second)}, ""},
		"ended within the leeway":       {map[string]any{"exp": at(-29 * time.Second)}, ""},
		"a fraction of a second":        {map[string]any{"nbf": float64(at(0)) + 0.5}, ""},
		"without iat":                   {map[string]any{"iat": nil}, ""},
		"a year ahead":                  {map[string]any{"exp": at(365 * 24 * time.Hour)}, ""},
		"nbf beyond the leeway":         {map[string]any{"nbf": at(31 * time.Second)}, auth.ReasonNotYetValid},
		"iat beyond the leeway":         {map[string]any{"iat": at(31 * time.Second)}, auth.ReasonNotYetValid},
		"iat an hour ahead":             {map[string]any{"iat": at(time.Hour)}, auth.ReasonNotYetValid},
		"ended beyond the leeway":       {map[string]any{"exp": at(-30 * time.Second)}, auth.ReasonExpired},
		"exp in milliseconds":           {map[string]any{"exp": at(time.Hour) * 1000}, auth.ReasonMalformed},
		"exp in the year 9999":          {map[string]any{"exp": 253402300799}, auth.ReasonMalformed},
		"exp beyond every calendar":     {map[string]any{"exp": 1e300}, auth.ReasonMalformed},
		"nbf beyond every calendar":     {map[string]any{"nbf": 1e300}, auth.ReasonMalformed},
		"nbf below every calendar":      {map[string]any{"nbf": -1e300}, auth.ReasonMalformed},
		"exp as text":                   {map[string]any{"exp": "1795500000"}, auth.ReasonMalformed},
		"nbf as text, an hour ahead":    {map[string]any{"nbf": "1795500000"}, auth.ReasonMalformed},
		"nbf as text, past":             {map[string]any{"nbf": "1"}, auth.ReasonMalformed},
		"nbf as a date":                 {map[string]any{"nbf": "2026-11-23T13:00:00Z"}, auth.ReasonMalformed},
		"iat as text":                   {map[string]any{"iat": "1795500000"}, auth.ReasonMalformed},
		"iat true":                      {map[string]any{"iat": true}, auth.ReasonMalformed},
		"nbf a list":                    {map[string]any{"nbf": []int64{at(0)}}, auth.ReasonMalformed},
		"exp an object":                 {map[string]any{"exp": map[string]any{}}, auth.ReasonMalformed},
		"exp null":                      {map[string]any{"exp": nullClaim}, auth.ReasonExpired},
		"exp zero":                      {map[string]any{"exp": 0}, auth.ReasonExpired},
		"nbf ahead and iat as text too": {map[string]any{"nbf": at(time.Hour), "iat": "x"}, auth.ReasonNotYetValid},
	} {
		if reason, _ := reasonFor(t, verifier, key, "", row.claims); reason != row.reason {
			t.Errorf("%s: %q, want %q", name, reason, row.reason)
		}
	}
}

// What is stored, compared and shown of a token holds no control characters and is bounded; the message names
// the claim and holds nothing of its value.
func TestTextsOfTokens(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	verifier := newVerifier(t, config(), key.Public())
	groups := func(count int) []string { return slices.Repeat([]string{"g"}, count) }
	for name, changes := range map[string]map[string]any{
		"the longest subject":  {"sub": strings.Repeat("é", 255)},
		"the longest name":     {"name": strings.Repeat("x", 255)},
		"the most groups":      {"groups": groups(500)},
		"letters of the world": {"name": "Zoë 山田 Şahin O’Neil 👩‍🚒", "groups": []string{"可"}},
		"marks of direction":   {"name": "\u200fשרה\u200e"},
		"no name at all":       {"name": nil, "preferred_username": nil, "email": nil, "groups": nil},
		"roles of any length": {"realm_access": map[string]any{
			"roles": []string{strings.Repeat("r", 2000), "a\x00"}}},
	} {
		if reason, message := reasonFor(t, verifier, key, "", changes); reason != "" {
			t.Errorf("%s: %s", name, message)
		}
	}
	rows := map[string]map[string]any{
		"groups, too many":             {"groups": groups(501)},
		"groups, too many in one text": {"groups": strings.Repeat("g,", 501)},
		"groups, one NUL of several":   {"groups": []string{"a", "b\x00"}},
	}
	bad := map[string]string{"NUL": "a\x00Secretname", "line feed": "a\nSecretname",
		"escape": "\x1b[31mSecretname", "delete": "a\x7f", "C1": "a\u0085b", "line separator": "a\u2028b",
		"override": "a\u202eb",
		"isolate":  "a\u2067b", "too long": strings.Repeat("é", 256)}
	for _, claim := range []string{"sub", "preferred_username", "name", "email"} {
		for kind, value := range bad {
			rows[claim+", "+kind] = map[string]any{claim: value}
		}
	}
	for kind, value := range bad {
		rows["groups, "+kind] = map[string]any{"groups": []string{"a", value}}
	}
	for name, changes := range rows {
		claim := slices.Collect(maps.Keys(changes))[0]
		reason, message := reasonFor(t, verifier, key, "", changes)
		if reason != auth.ReasonMalformed || !strings.Contains(message, "claim "+claim+" ") ||
			strings.Contains(message, "Secretname") {
			t.Errorf("%s: %q %s", name, reason, message)
		}
	}
}

// The claims that a config names are held to the same.
func TestTextsOfConfiguredClaims(t *testing.T) {
	t.Parallel()
	key, c := newKey(t), config()
	c.GroupsClaim, c.UserIDClaim = "org.teams", "employee"
	verifier := newVerifier(t, c, key.Public())
	for claim, changes := range map[string]map[string]any{
		"employee":  {"employee": "e\x007"},
		"org.teams": {"org": map[string]any{"teams": []string{"t\x00"}}},
	} {
		reason, message := reasonFor(t, verifier, key, "", changes)
		if reason != auth.ReasonMalformed || !strings.Contains(message, claim) {
			t.Errorf("%s: %q %s", claim, reason, message)
		}
	}
}

func TestChosenAlgorithms(t *testing.T) {
	t.Parallel()
	key, c := newKey(t), config()
	c.Algorithms = []string{"PS256", "ES256"}
	verifier := newVerifier(t, c, key.Public())
	for algorithm, want := range map[jose.SignatureAlgorithm]auth.Reason{
		jose.PS256: "", jose.RS256: auth.ReasonAlgorithm, jose.PS384: auth.ReasonAlgorithm,
	} {
		_, err := verifier.Verify(t.Context(), sign(t, algorithm, key, "", claims(nil)))
		var refused *auth.Error
		if want == "" && err != nil || want != "" && (!errors.As(err, &refused) || refused.Reason != want) {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}
