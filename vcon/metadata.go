package vcon

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"qm-compliance/compliance"
)

// readMetadata takes what has no other place (design, section 5). The prefix of a key tells where its value
// stood:
//
//	TYPE.            an analysis or an attachment of that type; tags. for a list of tags
//	dialog.          the meta of dialogs
//	party.ROLE.      the meta of parties: party.customer. party.agent. party.supervisor. party.bot. party.other.
//	meta.            the meta of the vCon
//
// What was read out of it elsewhere (roles, addresses, user ids, groups, the direction, the room) is not
// repeated.
func (r *reader) readMetadata() error {
	m := newMetadata(&r.identifiers)
	for _, a := range r.analyses {
		if a.kind == "" && a.body != nil {
			m.add(m.cleanPart(nameOr(a.name, "analysis")), withoutMakings(a.body))
		}
	}
	for _, a := range r.attachments {
		m.addAttachment(nameOr(a.name, "attachment"), a.body)
	}
	for _, d := range r.dialogs {
		m.addMeta("dialog", d.object, append(directionMembers(d.object), roomMembers()...))
	}
	for _, p := range r.parties {
		m.addMeta("party."+strings.ToLower(string(p.Role)), p.object, p.consumed())
	}
	m.addMeta("meta", r.root, directionMembers(r.root))
	return m.write(r.result)
}

func nameOr(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
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

// directionMembers are the members of a meta that told a direction: none where it is not understood, so that
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
