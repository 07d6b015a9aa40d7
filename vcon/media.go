package vcon

import (
	"crypto/sha512"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"qm-compliance/compliance"
)

func (r *reader) mediaFile(d *dialog) (MediaFile, error) {
	file := MediaFile{Kind: d.mediaKind(), MediaType: cleanMediaType(d.baseMediaType()), Duration: d.duration}
	address, err := d.object.text("url")
	if err != nil {
		return file, err
	}
	file.URL = r.cleanURL(address)
	if file.ContentHash, err = contentHash(d.object); err != nil {
		return file, err
	}
	return file, file.readBody(d)
}

// readBody decodes an inline recording. It has an identity of its own, so that it is known again when it comes as a url next time.
func (f *MediaFile) readBody(d *dialog) (err error) {
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
	if f.ContentHash == "" {
		sum := sha512.Sum512(f.Body)
		f.ContentHash = "sha512-" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return nil
}

// mediaKind tells the recording of a screen from that of a call.
func (d *dialog) mediaKind() compliance.MediaKind {
	if strings.HasPrefix(d.baseMediaType(), "video/") {
		return compliance.MediaScreen
	}
	return compliance.MediaCall
}

// cleanMediaType lets nothing through but what has the form of a media type.
func cleanMediaType(base string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789.+-_"
	kind, name, _ := strings.Cut(base, "/")
	if kind == "" || name == "" || strings.Trim(kind+name, allowed) != "" || looksPersonal(base) {
		return ""
	}
	return base
}

// cleanURL keeps where a recording lies, without user, query (which holds signatures) and fragment. One with a number or an address in it is dropped.
func (r *reader) cleanURL(text string) string {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || address.Host == "" || !slices.Contains([]string{"http", "https", "s3", "gs", "ftp", "ftps", "sftp"}, address.Scheme) {
		return ""
	}
	if r.identifiers.inAddress(address.Host) || r.identifiers.inAddress(address.EscapedPath()) || r.identifiers.inAddress(address.RawQuery) {
		return ""
	}
	address.User, address.RawQuery, address.ForceQuery, address.Fragment, address.RawFragment = nil, "", false, "", ""
	return address.String()
}

// contentHash is today's content_hash, or the older alg with signature, which held a hash under that name. The strongest of several is taken.
func contentHash(o object) (string, error) {
	algorithm, err := o.text("alg")
	if err != nil {
		return "", err
	}
	digest, err := o.text("signature")
	if err != nil {
		return "", err
	}
	found := []string{}
	for _, hash := range append(texts(o.members["content_hash"]), algorithm+"-"+digest) {
		if hash = cleanHash(hash); hash != "" {
			found = append(found, hash)
		}
	}
	return slices.MaxFunc(append(found, ""), strings.Compare), nil
}

// cleanHash writes a hash one way: sha256, sha384 or sha512, a hyphen, base64url without padding. Anything else is none.
func cleanHash(hash string) string {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, size := range []string{"256", "384", "512"} {
		for _, name := range []string{"sha" + size + "-", "sha-" + size + "-"} {
			if len(hash) <= len(name) || !strings.EqualFold(hash[:len(name)], name) {
				continue
			}
			digest := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(hash[len(name):]), "=")
			if digest != "" && strings.Trim(digest, allowed) == "" {
				return "sha" + size + "-" + digest
			}
		}
	}
	return ""
}
