package vcon

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"qm-compliance/compliance"
)

// addRecording adds a recording to the call that it overlaps, such as the recording of a screen; else it is a call of its own.
func (r *reader) addRecording(d *dialog) error {
	file, err := r.mediaFile(d)
	if err != nil {
		return err
	}
	for i := range r.result.Segments {
		if segment := &r.result.Segments[i]; segment.Kind == compliance.SegmentCall && overlaps(segment, d) {
			segment.Media = append(segment.Media, file)
			extend(segment, d)
			d.segment = i
			return nil
		}
	}
	r.addSegment(Segment{Kind: compliance.SegmentCall, StartedAt: d.start, Duration: d.duration, Media: []MediaFile{file}}, d)
	return nil
}

func (r *reader) addSegment(segment Segment, dialogs ...*dialog) {
	for _, d := range dialogs {
		d.segment = len(r.result.Segments)
	}
	r.result.Segments = append(r.result.Segments, segment)
}

func overlaps(segment *Segment, d *dialog) bool {
	if segment.StartedAt.IsZero() || d.start.IsZero() || len(segment.Media) == 0 {
		return false
	}
	if segment.StartedAt.Equal(d.start) {
		return true
	}
	return d.start.Before(segment.StartedAt.Add(segment.Duration)) && segment.StartedAt.Before(d.start.Add(d.duration))
}

func extend(segment *Segment, d *dialog) {
	end := segment.StartedAt.Add(segment.Duration)
	if dialogEnd := d.start.Add(d.duration); dialogEnd.After(end) {
		end = dialogEnd
	}
	if d.start.Before(segment.StartedAt) {
		segment.StartedAt = d.start
	}
	segment.Duration = end.Sub(segment.StartedAt)
}

func (r *reader) mediaFile(d *dialog) (MediaFile, error) {
	file := MediaFile{Kind: d.mediaKind(), MediaType: d.baseMediaType(), Duration: d.duration}
	if looksPersonal(file.MediaType) {
		file.MediaType = ""
	}
	address, err := d.text("url")
	if err != nil {
		return file, err
	}
	file.URL = r.cleanURL(address)
	if file.ContentHash, err = contentHash(d.object); err != nil {
		return file, err
	}
	if body, _ := d.members["body"].(string); body != "" {
		if file.Body, err = decodeBase64(d.at("body"), body); err != nil {
			return file, err
		}
		if file.ContentHash == "" {
			sum := sha256.Sum256(file.Body)
			file.ContentHash = "sha256-" + base64.RawURLEncoding.EncodeToString(sum[:])
		}
	}
	return file, nil
}

// cleanURL keeps where a recording lies, without the query, which holds signatures. One with a number or an address of a party in it is dropped.
func (r *reader) cleanURL(text string) string {
	address, err := url.Parse(text)
	if err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Host == "" {
		return ""
	}
	address.RawQuery, address.Fragment, address.User = "", "", nil
	if strings.Contains(address.Path, "@") {
		return ""
	}
	for _, p := range r.parties {
		if number := digits(p.PhoneNumber); len(number) >= 7 && strings.Contains(digits(address.Path), number) {
			return ""
		}
		if containsAddress(address.Path, p.DigitalAddress) {
			return ""
		}
	}
	return address.String()
}

// contentHash is today's content_hash, or the older alg with signature, which held a hash under that name.
func contentHash(o object) (string, error) {
	if list := texts(o.members["content_hash"]); len(list) > 0 {
		return strings.TrimRight(list[0], "="), nil
	}
	algorithm, err := o.text("alg")
	if err != nil {
		return "", err
	}
	digest, err := o.text("signature")
	if err != nil || algorithm == "" || digest == "" {
		return "", err
	}
	name := strings.ToLower(strings.ReplaceAll(algorithm, "-", ""))
	return name + "-" + strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(digest), "="), nil
}

func decodeBase64(path, text string) ([]byte, error) {
	clean := strings.NewReplacer("+", "-", "/", "_", "\n", "", "\r", "", " ", "").Replace(strings.TrimRight(strings.TrimSpace(text), "="))
	raw, err := base64.RawURLEncoding.DecodeString(clean)
	if err != nil {
		return nil, wrong(path, "is not base64url, as its encoding says")
	}
	return raw, nil
}
