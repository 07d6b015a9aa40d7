package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestVCons_AreStrict validates every document against the draft's own schema.
func TestVCons_AreStrict(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "../../shared/vcons/schema/vcon_json_schema.json")
	i := 0
	for text := range made() {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		if err := schema.Validate(instance); err != nil {
			t.Errorf("document %d: %v", i, err)
		}
		i++
	}
}

func compileSchema(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the vCon draft's schema is not at %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	source, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("vcon.json", source); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("vcon.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestVCons_HoldNoUnknownMember: beyond the draft's members there are only those of the contact-centre
// extension and of common use.
func TestVCons_HoldNoUnknownMember(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, name := range []string{"vcon", "uuid", "extensions", "created_at", "subject", "parties", "dialog",
		"analysis", "attachments"} {
		known[name] = true
	}
	for text := range made() {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		for name := range members {
			if !known[name] {
				t.Errorf("a document has the member %q", name)
			}
		}
	}
}
