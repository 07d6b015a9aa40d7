package vcon

import "encoding/json"

// partyRefs reads a reference to parties: a number, a list of them, or a list of lists, as recordings with
// channels have it.
func (r *reader) partyRefs(path string, value any) ([]int, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		index, err := reference(path, v, "party", "parties", len(r.parties))
		if err != nil {
			return nil, err
		}
		return []int{index}, nil
	case []any:
		var all []int
		for i, member := range v {
			refs, err := r.partyRefs(element(path, i), member)
			if err != nil {
				return nil, err
			}
			all = append(all, refs...)
		}
		return all, nil
	case map[string]any:
		return r.partyRefs(path+".party", v["party"])
	}
	return nil, wrong(path, "is %s; the number of a party is needed", kindOf(value))
}

// dialogRefs reads which dialogs something is about: a number or a list of them.
func (r *reader) dialogRefs(path string, value any) ([]int, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case json.Number:
		index, err := reference(path, v, "dialog", "dialogs", len(r.dialogs))
		return []int{index}, err
	case []any:
		var refs []int
		for i, member := range v {
			number, ok := member.(json.Number)
			if !ok {
				return nil, wrong(element(path, i), "is %s; the number of a dialog is needed", kindOf(member))
			}
			index, err := reference(element(path, i), number, "dialog", "dialogs", len(r.dialogs))
			if err != nil {
				return nil, err
			}
			refs = append(refs, index)
		}
		return refs, nil
	default:
		return nil, wrong(path, "is %s; the number of a dialog is needed", kindOf(v))
	}
}

// reference is an index into a list of the vCon. A number that is long is not repeated in the error: it may
// be a phone number.
func reference(path string, number json.Number, one, many string, count int) (int, error) {
	index, err := number.Int64()
	switch {
	case err == nil && index >= 0 && index < int64(count):
		return int(index), nil
	case err == nil && index >= 0 && index < 10_000:
		return 0, wrong(path, "there is no %s %d; the vCon has %d %s", one, index, count, many)
	}
	return 0, wrong(path, "is not the number of a %s; the vCon has %d %s, counted from 0", one, count, many)
}
