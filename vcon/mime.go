package vcon

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
)

// maxMIMEDepth and maxMIMEParts bound what an e-mail is made of, since each level is read again.
const (
	maxMIMEDepth = 20
	maxMIMEParts = 10_000
	// maxAlternatives bounds the parts that are compared with each other; where there are more, all count.
	maxAlternatives = 50
)

// mimeText is the text of a part of a mail. It is reduced where it is made of HTML.
type mimeText struct {
	text    string
	reduced bool
}

// mimeReader takes the texts out of a mail and counts what it leaves out: its attachments.
type mimeReader struct {
	path               string // of the mail, for errors
	attachments, parts int
}

// entity is a mail, or a part of one.
type entity struct {
	header fields
	kind   contentType
	body   []byte
}

// newEntity reads the header of a mail or a part. A part without a type is a text, in a digest a mail.
func newEntity(source []byte, isKnown func(string) bool, missing string) entity {
	header, body := splitHeader(source, isKnown)
	return entity{header, contentTypeOf(header["content-type"], missing), body}
}

func newMail(source []byte) entity { return newEntity(source, isMailField, "text/plain") }

// texts are those of an entity and of the parts in it, in their order, but attachments.
func (r *mimeReader) texts(e entity, depth int) ([]mimeText, error) {
	if r.parts++; r.parts > maxMIMEParts {
		return nil, wrong(r.path, "is an e-mail with more than %d parts", maxMIMEParts)
	}
	if depth > maxMIMEDepth {
		return nil, wrong(r.path, "is an e-mail whose parts have parts themselves, more than %d levels deep",
			maxMIMEDepth)
	}
	if sections := e.sections(); len(sections) > 0 {
		return r.multipart(e, sections, depth)
	}
	switch {
	case e.header.isAttachment():
		r.attachments++
		return nil, nil
	case e.kind.isMail():
		return r.inner(newMail(decodeTransfer(e.header["content-transfer-encoding"], e.body)), depth)
	case !e.kind.isText() && !e.kind.isMultipart(): // a multipart here has parts that cannot be separated
		r.attachments++
		return nil, nil
	}
	if e.header.isFile() {
		r.attachments++
	}
	return e.ownText(), nil
}

// ownText is the text of an entity that has no parts.
func (e entity) ownText() []mimeText {
	text := storable([]byte(readText(decodeTransfer(e.header["content-transfer-encoding"], e.body), e.kind)))
	if e.kind.isHTML() {
		text = plain(text)
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []mimeText{{text, e.kind.isHTML()}}
}

// inner are the texts of a mail in a mail, after its subject.
func (r *mimeReader) inner(e entity, depth int) ([]mimeText, error) {
	found, err := r.texts(e, depth+1)
	if subject := e.header.decoded("subject"); subject != "" {
		found = slices.Insert(found, 0, mimeText{text: subjectLine(subject)})
	}
	return found, err
}

func subjectLine(subject string) string { return "Subject: " + subject }

func (r *mimeReader) multipart(e entity, sections []section, depth int) ([]mimeText, error) {
	missing := "text/plain"
	if e.kind.base == "multipart/digest" {
		missing = "message/rfc822"
	}
	var groups [][]mimeText
	for i, s := range sections {
		var part entity
		switch {
		case s.isPart:
			part = newEntity(s.content, isPartField, missing)
		case i == 0 && s.isNote():
			continue
		default: // what a list or a scanner has added, or parts behind another boundary
			part = entity{kind: contentType{base: "text/plain"}, body: s.content}
		}
		found, err := r.texts(part, depth+1)
		if err != nil {
			return nil, err
		}
		groups = append(groups, found)
	}
	if e.kind.base == "multipart/alternative" && len(groups) <= maxAlternatives {
		return alternative(groups), nil
	}
	return withoutDoubles(slices.Concat(groups...)), nil
}

// alternative is the first of several readings of the same that is a text of its own, not made of HTML; and
// of the others what says something else.
func alternative(groups [][]mimeText) []mimeText {
	groups = slices.DeleteFunc(groups, func(group []mimeText) bool { return len(group) == 0 })
	isReduced := func(t mimeText) bool { return t.reduced }
	if len(groups) == 0 {
		return nil
	}
	first := slices.IndexFunc(groups, func(group []mimeText) bool {
		return !slices.ContainsFunc(group, isReduced)
	})
	first = max(first, 0)
	chosen := slices.Clone(groups[first])
	for i, group := range groups {
		for _, t := range group {
			if i != first && saysElse(t, chosen) {
				chosen = append(chosen, t)
			}
		}
	}
	return chosen
}

// saysElse reports whether a text is more than another reading of what was said: HTML of whose words most are
// new, or one of them is a number, or a text that does not stand there.
func saysElse(t mimeText, said []mimeText) bool {
	words := wordsOf(t.text)
	var known []string
	for _, one := range said {
		known = append(known, wordsOf(one.text)...)
	}
	if !t.reduced {
		return !strings.Contains(" "+strings.Join(known, " ")+" ", " "+strings.Join(words, " ")+" ")
	}
	slices.Sort(known)
	slices.Sort(words)
	words = slices.Compact(words)
	fresh := 0
	for _, word := range words {
		if _, isKnown := slices.BinarySearch(known, word); isKnown {
			continue
		}
		if fresh++; strings.ContainsFunc(word, unicode.IsDigit) {
			return true
		}
	}
	return 2*fresh > len(words)
}

// withoutDoubles leaves out HTML that says word for word what a text beside it says.
func withoutDoubles(all []mimeText) []mimeText {
	said := map[string]bool{}
	for _, t := range all {
		if !t.reduced {
			said[strings.Join(wordsOf(t.text), " ")] = true
		}
	}
	return slices.DeleteFunc(all, func(t mimeText) bool {
		return t.reduced && said[strings.Join(wordsOf(t.text), " ")]
	})
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isWordRune(r) })
}

// joinTexts puts texts below each other, with a blank line between them.
func joinTexts(all []mimeText) string {
	var joined []string
	for _, t := range all {
		joined = append(joined, strings.Trim(t.text, "\r\n"))
	}
	return strings.Join(joined, "\n\n")
}

// section is what stands between two boundaries: a part, or what stands before the first or after the last.
type section struct {
	content []byte
	isPart  bool
}

// isNote reports whether what stands before the first part says nothing to a reader: it is blank, or the note
// to mail programs that know no MIME.
func (s section) isNote() bool {
	text := strings.ToLower(strings.TrimSpace(string(s.content)))
	isNote := strings.Contains(text, "mime") || strings.Contains(text, "multi-part") ||
		strings.Contains(text, "multipart")
	return text == "" || (isNote && len(text) < 500 && guessBoundary(s.content) == "")
}

// sections are those of an entity with parts, none where it has none, or they cannot be separated. Where the
// boundary of the header is not in the body, the one that is there counts; also where the header is missing.
func (e *entity) sections() []section {
	if !e.kind.isMultipart() {
		mayHaveParts := !e.kind.given || (e.kind.isText() && e.kind.boundary != "")
		if !mayHaveParts || e.header.isAttachment() {
			return nil
		}
	}
	bodies := [][]byte{e.body}
	if encoding := e.header["content-transfer-encoding"]; encoding != "" && e.kind.isMultipart() {
		bodies = append(bodies, decodeTransfer(encoding, e.body))
	}
	for _, body := range bodies {
		for _, boundary := range []string{e.kind.boundary, guessBoundary(body)} {
			if boundary == "" {
				continue
			}
			if found := splitParts(body, boundary); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// splitParts cuts a body at the lines of a boundary. It is nothing where no part begins.
func splitParts(body []byte, boundary string) []section {
	var all []section
	current, start, hasParts := section{}, 0, false
	end := func(at int) {
		current.content = bytes.TrimSuffix(bytes.TrimSuffix(body[start:at], []byte("\n")), []byte("\r"))
		all = append(all, current)
	}
	at := 0
	for line := range bytes.Lines(body) {
		sign, found := bytes.CutPrefix(bytes.TrimRight(line, " \t\r\n"), []byte("--"+boundary))
		if found && (len(sign) == 0 || string(sign) == "--") {
			end(at)
			current, start = section{isPart: len(sign) == 0}, at+len(line)
			hasParts = hasParts || current.isPart
		}
		at += len(line)
	}
	end(at)
	if !hasParts {
		return nil
	}
	return all
}

// guessBoundary finds the boundary in a body: what a line behind two hyphens has after which the header of a
// part begins, or which a later line ends. Of several it is the first, since it is around the others.
func guessBoundary(body []byte) string {
	var names []string
	isBoundary := map[string]bool{} // of all names
	for rest := body; len(rest) > 0; {
		line, next, _ := bytes.Cut(rest, []byte("\n"))
		rest = next
		name, found := strings.CutPrefix(strings.TrimRight(string(line), " \t\r"), "--")
		if !found || name == "" || len(name) > 200 {
			continue
		}
		first, isEnd := strings.CutSuffix(name, "--")
		if _, isKnown := isBoundary[first]; isEnd && isKnown && strings.ContainsFunc(first, isWordRune) {
			isBoundary[first] = true
			continue
		}
		if _, isKnown := isBoundary[name]; !isKnown {
			names = append(names, name)
		}
		field, _, isField := cutField(string(firstLine(next)))
		isBoundary[name] = isBoundary[name] || (isField && strings.HasPrefix(field, "content-"))
	}
	if i := slices.IndexFunc(names, func(name string) bool { return isBoundary[name] }); i >= 0 {
		return names[i]
	}
	return ""
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }
