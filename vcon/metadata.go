package vcon

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"qm-compliance/compliance"
)

// The bounds of metadata: what is beyond them is no longer data about a conversation.
const (
	maxKeyLength = 200
	maxKeys      = 500
)

// metadata collects values by key.
type metadata struct {
	values map[string][]string
}

func newMetadata() *metadata { return &metadata{values: map[string][]string{}} }

// readMetadata takes what has no other place: other analyses, attachments with a JSON body, the meta of dialogs, parties and the vCon.
func (r *reader) readMetadata() error {
	for _, a := range r.analyses {
		if a.kind == "" && a.body != nil {
			r.metadata.add(nameOr(a.name, "analysis"), a.body)
		}
	}
	if err := r.readAttachments(); err != nil {
		return err
	}
	for _, d := range r.dialogs {
		r.metadata.addMeta("dialog", d.object, append(roomMembers(), "direction", "role"))
	}
	for _, p := range r.parties {
		consumed := append(addressMembers(), "role", "user_id", "userId", "cxm_user_id", "group", "groups", "team")
		r.metadata.addMeta(partyPrefix(p.Role), p.object, consumed)
	}
	r.metadata.addMeta("meta", r.root, []string{"direction"})
	return r.metadata.write(r.result)
}

func partyPrefix(role compliance.ParticipantRole) string {
	if role == compliance.RoleOther {
		return "party"
	}
	return strings.ToLower(string(role))
}

func nameOr(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

func (r *reader) readAttachments() error {
	list, err := r.root.objects("attachments")
	if err != nil {
		return err
	}
	for _, o := range list {
		name, err := o.text("type", "purpose")
		if err != nil {
			return err
		}
		body, err := jsonBody(o)
		if err != nil {
			return err
		}
		r.addAttachment(nameOr(name, "attachment"), body)
	}
	return nil
}

// addAttachment takes JSON and leaves files alone. Tags are a list of names with values.
func (r *reader) addAttachment(name string, body any) {
	list, isList := body.([]any)
	if name == "tags" && isList {
		for _, tag := range texts(list) {
			key, value, _ := strings.Cut(tag, ":")
			r.metadata.add("tags."+cleanPart(key), value)
		}
		return
	}
	if _, isText := body.(string); !isText && body != nil {
		r.metadata.add(name, body)
	}
}

// addMeta takes the member meta of a part, without what was read out of it elsewhere.
func (m *metadata) addMeta(prefix string, part object, consumed []string) {
	members := part.object("meta").members
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(consumed, name) {
			m.add(prefix+"."+cleanPart(name), members[name])
		}
	}
}

// add takes a value apart: objects by their members, a list as JSON, a scalar as text; what is empty is nothing.
func (m *metadata) add(key string, value any) {
	key = cleanKey(key)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) { // sorted, so that importing again finds the same
			if name != "prompt" && name != "vendor_schema" {
				m.add(key+"."+cleanPart(name), v[name])
			}
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

func (m *metadata) put(key, value string) {
	if value != "" && !slices.Contains(m.values[key], value) {
		m.values[key] = append(m.values[key], value)
	}
}

// cleanKey keeps personal data out of a key, which stays when its values are anonymized.
func cleanKey(key string) string {
	parts := strings.Split(key, ".")
	for i, part := range parts {
		parts[i] = cleanPart(part)
	}
	return strings.Join(parts, ".")
}

func cleanPart(part string) string {
	if looksPersonal(part) || len(digits(part)) >= 7 {
		return "_"
	}
	return strings.TrimSpace(part)
}

// write puts what was collected into the conversation. Several values of one key are a list.
func (m *metadata) write(to *Conversation) error {
	if len(m.values) > maxKeys {
		return wrong("", "has %d metadata keys; at most %d are taken", len(m.values), maxKeys)
	}
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		if len(key) > maxKeyLength {
			return wrong("", "has a metadata key of %d bytes; at most %d are taken", len(key), maxKeyLength)
		}
		values := m.values[key]
		value := values[0]
		if len(values) > 1 {
			value = jsonText(values)
		}
		to.Metadata = append(to.Metadata, Metadatum{Key: key, Value: value})
	}
	return nil
}
