package vcon

import "slices"

// refuseAdded refuses an export to which another tool has added something that would come in with any other
// vCon: the layout does not know it, so reading the export by its layout would drop it without a word. What is
// merely changed comes in, since the layout refers to it.
func (e *exportReader) refuseAdded(root object, own int, wanted layout) error {
	known := wanted.parts(own)
	for _, list := range []struct {
		name  string
		parts []object
	}{
		{"parties", e.parties}, {"dialog", e.dialogs}, {"analysis", e.analyses}, {"attachments", e.attachments},
	} {
		for i, one := range list.parts {
			if !known[list.name][i] {
				return added(element(list.name, i))
			}
			if extra := addedMeta(one); extra != "" {
				return added(extra)
			}
		}
	}
	if root.has("meta") {
		return added("meta")
	}
	return nil
}

func added(path string) error {
	return wrong(path, "is not of this system's export: another tool has added it. Import it as a vCon of its own, "+
		"with another uuid, or leave the attachment %s out to read all of this like any other vCon", layoutName)
}

// addedMeta is the first member of the meta of a party or a dialog that this system does not write.
func addedMeta(o object) string {
	written := []string{"user_id", "groups", "tel", "email", "handle", "ip", "room", "direction"}
	for name := range o.object("meta").members {
		if !slices.Contains(written, name) {
			return o.at("meta")
		}
	}
	return ""
}

// parts are the places of all parts that the layout refers to, by the lists of a vCon. Own is the attachment that
// holds the layout.
func (l layout) parts(own int) map[string]map[int]bool {
	known := map[string]map[int]bool{
		"parties": {}, "dialog": {}, "analysis": {}, "attachments": {own: true},
	}
	for _, source := range l.Sources {
		for _, party := range source.Parties {
			known["parties"][party.Party] = true
		}
		if source.Metadata != nil {
			known["attachments"][*source.Metadata] = true
		}
		for _, segment := range source.Segments {
			known["dialog"][segment.Dialog] = true
			for _, message := range segment.Messages {
				if message.Dialog != nil {
					known["dialog"][*message.Dialog] = true
				}
				if message.Analysis != nil {
					known["analysis"][*message.Analysis] = true
				}
			}
			for _, media := range segment.Media {
				known["dialog"][media.Dialog] = true
			}
		}
	}
	return known
}
