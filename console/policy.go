package console

import (
	"crypto/rand"
	"net/url"
	"strings"
)

// policy is the content security policy, but for the nonce of one answer.
type policy struct {
	connect, media string
}

func newPolicy(config Config) policy {
	made := policy{connect: "'self'", media: "'self'"}
	if config.OIDC != nil {
		made.connect = sources(config.OIDC.Issuer)
	}
	made.media = sources(config.MediaOrigins...)
	return made
}

// sources are this server and the origins of the given addresses; what is no web address allows nothing.
func sources(addresses ...string) string {
	all := []string{"'self'"}
	for _, address := range addresses {
		if parsed, err := url.Parse(address); err == nil && parsed.Host != "" && (parsed.Scheme == "https" || parsed.Scheme == "http") {
			all = append(all, parsed.Scheme+"://"+parsed.Host)
		}
	}
	return strings.Join(all, " ")
}

// with is the policy of one answer. Styles come from files and, with the nonce, from the few elements by which Mantine sets its colours and keeps the
// page from scrolling behind a dialog; styles that scripts set on elements need no permission.
func (p policy) with(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"img-src 'self' data:",
		"media-src " + p.media,
		"connect-src " + p.connect,
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
}

// newNonce returns an unguessable text that is used once.
func newNonce() string { return rand.Text() }
