package vcon

import (
	"bytes"
	"cmp"
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
	// content is the body of a text dialog, decoded. text is the same as text; it is empty for an e-mail, and
	// where it is blank.
	content []byte
	text    string
	// isElsewhere tells that the text is not in the vCon: it has no more than a url of it.
	isElsewhere bool
	// parties are indices that exist, in order. author is the one who spoke or wrote, or NoAuthor.
	parties []int
	author  int
	// set is the recording-set that a recording belongs to; nil where none.
	set *dialog
	// segment is what the dialog became part of; nil until readSegments put it there, and for a transfer.
	segment *conversation.IncomingSegment
}

// maxDialogs bounds the dialogs of a vCon, since recordings are compared with each other.
const maxDialogs = 50_000

func readDialogs(root object, parties *parties) ([]dialog, error) {
	list, err := root.objects("dialog")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, wrong("dialog", "is empty; a conversation has at least one dialog")
	}
	if len(list) > maxDialogs {
		return nil, wrong("dialog", "has %d dialogs; at most %d are taken", len(list), maxDialogs)
	}
	dialogs := make([]dialog, 0, len(list))
	for _, o := range list {
		if err := needParties(root, o); err != nil {
			return nil, err
		}
		d, err := readDialog(o)
		if err != nil {
			return nil, err
		}
		if d.parties, d.author, err = parties.ofDialog(o); err != nil {
			return nil, err
		}
		if err := d.lookElsewhere(parties.known); err != nil {
			return nil, err
		}
		dialogs = append(dialogs, d)
	}
	return dialogs, nil
}

// needParties refuses a dialog that refers to parties where the vCon has no list of them at all.
func needParties(root, dialog object) error {
	if root.has("parties") || (!dialog.has("parties") && !dialog.has("originator")) {
		return nil
	}
	state := "is missing"
	if _, there := root.members["parties"]; there {
		state = "is null"
	}
	return wrong("parties", "%s, and %s refers to parties; a list is needed", state, dialog.path)
}

func readDialog(o object) (d dialog, err error) {
	d = dialog{object: o}
	if d.kind, err = o.text("type"); err != nil {
		return d, err
	}
	if d.mediaType, err = o.text("mediatype", "mimetype"); err != nil {
		return d, err
	}
	d.takeKind()
	if d.start, err = o.timestamp("start"); err != nil {
		return d, err
	}
	if d.duration, err = o.seconds("duration"); err != nil {
		return d, err
	}
	if !slices.Contains(dialogKinds(), d.kind) {
		return d, wrong(o.at("type"), "is not recording, recording-set, text, transfer or incomplete")
	}
	if d.kind != "text" {
		return d, nil
	}
	d.content, err = bodyBytes(o)
	if err == nil && !d.isEmail() {
		d.text = readable(d.content, baseMediaType(d.mediaType))
	}
	return d, err
}

// lookElsewhere lets a reference stand for the text of a dialog that is only a url. It is content like the text,
// since it leads there, and is no more than a note where the url is personal or cannot be kept.
func (d *dialog) lookElsewhere(known *identifiers) error {
	if d.kind != "text" || len(bytes.TrimSpace(d.content)) > 0 || !d.has("url") {
		return nil
	}
	address, err := d.object.text("url")
	if err != nil || strings.TrimSpace(address) == "" {
		return err
	}
	d.isElsewhere = true
	reference := "[The text lies elsewhere.]"
	if kept := cleanURL(address, known); kept != "" {
		reference = "[The text lies at " + kept + "]"
	}
	if d.content = []byte(reference); d.isEmail() {
		if base := baseMediaType(d.mediaType); base == "message/rfc822" || strings.HasPrefix(base, "multipart/") {
			d.content = append([]byte("Content-Type: text/plain\r\n\r\n"), d.content...)
			d.mediaType = "message/rfc822"
		}
		return nil
	}
	d.text = reference
	return nil
}

func dialogKinds() []string {
	return []string{"recording", "recording-set", "text", "transfer", "incomplete"}
}

// takeKind understands the types of recordings that older syntaxes have. The media type tells a screen from a
// sound; where the vCon gives none, the type does.
func (d *dialog) takeKind() {
	isOlder := d.kind == "audio" || d.kind == "video"
	if d.mediaType == "" && (isOlder || d.kind == "recording") {
		d.mediaType = mediaTypeByName(d.object)
	}
	if isOlder {
		d.mediaType = cmp.Or(d.mediaType, d.kind+"/*")
		d.kind = "recording"
	}
}

// baseMediaType is a media type in lower case without parameters.
func baseMediaType(mediaType string) string {
	base, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		base, _, _ = strings.Cut(mediaType, ";")
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

// isEmail reports whether a text dialog is an e-mail, not a turn of a chat (design, section 5).
func (d *dialog) isEmail() bool {
	base := baseMediaType(d.mediaType)
	return d.kind == "text" && (len(texts(d.members["message_id"])) > 0 || base == "message/rfc822" ||
		strings.HasPrefix(base, "multipart/"))
}

// isEmpty reports whether a text dialog that is no e-mail says nothing.
func (d *dialog) isEmpty() bool { return d.kind == "text" && !d.isEmail() && d.text == "" }

// joinSets ties the recordings of each set to it: those that the set names, and those that name the set. A
// set is no recording of its own.
func joinSets(dialogs []dialog) error {
	for i := range dialogs {
		d := &dialogs[i]
		member := map[string]string{"recording": "recording_set", "recording-set": "recordings"}[d.kind]
		others, err := dialogRefs(d.at(member), d.members[member], len(dialogs))
		if err != nil {
			return err
		}
		for _, index := range others {
			switch other := &dialogs[index]; {
			case d.kind == "recording" && other.kind == "recording-set":
				d.set = other
			case d.kind == "recording-set" && other.kind == "recording":
				other.set = d
			}
		}
	}
	return nil
}

// element is the path of a value in a list.
func element(path string, index int) string { return path + "[" + strconv.Itoa(index) + "]" }
