package vcon

import (
	"bytes"
	"mime"
	"regexp"
	"slices"
	"strings"

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
