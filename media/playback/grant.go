package playback

import (
	"encoding/asn1"
	"time"
)

// Grant is what a link carries: which file, and who may play it.
type Grant struct {
	// FileID is the media file's id in the database.
	FileID int64
	// Subject is who asked for the link, as the identity provider names them.
	Subject string
	// All says that the viewer sees every conversation; Principals then do not count.
	All bool
	// Principals are the agents and groups whose conversations the viewer sees; may be empty.
	Principals []string
	// ExpiresAt is when the link ends. Seal takes it for the end of the sign-in, with zero for none.
	ExpiresAt time.Time
}

// wire is a grant inside a token. Octets rather than texts, so that there is nothing that cannot be written.
type wire struct {
	FileID     int64
	Subject    []byte
	All        bool
	Principals [][]byte
	ExpiresAt  int64 // in milliseconds since 1970
}

// encode writes a grant in DER, which has one form for each value.
func (g Grant) encode() []byte {
	w := wire{FileID: g.FileID, Subject: []byte(g.Subject), All: g.All, ExpiresAt: g.ExpiresAt.UnixMilli()}
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
	g := Grant{FileID: w.FileID, Subject: string(w.Subject), All: w.All, ExpiresAt: time.UnixMilli(w.ExpiresAt)}
	for _, principal := range w.Principals {
		g.Principals = append(g.Principals, string(principal))
	}
	return g, nil
}
