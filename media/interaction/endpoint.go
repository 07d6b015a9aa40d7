package interaction

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// path is where requests go, below the service's address.
const path = "media-deletion-requests"

// endpoint checks the service's address, and joins it with the path. Its errors do not repeat the address, which may hold a password.
func endpoint(base string) (*url.URL, error) {
	address, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("the Interaction service's URL cannot be read; give one such as https://interaction.example/api")
	case address.Scheme != "http" && address.Scheme != "https":
		return nil, errors.New("the Interaction service's URL has to begin with https:// or http://")
	case address.Hostname() == "":
		return nil, errors.New("the Interaction service's URL names no host; give one such as https://interaction.example/api")
	case !validPort(address):
		return nil, errors.New("the port in the Interaction service's URL has to be a number from 1 to 65535")
	case strings.Contains(base, "#"):
		return nil, errors.New("the Interaction service's URL has a fragment (# and what follows), which is never sent; leave it out")
	}
	return address.JoinPath(path), nil
}

func validPort(address *url.URL) bool {
	if address.Port() == "" {
		return !strings.HasSuffix(address.Host, ":")
	}
	port, err := strconv.ParseUint(address.Port(), 10, 16)
	return err == nil && port > 0
}

// validToken reports whether the token can stand in a header: the alphabet of bearer tokens (RFC 6750).
func validToken(token string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
	return strings.Trim(token, allowed) == ""
}
