package graph_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// everywhere takes the same texts as a cursor, an id, a time, a filter, an enumeration.
const everywhere = `query ($text: String, $id: ID!, $after: Cursor, $time: DateTime, $key: String!) {
	node(id: $id) { id }
	conversation(id: $id) { id }
	conversations(first: 1, after: $after, filter: {startedFrom: $time, participantPhoneNumber: $text}) { nodes { id } }
	filtered: conversations(first: 1, filter: {participantDigitalAddress: $text, metadata: [{key: $key, value: $key}]}) { totalCount }
	auditEvents(first: 1, after: $after) { nodes { id } }
}`

// FuzzValues looks for values, in scalars, ids, cursors and filters, that the server has no answer for.
func FuzzValues(f *testing.F) {
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
			if got := a.do(t, "manager", everywhere, variables); got.code() == "INTERNAL" || got.code() == "UNAVAILABLE" {
				t.Errorf("%q: %v", variables, got.Errors)
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
		if recorder.Code >= 500 || strings.Contains(recorder.Body.String(), `"INTERNAL"`) {
			t.Errorf("%q: %d %s", body, recorder.Code, recorder.Body)
		}
	})
}
