package graph_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// maxFuzzed is how large an answer about a bad value may be: it repeats little of what was sent.
const maxFuzzed = 64 << 10

// everywhere takes the same texts as a cursor, an id, a time, a filter, an enumeration.
const everywhere = `query ($text: String, $id: ID!, $after: Cursor, $time: DateTime, $key: String!) {
	node(id: $id) { id }
	conversation(id: $id) { id }
	conversations(first: 1, after: $after, filter: {startedFrom: $time, participantPhoneNumber: $text}) { nodes { id } }
	filtered: conversations(first: 1, filter: {participantDigitalAddress: $text, metadata: [{key: $key, value: $key}]}) { totalCount }
	auditEvents(first: 1, after: $after) { nodes { id } }
}`

// FuzzFilters looks for values, in filters, scalars, ids and cursors, that the database has no answer for.
func FuzzFilters(f *testing.F) {
	a := newAPI(f)
	for _, seed := range []string{
		"", "x", "+420777123456", "2026-03-01T09:30:00Z", "9999-12-31T23:59:59.999999999+14:00", "0000-01-01T00:00:00Z",
		"Q29udmVyc2F0aW9uOjE", "Q29udmVyc2F0aW9uOi0x", "%_\\", "\x00", "\xff", "\u202e", strings.Repeat("9", 500), "1e309",
		"Q29udmVyc2F0aW9uOjk5OTk5OTk5OTk5OTk5OTk5OTk5", "null", "[1]",
	} {
		f.Add(seed, seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, id, other string) {
		for _, variables := range []map[string]any{
			{"text": text, "id": id, "key": other}, {"id": id, "after": text, "key": other},
			{"id": id, "time": text, "key": other}, {"id": id, "after": other, "time": text, "key": text},
		} {
			status, body := a.post(t, "manager", everywhere, variables)
			if status >= 500 || bytes.Contains(body, []byte(`"INTERNAL"`)) || len(body) > maxFuzzed {
				t.Errorf("%q: %d, %d bytes: %.1000s", variables, status, len(body), body)
			}
		}
	})
}

// FuzzRequest looks for bodies and documents that end in a panic or in a fault of the server.
func FuzzRequest(f *testing.F) {
	a := newEmptyAPI(f)
	authorization := a.authorization(f, "manager")
	for _, seed := range []string{
		`{"query": "{ viewer { userId } }"}`, `{"query": "{ ...a } fragment a on Query { ...a }"}`, `{"query": "subscription { a b }"}`,
		`{"query": "query($n: Int) { conversations(first: $n) { nodes { id } } }", "variables": {"n": 1e3}}`,
		`{"query": "{ __schema { types { name } } }", "operationName": "x"}`, `{`, `[]`, `{"extensions": {"persistedQuery": 1}}`,
		`{"query": "mutation { resetComplianceSettings @skip(if: true) { __typename } }"}`, `{"query": "{ a: viewer { userId } a: __typename }"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(string(body)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, request)
		if got := recorder.Body; recorder.Code >= 500 || strings.Contains(got.String(), `"INTERNAL"`) || got.Len() > 10*maxFuzzed {
			t.Errorf("%q: %d, %d bytes: %.1000s", body, recorder.Code, got.Len(), got)
		}
	})
}
