package vcon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"qm-compliance/conversation"
)

// mail is one e-mail of a thread.
type mail struct {
	dialog *dialog
	// subject and from are those of the mail's own header.
	subject, from string
	text          string
	attachments   int
	date          time.Time
	// id is the Message-ID; replies are those of the mails it answers. isOwnID is set where it stands in the
	// mail's own header, so that the mail has one.
	id      string
	isOwnID bool
	replies []string
}

// readMail takes the text of an e-mail apart from its attachments, which are only counted.
func readMail(d *dialog) (m *mail, err error) {
	m = &mail{dialog: d}
	switch base := baseMediaType(d.mediaType); {
	case base == "message/rfc822":
		err = m.readMIME(d.content)
	case strings.HasPrefix(base, "multipart/"):
		err = m.readMIME(withHeader(d.mediaType, d.content))
	default:
		m.text = readable(d.content, base)
	}
	for _, member := range []string{"message_id", "in_reply_to", "references"} {
		for _, id := range texts(d.members[member]) {
			m.take(member == "message_id", id)
		}
	}
	m.text = strings.TrimSpace(m.text)
	return m, err
}

// withHeader puts the media type in front of a body that lost its header, unless it still has it.
func withHeader(mediaType string, content []byte) []byte {
	if isEmail(content) || len(bytes.TrimSpace(content)) == 0 {
		return content
	}
	header := "MIME-Version: 1.0\r\nContent-Type: " + strings.Join(strings.Fields(mediaType), " ") + "\r\n\r\n"
	return append([]byte(header), content...)
}

// readMIME reads a mail as it was sent.
func (m *mail) readMIME(source []byte) error {
	source = bytes.TrimLeft(bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF")), "\r\n")
	if len(bytes.TrimSpace(source)) == 0 {
		return nil
	}
	if !bytes.Contains(source, []byte("\n")) {
		source = bytes.ReplaceAll(source, []byte("\r"), []byte("\n"))
	}
	reader := &mimeReader{path: m.dialog.at("body")}
	e := newMail(source)
	found, err := reader.texts(e, 0)
	if err != nil {
		return err
	}
	m.text, m.attachments = joinTexts(found), reader.attachments
	m.subject, m.from = e.header.decoded("subject"), e.header["from"]
	date, err := netmail.ParseDate(e.header["date"])
	if err == nil && date.UTC().Year() >= 1 && date.UTC().Year() <= latestYear {
		m.date = date.UTC().Truncate(time.Microsecond)
	}
	m.take(true, e.header["message-id"])
	m.isOwnID = m.id != ""
	m.take(false, e.header["in-reply-to"])
	m.take(false, e.header["references"])
	return nil
}

// findAuthor finds who wrote a mail: the originator whom the vCon names, else who stands in its From. A mail
// from somebody who is no party has no author, unless the vCon names one in the older member from.
func (m *mail) findAuthor(all *parties) {
	if m.from == "" || m.dialog.has("originator") {
		return
	}
	author := all.writer(m.from, m.dialog.parties)
	if author != conversation.NoAuthor || !m.dialog.has("from") {
		m.dialog.author = author
	}
}

// writer finds the party of a From by its address, else by its name. Of several, those with the name and
// those of the dialog come first; where more than one is left, it is nobody.
func (p *parties) writer(from string, ofDialog []int) int {
	names, addresses := mailboxes(from)
	hasName := func(i int) bool {
		return slices.ContainsFunc(names, func(name string) bool { return sameName(p.list[i].Name, name) })
	}
	hasAddress := func(i int) bool { return slices.ContainsFunc(addresses, p.list[i].hasAddress) }
	var found []int
	for _, is := range []func(int) bool{hasAddress, hasName} {
		for i := range p.list {
			if is(i) && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	isHere := func(i int) bool { return slices.Contains(ofDialog, i) }
	for _, is := range []func(int) bool{hasName, isHere} {
		if closer := keep(found, is); len(closer) > 0 {
			found = closer
		}
	}
	isOther := func(i int) bool { return !sameName(p.list[i].Name, p.list[found[0]].Name) || !hasAddress(i) }
	if len(found) == 0 || (len(found) > 1 && slices.ContainsFunc(found, isOther)) {
		return conversation.NoAuthor
	}
	return found[0]
}

func keep(all []int, is func(int) bool) []int {
	return slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !is(i) })
}

// mailboxes are the names and the addresses in a From. What is no list of addresses is searched for some.
func mailboxes(from string) (names, addresses []string) {
	from = from[:min(len(from), maxFieldLength)]
	list, err := enmime.ParseAddressList(from)
	for _, one := range list {
		names, addresses = append(names, one.Name), append(addresses, one.Address)
	}
	if err == nil {
		return names, addresses
	}
	name, _, _ := strings.Cut(fields{"from": from}.decoded("from"), "<")
	names = append(names, strings.Trim(name, " \t\"'"))
	isBetween := func(r rune) bool { return strings.ContainsRune(" \t<>,;\"'()[]", r) }
	for _, word := range strings.FieldsFunc(from, isBetween) {
		if strings.Contains(word, "@") {
			addresses = append(addresses, strings.TrimPrefix(word, "mailto:"))
		}
	}
	return names, addresses
}

// sameName compares names without case, order and commas: "Novak, Ada" is Ada Novak.
func sameName(a, b string) bool {
	isBetween := func(r rune) bool { return strings.ContainsRune(" ,\t\"'", r) }
	words := func(name string) []string {
		all := strings.FieldsFunc(strings.ToLower(name), isBetween)
		slices.Sort(all)
		return all
	}
	return len(words(a)) > 0 && slices.Equal(words(a), words(b))
}

// bodyBytes is a body, decoded as its encoding says: base64url, json (JSON that stands in a string) or none.
func bodyBytes(o object) ([]byte, error) {
	encoding, err := o.text("encoding")
	if err != nil {
		return nil, err
	}
	switch body := o.members["body"].(type) {
	case nil:
		return nil, nil
	case string:
		switch strings.ToLower(encoding) {
		case "base64url", "base64":
			return decodeBase64(o.at("body"), body)
		case "json":
			var inner string
			if json.Unmarshal([]byte(body), &inner) == nil {
				return []byte(inner), nil
			}
		}
		return []byte(body), nil
	default:
		return []byte(jsonText(body)), nil
	}
}

// jsonBody is a body as JSON: as it stands, or what the text of it holds. A text that holds no JSON is a
// string.
func jsonBody(o object, limits *bounds) (any, error) {
	if _, isText := o.members["body"].(string); !isText {
		return o.members["body"], nil
	}
	content, err := bodyBytes(o)
	if err != nil {
		return nil, err
	}
	text := storable(content)
	encoding, _ := o.text("encoding")
	trimmed := strings.TrimSpace(text)
	looksJSON := strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	if strings.EqualFold(encoding, "json") || looksJSON {
		value, err := limits.value([]byte(trimmed))
		if limits.left < 0 {
			return nil, limits.tooMany(o.at("body"))
		}
		if err == nil {
			return value, nil
		}
	}
	return text, nil
}

// decodeBase64 takes either alphabet, with or without padding and line breaks.
func decodeBase64(path, text string) ([]byte, error) {
	if strings.ContainsAny(text, "+/=\r\n\t ") {
		text = strings.NewReplacer("+", "-", "/", "_", "\n", "", "\r", "", "\t", "", " ", "").Replace(text)
		text = strings.TrimRight(text, "=")
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, wrong(path, "is not base64url, as its encoding says")
	}
	return raw, nil
}

// storable makes text of bytes that may be none: PostgreSQL stores valid UTF-8 without the character NUL.
func storable(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "")
}

// jsonText is a value as JSON, on one line.
func jsonText(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(text.String(), "\n")
}
