package vcon

import "qm-compliance/conversation"

// readSets finds the recordings of each set: those that the set names, and those that name the set. A set is
// no recording of its own.
func (r *reader) readSets() error {
	for i := range r.dialogs {
		d := &r.dialogs[i]
		member := map[string]string{"recording": "recording_set", "recording-set": "recordings"}[d.kind]
		others, err := r.dialogRefs(d.at(member), d.members[member])
		if err != nil {
			return err
		}
		for _, index := range others {
			d.joinSet(&r.dialogs[index])
		}
	}
	return nil
}

func (d *dialog) joinSet(other *dialog) {
	switch {
	case d.kind == "recording" && other.kind == "recording-set":
		d.set = other
	case d.kind == "recording-set" && other.kind == "recording":
		other.set = d
	}
}

// callOfSet is the call that the other recordings of the same set are of, nil where there is none yet. There
// may be one recording a party, with the silence left out, so that they need not overlap.
func (d *dialog) callOfSet() *conversation.IncomingSegment {
	if d.set == nil {
		return nil
	}
	return d.set.segment
}
