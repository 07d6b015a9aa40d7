package playback

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"qm-compliance/auth"
)

// Prefix is the path under which Handler answers.
const Prefix = "/media/"

// version is the first byte of every token; another form of token would get another.
const version = 3

// The errors of a link.
var (
	// ErrForged says that a token was not made with this key, or was changed since.
	ErrForged = errors.New("the link was not issued by this server")
	// ErrExpired says that a token was good and its time is over.
	ErrExpired = errors.New("the link has expired; request a new one")
)

// Links makes links and reads them. It may be used from several goroutines.
type Links struct {
	sealer   cipher.AEAD
	lifetime time.Duration
	now      func() time.Time
}

// NewLinks returns Links whose links hold for lifetime, with a key of 32 random bytes. All servers
// behind the same address need the same key; one key is good for four thousand million links, so it
// should be replaced at times. NewLinks fails if the key has another length or lifetime is not
// positive.
func NewLinks(key []byte, lifetime time.Duration, now func() time.Time) (*Links, error) {
	if len(key) != 32 {
		return nil, errors.New("the key for media links must have 32 bytes")
	}
	if lifetime <= 0 {
		return nil, errors.New("the lifetime of media links must be positive")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	return &Links{sealer: sealer, lifetime: lifetime, now: now}, err
}

// Seal returns the path of a link, "/media/TOKEN". It ends after the lifetime, or at grant.ExpiresAt
// if that is set and earlier. The token is encrypted, not only signed: it reveals neither the file nor
// the viewer.
func (l *Links) Seal(grant Grant) (path string) {
	end := l.now().Add(l.lifetime)
	if grant.ExpiresAt.IsZero() || grant.ExpiresAt.After(end) {
		grant.ExpiresAt = end
	}
	head := []byte{version}
	return Prefix + base64.RawURLEncoding.EncodeToString(l.sealer.Seal(head, nil, grant.encode(), head))
}

// Open reads a token, the last part of a link's path, and returns what Seal was given, with the link's
// end. It fails with ErrForged or ErrExpired.
func (l *Links) Open(token string) (Grant, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	odd := strings.ContainsAny(token, "\r\n") // which the decoder skips
	if err != nil || odd || len(raw) == 0 || raw[0] != version {
		return Grant{}, ErrForged
	}
	der, err := l.sealer.Open(nil, nil, raw[1:], raw[:1])
	if err != nil {
		return Grant{}, ErrForged
	}
	grant, err := decode(der)
	if err != nil {
		return Grant{}, err
	}
	if !l.now().Before(grant.ExpiresAt) {
		return Grant{}, ErrExpired
	}
	grant.Link = base64.RawURLEncoding.EncodeToString(raw[1 : 1+nonceBytes])
	return grant, nil
}

// nonceBytes is the length of the random number with which a token begins, after its version.
const nonceBytes = 12

// remaining is how much longer a grant holds.
func (l *Links) remaining(grant Grant) time.Duration { return grant.ExpiresAt.Sub(l.now()) }

// Grant is what a link carries: which file, and who may play it.
type Grant struct {
	// FileID is the media file's id in the database.
	FileID int64
	// Link tells the link from every other one. Open sets it, Seal does not read it.
	Link string
	// Subject is who asked for the link, as the identity provider names them, and Name what they are called.
	Subject, Name string
	// All says that the viewer sees every conversation; Principals then do not count.
	All bool
	// Principals are the agents and groups whose conversations the viewer sees; may be empty.
	Principals []string
	// Sight is by which token of the viewer the link was made.
	Sight auth.Sight
	// ExpiresAt is when the link ends. Seal takes it for the end of the sign-in, with zero for none.
	ExpiresAt time.Time
}

// wire is a grant inside a token. Octets rather than texts, so that there is nothing that cannot be written.
type wire struct {
	FileID     int64
	Subject    []byte
	Name       []byte
	All        bool
	Principals [][]byte
	Person     []byte
	Scope      []byte
	IssuedAt   int64 // in seconds since 1970, zero for none
	ExpiresAt  int64 // in milliseconds since 1970
}

// encode writes a grant in DER, which has one form for each value.
func (g Grant) encode() []byte {
	w := wire{
		FileID: g.FileID, Subject: []byte(g.Subject), Name: []byte(g.Name), All: g.All,
		ExpiresAt: g.ExpiresAt.UnixMilli(), Person: g.Sight.Person[:], Scope: g.Sight.Scope[:],
	}
	if !g.Sight.IssuedAt.IsZero() {
		w.IssuedAt = g.Sight.IssuedAt.Unix()
	}
	for _, principal := range g.Principals {
		w.Principals = append(w.Principals, []byte(principal))
	}
	der, _ := asn1.Marshal(w) // fails for types that it does not know only
	return der
}

func decode(der []byte) (Grant, error) {
	var w wire
	if rest, err := asn1.Unmarshal(der, &w); err != nil || len(rest) > 0 {
		return Grant{}, ErrForged
	}
	g := Grant{
		FileID: w.FileID, Subject: string(w.Subject), Name: string(w.Name), All: w.All,
		ExpiresAt: time.UnixMilli(w.ExpiresAt),
	}
	copy(g.Sight.Person[:], w.Person)
	copy(g.Sight.Scope[:], w.Scope)
	if w.IssuedAt != 0 {
		g.Sight.IssuedAt = time.Unix(w.IssuedAt, 0)
	}
	for _, principal := range w.Principals {
		g.Principals = append(g.Principals, string(principal))
	}
	return g, nil
}
