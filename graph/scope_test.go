package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/socket"
)

// viewers are people with each scope; the fixture's agents are tlind (support), nquist (billing) and ijansa (support).
func viewers() map[string]*auth.Viewer {
	see := func(v auth.Viewer, roles ...auth.Role) *auth.Viewer {
		v.Subject, v.Name = "viewer", "Viewer"
		v.Roles = append(roles, auth.RoleViewConversationsScreen, auth.RoleInteractionAnonymize)
		return &v
	}
	return map[string]*auth.Viewer{
		"all":                  see(auth.Viewer{}, auth.RoleInteractionsFullView),
		"group support":        see(auth.Viewer{Groups: []string{"support"}}, auth.RoleInteractionsGroupView),
		"group billing":        see(auth.Viewer{Groups: []string{"billing"}}, auth.RoleInteractionsGroupView),
		"both groups":          see(auth.Viewer{Groups: []string{"billing", "support"}}, auth.RoleInteractionsGroupView),
		"own, by user id":      see(auth.Viewer{UserID: "tlind", Groups: []string{"support"}}, auth.RoleInteractionsAgentView),
		"own, by e-mail":       see(auth.Viewer{UserID: "x", Email: "Nora.Quist@contact.example"}, auth.RoleInteractionsAgentView),
		"own and group":        see(auth.Viewer{UserID: "nquist", Groups: []string{"support"}}, auth.RoleInteractionsAgentView, auth.RoleInteractionsGroupView),
		"none of the scopes":   see(auth.Viewer{UserID: "tlind", Groups: []string{"support"}}),
		"group without groups": see(auth.Viewer{UserID: "tlind"}, auth.RoleInteractionsGroupView),
	}
}

// seen says which of the five conversations each of them sees.
func seen() map[string][]int {
	return map[string][]int{
		"all": {1, 2, 3, 4, 5}, "group support": {1, 4, 5}, "group billing": {2, 3}, "both groups": {1, 2, 3, 4, 5}, "own, by user id": {1, 4},
		"own, by e-mail": {2, 3}, "own and group": {1, 2, 3, 4, 5}, "none of the scopes": {}, "group without groups": {},
	}
}

// TestScopes: what a scope does not cover does not exist for its holder, in lists, counts, node, conversation, subscriptions, and for anonymizing.
func TestScopes(t *testing.T) {
	t.Parallel()
	for name, viewer := range viewers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			ids := a.conversationIDs(t)
			for i, id := range ids {
				covered := slices.Contains(seen()[name], i+1)
				for _, field := range []string{"conversation", "node"} {
					found := a.ask(t, viewer, fmt.Sprintf(`{ %s(id: %q) { id } }`, field, id))[field] != nil
					if found != covered {
						t.Errorf("%s of conversation %d: found %v", field, i+1, found)
					}
				}
			}
			list := a.ask(t, viewer, `{ conversations(first: 100, orderBy: {field: STARTED_AT, direction: ASC}) { totalCount nodes { id } } }`)["conversations"].(map[string]any)
			var listed []int
			for _, node := range list["nodes"].([]any) {
				listed = append(listed, 1+slices.Index(ids, node.(map[string]any)["id"].(string)))
			}
			if !slices.Equal(listed, seen()[name]) || int(list["totalCount"].(float64)) != len(seen()[name]) {
				t.Errorf("lists %v of %v", listed, list["totalCount"])
			}
			a.checkAnonymize(t, viewer, ids, seen()[name])
		})
	}
}

func (a *api) ask(t *testing.T, viewer *auth.Viewer, operation string) map[string]any {
	t.Helper()
	var read answer
	if err := json.Unmarshal(a.raw(t, viewer, operation), &read); err != nil || len(read.Errors) > 0 {
		t.Fatalf("%s: %v %v", operation, err, read.Errors)
	}
	return read.Data
}

func (a *api) checkAnonymize(t *testing.T, viewer *auth.Viewer, ids []string, covered []int) {
	t.Helper()
	list, _ := json.Marshal(ids)
	preview := a.ask(t, viewer, `{ anonymizationPreview(input: {conversationIds: `+string(list)+`}) { problems { code message field } conversationCount conversations { conversation { id } } } }`)
	said := preview["anonymizationPreview"].(map[string]any)
	payload := a.ask(t, viewer, `mutation { anonymizeConversations(input: {conversationIds: `+string(list)+`}) { conversations { id } userErrors { code message field } } }`)
	errors := payload["anonymizeConversations"].(map[string]any)["userErrors"].([]any)
	if diff := cmp.Diff(errors, said["problems"].([]any)); diff != "" {
		t.Errorf("the preview has other problems than anonymizing (-anonymizing +preview):\n%s", diff)
	}
	if len(said["conversations"].([]any)) != len(covered) || int(said["conversationCount"].(float64)) != len(covered) {
		t.Errorf("the preview is of %v, want %d conversations", said, len(covered))
	}
	if len(errors) != len(ids)-len(covered) {
		t.Errorf("%d conversations are not found, want %d", len(errors), len(ids)-len(covered))
	}
	done := a.ask(t, &auth.Viewer{Roles: auth.Roles()}, `{ conversations(filter: {isAnonymized: true}) { totalCount } }`)["conversations"].(map[string]any)
	if int(done["totalCount"].(float64)) != len(covered) {
		t.Errorf("%v conversations were anonymized, want %d", done["totalCount"], len(covered))
	}
}

// A subscription tells of changes to what the viewer may see, and stays silent about the rest.
func TestConversationChangedKeepsToTheScope(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.runHub(t)
	ids := a.conversationIDs(t)
	s := dial(t, a.as(viewers()["group billing"]), "Bearer viewer")
	s.next()
	list, _ := json.Marshal(ids)
	s.subscribe("1", `subscription { conversationChanged(ids: `+string(list)+`) { id anonymization { settingsVersion } participants { digitalAddress } } }`)
	waitForSubscription(t, a)
	// 1 is out of sight, 2 is not; both change, 2 last.
	for _, number := range []int64{1, 2} {
		if _, err := a.store.Anonymize(t.Context(), audit.Begin(audit.Actor{ID: "x", Name: "X"}, audit.InteractionAnonymize), db.Everything(), []int64{number}); err != nil {
			t.Fatal(err)
		}
	}
	f := s.next()
	if f.Type != "next" || !strings.Contains(string(f.Payload), `"`+ids[1]+`"`) || !strings.Contains(string(f.Payload), "[anondigitaladdress]") {
		t.Errorf("the first change told is %s %s", f.Type, f.Payload)
	}
}

func TestComplianceSettingsChanged(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.runHub(t)
	s := dial(t, a.Handler, a.authorization(t, "analyst"))
	s.next()
	s.subscribe("1", `subscription { complianceSettingsChanged { version savedBy basicData { mediaFiles } } }`)
	waitForSubscription(t, a)
	a.do(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`, nil)
	if f := s.next(); !strings.Contains(string(f.Payload), `"version":2,"savedBy":"Clara Novak","basicData":{"mediaFiles":true}`) {
		t.Errorf("told: %s %s", f.Type, f.Payload)
	}
}

// A WebSocket is told why it is not let in.
func TestSocketSignIn(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t)
	for authorization, why := range map[string]string{
		"": "you are not signed in", "Bearer not.a.token": "not a signed JWT", "Basic YTpi": "not a signed JWT", "Bearer": "not a signed JWT",
	} {
		code, reason := dial(t, a.Handler, authorization).closed()
		if code != socket.CodeForbidden || !strings.Contains(reason, why) {
			t.Errorf("%q: closed with %d %s", authorization, code, reason)
		}
	}
}

// nodeKind is a kind of thing that has a global id: what node answers with, and the roles that it needs.
type nodeKind struct {
	name string
	role auth.Role
	// ofConversation are the ids of the things that belong to each of the fixture's conversations.
	ofConversation map[int][]string
}

// nodeKinds lists every kind, read from what the API hands out.
func (a *api) nodeKinds(t *testing.T) []nodeKind {
	t.Helper()
	conversations := nodeKind{"Conversation", auth.RoleViewConversationsScreen, map[int][]string{}}
	files := nodeKind{"MediaFile", auth.RoleViewConversationsScreen, map[int][]string{}}
	segments := map[string]nodeKind{}
	for _, name := range []string{"CallSegment", "EmailSegment", "ChatSegment"} {
		segments[name] = nodeKind{name, auth.RoleViewConversationsScreen, map[int][]string{}}
	}
	for i, id := range a.conversationIDs(t) {
		const parts = `{ conversation(id: %q) { media { id } segments { __typename id } } }`
		shown := a.ask(t, &auth.Viewer{Roles: auth.Roles()}, fmt.Sprintf(parts, id))["conversation"].(map[string]any)
		conversations.ofConversation[i+1] = []string{id}
		for _, file := range shown["media"].([]any) {
			files.ofConversation[i+1] = append(files.ofConversation[i+1], file.(map[string]any)["id"].(string))
		}
		for _, segment := range shown["segments"].([]any) {
			segment := segment.(map[string]any)
			of := segments[segment["__typename"].(string)].ofConversation
			of[i+1] = append(of[i+1], segment["id"].(string))
		}
	}
	return append(slices.Collect(maps.Values(segments)), conversations, files)
}

// TestNode asks node for every kind of id: as everybody with each scope, without the role, as nobody, and for what
// is not there. It answers the same object, with all that belongs to it.
func TestNode(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	kinds := a.nodeKinds(t)
	for _, kind := range kinds {
		if len(kind.ofConversation) == 0 {
			t.Errorf("the fixture has no %s", kind.name)
		}
		for who, viewer := range viewers() {
			for number, ids := range kind.ofConversation {
				for _, id := range ids {
					want := any(map[string]any{"__typename": kind.name, "id": id})
					if !slices.Contains(seen()[who], number) {
						want = nil
					}
					if diff := cmp.Diff(want, a.ask(t, viewer, nodeOf(id))["node"]); diff != "" {
						t.Errorf("%s of conversation %d, as %q (-want +got):\n%s", kind.name, number, who, diff)
					}
				}
			}
		}
	}
	a.do(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`, nil)
	for list, kind := range map[string]string{"auditEvents": "AuditEvent", "auditOperations": "AuditOperation"} {
		page := a.ask(t, &auth.Viewer{Roles: auth.Roles()}, "{ "+list+" { nodes { id } } }")[list].(map[string]any)
		id := page["nodes"].([]any)[0].(map[string]any)["id"].(string)
		auditor := &auth.Viewer{Roles: []auth.Role{auth.RoleViewAudit}}
		want := any(map[string]any{"__typename": kind, "id": id})
		if diff := cmp.Diff(want, a.ask(t, auditor, nodeOf(id))["node"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
		kinds = append(kinds, nodeKind{kind, auth.RoleViewAudit, map[int][]string{1: {id}}})
	}
	kinds = append(kinds, nodeKind{"AnonymizationJob", auth.RoleInteractionAnonymize, map[int][]string{1: {a.plan(t)}}})
	var asked []string
	for _, kind := range kinds {
		asked = append(asked, kind.name)
		for _, ids := range kind.ofConversation {
			a.checkNodeRoles(t, kind, ids[0])
		}
	}
	schema := loadSchema(t)
	for _, node := range schema.GetPossibleTypes(schema.Types["Node"]) {
		if node.Kind == ast.Object && !slices.Contains(asked, node.Name) {
			t.Errorf("%s is a Node that this test does not ask for", node.Name)
		}
	}
	for _, kind := range kinds {
		if got := a.ask(t, &auth.Viewer{Roles: auth.Roles()}, nodeOf(absentID(kind.name)))["node"]; got != nil {
			t.Errorf("the %s that does not exist is %v", kind.name, got)
		}
	}
}

// absentID is an id of a kind that leads to nothing.
func absentID(kind string) string {
	if strings.HasPrefix(kind, "Audit") {
		return base64.RawURLEncoding.EncodeToString([]byte(kind + ":018f0000-0000-7000-8000-000000000001"))
	}
	if strings.HasSuffix(kind, "Segment") {
		kind = "Segment"
	}
	return graph.GlobalID(kind, 9999)
}

func nodeOf(id string) string { return fmt.Sprintf(`{ node(id: %q) { __typename id } }`, id) }

// checkNodeRoles asks without the one role that a kind needs, and as nobody. What is not there is refused alike.
func (a *api) checkNodeRoles(t *testing.T, kind nodeKind, id string) {
	t.Helper()
	others := slices.DeleteFunc(auth.Roles(), func(role auth.Role) bool { return role == kind.role })
	for _, asked := range []string{id, absentID(kind.name)} {
		if code := a.outcome(t, &auth.Viewer{Roles: others}, nodeOf(asked)); code != "FORBIDDEN" {
			t.Errorf("%s without %s: %q", kind.name, kind.role, code)
		}
		if code := a.outcome(t, nil, nodeOf(asked)); code != "UNAUTHENTICATED" {
			t.Errorf("%s as nobody: %q", kind.name, code)
		}
	}
}

// A segment and a media file that node answers show what the conversation shows of them.
func TestNodeShowsTheSame(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	const segment = `fragment s on Segment { id startedAt durationSeconds isAnonymized reviewabilityReason
		messages { nodes { kind author { role name phoneNumber } sentAt text isAnonymized } }
		... on CallSegment { media { ...m } } ... on EmailSegment { subject } ... on ChatSegment { roomName } }
		fragment m on MediaFile { id kind status mediaType durationSeconds playbackUrl isProtected }`
	everything := &auth.Viewer{Roles: auth.Roles()}
	for _, id := range a.conversationIDs(t) {
		shown := a.ask(t, everything, fmt.Sprintf(`{ conversation(id: %q) { media { ...m } segments { ...s } } } `, id)+segment)
		parts := shown["conversation"].(map[string]any)
		for _, part := range slices.Concat(parts["segments"].([]any), parts["media"].([]any)) {
			own := part.(map[string]any)["id"]
			got := a.ask(t, everything, fmt.Sprintf(`{ node(id: %q) { ...s ...m } } `, own)+segment)["node"]
			if diff := cmp.Diff(part, got); diff != "" {
				t.Errorf("node(%s) (-in its conversation +got):\n%s", own, diff)
			}
		}
	}
}

// Reading a conversation is audited where that is asked for: by conversation and by node, once a minute, and
// nothing else is; where it is not asked for, nothing is.
func TestViewsAreAudited(t *testing.T) {
	t.Parallel()
	id, segment := graph.GlobalID("Conversation", 1), graph.GlobalID("Segment", 1)
	for _, on := range []bool{false, true} {
		a := newAPI(t, func(o *graph.Options) { o.AuditViews = on })
		for n, step := range []struct {
			as, query string
			viewed    int
		}{
			{"manager", `{ conversations { nodes { id } } }`, 0},
			{"manager", `{ node(id: "` + graph.GlobalID("MediaFile", 1) + `") { id } }`, 0},
			{"manager", `{ conversation(id: "` + graph.GlobalID("Conversation", 9999) + `") { id } }`, 0},
			{"nobody", `{ conversation(id: "` + id + `") { id } }`, 0},
			{"agent", `{ conversation(id: "` + graph.GlobalID("Conversation", 2) + `") { id } }`, 0}, // not the agent's
			{"manager", `{ conversation(id: "` + id + `") { id } }`, 1},
			{"manager", `{ node(id: "` + id + `") { id } again: conversation(id: "` + id + `") { id } }`, 1},
			{"manager", `{ node(id: "` + segment + `") { id } }`, 1}, // of the same conversation
			{"analyst", `{ node(id: "` + segment + `") { id } }`, 2},
			{"analyst", `{ node(id: "` + graph.GlobalID("Conversation", 2) + `") { id } }`, 3},
			{"manager", `mutation { protectMedia(input: {mediaFileIds: ["` + graph.GlobalID("MediaFile", 3) +
				`"], reason: OTHER}) { conversations { id } } }`, 3},
		} {
			a.do(t, step.as, step.query, nil)
			var count int
			const query = "SELECT count(*) FROM audit_events WHERE activity = 'CONVERSATION_VIEWED'"
			if err := a.pool.QueryRow(t.Context(), query).Scan(&count); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: step.viewed}[on]; count != want {
				t.Errorf("audited %v, step %d: %d events, want %d", on, n, count, want)
			}
		}
	}
}
