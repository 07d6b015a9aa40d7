package interaction

import (
	_ "embed" // the contract is part of the binary
	"slices"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the contract between this server and the Interaction service, an OpenAPI 3.1 document in YAML.
func OpenAPI() []byte { return slices.Clone(openAPI) }
