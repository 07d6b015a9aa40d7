package graph

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"qm-compliance/compliance"
)

// globalID is a global id: the kind of a thing and its number, written so that clients do not take it apart.
type globalID struct {
	Kind   string
	Number int64
}

// The kinds of things that have a global id, named as their types in the schema; every kind of segment
// counts as Segment.
const (
	kindConversation = "Conversation"
	kindSegment      = "Segment"
	kindMediaFile    = "MediaFile"
	kindAuditEvent   = "AuditEvent"
)

// GlobalID writes the id of a thing as clients see it, such as a Conversation's, for other packages
// that send ids.
func GlobalID(kind string, number int64) string { return globalID{kind, number}.String() }

// String returns the id as clients see it.
func (id globalID) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(id.Kind + ":" + strconv.FormatInt(id.Number, 10)))
}

// parseID reads a global id as the API has answered it.
func parseID(text string) (globalID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return globalID{}, errNotAnID()
	}
	kind, number, found := strings.Cut(string(raw), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || n <= 0 || (globalID{Kind: kind, Number: n}).String() != text {
		return globalID{}, errNotAnID()
	}
	return globalID{Kind: kind, Number: n}, nil
}

// parseIDOf reads a global id of one kind. It fails if it is the id of something else.
func parseIDOf(kind, text string, field ...string) (int64, error) {
	id, err := parseID(text)
	if err != nil {
		return 0, compliance.Invalid(err.Error(), field...)
	}
	if id.Kind != kind {
		return 0, compliance.Invalid(fmt.Sprintf("the id belongs to the type %s; an id of the type %s is required",
			id.Kind, kind), field...)
	}
	return id.Number, nil
}

func errNotAnID() error {
	return compliance.Invalid("not a global id; use an id that the API returned")
}
