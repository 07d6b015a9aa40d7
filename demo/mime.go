package demo

import (
	"fmt"
	"html"
	"mime/quotedprintable"
	"strings"
)

// mailBody returns the media type and the body of the n-th mail of a thread: plain text, HTML alone, both, or both with a picture.
func (b *builder) mailBody(n int, m mail) (mediaType, body string) {
	text := m.text
	if m.quoted != "" {
		text += "\n\n" + m.quoted
	}
	switch boundary := fmt.Sprintf("=_demo_%d_%d", b.index, n); {
	case m.file:
		return b.withPicture(boundary, text)
	case (b.index+n)%3 == 0:
		return alternative(boundary, text)
	case (b.index+n)%7 == 1:
		return "text/html; charset=utf-8", hypertext(text)
	default:
		return "text/plain; charset=utf-8", text
	}
}

// alternative returns a text as text and as HTML, for the reader to choose.
func alternative(boundary, text string) (mediaType, body string) {
	body = join(boundary,
		part("text/plain; charset=utf-8", "8bit", "", text),
		part("text/html; charset=utf-8", "quoted-printable", "", quotePrintable(hypertext(text))))
	return fmt.Sprintf("multipart/alternative; boundary=%q", boundary), body
}

// withPicture adds a picture to a text, whose file name has the customer's number in it, as such names do.
func (b *builder) withPicture(boundary, text string) (mediaType, body string) {
	innerType, inner := alternative(boundary+"_a", text)
	disposition := fmt.Sprintf("attachment; filename=%q", "photo "+b.facts["phone"]+".png")
	body = join(boundary, part(innerType, "8bit", "", inner), part("image/png", "base64", disposition, picture()))
	return fmt.Sprintf("multipart/mixed; boundary=%q", boundary), body
}

// part writes one part of a multipart body.
func part(mediaType, encoding, disposition, body string) string {
	header := "Content-Type: " + mediaType + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n"
	if disposition != "" {
		header += "Content-Disposition: " + disposition + "\r\n"
	}
	return header + "\r\n" + body
}

// join puts parts together.
func join(boundary string, parts ...string) string {
	var body strings.Builder
	for _, p := range parts {
		body.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	return body.String() + "--" + boundary + "--\r\n"
}

// hypertext writes a text as HTML, a paragraph each, as mail programs do.
func hypertext(text string) string {
	var out strings.Builder
	out.WriteString("<html><head><style>p { margin: 0 0 1em }</style></head><body>\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		out.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n") + "</p>\n")
	}
	return out.String() + "</body></html>\n"
}

func quotePrintable(text string) string {
	var out strings.Builder
	w := quotedprintable.NewWriter(&out)
	// A strings.Builder takes whatever is written.
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

// picture is the smallest PNG there is, one white pixel, in base64.
func picture() string {
	return "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
}
