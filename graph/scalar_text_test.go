package graph_test

import (
	"fmt"
	"testing"

	"qm-compliance/graph"
)

// A note that would be shown otherwise than it is written is not taken; any other is.
func TestNotesCanBeSeen(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	const protect = `mutation($note: String!) { protectMedia(input: {mediaFileIds: ["%s"], reason: OTHER, note: $note}) { mediaFiles { protection { note } } userErrors { code field } } }`
	for note, taken := range map[string]bool{
		"MiFID II, case 7": true, "two\nlines\tand a tab": true, "Grüße, ok 👍🏽 👩‍👩‍👧": true, "می\u200cخواهم": true,
		"\x1b[31mred": false, "bell\a": false, "nul\x00": false, "back\b": false, "over\rwritten": false, "del\x7f": false, "c1 \u009b31m": false,
		"rtl \u202egnp": false, "isolate \u2066x": false, "zero\u200bwidth": false, "mark\u200e": false, "bom\ufeff": false, "line\u2028": false, "paragraph\u2029": false,
	} {
		got := a.do(t, "manager", fmt.Sprintf(protect, graph.GlobalID("MediaFile", 1)), map[string]any{"note": note})
		payload, _ := got.Data["protectMedia"].(map[string]any)
		if payload == nil || (payload["mediaFiles"] != nil) != taken {
			t.Errorf("%q: %+v", note, got)
			continue
		}
		if want := "[map[code:INVALID field:[input note]]]"; !taken && fmt.Sprint(payload["userErrors"]) != want {
			t.Errorf("%q: %v", note, payload["userErrors"])
		}
	}
}
