package auth

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
)

const (
	// maxToken is how long a token may be, far beyond what providers issue.
	maxToken = 16 << 10
	// leeway is how far the clocks of the issuer and of this server may differ.
	leeway = 30 * time.Second
)

// Verify checks signature, algorithm, issuer, audience, client, times and type of an access token, and
// returns whom it signs in. Every refusal is an *Error. Verify may remember for a minute whom a token signs
// in; callers do not change the viewer. It waits for the issuer only if the token names a key that is not
// known, for ten seconds at most.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Viewer, error) {
	if len(raw) > maxToken {
		return nil, refuse(ReasonMalformed)
	}
	viewer, epoch := v.memory.find(raw, v.config.Now())
	if viewer != nil {
		return viewer, nil
	}
	viewer, err := v.check(ctx, raw)
	if err != nil {
		return nil, err
	}
	v.sightings.note(viewer.Sight())
	v.memory.remember(epoch, raw, viewer, v.config.Now())
	if v.accepted != nil {
		v.accepted(ctx, viewer)
	}
	return viewer, nil
}

// check verifies a token, whatever is remembered.
func (v *Verifier) check(ctx context.Context, raw string) (*Viewer, error) {
	token, err := v.parse(raw)
	if err != nil {
		return nil, err
	}
	content, reason := v.keys.verify(ctx, token)
	if reason != "" {
		return nil, refuse(reason)
	}
	claims, err := parseClaims(content)
	if err != nil {
		return nil, refuse(ReasonMalformed)
	}
	if reason := v.foreign(token.Signatures[0].Protected, claims); reason != "" {
		return nil, refuse(reason)
	}
	expires, err := v.end(claims)
	if err != nil {
		return nil, err
	}
	return v.viewer(claims, expires)
}

// parse reads a token whose signature is not checked yet.
func (v *Verifier) parse(raw string) (*jose.JSONWebSignature, error) {
	if strings.Count(raw, ".") != 2 {
		return nil, refuse(ReasonMalformed)
	}
	token, err := jose.ParseSignedCompact(raw, v.algorithms)
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) {
		return nil, refuse(ReasonAlgorithm)
	}
	if err != nil || len(token.Signatures) != 1 {
		return nil, refuse(ReasonMalformed)
	}
	return token, nil
}

// foreign returns why a token is not one for this server, or "".
func (v *Verifier) foreign(header jose.Header, claims claims) Reason {
	switch {
	case claims.text("iss") != v.config.Issuer:
		return ReasonIssuer
	case !slices.Contains(claims.audience(), v.config.Audience):
		return ReasonAudience
	case !accessToken(header, claims):
		return ReasonTokenType
	case !v.fromAcceptedClient(claims):
		return ReasonClient
	}
	return ""
}

// fromAcceptedClient reports whether a client that is accepted asked for the token. Providers name it in azp
// (OpenID Connect), client_id (RFC 9068) or cid (Okta).
func (v *Verifier) fromAcceptedClient(claims claims) bool {
	if len(v.config.AuthorizedParties) == 0 {
		return true
	}
	client, named := claims.client()
	return named && slices.Contains(v.config.AuthorizedParties, client)
}

// client is the one that asked for the token, and whether the token names one at all.
func (c claims) client() (id string, named bool) {
	for _, name := range []string{"azp", "client_id", "cid"} {
		if c.has(name) {
			return c.text(name), true
		}
	}
	return "", false
}

// accessToken reports whether a token is an access token, and not an id token, a refresh token or the
// like. What the token calls itself decides: typ of the header (RFC 9068) and typ of the content (Keycloak).
func accessToken(header jose.Header, claims claims) bool {
	kind, isText := header.ExtraHeaders["typ"].(string)
	if !isText && header.ExtraHeaders["typ"] != nil {
		return false
	}
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	if kind != "" && kind != "jwt" && kind != "at+jwt" {
		return false
	}
	if claims.has("typ") && !strings.EqualFold(claims.text("typ"), "Bearer") {
		return false
	}
	if claims.has("events") { // a logout token or another security event (RFC 8417)
		return false
	}
	// Old versions of Keycloak put a nonce into access tokens.
	if kind == "at+jwt" || claims.has("typ") {
		return true
	}
	// An id token is bound to the sign-in by a nonce, or to what was issued with it by a hash.
	return !slices.ContainsFunc([]string{"nonce", "at_hash", "c_hash", "s_hash"}, claims.has)
}

// end returns when a token ends, leeway included. Its error says that the token is over, not valid yet,
// or has times that are none.
func (v *Verifier) end(claims claims) (time.Time, error) {
	now := v.config.Now()
	expires, ok := claims.time("exp")
	switch {
	case !ok || expires.After(now.Add(maxLifetime)):
		return time.Time{}, refuseClaim("exp")
	case expires.IsZero() || !now.Before(expires.Add(leeway)):
		return time.Time{}, refuse(ReasonExpired)
	}
	for _, name := range []string{"nbf", "iat"} {
		begins, ok := claims.time(name)
		switch {
		case !ok:
			return time.Time{}, refuseClaim(name)
		case begins.After(now.Add(leeway)):
			return time.Time{}, refuse(ReasonNotYetValid)
		}
	}
	return expires.Add(leeway), nil
}

// viewer reads whom a token signs in. Its error names the claim that nobody can be known by.
func (v *Verifier) viewer(claims claims, expires time.Time) (*Viewer, error) {
	subject := claims.text("sub")
	if subject == "" {
		return nil, refuse(ReasonSubject)
	}
	for _, name := range []string{"sub", v.config.UserIDClaim, "name", "preferred_username", "email"} {
		if !printable(claims.text(name)) {
			return nil, refuseClaim(name)
		}
	}
	groups := groups(claims.list(v.config.GroupsClaim))
	unfit := func(name string) bool { return !printable(name) }
	if len(groups) > maxGroups || slices.ContainsFunc(groups, unfit) {
		return nil, refuseClaim(v.config.GroupsClaim)
	}
	issued, _ := claims.time("iat")
	client, _ := claims.client()
	return &Viewer{
		Subject: subject, ExpiresAt: expires, IssuedAt: issued, Client: client,
		UserID: first(claims.text(v.config.UserIDClaim), subject),
		Name:   first(claims.text("name"), claims.text("preferred_username"), subject),
		Email:  claims.text("email"),
		Groups: groups,
		Roles:  Expand(v.roles(claims)),
	}, nil
}

// roles reads the claims that hold roles. A client's name may hold dots, so its claim is no path.
func (v *Verifier) roles(claims claims) []string {
	if len(v.config.RoleClaims) == 0 {
		realm, client := claims.at("realm_access", "roles"),
			claims.at("resource_access", v.config.RolesClient, "roles")
		return slices.Concat(realm, client)
	}
	var names []string
	for _, path := range v.config.RoleClaims {
		names = append(names, claims.list(path)...)
	}
	return names
}

// groups leaves out the slash that Keycloak puts in front of a group's path.
func groups(names []string) []string {
	var clean []string
	for _, name := range names {
		clean = append(clean, strings.TrimPrefix(name, "/"))
	}
	return clean
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

const (
	// maxText is how many characters a name, an id or an address may have; OpenID Connect allows 255 for sub.
	maxText = 255
	// maxGroups is how many groups a person may belong to.
	maxGroups = 500
	// maxLifetime is how far ahead a token may end.
	maxLifetime = 10 * 366 * 24 * time.Hour
)

// claims are what a token says, as JSON.
type claims map[string]any

func parseClaims(content []byte) (claims, error) {
	var all claims
	err := json.Unmarshal(content, &all)
	return all, err
}

// has reports whether a claim is there; null is as good as absent.
func (c claims) has(name string) bool { return c[name] != nil }

// text returns a claim that is a string, or "" if it is absent or something else.
func (c claims) text(name string) string {
	value, _ := c[name].(string)
	return value
}

// audience returns whom the token is meant for.
func (c claims) audience() []string {
	if one, ok := c["aud"].(string); ok {
		return []string{one}
	}
	return c.at("aud")
}

// time returns a claim in seconds since 1970, or the zero time if it is absent. ok is false if it is
// something else than a time.
func (c claims) time(name string) (at time.Time, ok bool) {
	if !c.has(name) {
		return time.Time{}, true
	}
	seconds, ok := c[name].(float64)
	if !ok || seconds < 0 || seconds > float64(maxSeconds) {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253_402_300_799

// list returns the values of a claim, given by its path: the claim of that very name, else the names
// between the dots from the outermost.
func (c claims) list(path string) []string {
	if value, found := c[path]; found {
		return texts(value)
	}
	return c.at(strings.Split(path, ".")...)
}

func (c claims) at(names ...string) []string {
	var value any = map[string]any(c)
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return texts(value)
}

// texts reads a list of strings, or one string whose values are separated by spaces or commas.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		var list []string
		for _, element := range v {
			if text, ok := element.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

// printable reports whether a text may be shown, stored and compared: it is no longer than maxText, and
// has no control characters, line separators or characters that turn the direction of what follows.
func printable(text string) bool {
	return utf8.RuneCountInString(text) <= maxText && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) ||
			(r >= '\u202A' && r <= '\u202E') || (r >= '\u2066' && r <= '\u2069')
	})
}
