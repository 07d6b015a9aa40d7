package vcon

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// attachment is an attachment of the vCon with its body as JSON; a string where it is a file or a text.
type attachment struct {
	object
	name string
	body any
	// made is what an attachment holds that is a transcript, or another text that was made of a segment; nil
	// for any other.
	made *analysis
}

func readAttachments(root object, dialogs int, limits *bounds) ([]attachment, error) {
	list, err := root.objects("attachments")
	if err != nil {
		return nil, err
	}
	all := make([]attachment, 0, len(list))
	for _, o := range list {
		a := attachment{object: o}
		if a.name, err = o.text("type", "purpose"); err != nil {
			return nil, err
		}
		if kind := attachmentKind(o); o.has("body") && (!isFile(o) || kind != "" && isTextFile(o)) {
			if a.body, err = jsonBody(o, limits); err != nil {
				return nil, err
			}
			a.takeText(kind, dialogs)
		}
		all = append(all, a)
	}
	return all, nil
}

// attachmentKind is the kind of text that an attachment calls itself; empty for none.
func attachmentKind(o object) compliance.MessageKind {
	for _, member := range []string{"type", "purpose", "filename", "subject"} {
		if kind := kindByName(o.scalar(member)); kind != "" {
			return kind
		}
	}
	return ""
}

// isTextFile reports whether a file can be read as text, such as WebVTT and SubRip.
func isTextFile(o object) bool {
	base := baseMediaType(o.scalar("mediatype") + o.scalar("mimetype"))
	return strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "subrip") || strings.HasSuffix(base, "srt")
}

// takeText takes the text of an attachment that calls itself one, or that holds a list of what was said. What is
// left of it stays metadata. A reference to a dialog that is none is no reference, as in any attachment.
func (a *attachment) takeText(kind compliance.MessageKind, dialogs int) {
	members, isObject := a.body.(map[string]any)
	isEnvelope := isObject && (hasAny(members, []string{"segments", "utterances", "turns", "words"}) ||
		hasAny(members, []string{"transcript"})) && hasTurns(members)
	if kind == "" && !isEnvelope {
		return
	}
	made := &analysis{object: a.object, name: a.name}
	if refs, err := dialogRefs("", a.members["dialog"], dialogs); err == nil {
		made.dialogs = refs
	}
	made.take(kind, a.body)
	if len(made.texts) > 0 {
		a.made, a.body = made, made.rest
	}
}

// textsOf are the texts of attachments.
func textsOf(attachments []attachment) (all []analysis) {
	for _, a := range attachments {
		if a.made != nil {
			all = append(all, *a.made)
		}
	}
	return all
}

// isFile reports whether an attachment says that it is something else than JSON: a file, which is not kept.
func isFile(o object) bool {
	base := baseMediaType(o.scalar("mediatype") + o.scalar("mimetype"))
	_, isText := o.members["body"].(string)
	return isText && base != "" && base != "text/plain" && !strings.HasSuffix(base, "json")
}

// readMetadata takes what has no other place (design, section 5). The package's description lists the
// prefixes of keys. What was read into another place (roles, addresses, user ids, groups, the direction, the
// room) is not repeated.
func readMetadata(
	root object, parties *parties, dialogs []dialog, analyses []analysis, attachments []attachment,
) ([]conversation.IncomingMetadatum, error) {
	m := newMetadata(parties.known)
	for _, a := range analyses {
		if a.rest != nil {
			m.add(m.cleanPart(cmp.Or(a.name, "analysis")), withoutMakings(a.rest))
		}
	}
	for _, a := range attachments {
		m.addAttachment(cmp.Or(a.name, "attachment"), a.body)
	}
	for _, d := range dialogs {
		m.addMeta("dialog", d.object, append(directionMembers(d.object), roomMembers()...))
	}
	for _, p := range parties.list {
		m.addMeta("party."+strings.ToLower(string(p.Role)), p.object, p.consumed())
	}
	m.addMeta("meta", root, directionMembers(root))
	return m.list()
}

// withoutMakings leaves out of an analysis how it was made.
func withoutMakings(body any) any {
	members, isObject := body.(map[string]any)
	if !isObject {
		return body
	}
	members = maps.Clone(members)
	delete(members, "prompt")
	delete(members, "vendor_schema")
	return members
}

// directionMembers are the members of a meta that say a direction: none where it is not understood, so that
// it is kept.
func directionMembers(o object) []string {
	if directionOf(o.object("meta").scalar("direction")) == "" {
		return nil
	}
	return []string{"direction"}
}

// consumed are the members of a party's meta that became something else.
func (p *party) consumed() []string {
	names := addressMembers()
	if p.Role != compliance.RoleOther {
		names = append(names, "role")
	}
	if p.isStaff() {
		names = append(append(names, userIDMembers()...), groupMembers()...)
	}
	return names
}

// addAttachment takes JSON and leaves files and texts alone. Tags are a list of names with values.
func (m *metadata) addAttachment(name string, body any) {
	list, isList := body.([]any)
	if name == "tags" && isList {
		for _, tag := range texts(list) {
			key, value, found := strings.Cut(tag, ":")
			if !found {
				value = "true"
			}
			m.put("tags."+m.cleanPart(key), value)
		}
		return
	}
	if _, isText := body.(string); !isText {
		m.add(m.cleanPart(name), body)
	}
}

// addMeta takes the member meta of a part, without what was read out of it elsewhere.
func (m *metadata) addMeta(prefix string, part object, consumed []string) {
	members := part.object("meta").members
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(consumed, name) {
			m.add(prefix+"."+m.cleanPart(name), members[name])
		}
	}
}

// add takes a value apart: objects by their members, a list as JSON, a scalar as text; what is empty is
// nothing.
func (m *metadata) add(key string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // sorted, so that importing again finds the same
			m.add(key+"."+m.cleanPart(name), v[name])
		}
	case []any:
		if len(v) > 0 {
			m.put(key, jsonText(v))
		}
	case json.Number:
		m.put(key, v.String())
	case bool:
		m.put(key, jsonText(v))
	case string:
		m.put(key, v)
	}
}

// The bounds of metadata, in bytes of a key and in keys of a vCon. Where there are more keys, long lists of them
// become one value each; after maxFolds of these the rest becomes one.
const (
	maxKeyLength = 200
	maxKeys      = 500
	maxFolds     = 20
)

// metadata collects values by key. Keys stay when their values are anonymized, so that nothing of known may
// be in one.
type metadata struct {
	known  *identifiers
	values map[string][]string
	seen   map[[2]string]bool
}

func newMetadata(known *identifiers) *metadata {
	return &metadata{known: known, values: map[string][]string{}, seen: map[[2]string]bool{}}
}

// put adds a value to a key whose parts are clean. The same value again adds nothing.
func (m *metadata) put(key, value string) {
	if pair := [2]string{key, value}; value != "" && !m.seen[pair] {
		m.seen[pair] = true
		m.values[key] = append(m.values[key], value)
	}
}

// cleanPart is a name as part of a key: _ where it looks personal, or is one of the parties' numbers and
// addresses.
func (m *metadata) cleanPart(part string) string {
	part = strings.TrimSpace(part)
	if part == "" || strings.Contains(conversation.FoldDigits(part), "@") || len(digits(part)) >= 7 || m.known.in(part) {
		return "_"
	}
	return part
}

// fold makes one value, in JSON, of all keys below another key, until there are no more than maxKeys: of the
// longest beginning that is enough by itself, else of the one below which there are the most.
func (m *metadata) fold() {
	for times := 0; len(m.values) > maxKeys; times++ {
		below := map[string]int{}
		for key := range m.values {
			for i := range key {
				if key[i] == '.' {
					below[key[:i]]++
				}
			}
		}
		most := slices.MaxFunc(append(slices.Sorted(maps.Keys(below)), ""), func(a, b string) int {
			needed := len(m.values) - maxKeys
			isEnough := func(key string) int { return min(below[key]-1, needed) }
			return cmp.Or(cmp.Compare(isEnough(a), isEnough(b)), cmp.Compare(len(a), len(b)))
		})
		if below[most] < 2 || times == maxFolds {
			most = "" // there are that many keys with nothing in common
		}
		m.foldBelow(most)
	}
}

// foldBelow makes one value of the keys below a key; of all, under the key metadata, where that is empty.
func (m *metadata) foldBelow(key string) {
	prefix, into := key+".", key
	if key == "" {
		prefix, into = "", "metadata"
	}
	folded := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(m.values)) {
		if values := m.values[name]; name != into && strings.HasPrefix(name, prefix) {
			folded[strings.TrimPrefix(name, prefix)] = values
			if len(values) == 1 {
				folded[strings.TrimPrefix(name, prefix)] = values[0]
			}
			delete(m.values, name)
		}
	}
	m.put(into, jsonText(folded))
}

// list is what was collected, sorted by key. Several values of one key are a list in JSON.
func (m *metadata) list() (all []conversation.IncomingMetadatum, err error) {
	m.fold()
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		if len(key) > maxKeyLength {
			return nil, wrong("", "has a metadata key of %d bytes; at most %d are taken", len(key), maxKeyLength)
		}
		values := m.values[key]
		value := values[0]
		if len(values) > 1 {
			value = jsonText(values)
		}
		all = append(all, conversation.IncomingMetadatum{Key: key, Value: value})
	}
	return all, nil
}
