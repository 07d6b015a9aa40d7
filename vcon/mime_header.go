package vcon

import (
	"bytes"
	"encoding/base64"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
	"golang.org/x/net/html/charset"
)

// maxFieldLength bounds what is read of a Content-Type and a From, which the library takes long to read.
const maxFieldLength = 10_000

// fields are those of a header by their names in lower case, each with the first value that is not blank.
type fields map[string]string

// decoded is a field with its encoded words decoded (RFC 2047).
func (f fields) decoded(name string) string {
	decoder := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	text, err := decoder.DecodeHeader(f[name])
	if err != nil {
		text = f[name]
	}
	return storable([]byte(readText([]byte(text), contentType{})))
}

// splitHeader takes a mail, or a part of one, apart into its header and its body. Where the blank line is
// missing between them the body begins with the first line that is no field. What has no field that isKnown
// has no header: all of it is the body.
func splitHeader(source []byte, isKnown func(name string) bool) (fields, []byte) {
	header, name, rest := fields{}, "", source
	var value strings.Builder
	var unknown []byte // what is left from the first unknown field on
	hasKnown, isOpen := false, false
	end := func() {
		if name != "" && header[name] == "" {
			header[name] = strings.TrimSpace(value.String())
		}
		value.Reset()
	}
	defer end()
	for len(rest) > 0 {
		line, next, _ := bytes.Cut(rest, []byte("\n"))
		text := strings.TrimSpace(string(line))
		newName, newValue, isField := cutField(string(line))
		switch {
		case text == "" && (hasKnown || len(rest) == len(source)):
			return header, next
		case name == "" && strings.HasPrefix(strings.TrimPrefix(text, ">"), "From "): // a mailbox file
		case name != "" && text != "" && (line[0] == ' ' || line[0] == '\t' || (isOpen && !isField)):
			value.WriteString(" " + text)
		case isField:
			end()
			name = newName
			value.WriteString(newValue)
			if isKnown(name) {
				hasKnown = true
			} else if unknown == nil {
				unknown = rest
			}
		case hasKnown && unknown != nil:
			return header, unknown
		case hasKnown:
			return header, rest
		default:
			return fields{}, source
		}
		isOpen = strings.HasSuffix(text, ";") || strings.HasSuffix(text, ",")
		rest = next
	}
	if !hasKnown {
		return fields{}, source
	}
	return header, unknown
}

// cutField takes a line of a header apart. The name of a field is printable ASCII without a space.
func cutField(line string) (name, value string, isField bool) {
	name, value, isField = strings.Cut(line, ":")
	name = strings.TrimRight(name, " \t")
	isStrange := func(r rune) bool { return r <= ' ' || r > '~' }
	if !isField || name == "" || strings.ContainsFunc(name, isStrange) {
		return "", "", false
	}
	return strings.ToLower(name), strings.TrimSpace(value), true
}

// isPartField reports whether a field says something about a part of a mail.
func isPartField(name string) bool {
	return strings.HasPrefix(name, "content-") || strings.HasPrefix(name, "x-") ||
		strings.HasPrefix(name, "mime-")
}

// isMailField reports whether a field belongs to the header of a mail.
func isMailField(name string) bool {
	for _, prefix := range []string{"list-", "resent-", "dkim-", "arc-", "authentication-", "thread-",
		"received", "auto-", "feedback-", "precedence", "importance", "priority", "sensitivity",
		"disposition-", "return-", "delivered-", "reply-", "message-", "in-reply-", "errors-", "references"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return isPartField(name) || slices.Contains([]string{"from", "to", "cc", "bcc", "date", "subject",
		"sender", "comments", "keywords", "user-agent", "organization", "envelope-to"}, name)
}

// contentType is what a header says about the kind of a body. It is given where the header says anything.
type contentType struct {
	base, charset, boundary string
	given                   bool
}

func (c contentType) isMultipart() bool { return strings.HasPrefix(c.base, "multipart/") }

func (c contentType) isText() bool {
	return strings.HasPrefix(c.base, "text/") && c.base != "text/css" && c.base != "text/javascript"
}

func (c contentType) isHTML() bool {
	return slices.Contains([]string{"text/html", "text/x-amp-html", "text/enriched", "text/richtext"}, c.base)
}

// isMail reports whether the body is a mail itself.
func (c contentType) isMail() bool {
	return c.base == "message/rfc822" || c.base == "message/global" || c.base == "message/partial"
}

// contentTypeOf reads a Content-Type as it is meant: without a subtype, without the semicolon before its
// parameters, quoted, or with its halves exchanged. What has no valid type is plain text, as RFC 2045 (5.2)
// recommends.
func contentTypeOf(value, missing string) contentType {
	if strings.TrimSpace(value) == "" {
		return contentType{base: missing}
	}
	value = value[:min(len(value), maxFieldLength)]
	c := contentType{base: baseOf(value), charset: parameter(value, "charset"), given: true}
	if _, found, _, err := mediatype.Parse(value); err == nil {
		c.boundary = found["boundary"]
	}
	if c.boundary == "" {
		c.boundary = parameter(value, "boundary")
	}
	c.boundary = strings.TrimRight(c.boundary, " \t")
	return c
}

func baseOf(value string) string {
	value = strings.ToLower(strings.Trim(value, "\"' \t<"))
	if end := strings.IndexAny(value, " \t;,(\"'>"); end >= 0 {
		value = value[:end]
	}
	kind, subtype, _ := strings.Cut(strings.ReplaceAll(value, `\`, "/"), "/")
	subtype, _, _ = strings.Cut(subtype, "/")
	switch {
	case kind == "html", kind == "text" && subtype == "htm", kind == "application" && subtype == "xhtml+xml":
		return "text/html"
	case kind == "application" && subtype == "text":
		return "text/plain"
	case strings.Contains(kind, "="): // a parameter without a type
		return "text/plain"
	case kind == "text" && subtype == "":
		return "text/plain"
	case kind == "multipart" && subtype == "":
		return "multipart/mixed"
	case kind == "message" && subtype == "":
		return "message/rfc822"
	case slices.Contains([]string{"application", "audio", "font", "haptics", "image", "model", "video",
		"attachment", "chemical"}, kind) || strings.HasPrefix(kind, "x-"):
		return kind + "/" + subtype
	case kind == "text" || kind == "multipart" || kind == "message":
		return kind + "/" + subtype
	}
	return "text/plain"
}

// parameter finds a parameter of a Content-Type, also where the semicolon before it is missing.
func parameter(value, name string) string {
	found := regexp.MustCompile(`(?i)(?:^|[\s;,"'])` + name + `\s*=\s*(?:"([^"]*)"|([^\s;]+))`).
		FindStringSubmatch(value)
	if found == nil {
		return ""
	}
	return strings.Trim(found[1]+found[2], `'" `)
}

// isAttachment reports whether a part is said to be a file.
func (f fields) isAttachment() bool {
	return strings.HasPrefix(strings.ToLower(strings.Trim(f["content-disposition"], `"' `)), "attachment") ||
		strings.HasPrefix(strings.ToLower(f["content-type"]), "attachment")
}

// isFile reports whether a part has the name of a file, though it may show in the mail.
func (f fields) isFile() bool {
	return strings.Contains(strings.ToLower(f["content-disposition"]), "filename")
}

// decodeTransfer undoes the Content-Transfer-Encoding of a body. A body with an encoding that is not known is
// taken as it stands.
func decodeTransfer(encoding string, body []byte) []byte {
	encoding = strings.NewReplacer("_", "", "-", "", "\"", "", "'", "").Replace(strings.ToLower(encoding))
	encoding, _, _ = strings.Cut(strings.TrimSpace(encoding), ";")
	switch encoding {
	case "base64":
		return decodeBase64Lines(body)
	case "quotedprintable":
		return decodePart("Content-Type: application/octet-stream\r\n"+
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n", body)
	}
	return body
}

// decodePart decodes a body as a header says. It is the body itself where that does not work.
func decodePart(header string, body []byte) []byte {
	parser := enmime.NewParser(enmime.DisableCharacterDetection(true))
	part, err := parser.ReadParts(bytes.NewReader(append([]byte(header), body...)))
	if err != nil {
		return body
	}
	return part.Content
}

// decodeBase64Lines decodes base64. A line that is none, such as one of a footer that a list has added, is
// taken as it stands; several encoded texts may follow each other.
func decodeBase64Lines(body []byte) []byte {
	var decoded, block []byte
	flush := func() {
		raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(string(block), "="))
		if err != nil && len(raw) == 0 {
			raw = block
		}
		decoded, block = append(decoded, raw...), nil
	}
	for line := range bytes.Lines(body) {
		compact := bytes.ReplaceAll(bytes.TrimSpace(line), []byte(" "), nil)
		if !isBase64(compact) {
			flush()
			decoded = append(decoded, line...)
			continue
		}
		if block = append(block, compact...); bytes.HasSuffix(compact, []byte("=")) {
			flush()
		}
	}
	flush()
	return decoded
}

func isBase64(line []byte) bool {
	for _, c := range bytes.TrimRight(line, "=") {
		isLetter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
		if !isLetter && (c < '0' || c > '9') && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

// readText makes text of bytes in the charset that the header, or the HTML itself, names. Text that is valid
// UTF-8 is that, where the header names none, or one in which every text is valid. What has no charset that
// is known is taken for Windows-1252, as browsers do.
func readText(raw []byte, kind contentType) string {
	label := strings.ToLower(strings.TrimSpace(kind.charset))
	if utf8.Valid(raw) && (isLoose(label) || (isWide(label) && bytes.IndexByte(raw, 0) < 0)) {
		return strings.TrimPrefix(string(raw), "\uFEFF")
	}
	if label == "" {
		if _, found, _ := charset.DetermineEncoding(raw, ""); found != "windows-1252" { // which it says of anything
			label = found
		}
	}
	header := "Content-Type: text/plain"
	if label != "" {
		header += `; charset="` + label + `"`
	}
	if text := decodePart(header+"\r\n\r\n", raw); utf8.Valid(text) {
		return strings.TrimPrefix(string(text), "\uFEFF")
	}
	fallback, _ := charset.Lookup("windows-1252")
	text, err := fallback.NewDecoder().Bytes(raw)
	if err != nil {
		return string(raw)
	}
	return string(text)
}

// isLoose reports whether a charset has a meaning for every byte, or means ASCII or UTF-8 itself.
func isLoose(label string) bool {
	for _, prefix := range []string{"iso-8859", "iso8859", "iso_8859", "windows-125", "cp125", "latin", "utf-8",
		"utf8", "us-ascii", "ascii", "ansi", "unknown", "x-unknown", "default", "none", "8bit", "7bit"} {
		if strings.HasPrefix(label, prefix) {
			return true
		}
	}
	return label == ""
}

// isWide reports whether a charset has a NUL in every Latin letter.
func isWide(label string) bool {
	return strings.HasPrefix(label, "utf-16") || strings.HasPrefix(label, "utf-32") ||
		strings.HasPrefix(label, "ucs-")
}
