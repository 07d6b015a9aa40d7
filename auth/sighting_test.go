package auth_test

import (
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/auth"
)

// A newer token of the same person and client that covers something else makes outdated what was made for an older
// one; nothing else does.
func TestOutdated(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	agent := map[string]any{"roles": []string{"DEFAULT_AGENT"}}
	later := testNow.Add(time.Second).Unix()
	for name, row := range map[string]struct {
		first, second map[string]any
		want          bool
	}{
		"the same":           {nil, map[string]any{"iat": later}, false},
		"other roles":        {nil, map[string]any{"iat": later, "resource_access": nil}, true},
		"more roles":         {nil, map[string]any{"iat": later, "realm_access": map[string]any{"roles": []string{"DEFAULT_CC_MANAGER"}}}, true},
		"roles for the rest": {nil, map[string]any{"iat": later, "realm_access": nil}, false}, // VIEW_AUDIT sees no conversation
		"another user id":    {nil, map[string]any{"iat": later, "preferred_username": "eva"}, true},
		"another address":    {nil, map[string]any{"iat": later, "email": "eva@contact.example"}, true},
		"groups of an agent": {nil, map[string]any{"iat": later, "groups": []string{"x"}}, false}, // an agent sees its own only
		"groups of a supervisor": {
			map[string]any{"realm_access": map[string]any{"roles": []string{"DEFAULT_SUPERVISOR"}}},
			map[string]any{"realm_access": map[string]any{"roles": []string{"DEFAULT_SUPERVISOR"}}, "iat": later, "groups": []string{"x"}}, true},
		"groups in another order": {
			map[string]any{"realm_access": map[string]any{"roles": []string{"DEFAULT_SUPERVISOR"}}},
			map[string]any{"realm_access": map[string]any{"roles": []string{"DEFAULT_SUPERVISOR"}}, "iat": later, "groups": []string{"billing", "support"}}, false},
		"of the same second":    {nil, map[string]any{"resource_access": nil}, false},
		"an older one":          {nil, map[string]any{"iat": testNow.Add(-time.Second).Unix(), "resource_access": nil}, false},
		"without a time":        {nil, map[string]any{"iat": nil, "resource_access": nil}, false},
		"after one without":     {map[string]any{"iat": nil}, map[string]any{"iat": later, "resource_access": nil}, true},
		"of another client":     {nil, map[string]any{"iat": later, "resource_access": nil, "azp": "my-ingest"}, false},
		"of somebody else":      {nil, map[string]any{"iat": later, "resource_access": nil, "sub": "u2"}, false},
		"one that is refused":   {nil, map[string]any{"iat": later, "resource_access": nil, "aud": "x"}, false},
		"realm instead of mine": {nil, map[string]any{"iat": later, "resource_access": nil, "realm_access": agent}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verifier := newVerifier(t, config(), key.Public())
			viewer, err := verifier.Verify(t.Context(), sign(t, jose.RS256, key, "", claims(row.first)))
			if err != nil {
				t.Fatal(err)
			}
			sight := viewer.Sight()
			if verifier.Outdated(sight) {
				t.Error("outdated from the start")
			}
			_, err = verifier.Verify(t.Context(), sign(t, jose.RS256, key, "", claims(row.second)))
			if (err != nil) != (name == "one that is refused") {
				t.Fatal(err)
			}
			if got := verifier.Outdated(sight); got != row.want {
				t.Errorf("outdated: %t", got)
			}
		})
	}
	if newVerifier(t, config(), key.Public()).Outdated(auth.Sight{}) {
		t.Error("nothing is outdated of a person that nobody has seen")
	}
}
