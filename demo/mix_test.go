package demo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shape says what a document is, read off its dialogs as an import reads it (design, section 5).
func shape(d document) string {
	has := map[string]bool{}
	for _, x := range d.Dialog {
		switch {
		case x.Type == "recording":
			has[x.MediaType] = true
		case x.MessageID != "":
			has["email"] = true
		case x.Body == "":
			has["unrecorded"] = true
		default:
			has["chat"] = true
		}
	}
	var parts []string
	for _, what := range []string{"audio/webm", "video/webm", "unrecorded", "email", "chat"} {
		if has[what] {
			parts = append(parts, what)
		}
	}
	return strings.Join(parts, "+")
}

func TestVCons_Mix(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, d := range madeDocuments(t) {
		got[shape(d)]++
	}
	want := map[string]int{"audio/webm": 98, "audio/webm+video/webm": 30, "unrecorded": 30, "email": 60,
		"chat":             60,
		"audio/webm+email": 15, "audio/webm+chat": 15}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the mix differs (-want +got):\n%s", diff)
	}
}

func TestVCons_Lengths(t *testing.T) {
	t.Parallel()
	threads := map[int]int{}
	for _, d := range madeDocuments(t) {
		switch shape(d) {
		case "email":
			threads[len(d.Dialog)]++
		case "chat":
			if n := len(d.Dialog); n < 4 || n > maxChatTurns {
				t.Errorf("%s: a chat of %d turns, want 4 to %d", d.UUID, n, maxChatTurns)
			}
		}
	}
	if diff := cmp.Diff(map[int]int{1: 15, 2: 15, 3: 15, 4: 15}, threads); diff != "" {
		t.Errorf("the lengths of threads differ (-want +got):\n%s", diff)
	}
}

func TestVCons_People(t *testing.T) {
	t.Parallel()
	conversations, groups := map[string]int{}, map[string]string{}
	for _, d := range madeDocuments(t) {
		for _, p := range d.Parties {
			if p.Role != "agent" && p.Role != "supervisor" {
				continue
			}
			conversations[p.Meta.UserID]++
			groups[p.Meta.UserID] = p.Meta.Group
		}
	}
	if len(groups) != len(agents())+1 {
		t.Errorf("%d people of the contact centre take part, want %d", len(groups), len(agents())+1)
	}
	if n := conversations["tlind"]; n != 31 || groups["tlind"] != "support" {
		t.Errorf("Tomas Lind has %d conversations in group %q, want 31 in support", n, groups["tlind"])
	}
	if n := conversations["praman"]; n < 3 || n > 20 || groups["praman"] != "support" {
		t.Errorf("Priya Raman takes part in %d conversations in group %q, want a few in support", n,
			groups["praman"])
	}
}

// TestVCons_Metadata reads the attachments the way an import makes metadata of them: type, dot, member.
func TestVCons_Metadata(t *testing.T) {
	t.Parallel()
	with, customers := map[string]int{}, map[string]int{}
	for _, d := range madeDocuments(t) {
		for _, a := range d.Attachments {
			for key, value := range members(t, a.Body) {
				with[a.Type+"."+key]++
				if a.Type+"."+key == CorrelationKeys()[0] {
					customers[value.(string)]++
				}
			}
		}
	}
	for _, key := range append(FilterKeys(), CorrelationKeys()...) {
		if n := with[key]; n < Count/2 || n == Count {
			t.Errorf("%s is in %d conversations, want more than half of them and not all", key, n)
		}
	}
	pairs := 0
	for _, n := range customers {
		if n == 2 {
			pairs++
		}
	}
	if pairs < 5 || len(customers)+pairs != with["crm.customerNumber"] {
		t.Errorf("%d pairs among %d customers, want a few and nothing larger", pairs, len(customers))
	}
}

func members(t *testing.T, body any) map[string]any {
	t.Helper()
	object, ok := body.(map[string]any)
	if !ok || len(object) == 0 {
		t.Fatalf("an attachment's body is %T, want an object with members", body)
	}
	return object
}

func TestVCons_Analyses(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, d := range madeDocuments(t) {
		transcribed := false
		for _, a := range d.Analysis {
			got[a.Type]++
			transcribed = transcribed || a.Type == "transcript"
		}
		if shape(d) == "unrecorded" && !transcribed {
			t.Errorf("%s: a call with neither recording nor transcript", d.UUID)
		}
	}
	for what, least := range map[string]int{"transcript": 130, "diarized": 50, "summary": 150,
		"translation": 10} {
		if got[what] < least {
			t.Errorf("%d analyses of type %s, want at least %d", got[what], what, least)
		}
	}
}
