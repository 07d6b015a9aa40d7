package interactiontest_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

// recorder keeps what a service says against its requests from failing the test that provokes it.
type recorder struct{ testing.TB }

func (recorder) Errorf(string, ...any) {}

// examples are the request bodies that openapi.json shows.
func examples(t *testing.T) map[string]map[string]any {
	t.Helper()
	var document struct {
		Paths map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Examples map[string]struct{ Value map[string]any }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(interaction.OpenAPI(), &document); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for name, example := range document.Paths["/media-deletion-requests"].Post.RequestBody.Content["application/json"].Examples {
		found[name] = example.Value
	}
	if len(found) != 2 {
		t.Fatalf("%d examples in openapi.json; want 2", len(found))
	}
	return found
}

// post sends a body as JSON, with the key, after change.
func post(t *testing.T, service *interactiontest.Service, body any, change func(*http.Request)) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, service.URL()+"/media-deletion-requests",
		strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "0b8f7c52-6f0f-4c39-9a55-2f2c1f1f7f10")
	change(r)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func TestTheExamplesAreRequests(t *testing.T) {
	t.Parallel()
	service := interactiontest.New(t)
	for name, example := range examples(t) {
		if got := post(t, service, example,
			func(r *http.Request) {
				r.Header.Set("Idempotency-Key",
					example["requestId"].(string))
			}); got != http.StatusAccepted {
			t.Errorf("%s: status %d, %v", name, got, service.Violations())
		}
	}
}

func TestRequestsAgainstTheContract(t *testing.T) {
	t.Parallel()
	same := func(*http.Request) {}
	head := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, test := range map[string]struct {
		body   map[string]any // members to set; nil leaves one out
		change func(*http.Request)
	}{
		"no sequence":    {map[string]any{"sequence": nil}, same},
		"no files":       {map[string]any{"files": []any{}}, same},
		"unknown member": {map[string]any{"requestedBy": "una"}, same},
		"unknown member of a file": {map[string]any{"files": []any{map[string]any{"id": "a", "kind": "CALL",
			"name": "una.wav"}}}, same},
		"unknown kind": {map[string]any{"files": []any{map[string]any{"id": "a",
			"kind": "FAX"}}}, same},
		"hash of another kind": {map[string]any{"files": []any{map[string]any{"id": "a", "kind": "CALL",
			"contentHash": "md5-aa"}}}, same},
		"relative url": {map[string]any{"files": []any{map[string]any{"id": "a", "kind": "CALL",
			"sourceUrl": "a.wav"}}}, same},
		"unknown action": {map[string]any{"action": "ERASE"}, same},
		"vcon that is no uuid": {map[string]any{"conversation": map[string]any{"id": "c",
			"vcons": []any{"17"}}}, same},
		"vcons null":        {map[string]any{"conversation": map[string]any{"id": "c", "vcons": nil}}, same},
		"time without zone": {map[string]any{"requestedAt": "2026-11-23T12:00:00"}, same},
		"version as text":   {map[string]any{"settingsVersion": "3"}, same},
		"sequence below 0":  {map[string]any{"sequence": -1}, same},
		"another key":       {nil, head("Idempotency-Key", "6c1a0f0e-93d5-4a7e-8a8e-7f1f0f4c9b21")},
		"no key":            {nil, func(r *http.Request) { r.Header.Del("Idempotency-Key") }},
		"key twice": {nil,
			func(r *http.Request) { r.Header.Add("Idempotency-Key", r.Header.Get("Idempotency-Key")) }},
		"another content type": {nil, head("Content-Type", "text/plain")},
		"a cookie":             {nil, head("Cookie", "a=b")},
		"another path":         {nil, func(r *http.Request) { r.URL.Path = "/media" }},
		"another method":       {nil, func(r *http.Request) { r.Method = http.MethodPut }},
		"a query":              {nil, func(r *http.Request) { r.URL.RawQuery = "a=b" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, body := interactiontest.New(recorder{t}), examples(t)["delete"]
			maps.Copy(body, test.body)
			maps.DeleteFunc(body, func(_ string, value any) bool { return value == nil })
			if got := post(t, service, body, test.change); got != http.StatusBadRequest ||
				len(service.Violations()) != 1 || len(service.Deliveries()) != 0 {
				t.Errorf("status %d, violations %q, %d deliveries; want it refused", got, service.Violations(),
					len(service.Deliveries()))
			}
		})
	}
}

func TestAKeyStandsForOneRequest(t *testing.T) {
	t.Parallel()
	service, body := interactiontest.New(recorder{t}), examples(t)["delete"]
	same := func(*http.Request) {}
	if first, again := post(t, service, body, same),
		post(t, service, body, same); first != http.StatusAccepted || again != http.StatusConflict {
		t.Errorf("status %d, then %d; want 202, then 409", first, again)
	}
	body["sequence"] = 9999
	if got := post(t, service, body, same); got != http.StatusBadRequest || len(service.Violations()) != 1 {
		t.Errorf("status %d, violations %q; want it refused", got, service.Violations())
	}
}
