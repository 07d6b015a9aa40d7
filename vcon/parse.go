package vcon

import (
	"crypto"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Options say how vCons are read. The zero Options are usable.
type Options struct {
	// Keys verify signed vCons; without any they are read, and said not to be verified.
	Keys []crypto.PublicKey
	// MaxBytes bounds one document, unpacked; zero means 64 MB. MaxDepth bounds its nesting; zero means 64.
	MaxBytes int64
	MaxDepth int
}

func (o Options) maxBytes() int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return 64 << 20
}

func (o Options) maxDepth() int {
	if o.MaxDepth > 0 {
		return o.MaxDepth
	}
	return 64
}

// Parse reads one vCon. What cannot be understood is an *Error, which names the place and the reason and nothing of the content.
func Parse(data []byte, options Options) (*Conversation, error) {
	if int64(len(data)) > options.maxBytes() {
		return nil, wrong("", "the document is larger than %d bytes", options.maxBytes())
	}
	members, err := decode(data, options.maxDepth())
	if err != nil {
		return nil, err
	}
	signature := Unsigned
	if isSigned(members) {
		if members, signature, err = openSigned(data, members, options); err != nil {
			return nil, err
		}
	}
	if members["ciphertext"] != nil {
		return nil, wrong("", "the vCon is encrypted (JWE); decrypt it before the import")
	}
	return read(object{members: members}, signature)
}

// reader carries what the parts of a vCon need of each other.
type reader struct {
	root     object
	parties  []party
	dialogs  []dialog
	analyses []analysis
	metadata *metadata
	result   *Conversation
}

func read(root object, signature Signature) (*Conversation, error) {
	r := &reader{root: root, metadata: newMetadata(), result: &Conversation{Signature: signature}}
	for _, step := range []func() error{r.readIdentity, r.readParties, r.readDialogs, r.readAnalyses, r.readSegments, r.readTimes, r.readMetadata} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.result, nil
}

func (r *reader) readIdentity() error {
	text, err := r.root.text("uuid")
	if err != nil {
		return err
	}
	if text == "" {
		return wrong("uuid", "is missing; a vCon is recognised by its uuid")
	}
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil || len(text) != 36 {
		return wrong("uuid", "is not a UUID, such as 019543da-b5aa-8d63-9dd8-dd37220d739c")
	}
	r.result.UUID = id
	r.result.StartedAt, err = r.root.timestamp("created_at")
	return err
}

// readTimes derives when the conversation began and ended from its segments; the vCon's creation stands in where none says.
func (r *reader) readTimes() error {
	created := r.result.StartedAt
	var start, end time.Time
	for _, segment := range r.result.Segments {
		if at := segment.StartedAt; !at.IsZero() && (start.IsZero() || at.Before(start)) {
			start = at
		}
	}
	if start.IsZero() {
		start = created
	}
	if start.IsZero() {
		return wrong("created_at", "is missing, and no dialog has a start; a conversation has a time")
	}
	for i := range r.result.Segments {
		segment := &r.result.Segments[i]
		if segment.StartedAt.IsZero() {
			segment.StartedAt = start
		}
		if at := segment.StartedAt.Add(segment.Duration); at.After(end) {
			end = at
		}
	}
	slices.SortStableFunc(r.result.Segments, func(a, b Segment) int { return a.StartedAt.Compare(b.StartedAt) })
	r.result.StartedAt, r.result.EndedAt = start, end
	return nil
}

func directionOf(text string) compliance.Direction {
	switch text {
	case "in", "inbound", "incoming":
		return compliance.Inbound
	case "out", "outbound", "outgoing":
		return compliance.Outbound
	case "internal":
		return compliance.Internal
	}
	return ""
}
