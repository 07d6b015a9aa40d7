package vcon

import (
	"cmp"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// readMedia reads the recording of a dialog. Its url is dropped where it holds one of the known numbers and
// addresses.
func readMedia(d *dialog, known *identifiers) (conversation.IncomingMedia, error) {
	file := conversation.IncomingMedia{
		Kind: d.mediaKind(), MediaType: cleanMediaType(baseMediaType(d.mediaType)),
		StartedAt: d.start, Duration: d.duration,
	}
	address, err := d.object.text("url")
	if err != nil {
		return file, err
	}
	file.URL = cleanURL(address, known)
	if file.Hashes, err = contentHashes(d.object); err != nil {
		return file, err
	}
	file.ContentHash = strongest(file.Hashes)
	file.Place, file.Address, file.Beside = d.path, strings.TrimSpace(address), besideNames(d.object, address)
	if file.Elsewhere = file.URL == "" && leadsOutside(address); file.URL == "" && !file.Elsewhere {
		file.Name = FoldName(cmp.Or(relative(address), d.object.scalar("filename"), file.Address))
	}
	return file, readBody(&file, d)
}

// besideNames are the names under which a recording may lie beside its vCon: the url where it is relative,
// the file name, the end of the url.
func besideNames(o object, address string) []string {
	var names []string
	candidates := []string{relative(address), o.scalar("filename"), path.Base(withoutParameters(address))}
	for _, name := range candidates {
		if filepath.IsLocal(name) && name != "." && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// leadsOutside reports whether a url is one that a recording can be fetched from, by whatever means.
func leadsOutside(text string) bool {
	address, err := url.Parse(strings.TrimSpace(text))
	return err == nil && address.Host != "" && slices.Contains(outsideSchemes(), address.Scheme)
}

func outsideSchemes() []string { return []string{"http", "https", "s3", "gs", "ftp", "ftps", "sftp"} }

// FoldName returns the form that a file's name has in common with its other spellings: in lower case, and in one
// form of Unicode (NFC). Systems differ in which of them they take for the same name.
func FoldName(name string) string { return norm.NFC.String(cases.Fold().String(norm.NFC.String(name))) }

func relative(address string) string {
	parsed, err := url.Parse(strings.TrimSpace(address))
	if err != nil || parsed.IsAbs() || parsed.Host != "" {
		return ""
	}
	return parsed.Path
}

// readBody decodes an inline recording and checks its hashes. It has an identity of its own, so that it is
// known again when it comes as a url next time.
func readBody(f *conversation.IncomingMedia, d *dialog) (err error) {
	switch body := d.members["body"].(type) {
	case nil:
		return nil
	case string:
		if body == "" {
			return nil
		}
		if f.Body, err = decodeBase64(d.at("body"), body); err != nil {
			return err
		}
		if len(f.Body) == 0 {
			f.Body = nil // blanks, padding: there is no recording in it
			return nil
		}
	default:
		return wrong(d.at("body"), "is %s; a recording in base64url is needed", kindOf(body))
	}
	sums := newSums()
	_, _ = sums.Write(f.Body)
	return sums.Verify(f)
}

func (d *dialog) mediaKind() compliance.MediaKind { return mediaKindOf(baseMediaType(d.mediaType)) }

// cleanMediaType lets nothing through but what has the form of a media type.
func cleanMediaType(base string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789.+-_"
	kind, name, _ := strings.Cut(base, "/")
	if kind == "" || name == "" || strings.Trim(kind+name, allowed) != "" || looksPersonal(base) {
		return ""
	}
	return base
}

// cleanHost writes a host one way, so that the same place is known again: in lower case, without the port
// that its scheme has anyway. A bucket is no host.
func cleanHost(address *url.URL) string {
	if address.Scheme == "s3" || address.Scheme == "gs" {
		return address.Host
	}
	host := strings.ToLower(address.Host)
	return strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[address.Scheme])
}

// cleanURL keeps where a recording lies, without user, query (which holds signatures) and fragment. One with
// a number or an address in it, of a party or of anybody, is dropped.
func cleanURL(text string, known *identifiers) string {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !leadsOutside(text) {
		return ""
	}
	for _, part := range []string{address.Host, address.EscapedPath(), address.RawQuery} {
		if known.inAddress(part) {
			return ""
		}
	}
	if numberInURL(address) {
		return ""
	}
	address.User, address.RawQuery, address.ForceQuery = nil, "", false
	address.Fragment, address.RawFragment = "", ""
	address.Host = cleanHost(address)
	return address.String()
}

// mediaTypes are those of recordings, by how the names of their files end. A kind of file that may be either
// is taken for a film: its sound is in it too.
func mediaTypes() map[string]string {
	return map[string]string{
		".wav": "audio/wav", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac",
		".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
		".amr": "audio/amr", ".gsm": "audio/gsm", ".au": "audio/basic", ".aiff": "audio/aiff",
		".wma": "audio/x-ms-wma",
		".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska",
		".mov": "video/quicktime", ".avi": "video/x-msvideo", ".ogv": "video/ogg",
	}
}

// MediaTypeOf returns the media type for the extension of a recording's file name, "" if it is no recording's
// name.
func MediaTypeOf(name string) string { return mediaTypes()[strings.ToLower(path.Ext(name))] }

// mediaTypeByName stands in where a vCon does not say what a recording is, as the draft allows for one that
// lies elsewhere.
func mediaTypeByName(o object) string {
	for _, name := range []string{o.scalar("filename"), withoutParameters(o.scalar("url"))} {
		if found := MediaTypeOf(name); found != "" {
			return found
		}
	}
	return ""
}

// TakeMediaType gives a recording the media type that its host answers, where the vCon says none and the
// answer is of sound or film.
func TakeMediaType(f *conversation.IncomingMedia, answered string) {
	answered = cleanMediaType(strings.ToLower(answered))
	isRecording := strings.HasPrefix(answered, "audio/") || strings.HasPrefix(answered, "video/")
	if f.MediaType == "" && isRecording {
		f.MediaType, f.Kind = answered, mediaKindOf(answered)
	}
}

// mediaKindOf tells the recording of a screen from that of a call.
func mediaKindOf(mediaType string) compliance.MediaKind {
	if strings.HasPrefix(mediaType, "video/") {
		return compliance.MediaScreen
	}
	return compliance.MediaCall
}
