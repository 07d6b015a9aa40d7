package vcon

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html/charset"
)

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
