package vcon

import (
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"qm-compliance/conversation"
)

// dialog is a dialog of the vCon, checked but not yet sorted into a segment.
type dialog struct {
	object
	kind      string
	start     time.Time
	duration  time.Duration
	mediaType string
	// content is the body of a text dialog, decoded; text is the same as text, "" for an e-mail and where it
	// is blank.
	content []byte
	text    string
	// parties are indices that exist, in order; author is the one who spoke or wrote, or NoAuthor.
	parties []int
	author  int
	// set is the recording-set that a recording belongs to, nil where none.
	set *dialog
	// segment is what the dialog became part of, nil where nothing.
	segment *conversation.IncomingSegment
}

// maxDialogs bounds the dialogs of a vCon, since recordings are compared with each other.
const maxDialogs = 50_000

func (r *reader) readDialogs() error {
	list, err := r.root.objects("dialog")
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return wrong("dialog", "is empty; a conversation has at least one dialog")
	}
	if len(list) > maxDialogs {
		return wrong("dialog", "has %d dialogs; at most %d are taken", len(list), maxDialogs)
	}
	r.dialogs = make([]dialog, 0, len(list))
	for _, o := range list {
		d, err := r.readDialog(o)
		if err != nil {
			return err
		}
		r.dialogs = append(r.dialogs, d)
	}
	return nil
}

func (r *reader) readDialog(o object) (d dialog, err error) {
	d = dialog{object: o, author: conversation.NoAuthor}
	if err := r.needParties(o); err != nil {
		return d, err
	}
	if d.kind, err = o.text("type"); err != nil {
		return d, err
	}
	if d.mediaType, err = o.text("mediatype", "mimetype"); err != nil {
		return d, err
	}
	if d.mediaType == "" && d.kind == "recording" {
		d.mediaType = mediaTypeByName(o)
	}
	if d.start, err = o.timestamp("start"); err != nil {
		return d, err
	}
	if d.duration, err = o.seconds("duration"); err != nil {
		return d, err
	}
	if !slices.Contains([]string{"recording", "recording-set", "text", "transfer", "incomplete"}, d.kind) {
		return d, wrong(o.at("type"), "is not recording, recording-set, text, transfer or incomplete")
	}
	if d.kind == "text" {
		if d.content, err = bodyBytes(o); err != nil {
			return d, err
		}
	}
	if d.kind == "text" && !d.isEmail() {
		d.text = readable(d.content, d.baseMediaType())
	}
	return d, r.readDialogParties(&d)
}

// needParties refuses a dialog that refers to parties where the vCon has no list of them at all.
func (r *reader) needParties(o object) error {
	if !r.root.has("parties") && (o.has("parties") || o.has("originator")) {
		state := "is missing"
		if _, there := r.root.members["parties"]; there {
			state = "is null"
		}
		return wrong("parties", "%s, and %s refers to parties; a list is needed", state, o.path)
	}
	return nil
}

func (r *reader) readDialogParties(d *dialog) (err error) {
	if d.parties, err = r.partyRefs(d.at("parties"), d.members["parties"]); err != nil {
		return err
	}
	authors, err := r.partyRefs(d.at("originator"), d.members["originator"])
	if err != nil {
		return err
	}
	if len(authors) == 0 {
		authors = append(r.senders(d), d.parties...)
	}
	if len(authors) > 0 {
		d.author = authors[0]
	}
	return nil
}

// senders understands the older member from: a party's number, or its name or address. What it does not
// understand says nothing.
func (r *reader) senders(d *dialog) []int {
	refs, err := r.partyRefs("", d.members["from"])
	if err != nil {
		refs = nil
	}
	for i, p := range r.parties {
		for _, from := range texts(d.members["from"]) {
			number, address := splitContact("tel", from)
			if strings.EqualFold(p.Name, from) || (number != "" && digits(number) == digits(p.PhoneNumber)) || (address != "" && p.hasAddress(address)) {
				refs = append(refs, i)
			}
		}
	}
	return refs
}

func (p *party) hasAddress(address string) bool {
	return slices.ContainsFunc(strings.Split(p.DigitalAddress, ", "), func(own string) bool { return strings.EqualFold(own, address) })
}

// baseMediaType is the media type in lower case without parameters.
func (d *dialog) baseMediaType() string {
	base, _, err := mime.ParseMediaType(d.mediaType)
	if err != nil {
		base, _, _ = strings.Cut(d.mediaType, ";")
	}
	return strings.ToLower(strings.TrimSpace(base))
}

// readable is a body as text, HTML reduced, "" where it is blank.
func readable(content []byte, mediaType string) string {
	text := storable(content)
	if mediaType == "text/html" {
		text = plain(text)
	}
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// isEmpty reports whether a text dialog that is no e-mail says nothing.
func (d *dialog) isEmpty() bool { return d.kind == "text" && !d.isEmail() && d.text == "" }

// isEmail tells an e-mail from a chat (design, section 5).
func (d *dialog) isEmail() bool {
	base := d.baseMediaType()
	return d.kind == "text" && (len(texts(d.members["message_id"])) > 0 || base == "message/rfc822" || strings.HasPrefix(base, "multipart/"))
}

func element(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }
