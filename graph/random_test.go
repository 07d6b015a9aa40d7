package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

// twins are two handlers over one database: one as it is, and one that has everything written by the
// generated code.
type twins struct {
	*api
	generated http.Handler
	schema    *ast.Schema
	about     *known
	// before, if any, runs before each operation.
	before func()
}

// randomViewers differ in what they see.
func randomViewers() map[string]*auth.Viewer {
	without := func(roles ...auth.Role) []auth.Role {
		return slices.DeleteFunc(auth.Roles(), func(role auth.Role) bool { return slices.Contains(roles, role) })
	}
	return map[string]*auth.Viewer{
		"full": {Subject: "full", UserID: "x", Name: "Full", Roles: auth.Roles()},
		"group": {Subject: "group", UserID: "x", Name: "Group", Groups: []string{"billing"},
			Roles: without(auth.RoleInteractionsFullView, auth.RoleInteractionsAgentView)},
		"own": {Subject: "own", UserID: "tlind", Name: "Own", Email: "nora.quist@contact.example",
			Roles: without(auth.RoleInteractionsFullView, auth.RoleInteractionsGroupView)},
		"no audit": {Subject: "no audit", Name: "No audit", Roles: without(auth.RoleViewAudit)},
	}
}

func newTwins(t testing.TB) *twins {
	t.Helper()
	var options graph.Options
	viewers := randomViewers()
	a := newEmptyAPI(t, func(o *graph.Options) {
		// What is answered first is left to goroutines, so that of more errors than are shown some would
		// differ.
		o.Limits.Errors = 0
		// Nobody waits for a share of the server.
		o.Limits.Admission = graph.Limits{}.Admission
		verify := o.Verify
		o.Verify = func(ctx context.Context, token string) (*auth.Viewer, error) {
			if viewer := viewers[token]; viewer != nil {
				return viewer, nil
			}
			return verify(ctx, token)
		}
		options = *o
	})
	a.fill(t)
	options.Generated()
	return &twins{a, graph.NewHandler(options), graph.NewExecutableSchema(graph.Config{}).Schema(), a.known(t), nil}
}

// ask sends an operation to one of the two.
func (w *twins) send(
	t testing.TB, handler http.Handler, as, text string, variables map[string]any,
) *httptest.ResponseRecorder {
	t.Helper()
	if w.before != nil {
		w.before()
	}
	body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+as)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// inOrder is an answer with its errors in order of their paths: the generated code makes the items of a list
// in several goroutines, whose errors come in any order. All else is as it was sent.
func inOrder(body []byte) []byte {
	var read struct {
		Errors []json.RawMessage `json:"errors"`
		Data   json.RawMessage   `json:"data"`
	}
	if json.Unmarshal(body, &read) != nil || len(read.Errors) < 2 {
		return body
	}
	slices.SortFunc(read.Errors, func(x, y json.RawMessage) int { return bytes.Compare(pathOf(x), pathOf(y)) })
	sorted, _ := json.Marshal(read.Errors)
	return slices.Concat([]byte(`{"errors":`), sorted, []byte(`,"data":`), read.Data, []byte("}\n"))
}

// pathOf is the path of an error, and then all of it.
func pathOf(problem json.RawMessage) []byte {
	var read struct{ Path json.RawMessage }
	_ = json.Unmarshal(problem, &read)
	return append(read.Path, problem...)
}

// isValid reports whether a document can be run: one in which fields cannot be merged is not.
func (w *twins) isValid(d *document) bool {
	_, err := gqlparser.LoadQueryWithRules(w.schema, d.text(), nil)
	return err == nil
}

// difference says how the answers to a document differ, "" where they do not. Both runs are sent to both, so
// that the second one finds what is kept of the first.
func (w *twins) difference(t testing.TB, d *document, as string, seen func(run int, body []byte)) string {
	t.Helper()
	text := d.text()
	for run := range 2 {
		variables := d.given(run)
		got, want := w.send(t, w.Handler, as, text, variables), w.send(t, w.generated, as, text, variables)
		if said := differ(got, want); said != "" {
			sent, _ := json.Marshal(variables)
			return fmt.Sprintf("%s\nas %s, run %d, variables %s\n%s", text, as, run+1, sent, said)
		}
		if seen != nil {
			seen(run, got.Body.Bytes())
		}
	}
	return ""
}

func differ(got, want *httptest.ResponseRecorder) string {
	g, w := inOrder(got.Body.Bytes()), inOrder(want.Body.Bytes())
	if bytes.Contains(g, []byte(`"code":"INTERNAL"`)) {
		return fmt.Sprintf("an internal error: %s", around(g, bytes.Index(g, []byte("INTERNAL"))))
	}
	if got.Code == want.Code && bytes.Equal(g, w) {
		return ""
	}
	at := 0
	for at < min(len(g), len(w)) && g[at] == w[at] {
		at++
	}
	return fmt.Sprintf("status %d, %d bytes, want %d, %d bytes; from byte %d:\n got %s\nwant %s",
		got.Code, len(g), want.Code, len(w), at, around(g, at), around(w, at))
}

func around(body []byte, at int) []byte { return body[max(0, at-200):min(len(body), at+200)] }

// shrink takes away from a document as long as it differs, and returns the last difference.
func (w *twins) shrink(t testing.TB, d *document, as, difference string) string {
	tries := 1_000
	for again := true; again; {
		again = false
		d.eachPart(func(undo func()) bool {
			if tries--; tries < 0 {
				return false
			}
			smaller := w.difference(t, d, as, nil)
			if smaller == "" {
				undo()
				return true
			}
			difference, again = smaller, true
			return true
		})
		again = again && tries > 0
	}
	return difference
}

// eachPart takes one part away after the other, and calls tried each time, which may undo that. It ends where
// tried returns false.
func (d *document) eachPart(tried func(undo func()) bool) {
	seen := map[*fragment]bool{}
	var walk func(set *[]*selected) bool
	walk = func(set *[]*selected) bool {
		for i := len(*set) - 1; i >= 0; i-- {
			whole, s := *set, (*set)[i]
			if len(whole) > 1 {
				*set = slices.Delete(slices.Clone(whole), i, i+1)
				if !tried(func() { *set = whole }) {
					return false
				}
				if len(*set) < len(whole) {
					continue
				}
			}
			for _, list := range []*[]string{&s.directives, &s.arguments} {
				for j := len(*list) - 1; j >= 0; j-- {
					all := *list
					*list = slices.Delete(slices.Clone(all), j, j+1)
					if !tried(func() { *list = all }) {
						return false
					}
				}
			}
			if s.fragment != nil && !seen[s.fragment] {
				seen[s.fragment] = true
				if !walk(&s.fragment.set) {
					return false
				}
			}
			if !walk(&s.set) {
				return false
			}
		}
		return true
	}
	walk(&d.set)
}

// seenFields are the fields that were answered, by type, and whether they were ever anything but null; the
// values of enums, too.
type seenFields struct {
	schema *ast.Schema

	mu      sync.Mutex
	answers map[string]bool
}

// take takes note of what is in an answer.
func (s *seenFields) take(d *document, body []byte) {
	var read answer
	if json.Unmarshal(body, &read) != nil || read.Data == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.below(d, d.set, map[string]string{"query": "Query", "mutation": "Mutation"}[d.kind], "", read.Data)
}

// below takes note of the fields of a set that are in an object. Of an object whose type its answer does not
// say, it goes on with what is below the object alone.
func (s *seenFields) below(d *document, set []*selected, static, typename string, object map[string]any) {
	if typename == "" {
		typename = s.typeOf(d, static, object)
	}
	for _, selected := range set {
		if selected.key == "" {
			on, inside := selected.on, selected.set
			if selected.fragment != nil {
				on, inside = selected.fragment.on, selected.fragment.set
			}
			if on == "" {
				on = static
			}
			if typename == "" || on == typename || slices.Contains(s.schema.Types[typename].Interfaces, on) {
				s.below(d, inside, on, typename, object)
			}
			continue
		}
		value, answered := object[selected.key]
		field := s.schema.Types[static].Fields.ForName(selected.field)
		if !answered || field == nil {
			continue
		}
		if typename != "" {
			name := typename + "." + selected.field
			s.answers[name] = s.answers[name] || value != nil
		}
		s.value(d, selected.set, field.Type.Name(), value)
	}
}

func (s *seenFields) value(d *document, set []*selected, static string, value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			s.value(d, set, static, item)
		}
	case map[string]any:
		s.below(d, set, static, "", v)
	case string:
		if s.schema.Types[static].Kind == ast.Enum {
			s.answers[static+"."+v] = true
		}
	}
}

func (s *seenFields) typeOf(d *document, static string, object map[string]any) string {
	if !s.schema.Types[static].IsAbstractType() {
		return static
	}
	for key, value := range object {
		if text, isText := value.(string); isText && d.keys[key] == "__typename" {
			return text
		}
	}
	return ""
}

// covered are the types every field of which has to be answered.
func covered() []string {
	return []string{"Conversation", "CallSegment", "EmailSegment", "ChatSegment", "Message", "Participant", "MetadataEntry",
		"MediaFile", "MediaProtection", "Anonymization", "BasicData", "PageInfo", "ConversationConnection",
		"ConversationEdge", "MessageConnection", "MessageEdge", "AuditEventConnection", "AuditEventEdge"}
}

// missing are the fields of conversations and of what is around them, and the values of their enums, that
// were not answered yet; null is no answer.
func (s *seenFields) missing() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []string
	for _, name := range covered() {
		for _, field := range s.schema.Types[name].Fields {
			if !s.answers[name+"."+field.Name] {
				missing = append(missing, name+"."+field.Name)
			}
		}
	}
	for _, name := range []string{"ConversationType", "Direction", "MediaStatus", "MediaFileStatus", "MediaKind",
		"MessageKind", "ParticipantRole", "ReviewabilityReason", "ProtectionReason"} {
		for _, value := range s.schema.Types[name].EnumValues {
			if !s.answers[name+"."+value.Name] {
				missing = append(missing, name+"."+value.Name)
			}
		}
	}
	return missing
}

func randomSeed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	return seed
}

// What several vCons have alike is shown once, and what differs more often, whatever is selected of it.
func TestMergedConversationsAreAnsweredAsGenerated(t *testing.T) {
	t.Parallel()
	w := newTwins(t)
	for _, list := range []string{"metadata { key }", "metadata { __typename }", "metadata { isAnonymized }", "metadataCount",
		"participants { role }", "participants { __typename }", "participants { phoneNumber }", "participantCount"} {
		text := "{ conversations(first: 100) { nodes { " + list + " } } }"
		if said := differ(w.send(t, w.Handler, "full", text, nil), w.send(t, w.generated, "full", text, nil)); said != "" {
			t.Errorf("%s: %s", list, said)
		}
	}
}

// TestRandomQueriesAreAnsweredAsGenerated holds every answer against the one that the generated code writes,
// byte for byte: 500 random documents, each with two sets of variables; 10,000 where QM_DRILL is set. QM_SEED
// repeats a run.
func TestRandomQueriesAreAnsweredAsGenerated(t *testing.T) {
	t.Parallel()
	seed, w := randomSeed(t), newTwins(t)
	wanted := int64(500)
	if os.Getenv("QM_DRILL") != "" {
		wanted = 10_000
	}
	seen := &seenFields{schema: w.schema, answers: map[string]bool{}}
	viewers := slices.Sorted(maps.Keys(randomViewers()))
	var next, compared, invalid, failed, differences atomic.Int64
	work := func() {
		for compared.Load() < wanted || compared.Load() < 20*wanted && len(seen.missing()) > 0 {
			number := uint64(next.Add(1))
			a := newAuthor(seed, number, w.schema, w.about)
			if a.chance(50) {
				a.reach(one(a, covered()...))
			}
			d, as := a.query(), viewers[0]
			if a.chance(40) {
				as = one(a, viewers...)
			}
			if !w.isValid(d) {
				invalid.Add(1)
				continue
			}
			compared.Add(1)
			difference := w.difference(t, d, as, func(_ int, body []byte) {
				if bytes.HasPrefix(body, []byte(`{"errors"`)) {
					failed.Add(1)
				}
				seen.take(d, body)
			})
			if difference != "" && differences.Add(1) <= 3 {
				t.Errorf("document %d of QM_SEED=%d is answered differently:\n%s",
					number, seed, w.shrink(t, d, as, difference))
			}
			if differences.Load() > 3 {
				return
			}
		}
	}
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(work)
	}
	group.Wait()
	t.Logf("%d documents compared, %d are not valid; %d answers of %d have errors",
		compared.Load(), invalid.Load(), failed.Load(), 2*compared.Load())
	if missing := seen.missing(); len(missing) > 0 {
		t.Errorf("never answered: %s", strings.Join(missing, ", "))
	}
}
