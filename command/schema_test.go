package command

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// strictSchema validates documents against the vCon draft's own schema; where that is absent nothing is validated, and it is said.
func strictSchema(t *testing.T) func(t *testing.T, document []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "vcons", "schema", "vcon_json_schema.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("the vCon draft's schema is not here: documents are not validated against it")
		return func(*testing.T, []byte) {}
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
	return func(t *testing.T, document []byte) {
		t.Helper()
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
		if err == nil {
			err = schema.Validate(instance)
		}
		if err != nil {
			t.Errorf("not valid by the schema: %v\n%s", err, document)
		}
	}
}
