package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

// longConversation gives the first segment of the fixture 10,000 messages, numbered, and returns its global id.
func (a *api) longConversation(t *testing.T) (conversation, segment string) {
	t.Helper()
	var c, s int64
	const first = `SELECT conversation_id, id FROM segments WHERE kind = 'CHAT' ORDER BY id LIMIT 1`
	if err := a.pool.QueryRow(t.Context(), first).Scan(&c, &s); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{`DELETE FROM messages WHERE segment_id = $1`,
		`INSERT INTO messages (conversation_id, segment_id, position, kind, text)
			SELECT conversation_id, id, n, 'CHAT_MESSAGE', 'number ' || n FROM segments, generate_series(0, 9999) AS n WHERE id = $1`} {
		if _, err := a.pool.Exec(t.Context(), query, s); err != nil {
			t.Fatal(err)
		}
	}
	return graph.GlobalID("Conversation", c), graph.GlobalID("Segment", s)
}

const messagePage = `query($id: ID!, $first: Int!, $after: Cursor) { node(id: $id) { ... on Segment { messages(first: $first, after: $after) {
	nodes { text isAnonymized } edges { cursor node { text } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`

type messagesPage struct {
	texts               []string
	hasNext, isPrevious bool
	end                 any
	total               int
}

func (a *api) messages(t *testing.T, segment string, first int, after any) messagesPage {
	t.Helper()
	got := a.do(t, "manager", messagePage, map[string]any{"id": segment, "first": first, "after": after})
	if got.code() != "" {
		t.Fatal(got.Errors)
	}
	connection := got.Data["node"].(map[string]any)["messages"].(map[string]any)
	info := connection["pageInfo"].(map[string]any)
	page := messagesPage{hasNext: info["hasNextPage"].(bool), isPrevious: info["hasPreviousPage"].(bool), end: info["endCursor"],
		total: int(connection["totalCount"].(float64))}
	for i, node := range connection["nodes"].([]any) {
		text := node.(map[string]any)["text"].(string)
		page.texts = append(page.texts, text)
		edge := connection["edges"].([]any)[i].(map[string]any)
		if edge["node"].(map[string]any)["text"] != text {
			t.Errorf("edge %d is %v, node %q", i, edge, text)
		}
	}
	return page
}

// Paging forward reaches every message once, in order. A page takes as many statements at the end as at the
// beginning. Where somebody anonymizes meanwhile, each place still comes once, and no removed text after that.
func TestPagesOfMessages(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	conversation, segment := a.longConversation(t)
	a.do(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {subjectAndBody: true}}) { userErrors { code } } }`, nil)
	var all []string
	var each int64
	after := any(nil)
	for n := 0; ; n++ {
		if n == 50 {
			done := a.do(t, "manager", `mutation($id: ID!) { anonymizeConversations(input: {conversationIds: [$id]}) { userErrors { code } } }`,
				map[string]any{"id": conversation})
			if done.code() != "" || len(done.Data["anonymizeConversations"].(map[string]any)["userErrors"].([]any)) > 0 {
				t.Fatal(done)
			}
		}
		before := a.statements.count.Load()
		page := a.messages(t, segment, 100, after)
		if took := a.statements.count.Load() - before; each == 0 {
			each = took
		} else if took != each {
			t.Fatalf("page %d takes %d statements, the first one %d", n, took, each)
		}
		if page.total != 10_000 || page.isPrevious != (n > 0) {
			t.Fatalf("page %d: %+v", n, page)
		}
		all = append(all, page.texts...)
		if after = page.end; !page.hasNext {
			break
		}
	}
	if len(all) != 10_000 {
		t.Fatalf("%d messages", len(all))
	}
	for i, text := range all {
		want := fmt.Sprint("number ", i)
		if i >= 5_000 {
			want = "[anonconversationcontent]"
		}
		if text != want {
			t.Fatalf("message %d is %q, want %q", i, text, want)
		}
	}
	if end := a.messages(t, segment, 1, after); len(end.texts) > 0 || end.hasNext {
		t.Errorf("after the last one: %+v", end)
	}
}

// Pages of several sizes and places in one operation take no more statements than one page.
func TestManyPagesOfMessagesAreReadTogether(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	_, segment := a.longConversation(t)
	end := a.messages(t, segment, 7, nil).end
	ask := func(text string) (int64, answer) {
		before := a.statements.count.Load()
		got := a.do(t, "manager", text, nil)
		return a.statements.count.Load() - before, got
	}
	one, _ := ask(`{ conversations { nodes { segments { messages(first: 3) { nodes { text } totalCount } } } } }`)
	many, got := ask(`{ conversations { nodes { segments { a: messages(first: 1) { nodes { text } } b: messages(first: 5) { nodes { text } totalCount(upTo: 3) } ...f } } } }
		fragment f on Segment { ... on ChatSegment { c: messages(first: 2) { edges { node { text } } } } ... on CallSegment { messages { totalCount(upTo: 1) } } }`)
	if got.code() != "" || many != one {
		t.Errorf("%d statements, one page takes %d: %+v", many, one, got.Errors)
	}
	both := a.do(t, "manager", fmt.Sprintf(`{ node(id: %q) { ... on Segment { x: messages(first: 2) { nodes { text } }
		y: messages(first: 2, after: %q) { nodes { text } totalCount(upTo: 50) }
		z: messages(kinds: SUMMARY) { nodes { text } totalCount } } } }`, segment, end), nil)
	if want := "map[x:map[nodes:[map[text:number 0] map[text:number 1]]] y:map[nodes:[map[text:number 7] map[text:number 8]] totalCount:50] z:map[nodes:[] totalCount:0]]"; fmt.Sprint(both.Data["node"]) != want {
		t.Errorf("%v, want %s", both.Data["node"], want)
	}
}

// A cursor is valid for the segment that gave it, and a page has a size within bounds.
func TestArgumentsOfLists(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	conversation, segment := a.longConversation(t)
	end := a.messages(t, segment, 1, nil).end
	listed := a.do(t, "manager", `{ conversations(first: 1) { pageInfo { endCursor } } }`, nil).Data["conversations"].(map[string]any)["pageInfo"].(map[string]any)["endCursor"]
	var other int64
	if err := a.pool.QueryRow(t.Context(), `SELECT id FROM segments WHERE kind = 'EMAIL' LIMIT 1`).Scan(&other); err != nil {
		t.Fatal(err)
	}
	on := func(id, field string) string {
		return fmt.Sprintf(`{ node(id: %q) { ... on Segment { %s { __typename } } } }`, id, field)
	}
	of := func(field string) string { return fmt.Sprintf(`{ conversation(id: %q) { %s } }`, conversation, field) }
	wrong := map[string]string{
		on(segment, "messages(first: 0)"): "first", on(segment, "messages(first: 101)"): "first",
		on(segment, "messages(kinds: [])"): "kinds", on(segment, "messages(kinds: ["+strings.Repeat("SUMMARY ", 101)+"])"): "kinds",
		on(segment, "messages(kinds: [SUMMARY, SUMMARY])"): "", on(segment, "messages(kinds: null)"): "",
		on(segment, `messages(after: "x")`): "after", on(segment, fmt.Sprintf("messages(after: %q)", listed)): "after",
		on(graph.GlobalID("Segment", other), fmt.Sprintf("messages(after: %q)", end)): "after",
		fmt.Sprintf("{ conversations(after: %q) { nodes { id } } }", end):             "after",
		"{ conversations { totalCount(upTo: 0) } }":                                   "upTo", "{ conversations { totalCount(upTo: 100001) } }": "upTo",
		on(segment, "messages") + "": "", of("segments { messages { totalCount(upTo: -1) } }"): "upTo",
		"{ metadataKeys(first: 0) { key } }": "first", "{ metadataKeys(first: 10001) { key } }": "first",
		"{ complianceSettings { customData(first: 0) { key } } }": "first", "{ complianceSettings { otherData(first: 10001) { key } } }": "first",
	}
	for _, list := range []string{"participants(first: %d) { name }", "segments(first: %d) { id }", "metadata(first: %d) { key }", "media(first: %d) { id }", "vcons(first: %d)"} {
		wrong[of(fmt.Sprintf(list, 0))], wrong[of(fmt.Sprintf(list, 10_001))], wrong[of(fmt.Sprintf(list, 10_000))] = "first", "first", ""
	}
	for query, field := range wrong {
		got := a.do(t, "manager", query, nil)
		if field == "" {
			if got.code() != "" {
				t.Errorf("%s: %+v", query, got.Errors)
			}
			continue
		}
		if got.code() != "INVALID" || fmt.Sprint(got.Errors[0].Extensions["field"]) != "["+field+"]" {
			t.Errorf("%s: %+v", query, got.Errors)
		}
	}
}

// Where more exist than are listed, a count says so; first reaches them.
func TestListsAreBoundedAndCounted(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ids := a.conversationIDs(t)
	for _, query := range []string{
		`INSERT INTO vcons SELECT gen_random_uuid(), v.conversation_id, v.started_at, v.ended_at, v.direction FROM (SELECT * FROM vcons ORDER BY conversation_id LIMIT 1) AS v, generate_series(1, 150)`,
		`INSERT INTO participants (conversation_id, vcon_uuid, position, role, name) SELECT conversation_id, uuid, 100 + n, 'OTHER', 'Person ' || n FROM (SELECT * FROM vcons ORDER BY conversation_id LIMIT 1) AS v, generate_series(1, 150) AS n`,
		`INSERT INTO segments (conversation_id, vcon_uuid, position, kind, started_at) SELECT conversation_id, uuid, 100 + n, 'CALL', started_at FROM (SELECT * FROM vcons ORDER BY conversation_id LIMIT 1) AS v, generate_series(1, 150) AS n`,
		`INSERT INTO media_files (conversation_id, segment_id, position, kind, status) SELECT s.conversation_id, s.id, 100 + n, 'CALL', 'MISSING' FROM (SELECT * FROM segments WHERE kind = 'CALL' ORDER BY conversation_id, position LIMIT 1) AS s, generate_series(1, 150) AS n`,
		`INSERT INTO metadata_keys (name, is_filter, first_seen_at) SELECT 'key ' || n, n % 2 = 0, now() FROM generate_series(1, 3000) AS n`,
		`INSERT INTO metadata (conversation_id, vcon_uuid, key_id, value) SELECT v.conversation_id, v.uuid, k.id, 'x' FROM (SELECT * FROM vcons ORDER BY conversation_id LIMIT 1) AS v, (SELECT * FROM metadata_keys WHERE name LIKE 'key %' LIMIT 150) AS k`,
	} {
		if _, err := a.pool.Exec(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	everything := &auth.Viewer{Roles: auth.Roles()}
	shown := func(arguments string) map[string]any {
		text := strings.ReplaceAll(`{ conversation(id: "`+ids[0]+`") { participants() { name } participantCount segments() { id ... on CallSegment { media() { id } mediaCount } }
			segmentCount metadata() { key } metadataCount media() { id } mediaCount vcons() vconCount } }`, "()", arguments)
		return a.ask(t, everything, text)["conversation"].(map[string]any)
	}
	byDefault, whole := shown(""), shown("(first: 10000)")
	for list, count := range map[string]string{"participants": "participantCount", "segments": "segmentCount", "metadata": "metadataCount", "media": "mediaCount", "vcons": "vconCount"} {
		total := int(byDefault[count].(float64))
		if total <= 150 || len(byDefault[list].([]any)) != 100 || len(whole[list].([]any)) != total {
			t.Errorf("%s: %d of %d by default, %d in all", list, len(byDefault[list].([]any)), total, len(whole[list].([]any)))
		}
	}
	call := slices.MaxFunc(byDefault["segments"].([]any), func(x, y any) int {
		count := func(segment any) int { n, _ := segment.(map[string]any)["mediaCount"].(float64); return int(n) }
		return count(x) - count(y)
	}).(map[string]any)
	if len(call["media"].([]any)) != 100 || call["mediaCount"].(float64) <= 150 {
		t.Errorf("%d of %v recordings", len(call["media"].([]any)), call["mediaCount"])
	}
	settings := a.ask(t, everything, `{ metadataKeyCount metadataKeys { key } all: metadataKeys(first: 10000) { key }
		complianceSettings { customDataKeyCount customData { key } otherDataKeyCount otherData(first: 10000) { key } } }`)
	keys := settings["complianceSettings"].(map[string]any)
	if settings["metadataKeyCount"].(float64) <= 3_000 || len(settings["metadataKeys"].([]any)) != 1_000 || len(settings["all"].([]any)) != int(settings["metadataKeyCount"].(float64)) {
		t.Errorf("%v keys, %d by default", settings["metadataKeyCount"], len(settings["metadataKeys"].([]any)))
	}
	if len(keys["customData"].([]any)) != 1_000 || keys["customDataKeyCount"].(float64) < 1_500 || len(keys["otherData"].([]any)) != int(keys["otherDataKeyCount"].(float64)) {
		t.Errorf("%d of %v, %d of %v", len(keys["customData"].([]any)), keys["customDataKeyCount"], len(keys["otherData"].([]any)), keys["otherDataKeyCount"])
	}
}
