package vcon

import (
	"encoding/json"
	"fmt"
	"mime"
	"strings"
	"time"

	"qm-compliance/compliance"
)

// dialog is a dialog of the vCon, checked but not yet sorted into a segment.
type dialog struct {
	object
	kind      string
	start     time.Time
	duration  time.Duration
	mediaType string
	// parties are indices that exist, in order; author is the one who spoke or wrote, or NoAuthor.
	parties []int
	author  int
	// segment is the index of the segment that the dialog became part of, -1 where none.
	segment int
}

func (r *reader) readDialogs() error {
	list, err := r.root.objects("dialog")
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return wrong("dialog", "is empty; a conversation has at least one dialog")
	}
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
	d = dialog{object: o, segment: -1}
	if d.kind, err = o.text("type"); err != nil {
		return d, err
	}
	if d.mediaType, err = o.text("mediatype", "mimetype"); err != nil {
		return d, err
	}
	if d.start, err = o.timestamp("start"); err != nil {
		return d, err
	}
	if d.duration, err = o.seconds("duration"); err != nil {
		return d, err
	}
	switch d.kind {
	case "recording", "text", "transfer", "incomplete":
	default:
		return d, wrong(o.at("type"), "is not recording, text, transfer or incomplete")
	}
	return d, r.readDialogParties(&d)
}

func (r *reader) readDialogParties(d *dialog) (err error) {
	if d.parties, err = r.partyRefs(d.at("parties"), d.members["parties"]); err != nil {
		return err
	}
	d.author = NoAuthor
	if len(d.parties) > 0 {
		d.author = d.parties[0]
	}
	if d.has("originator") {
		refs, err := r.partyRefs(d.at("originator"), d.members["originator"])
		if err != nil || len(refs) == 0 {
			return err
		}
		d.author = refs[0]
	}
	return nil
}

// partyRefs reads a reference to parties: a number, a list of them, or a list of lists, as recordings with channels have it.
func (r *reader) partyRefs(path string, value any) ([]int, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		index, err := v.Int64()
		if err != nil || index < -1 {
			return nil, wrong(path, "is not a party's number")
		}
		if index == -1 {
			return nil, nil
		}
		if index >= int64(len(r.parties)) {
			return nil, wrong(path, "there is no party %d; the vCon has %d parties", index, len(r.parties))
		}
		return []int{int(index)}, nil
	case []any:
		var all []int
		for i, element := range v {
			refs, err := r.partyRefs(fmt.Sprintf("%s[%d]", path, i), element)
			if err != nil {
				return nil, err
			}
			all = append(all, refs...)
		}
		return all, nil
	case map[string]any:
		return r.partyRefs(path+".party", v["party"])
	}
	return nil, wrong(path, "is %s; the number of a party is needed", kindOf(value))
}

func (d *dialog) baseMediaType() string {
	base, _, err := mime.ParseMediaType(d.mediaType)
	if err != nil {
		base, _, _ = strings.Cut(d.mediaType, ";")
	}
	return strings.ToLower(strings.TrimSpace(base))
}

func (d *dialog) isEmail() bool {
	base := d.baseMediaType()
	return d.kind == "text" && (d.has("message_id") || base == "message/rfc822" || strings.HasPrefix(base, "multipart/"))
}

// body is the dialog's text, decoded; "" where there is none.
func (d *dialog) body() (string, error) {
	return bodyText(d.object)
}

// bodyText is a body as text, whatever its encoding.
func bodyText(o object) (string, error) {
	encoding, err := o.text("encoding")
	if err != nil {
		return "", err
	}
	switch body := o.members["body"].(type) {
	case nil:
		return "", nil
	case string:
		if strings.EqualFold(encoding, "base64url") || strings.EqualFold(encoding, "base64") {
			raw, err := decodeBase64(o.at("body"), body)
			if err != nil {
				return "", err
			}
			return storable(raw), nil
		}
		return body, nil
	default:
		return jsonText(body), nil
	}
}

// storable makes text of bytes that may be none.
func storable(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "")
}

func jsonText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// isScreen tells the recording of a screen from that of a call.
func (d *dialog) mediaKind() compliance.MediaKind {
	if strings.HasPrefix(d.baseMediaType(), "video/") {
		return compliance.MediaScreen
	}
	return compliance.MediaCall
}
