package vcon

import (
	"crypto"
	"strings"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Options say how vCons are read. The zero Options are usable.
type Options struct {
	// Keys verify signed vCons; without any they are read, and said not to be verified.
	Keys []crypto.PublicKey
	// MaxBytes bounds one document, unpacked; zero means 64 MB. MaxDepth bounds its nesting; zero means 64.
	MaxBytes int64
	MaxDepth int
	// MaxElements bounds the members of all objects and the values of all lists in one document, those of bodies
	// that are JSON in a text included; zero means 200,000.
	MaxElements int
}

// DefaultMaxBytes bounds one document where Options say nothing.
const DefaultMaxBytes = 64 << 20

func (o Options) maxBytes() int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return DefaultMaxBytes
}

func (o Options) maxDepth() int {
	if o.MaxDepth > 0 {
		return o.MaxDepth
	}
	return 64
}

// Parse reads one vCon. What cannot be understood is an *Error, which names the place and the reason and
// nothing of the content.
func Parse(data []byte, options Options) (*conversation.Incoming, error) {
	if int64(len(data)) > options.maxBytes() {
		return nil, tooLarge(options)
	}
	limits := boundsOf(options)
	members, err := limits.document(data)
	if err != nil {
		return nil, err
	}
	signature := conversation.Unsigned
	if isSigned(members) {
		if members, signature, err = openSigned(data, members, options.Keys, limits); err != nil {
			return nil, err
		}
	}
	if members["ciphertext"] != nil {
		return nil, wrong("ciphertext", "the vCon is encrypted (JWE); decrypt it before the import")
	}
	return read(object{members: members}, limits, signature)
}

func (o Options) maxElements() int {
	if o.MaxElements > 0 {
		return o.MaxElements
	}
	return 200_000
}

func tooLarge(options Options) *Error {
	return wrong("", "the document is larger than %d bytes", options.maxBytes())
}

// reader carries what the parts of a vCon need of each other.
type reader struct {
	root        object
	limits      *bounds
	created     time.Time
	identifiers identifiers
	parties     []party
	dialogs     []dialog
	analyses    []analysis
	attachments []attachment
	segments    []*conversation.IncomingSegment
	result      *conversation.Incoming
}

func read(root object, limits *bounds, signature conversation.Signature) (*conversation.Incoming, error) {
	r := &reader{root: root, limits: limits, result: &conversation.Incoming{Signature: signature}}
	if err := r.readIdentity(); err != nil {
		return nil, err
	}
	if export, err := r.readExport(); export != nil || err != nil {
		return export, err
	}
	for _, step := range []func() error{
		r.readParties, r.readDialogs, r.readAnalyses, r.readAttachments, r.readSegments, r.readTimes, r.readMetadata,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	r.result.Segments = make([]conversation.IncomingSegment, 0, len(r.segments))
	for _, segment := range r.segments {
		r.result.Segments = append(r.result.Segments, *segment)
	}
	return r.result, nil
}

func (r *reader) readIdentity() error {
	text, err := r.root.text("uuid")
	if err != nil {
		return err
	}
	if !r.root.has("uuid") {
		return wrong("uuid", "is missing; a vCon is recognised by its uuid")
	}
	if text == "" {
		return wrong("uuid", "is empty; a vCon is recognised by its uuid")
	}
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil || len(text) != 36 {
		return wrong("uuid", "is not a UUID, such as 019543da-b5aa-8d63-9dd8-dd37220d739c")
	}
	r.result.UUID = id
	r.created, err = r.root.timestamp("created_at")
	return err
}

// readDirection takes the first direction that a dialog, the vCon or an attachment tells, in this order.
func (r *reader) readDirection() {
	var sources []object
	for _, d := range r.dialogs {
		sources = append(sources, d.object.object("meta"))
	}
	sources = append(sources, r.root.object("meta"))
	for _, a := range r.attachments {
		members, _ := a.body.(map[string]any)
		sources = append(sources, object{members: members})
	}
	for _, source := range sources {
		if r.result.Direction == "" {
			r.result.Direction = directionOf(source.scalar("direction"))
		}
	}
}

func directionOf(text string) compliance.Direction {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "in", "inbound", "incoming":
		return compliance.Inbound
	case "out", "outbound", "outgoing":
		return compliance.Outbound
	case "internal":
		return compliance.Internal
	}
	return ""
}
