package interactiontest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"qm-compliance/media/interaction"
)

const (
	path = "/media-deletion-requests"
	// longest is more bytes than any request has: 100,000 files with long addresses are far below it.
	longest = 64 << 20
)

// contract checks requests against openapi.json.
type contract struct {
	body *jsonschema.Schema
}

func newContract() (contract, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(interaction.OpenAPI()))
	if err != nil {
		return contract{}, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", document); err != nil {
		return contract{}, err
	}
	body, err := compiler.Compile("openapi.json#/components/schemas/MediaDeletionRequest")
	return contract{body: body}, err
}

// read returns the request and its bytes, or what is wrong with it.
func (c contract) read(r *http.Request) (interaction.Request, []byte, error) {
	var request interaction.Request
	if err := head(r); err != nil {
		return request, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, longest))
	if err != nil {
		return request, nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return request, nil, err
	}
	if err := c.body.Validate(value); err != nil {
		return request, nil, err
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return request, nil, err
	}
	if key := r.Header.Values("Idempotency-Key"); len(key) != 1 || key[0] != request.ID.String() {
		return request, nil, fmt.Errorf("the header Idempotency-Key is %q; want requestId's %s, once", key,
			request.ID)
	}
	return request, body, nil
}

func head(r *http.Request) error {
	switch {
	case r.Method != http.MethodPost:
		return fmt.Errorf("the method is %s; want POST", r.Method)
	case r.URL.Path != path || r.URL.RawQuery != "":
		return fmt.Errorf("the path is %s; want %s without a query", r.URL.RequestURI(), path)
	case r.Header.Get("Content-Type") != "application/json":
		return fmt.Errorf("the content type is %q; want application/json", r.Header.Get("Content-Type"))
	case r.Header.Get("Cookie") != "":
		return errors.New("there is a cookie; want none")
	}
	return nil
}
