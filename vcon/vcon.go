// Package vcon reads and writes vCons, the IETF's JSON container for conversations
// (draft-ietf-vcon-vcon-core), as the design's section 5 describes them. [Parse] reads one document, and
// [Write] writes one. Parse accepts the older syntaxes that are in use, and what tools write; it refuses what
// is ambiguous, what cannot be stored, and what refers to nothing, and says where.
//
// The keys of metadata are made of where a value stood:
//
//	TYPE.NAME         a member of an attachment or of an analysis of that type
//	tags.NAME         a tag
//	dialog.NAME       the meta of a dialog
//	party.ROLE.NAME   the meta of a party: customer, agent, supervisor, bot or other
//	meta.NAME         the meta of the vCon
//
// A part of a key that looks like personal data, or is a party's number or address, becomes _. What was read
// into another place (roles, addresses, user ids, groups, directions, rooms) is not repeated.
package vcon

import (
	"cmp"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"qm-compliance/conversation"
)

// Options say how vCons are read. The zero Options are usable.
type Options struct {
	// Keys verify signed vCons. Without any, signed vCons are read as not verified.
	Keys []crypto.PublicKey
	// MaxBytes bounds one document, unpacked; zero means DefaultMaxBytes.
	MaxBytes int64
	// MaxDepth bounds the nesting of objects and lists; zero means 64.
	MaxDepth int
	// MaxElements bounds the members of all objects and the values of all lists of one document together. Bodies
	// that are JSON in a text count too. Zero means 200,000, which keep the memory for one document below 100 MB
	// beside its own size.
	MaxElements int
}

// DefaultMaxBytes bounds one document where Options say nothing.
const DefaultMaxBytes = 64 << 20

// Error says what keeps a vCon from being read, and where. It holds no value of the vCon, and of a member's
// name only what plainly is a name.
type Error struct {
	// Path is the place in the document, such as dialog[2].parties[1]; empty for the whole document.
	Path string
	// Reason says what is wrong and, where it helps, what would be right.
	Reason string
}

// Error returns place and reason.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

func wrong(path, format string, arguments ...any) *Error {
	return &Error{Path: path, Reason: fmt.Sprintf(format, arguments...)}
}

// under puts the name of a member in front of where an error is.
func (e *Error) under(name string) *Error {
	if e.Path != "" {
		name += "."
	}
	return &Error{Path: name + e.Path, Reason: e.Reason}
}

// Parse reads one vCon. The error is an *Error, which names the place and the reason and nothing of the
// content.
func Parse(data []byte, options Options) (*conversation.Incoming, error) {
	if most := cmp.Or(options.MaxBytes, DefaultMaxBytes); int64(len(data)) > most {
		return nil, wrong("", "the document is larger than %d bytes", most)
	}
	limits := boundsOf(options)
	members, signature, err := open(data, options.Keys, limits)
	if err != nil {
		return nil, err
	}
	if members["ciphertext"] != nil {
		return nil, wrong("ciphertext", "the vCon is encrypted (JWE); decrypt it before the import")
	}
	return read(object{members: members}, limits, signature)
}

func read(root object, limits *bounds, signature conversation.Signature) (*conversation.Incoming, error) {
	id, created, err := readIdentity(root)
	if err != nil {
		return nil, err
	}
	if err := checkCritical(root); err != nil {
		return nil, err
	}
	if export, err := readExport(root, id, signature); export != nil || err != nil {
		return export, err
	}
	c := &conversation.Incoming{UUID: id, Signature: signature}
	if c.Versions, err = readVersions(root, id, created); err != nil {
		return nil, err
	}
	if err := readParts(c, root, created, limits); err != nil {
		return nil, err
	}
	return c, nil
}

// readIdentity reads which vCon it is, and when it was created: the zero time where it does not say.
func readIdentity(root object) (id uuid.UUID, created time.Time, err error) {
	text, err := root.text("uuid")
	if err != nil {
		return id, created, err
	}
	if !root.has("uuid") {
		return id, created, wrong("uuid", "is missing; a vCon is recognised by its uuid")
	}
	if text == "" {
		return id, created, wrong("uuid", "is empty; a vCon is recognised by its uuid")
	}
	id, err = uuid.Parse(text)
	if err != nil || id == uuid.Nil || len(text) != 36 {
		return id, created, wrong("uuid", "is not a UUID, such as 019543da-b5aa-8d63-9dd8-dd37220d739c")
	}
	created, err = root.timestamp("created_at")
	return id, created, err
}

// readParts reads the parts of a vCon that is no export of this system into c.
func readParts(c *conversation.Incoming, root object, created time.Time, limits *bounds) error {
	parties, err := readParties(root)
	if err != nil {
		return err
	}
	dialogs, err := readDialogs(root, parties)
	if err != nil {
		return err
	}
	analyses, err := readAnalyses(root, len(dialogs), limits)
	if err != nil {
		return err
	}
	attachments, err := readAttachments(root, len(dialogs), limits)
	if err != nil {
		return err
	}
	segments, err := readSegments(root, dialogs, append(slices.Clone(analyses), textsOf(attachments)...), parties)
	if err != nil {
		return err
	}
	if c.StartedAt, c.EndedAt, err = settleTimes(segments, dialogs, created); err != nil {
		return err
	}
	c.Segments = make([]conversation.IncomingSegment, 0, len(segments))
	for _, segment := range segments {
		c.Segments = append(c.Segments, *segment)
	}
	for _, p := range parties.list {
		c.Participants = append(c.Participants, p.IncomingParticipant)
	}
	for _, d := range dialogs {
		if d.isElsewhere {
			c.TextsElsewhere++
		}
	}
	c.Direction = readDirection(root, dialogs, attachments)
	c.Metadata, err = readMetadata(root, parties, dialogs, analyses, attachments)
	return err
}

// stepName is a member's name as a path shows it: _ where it is not plainly a name, since tools make names of
// numbers and addresses.
func stepName(member string) string {
	plain := strings.Trim(strings.ToLower(member), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	if member == "" || len(member) > 40 || !plain || len(digits(member)) >= 5 {
		return "_"
	}
	return member
}
