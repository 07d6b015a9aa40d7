package graph

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"

	"qm-compliance/auth"
	"qm-compliance/compliance"
)

// MarshalDateTime writes an instant in RFC 3339.
func MarshalDateTime(at time.Time) graphql.Marshaler { return graphql.MarshalTime(at) }

// UnmarshalDateTime reads an instant in RFC 3339. It fails with an error that the client can fix.
func UnmarshalDateTime(value any) (time.Time, error) {
	at, err := graphql.UnmarshalTime(value)
	if err != nil || at.IsZero() { // gqlgen takes an empty text for the zero time, which is written as null
		return at, compliance.Invalid("not a time; use RFC 3339, such as 2026-11-23T12:00:00Z")
	}
	return at, nil
}

// VCon is a vCon as JSON, ready to be sent.
type VCon []byte

// MarshalGQL writes the JSON as it is, or null if there is none.
func (v VCon) MarshalGQL(w io.Writer) {
	if len(v) == 0 {
		v = VCon("null")
	}
	_, _ = w.Write(v)
}

// UnmarshalGQL fails: no input is a vCon; they are imported over /import.
func (v *VCon) UnmarshalGQL(any) error {
	return compliance.Invalid("vCons are imported over /import")
}

var _ graphql.Marshaler = VCon(nil)

// seconds turns stored milliseconds into the seconds of the API.
func seconds(ms int64) float64 { return float64(ms) / 1000 }

// knownSeconds is like seconds, but nil for zero, which is stored where the length is not known.
func knownSeconds(ms int64) *float64 { return orNull(seconds(ms)) }

// orNull shows the zero value, which stands for an absent value, as null.
func orNull[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// mapped shows each element of a list; the result is never nil.
func mapped[From, To any](list []From, show func(From) To) []To {
	shown := make([]To, 0, len(list))
	for _, element := range list {
		shown = append(shown, show(element))
	}
	return shown
}

// given returns the value of an optional input, or the zero value if it is omitted or null.
func given[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}

// The joiners are invisible, but parts of words in some scripts and of emoji.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// plainText refuses characters that are not seen but change how a text is shown, in the audit log and
// wherever it is exported to: controls, the escapes of terminals among them, and those that turn the
// direction of writing.
func plainText(text string, field ...string) error {
	for _, c := range text {
		if c == 0 {
			continue // the store says more about it
		}
		hidden := unicode.Is(unicode.Cf, c) && c != zeroWidthJoiner && c != zeroWidthNonJoiner
		if hidden || (unicode.IsControl(c) && c != '\n' && c != '\t') || c == '\u2028' || c == '\u2029' {
			return compliance.Invalid("it contains invisible characters; write it without them", field...)
		}
	}
	return nil
}

// globalID is a global id: the kind of a thing with its number, or its UUID in the audit log, written so that
// clients do not take it apart.
type globalID struct {
	Kind   string
	Number int64
	UUID   uuid.UUID
}

// The kinds of things that have a global id, named as their types in the schema; every kind of segment
// counts as Segment.
const (
	kindConversation   = "Conversation"
	kindSegment        = "Segment"
	kindMediaFile      = "MediaFile"
	kindAuditEvent     = "AuditEvent"
	kindAuditOperation = "AuditOperation"
	kindJob            = "AnonymizationJob"
)

// GlobalID writes the id of a thing as clients see it, such as a Conversation's, for other packages
// that send ids.
func GlobalID(kind string, number int64) string { return globalID{Kind: kind, Number: number}.String() }

// JobNumber reads the id of a job as clients see it.
func JobNumber(id string) (int64, error) { return parseIDOf(kindJob, id) }

// String returns the id as clients see it.
func (id globalID) String() string {
	own := strconv.FormatInt(id.Number, 10)
	if id.Number == 0 {
		own = id.UUID.String()
	}
	return base64.RawURLEncoding.EncodeToString([]byte(id.Kind + ":" + own))
}

// appendID appends the id of a thing with a number.
func appendID(b []byte, kind string, number int64) []byte {
	var raw [48]byte
	own := strconv.AppendInt(append(append(raw[:0], kind...), ':'), number, 10)
	return base64.RawURLEncoding.AppendEncode(b, own)
}

// parseID reads a global id as the API has answered it.
func parseID(text string) (globalID, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return globalID{}, errNotAnID()
	}
	kind, own, found := strings.Cut(string(raw), ":")
	id := globalID{Kind: kind}
	if kind == kindAuditEvent || kind == kindAuditOperation {
		id.UUID, err = uuid.Parse(own)
	} else {
		id.Number, err = strconv.ParseInt(own, 10, 64)
		found = found && id.Number > 0
	}
	if !found || err != nil || id.String() != text {
		return globalID{}, errNotAnID()
	}
	return id, nil
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

// Node finds anything by its global id, as far as the viewer may see it. It fails with FORBIDDEN where the viewer
// lacks the role for this kind, whether or not there is something with this id.
func (q query) Node(ctx context.Context, id string) (Node, error) {
	parsed, err := parseID(id)
	if err != nil {
		return nil, compliance.Invalid(err.Error(), "id")
	}
	role, known := nodeRoles()[parsed.Kind]
	if !known {
		return nil, nil
	}
	if _, err := q.require(ctx, role); err != nil {
		return nil, err
	}
	access, err := q.access(ctx)
	if err != nil {
		return nil, err
	}
	switch parsed.Kind {
	case kindSegment:
		return q.segment(ctx, access, parsed.Number)
	case kindMediaFile:
		return q.mediaFile(ctx, access, parsed.Number)
	case kindAuditEvent:
		return q.auditEvent(ctx, parsed.UUID)
	case kindAuditOperation:
		return q.auditOperation(ctx, parsed.UUID)
	case kindJob:
		job, err := q.job(ctx, parsed.Number)
		if job == nil || err != nil {
			return nil, err
		}
		return job, nil
	}
	conversation, err := q.conversation(ctx, parsed.Number)
	if conversation == nil || err != nil {
		return nil, err
	}
	return conversation, q.viewed(ctx, conversation.Conversation.ID)
}

// nodeRoles says which role each kind of thing needs.
func nodeRoles() map[string]auth.Role {
	return map[string]auth.Role{
		kindConversation: auth.RoleViewConversationsScreen, kindSegment: auth.RoleViewConversationsScreen,
		kindMediaFile:  auth.RoleViewConversationsScreen,
		kindAuditEvent: auth.RoleViewAudit, kindAuditOperation: auth.RoleViewAudit,
		kindJob: auth.RoleInteractionAnonymize,
	}
}

func errNotAnID() error {
	return compliance.Invalid("this is not a valid id")
}
