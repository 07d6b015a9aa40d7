package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"qm-compliance/graph"
)

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// body is a request that names its document instead of sending it, or does both.
func body(query, documentID, sha string) []byte {
	members := map[string]any{}
	if query != "" {
		members["query"] = query
	}
	if documentID != "" {
		members["documentId"] = documentID
	}
	if sha != "" {
		members["extensions"] = map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": sha}}
	}
	text, _ := json.Marshal(members)
	return text
}

const viewerQuery, nameQuery = `{ viewer { userId } }`, `{ viewer { name } }`

// A server with trusted documents runs those, however they are named, and nothing else.
func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	documents, err := graph.LoadTrustedDocuments(fstest.MapFS{
		"viewer.graphql": {Data: []byte(viewerQuery)}, "pages/list.graphql": {Data: []byte(`{ conversations { nodes { id } } }`)}, "notes.txt": {Data: []byte(nameQuery)},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, func(o *graph.Options) { o.TrustedDocuments, o.PersistedQueries = documents, true })
	for name, row := range map[string]struct {
		as   string
		body []byte
		part string
	}{
		"by name":           {"agent", body("", "viewer", ""), `"data":{"viewer"`},
		"by path":           {"agent", body("", "pages/list", ""), `"data":{"conversations"`},
		"by hash":           {"agent", body("", hash(viewerQuery), ""), `"data":{"viewer"`},
		"by sha256:hash":    {"agent", body("", "sha256:"+hash(viewerQuery), ""), `"data":{"viewer"`},
		"by persistedQuery": {"agent", body("", "", hash(viewerQuery)), `"data":{"viewer"`},
		"whole":             {"agent", body(viewerQuery, "", ""), `"data":{"viewer"`},
		"whole and named":   {"agent", body(viewerQuery, "viewer", ""), `"data":{"viewer"`},
		"another document":  {"agent", body(nameQuery, "", ""), "trusted documents only"},
		"another, named":    {"agent", body(nameQuery, "viewer", ""), "trusted documents only"},
		"another by hash":   {"agent", body("", "", hash(nameQuery)), "trusted documents only"},
		"to be persisted":   {"agent", body(nameQuery, "", hash(nameQuery)), "trusted documents only"},
		"no such name":      {"agent", body("", "nowhere", ""), "trusted documents only"},
		"no document":       {"agent", body("", "notes", ""), "trusted documents only"},
		"outside":           {"agent", body("", "../viewer", ""), "trusted documents only"},
		"nobody":            {"nobody", body("", "viewer", ""), "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, got := a.send(t, row.as, row.body); !strings.Contains(string(got), row.part) {
				t.Errorf("%s", got)
			}
		})
	}
	if _, err := graph.LoadTrustedDocuments(fstest.MapFS{"notes.txt": {}}); err == nil {
		t.Error("a folder without documents is taken")
	}
}

// A document can be named by its hash once somebody who is signed in has sent it, and it was valid.
func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) { o.PersistedQueries, o.Limits.PersistedBytes = true, 1000 })
	wrong, mutation := `{ nothing }`, `mutation { resetComplianceSettings { userErrors { code } } }`
	large := viewerQuery + " #" + strings.Repeat("x", 1000)
	for i, row := range []struct {
		as   string
		body []byte
		part string
	}{
		{"agent", body("", "", hash(viewerQuery)), "PERSISTED_QUERY_NOT_FOUND"},
		{"nobody", body(viewerQuery, "", hash(viewerQuery)), "UNAUTHENTICATED"},
		{"agent", body("", "", hash(viewerQuery)), "PersistedQueryNotFound"},
		{"agent", body(nameQuery, "", hash(viewerQuery)), "another hash"},
		{"agent", body("", "", hash(viewerQuery)), "PersistedQueryNotFound"},
		{"agent", body(viewerQuery, "", hash(viewerQuery)), `"data":{"viewer"`},
		{"manager", body("", "", hash(viewerQuery)), `"data":{"viewer"`},
		{"manager", body("", "", strings.ToUpper(hash(viewerQuery))), `"data":{"viewer"`},
		{"nobody", body("", "", hash(viewerQuery)), "UNAUTHENTICATED"},
		{"agent", body(wrong, "", hash(wrong)), "INVALID"},
		{"agent", body("", "", hash(wrong)), "PersistedQueryNotFound"},
		{"agent", body(mutation, "", hash(mutation)), "FORBIDDEN"},
		{"agent", body("", "", hash(mutation)), "FORBIDDEN"},
		{"agent", body(large, "", hash(large)), `"data":{"viewer"`},
		{"agent", body("", "", hash(large)), "PersistedQueryNotFound"},
		{"agent", body("", "", "abc"), "is not {"},
		{"agent", []byte(`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash(viewerQuery) + `"}}}`), "is not {"},
		{"agent", []byte(`{"extensions":{"persistedQuery":7}}`), "is not {"},
		{"agent", []byte(`{"extensions":{"persistedQuery":null}}`), "query is missing"},
		{"agent", body("", "viewer", ""), "no documents by documentId"},
	} {
		if _, got := a.send(t, row.as, row.body); !strings.Contains(string(got), row.part) {
			t.Errorf("step %d: %s, want %s", i, got, row.part)
		}
	}
	plain := newAPI(t)
	if _, got := plain.send(t, "agent", body("", "", hash(viewerQuery))); !strings.Contains(string(got), "PERSISTED_QUERY_NOT_SUPPORTED") {
		t.Errorf("where it is off: %s", got)
	}
	if _, got := plain.send(t, "agent", body(viewerQuery, "", hash(viewerQuery))); !strings.Contains(string(got), `"data":{"viewer"`) {
		t.Errorf("where it is off, with the document: %s", got)
	}
}
