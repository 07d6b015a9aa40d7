package vcon

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/conversation"
)

// versionMembers are the members by which a vCon names the version of itself that it was made from, in every
// syntax of the draft: the newest names first.
func versionMembers() []string {
	return []string{"amended_from", "redacted_from", "amended", "appended", "redacted"}
}

// maxVersions bounds how many versions a vCon names.
const maxVersions = 100

// readVersions reads which versions of itself a vCon names; nil where it names none. One that names itself was
// made from nothing.
func readVersions(root object, id uuid.UUID, created time.Time) ([]conversation.IncomingVersion, error) {
	self := conversation.IncomingVersion{UUID: id, MadeAt: created}
	for _, member := range versionMembers() {
		named, err := versionIDs(root.at(member), root.members[member])
		if err != nil {
			return nil, err
		}
		for _, from := range named {
			if from != id && !slices.Contains(self.MadeFrom, from) {
				self.MadeFrom = append(self.MadeFrom, from)
			}
		}
	}
	if len(self.MadeFrom) == 0 {
		return nil, nil
	}
	if len(self.MadeFrom) > maxVersions {
		return nil, wrong("", "names %d other versions of itself; at most %d are taken", len(self.MadeFrom), maxVersions)
	}
	updated, err := root.timestamp("updated_at")
	if !updated.IsZero() {
		self.MadeAt = updated
	}
	return []conversation.IncomingVersion{self}, err
}

// versionIDs reads an object with a uuid, a list of such, or the uuid itself. Tools write an empty object, list
// or text where there is no other version.
func versionIDs(path string, value any) ([]uuid.UUID, error) {
	switch v := value.(type) {
	case nil, bool:
		return nil, nil
	case map[string]any:
		return versionIDs(path+".uuid", v["uuid"])
	case []any:
		var all []uuid.UUID
		for i, one := range v {
			ids, err := versionIDs(element(path, i), one)
			if err != nil {
				return nil, err
			}
			all = append(all, ids...)
		}
		return all, nil
	case string:
		if v == "" {
			return nil, nil
		}
		id, err := uuid.Parse(v)
		if err != nil {
			return nil, wrong(path, "is not a UUID; leave it out where there is no other version")
		}
		if id == uuid.Nil {
			return nil, nil
		}
		return []uuid.UUID{id}, nil
	case json.Number:
		return nil, wrong(path, "is a number; the UUID of another version is required")
	}
	return nil, wrong(path, "is %s; the UUID of another version is needed", kindOf(value))
}

// checkCritical refuses a vCon that must not be processed by those who do not know an extension of it. What is
// only listed in extensions may be ignored.
func checkCritical(root object) error {
	for _, member := range []string{"critical", "must_support"} {
		value := root.members[member]
		list, isList := value.([]any)
		if text, isText := value.(string); isText && text != "" {
			list, isList = []any{text}, true
		}
		if value != nil && value != "" && !isList {
			return wrong(root.at(member), "is %s; a list of extensions is needed", kindOf(value))
		}
		for i, one := range list {
			name, isText := one.(string)
			if !isText {
				return wrong(element(root.at(member), i), "is %s; the name of an extension is needed", kindOf(one))
			}
			if !slices.Contains(knownExtensions(), plainName(name)) {
				return wrong(element(root.at(member), i), "names the extension %s, which is not supported, "+
					"and declares it critical: a program that does not know it must not process the vCon", stepName(name))
			}
		}
	}
	return nil
}

// knownExtensions are those whose members are read, or change nothing about what is: written like plainName.
func knownExtensions() []string {
	return []string{
		"cc", "contactcenter", "wtf", "wtftranscription", "meta", "mimimessages", "mimi", "sipsignaling", "email",
	}
}

// plainName is a name in lower case, with nothing but its letters.
func plainName(name string) string {
	letters := []byte{}
	for _, r := range []byte(name) {
		switch {
		case r >= 'A' && r <= 'Z':
			letters = append(letters, r+'a'-'A')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			letters = append(letters, r)
		case r != '_' && r != '-' && r != ' ':
			return name
		}
	}
	return string(letters)
}

// layoutVersions writes the versions of a vCon into an export.
func layoutVersions(c *conversation.Incoming) (all []layoutPredecessor) {
	for _, version := range c.Versions {
		all = append(all, layoutPredecessor{version.UUID, version.MadeFrom, orNil(version.MadeAt)})
	}
	return all
}

// readLayoutVersions reads them back.
func readLayoutVersions(path string, from []layoutPredecessor) (all []conversation.IncomingVersion, err error) {
	for i, version := range from {
		isTime := version.MadeAt == nil || writable(*version.MadeAt)
		if version.UUID == uuid.Nil || !isTime || slices.Contains(version.MadeFrom, uuid.Nil) {
			return nil, wrong(element(path, i), "has no uuid, or a time, of a version")
		}
		one := conversation.IncomingVersion{UUID: version.UUID, MadeFrom: version.MadeFrom}
		if version.MadeAt != nil {
			one.MadeAt = micro(*version.MadeAt)
		}
		all = append(all, one)
	}
	return all, nil
}

// madeFrom are the versions that a vCon was made from itself.
func madeFrom(c *conversation.Incoming) []uuid.UUID {
	for _, version := range c.Versions {
		if version.UUID == c.UUID {
			return version.MadeFrom
		}
	}
	return nil
}
