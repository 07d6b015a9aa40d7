package auth

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// maxToken is how long a token may be, far beyond what providers issue.
	maxToken = 16 << 10
	// leeway is how far the clocks of the issuer and of this server may differ.
	leeway = 30 * time.Second
)

// Verify checks signature, algorithm, issuer, audience, client, times and type of an access token, and
// returns whom it signs in. Every refusal is an *Error.
func (v *Verifier) Verify(ctx context.Context, raw string) (*Viewer, error) {
	header, err := v.header(raw)
	if err != nil {
		return nil, err
	}
	token, err := v.tokens.Verify(ctx, raw)
	if err != nil {
		return nil, refuse(reasonOf(err))
	}
	var claims claims
	if err := token.Claims(&claims); err != nil {
		return nil, refuse(ReasonMalformed)
	}
	if reason := v.wrong(token, header, claims); reason != "" {
		return nil, refuse(reason)
	}
	return v.viewer(token, claims), nil
}

// header reads the token's header, which is not verified yet.
func (v *Verifier) header(raw string) (jose.Header, error) {
	if len(raw) > maxToken || strings.Count(raw, ".") != 2 {
		return jose.Header{}, refuse(ReasonMalformed)
	}
	token, err := jose.ParseSignedCompact(raw, v.algorithms)
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) {
		return jose.Header{}, refuse(ReasonAlgorithm)
	}
	if err != nil || len(token.Signatures) != 1 {
		return jose.Header{}, refuse(ReasonMalformed)
	}
	return token.Signatures[0].Protected, nil
}

// reasonOf distinguishes an issuer that cannot be asked for its keys from a wrong signature.
func reasonOf(err error) Reason {
	var network *url.Error
	var timeout net.Error
	if errors.As(err, &network) || errors.As(err, &timeout) || strings.Contains(err.Error(), "fetching keys") {
		return ReasonUnavailable
	}
	if strings.Contains(err.Error(), "malformed") || strings.Contains(err.Error(), "unmarshal") {
		return ReasonMalformed
	}
	return ReasonSignature
}

// wrong returns what is wrong with a token whose signature is right, or "".
func (v *Verifier) wrong(token *oidc.IDToken, header jose.Header, claims claims) Reason {
	now := v.config.Now()
	switch {
	case token.Issuer != v.config.Issuer:
		return ReasonIssuer
	case !slices.Contains(token.Audience, v.config.Audience):
		return ReasonAudience
	case !accessToken(header, claims):
		return ReasonTokenType
	case v.config.ClientID != "" && claims.text("azp") != "" && claims.text("azp") != v.config.ClientID:
		return ReasonClient
	case token.Expiry.IsZero() || now.After(token.Expiry.Add(leeway)):
		return ReasonExpired
	case now.Add(leeway).Before(claims.time("nbf")):
		return ReasonNotYetValid
	case token.Subject == "":
		return ReasonMalformed
	}
	return ""
}

// accessToken reports whether a token is an access token, and not an id token, a refresh token or the
// like, by what RFC 9068 and Keycloak put in.
func accessToken(header jose.Header, claims claims) bool {
	kind, _ := header.ExtraHeaders["typ"].(string)
	kind = strings.TrimPrefix(strings.ToLower(kind), "application/")
	if kind != "" && kind != "jwt" && kind != "at+jwt" {
		return false
	}
	if kind := claims.text("typ"); kind != "" && !strings.EqualFold(kind, "Bearer") {
		return false
	}
	// An id token is bound to the sign-in by a nonce, or to its access token by a hash; an access token
	// has neither.
	return claims.text("nonce") == "" && claims.text("at_hash") == ""
}

func (v *Verifier) viewer(token *oidc.IDToken, claims claims) *Viewer {
	return &Viewer{
		Subject: token.Subject, ExpiresAt: token.Expiry.Add(leeway),
		UserID: first(claims.text(v.config.UserIDClaim), token.Subject),
		Name:   first(claims.text("name"), claims.text("preferred_username"), token.Subject),
		Email:  claims.text("email"),
		Groups: groups(claims.list(v.config.GroupsClaim)),
		Roles:  Expand(v.roles(claims)),
	}
}

// roles reads the claims that hold roles. A client's name may hold dots, so its claim is no path.
func (v *Verifier) roles(claims claims) []string {
	if v.config.RoleClaims == nil {
		realm, client := claims.at("realm_access", "roles"),
			claims.at("resource_access", v.config.ClientID, "roles")
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

// claims are what a token says, as JSON.
type claims map[string]any

// text returns a claim that is a string, or "" if it is absent or something else.
func (c claims) text(name string) string {
	value, _ := c[name].(string)
	return value
}

// time returns a claim in seconds since 1970, or the zero time if it is absent.
func (c claims) time(name string) time.Time {
	seconds, ok := c[name].(float64)
	if !ok {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

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
