package vcon

import (
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func (r *reader) mediaFile(d *dialog) (conversation.IncomingMedia, error) {
	file := conversation.IncomingMedia{Kind: d.mediaKind(), MediaType: cleanMediaType(d.baseMediaType()), StartedAt: d.start, Duration: d.duration}
	address, err := d.object.text("url")
	if err != nil {
		return file, err
	}
	file.URL = r.cleanURL(address)
	if file.Hashes, err = contentHashes(d.object); err != nil {
		return file, err
	}
	file.ContentHash = strongest(file.Hashes)
	file.Place, file.Address, file.Beside = d.path, strings.TrimSpace(address), besideNames(d.object, address)
	return file, readBody(&file, d)
}

// besideNames are the names under which a recording may lie beside its vCon: the url where it is relative,
// the file name, the end of the url.
func besideNames(o object, address string) []string {
	var names []string
	for _, name := range []string{relative(address), o.scalar("filename"), path.Base(withoutParameters(address))} {
		if filepath.IsLocal(name) && name != "." && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

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
	default:
		return wrong(d.at("body"), "is %s; a recording in base64url is needed", kindOf(body))
	}
	sums := newSums()
	_, _ = sums.Write(f.Body)
	return sums.Verify(f)
}

func (d *dialog) mediaKind() compliance.MediaKind { return mediaKindOf(d.baseMediaType()) }

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
// a number or an address in it is dropped.
func (r *reader) cleanURL(text string) string {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || address.Host == "" || !slices.Contains([]string{"http", "https", "s3", "gs", "ftp", "ftps", "sftp"}, address.Scheme) {
		return ""
	}
	if r.identifiers.inAddress(address.Host) || r.identifiers.inAddress(address.EscapedPath()) || r.identifiers.inAddress(address.RawQuery) {
		return ""
	}
	address.User, address.RawQuery, address.ForceQuery, address.Fragment, address.RawFragment = nil, "", false, "", ""
	address.Host = cleanHost(address)
	return address.String()
}
