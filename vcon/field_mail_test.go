package vcon_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The mails among the inputs from the field, which lie beside the project, come in as their notes say.
func TestMailsFromTheField(t *testing.T) {
	t.Parallel()
	const folder = "../../shared/field"
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the inputs from the field are not beside the project: %v", err)
	}
	for file, want := range map[string][]string{
		"10-mail-html-then-text-footer/19-mixed-html-text.json": {
			"EMAIL_BODY 1 html body SEC19a\n\nlist footer SEC19b"},
		"19-mail-from-header/01-from-is-agent.json": {"EMAIL_BODY 1 I, the agent, wrote this. SEC01"},
	} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		segments := parse(t, string(content)).Segments
		if len(segments) != 1 {
			t.Fatalf("%s has %d segments", file, len(segments))
		}
		if diff := cmp.Diff(want, said(segments[0])); diff != "" {
			t.Errorf("%s: %s", file, diff)
		}
	}
}
