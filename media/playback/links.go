// Package playback lets people listen to recordings and watch them: it makes links that are short-lived and bound to a file and a viewer, and answers
// them (design, section 4, "Media status"). Whoever asks, every request is checked again against the database.
package playback

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// Prefix is where the links begin, followed by their token.
const Prefix = "/media/"

// What is wrong with a link.
var (
	ErrForged  = errors.New("this link was not made by this server, or was changed")
	ErrExpired = errors.New("this link has expired; ask for a new one")
)

// Grant is what a link allows: one viewer to play one file, for a while.
type Grant struct {
	FileID int64 `json:"f"`
	// Subject is who asked for the link. All and Principals say which conversations they see, as in db.Access.
	Subject    string   `json:"s"`
	All        bool     `json:"a,omitempty"`
	Principals []string `json:"p,omitempty"`
	// ExpiresAt is when the link ends, in seconds since 1970.
	ExpiresAt int64 `json:"e"`
}

// Links makes and reads links. It is safe for concurrent use.
type Links struct {
	aead     cipher.AEAD
	lifetime time.Duration
	now      func() time.Time
}

// NewLinks takes a key of 32 bytes, which all servers on one database share, and how long a link lives.
func NewLinks(key []byte, lifetime time.Duration, now func() time.Time) (*Links, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Links{aead, lifetime, now}, nil
}

// Seal makes a link's path. It ends after the lifetime, or with the sign-in where that ends earlier; the zero time stands for a sign-in without an end. The token
// tells nobody what is in it, and cannot be changed.
func (l *Links) Seal(grant Grant, signInEnds time.Time) (string, error) {
	end := l.now().Add(l.lifetime)
	if !signInEnds.IsZero() && signInEnds.Before(end) {
		end = signInEnds
	}
	grant.ExpiresAt = end.Unix()
	plain, err := json.Marshal(grant)
	if err != nil {
		return "", err
	}
	return Prefix + base64.RawURLEncoding.EncodeToString(l.aead.Seal(nil, nil, plain, []byte(Prefix))), nil
}

// maxToken bounds what is looked at: a token holds a few groups at most.
const maxToken = 16 << 10

// Open reads the token of a link: ErrForged where it is not one that Seal made, ErrExpired where its time is over.
func (l *Links) Open(token string) (Grant, error) {
	var grant Grant
	if len(token) > maxToken {
		return grant, ErrForged
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return grant, ErrForged
	}
	plain, err := l.aead.Open(nil, nil, sealed, []byte(Prefix))
	if err != nil || json.Unmarshal(plain, &grant) != nil {
		return Grant{}, ErrForged
	}
	if l.now().Unix() >= grant.ExpiresAt {
		return grant, ErrExpired
	}
	return grant, nil
}
