package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/audit"
	"qm-compliance/demo"
	"qm-compliance/graph"
	"qm-compliance/importing"
)

// operations makes random queries over the whole schema.
type operations struct {
	*rand.Rand
	schema *ast.Schema
	// ids are global ids by the type of what they lead to.
	ids       map[string][]string
	fragments []string
	names     int
}

// left are fields that are not full in demo data, since nothing is wrong, nothing was deleted, almost nothing is
// kept, and there are few versions and no jobs; and those that are priced apart.
func left(field *ast.FieldDefinition) bool {
	return strings.HasPrefix(field.Name, "__") || slices.Contains([]string{
		"anonymizationJob", "anonymizationJobs", "kept", "complianceSettingsVersions", "complianceSettingsDiff",
		"userErrors", "problems", "staysReviewable", "totalCount", "exportConversation"}, field.Name)
}

func (o *operations) chance(percent int) bool { return o.IntN(100) < percent }

func (o *operations) name() string { o.names++; return fmt.Sprintf("n%d", o.names) }

// query is one operation with its fragments.
func (o *operations) query() string {
	o.fragments = nil
	var roots []string
	for range 1 + o.IntN(3) {
		field := o.schema.Query.Fields[o.IntN(len(o.schema.Query.Fields))]
		if !left(field) {
			roots = append(roots, o.name()+": "+o.field(field, 0))
		}
	}
	if len(roots) == 0 {
		return o.query()
	}
	return "{ " + strings.Join(roots, " ") + " }" + strings.Join(o.fragments, "")
}

// field selects a field, with as much of it as a random choice takes.
func (o *operations) field(field *ast.FieldDefinition, depth int) string {
	id, ofType := "", field.Type.Name()
	if field.Type.Name() == "Node" {
		ofType = []string{"Conversation", "AuditEvent", "AuditOperation", "MediaFile", "CallSegment", "EmailSegment", "ChatSegment"}[o.IntN(7)]
	}
	if list := o.ids[ofType]; len(list) > 0 {
		id = list[o.IntN(len(list))]
	}
	text := field.Name + o.arguments(field, id)
	if field.Type.Name() == "Node" {
		return text + " { ... on " + ofType + " " + o.set(ofType, depth+1) + " }"
	}
	if ofType == "AuditDetails" {
		return text + " { ... on AnonymizationDetails " + o.set("AnonymizationDetails", depth+1) + " }"
	}
	if definition := o.schema.Types[ofType]; definition.IsCompositeType() {
		text += " " + o.set(ofType, depth+1)
	}
	return text
}

// arguments ask for pages that are full: every segment of the demo has a message.
func (o *operations) arguments(field *ast.FieldDefinition, id string) string {
	var given []string
	for _, argument := range field.Arguments {
		switch {
		case argument.Name == "id":
			given = append(given, fmt.Sprintf("id: %q", id))
		case argument.Name == "first" && field.Name == "messages":
			given = append(given, fmt.Sprint("first: ", 1+o.IntN(fullMessages)))
		case argument.Name == "first" && field.Name == "history": // of which the newest is of anonymizing
			given = append(given, "first: 1")
		case argument.Name == "first" && field.Name == "events": // each operation was of ten conversations
			given = append(given, fmt.Sprint("first: ", 1+o.IntN(10)))
		case argument.Name == "first" && field.Name == "auditOperations":
			given = append(given, fmt.Sprint("first: ", 10+o.IntN(15)))
		case argument.Name == "filter" && strings.HasPrefix(field.Name, "audit"):
			given = append(given, "filter: {activities: [INTERACTION_ANONYMIZE]}")
		case argument.Name == "first" && strings.HasSuffix(field.Type.Name(), "Connection"):
			given = append(given, fmt.Sprint("first: ", 10+o.IntN(50)))
		case argument.Name == "input":
			ids := slices.Clone(o.ids["Conversation"])
			o.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
			list, _ := json.Marshal(ids[:1+o.IntN(40)])
			given = append(given, "input: {conversationIds: "+string(list)+"}")
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// fullMessages is how many messages most segments of the demo have.
const fullMessages = 3

// set selects fields of a type: directly, in an inline fragment, or in one with a name.
func (o *operations) set(ofType string, depth int) string {
	definition := o.schema.Types[ofType]
	var fields []string
	for _, field := range definition.Fields {
		nested := o.schema.Types[field.Type.Name()].IsCompositeType()
		if left(field) || nested && (depth > 6 || !o.chance(45)) || !nested && !o.chance(60) {
			continue
		}
		for range 1 + o.IntN(5)/4 {
			fields = append(fields, o.name()+": "+o.field(field, depth))
		}
	}
	if len(fields) == 0 {
		fields = append(fields, "__typename")
	}
	if definition.Name == "Segment" && o.chance(50) { // of what only some have, a field of each kind
		fields = append(fields, "... on EmailSegment { "+o.name()+": subject } ... on ChatSegment { "+o.name()+
			": roomName } ... on CallSegment { "+o.name()+": mediaCount }")
	}
	text := "{ " + strings.Join(fields, " ") + " }"
	switch o.IntN(4) {
	case 0:
		return "{ ... on " + ofType + " " + text + " }"
	case 1:
		name := o.name()
		o.fragments = append(o.fragments, " fragment "+name+" on "+ofType+" "+text)
		return "{ ..." + name + " }"
	}
	return text
}

// fieldsOf counts the fields of an answer; an item of a list that is no object counts as one.
func fieldsOf(value any) int {
	count := 0
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			count += 1 + fieldsOf(member)
		}
	case []any:
		for _, item := range v {
			if _, isObject := item.(map[string]any); !isObject {
				count++
			}
			count += fieldsOf(item)
		}
	}
	return count
}

// newDemoAPI holds the demo's conversations, all of them anonymized in part, and a staged selection.
func newDemoAPI(t testing.TB) *api {
	t.Helper()
	a := newEmptyAPI(t)
	var documents bytes.Buffer
	for document := range demo.VCons(testNow) {
		documents.Write(append(document, '\n'))
	}
	items := importing.Read(t.Context(), &documents, "demo.ndjson", importing.ReadOptions{})
	config := importing.Config{Store: a.store, Media: a.media}
	if _, err := importing.Run(t.Context(), config, audit.CommandActor("demo"), items, importing.Observer{}); err != nil {
		t.Fatal(err)
	}
	for _, key := range demo.FilterKeys() {
		a.do(t, "manager", `mutation($key: String!) { configureMetadataKey(input: {key: $key, isFilterKey: true}) { userErrors { code } } }`,
			map[string]any{"key": key})
	}
	a.save(t, 2, false)
	for after := any(nil); ; {
		list := a.do(t, "manager", `query($after: Cursor) { conversations(first: 10, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
			map[string]any{"after": after}).Data["conversations"].(map[string]any)
		var ids []any
		for _, node := range list["nodes"].([]any) {
			ids = append(ids, node.(map[string]any)["id"])
		}
		done := a.do(t, "manager", `mutation($ids: [ID!]!) { anonymizeConversations(input: {conversationIds: $ids}) { userErrors { message } } }`, map[string]any{"ids": ids})
		if done.code() != "" {
			t.Fatal(done.Errors)
		}
		info := list["pageInfo"].(map[string]any)
		if after = info["endCursor"]; info["hasNextPage"] != true {
			break
		}
	}
	a.save(t, 20, true)
	a.do(t, "manager", `mutation { stageComplianceSettings(input: {basicData: {mediaFiles: false}}) { userErrors { code } } }`, nil)
	return a
}

// save switches on so many keys of each section, and the content or not.
func (a *api) save(t testing.TB, keys int, content bool) {
	t.Helper()
	settings := a.do(t, "manager", `{ complianceSettings { version customData { key } otherData { key } } }`, nil).
		Data["complianceSettings"].(map[string]any)
	input := map[string]any{"baseVersion": settings["version"], "allowCorrelationKeys": true,
		"basicData": map[string]any{"participantPhoneNumber": true, "subjectAndBody": content, "mediaFiles": content}}
	for _, section := range []string{"customData", "otherData"} {
		var switches []any
		for i, key := range settings[section].([]any) {
			if i < keys {
				switches = append(switches, map[string]any{"key": key.(map[string]any)["key"], "isAnonymized": true})
			}
		}
		input[section] = switches
	}
	saved := a.do(t, "manager", `mutation($input: SaveComplianceSettingsInput!) {
		saveComplianceSettings(input: $input) { userErrors { message } } }`, map[string]any{"input": input})
	if saved.code() != "" || len(saved.Data["saveComplianceSettings"].(map[string]any)["userErrors"].([]any)) > 0 {
		t.Fatal(saved)
	}
}

// The cost of an operation is the number of fields in its answer, within a factor of two, where lists are full.
// QM_SEED repeats a run.
func TestCostIsTheNumberOfFields(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	a := newDemoAPI(t)
	o := &operations{Rand: rand.New(rand.NewPCG(seed, 1)), schema: graph.NewExecutableSchema(graph.Config{}).Schema(), ids: a.demoIDs(t)}
	compared, refused := 0, 0
	for compared < 150 && refused < 1_000 {
		query := o.query()
		cost, err := graph.CostOf(query, nil)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		got := a.do(t, "manager", query, nil)
		if got.code() == "INVALID" { // too dear, or too many fields
			refused++
			continue
		}
		if got.code() != "" {
			t.Fatalf("%s: %+v", query, got.Errors)
		}
		compared++
		if fields := fieldsOf(got.Data); cost > 2*fields || fields > 2*cost {
			t.Errorf("costs %d and answers %d fields: %s", cost, fields, query)
		}
	}
	t.Logf("%d operations compared, %d refused", compared, refused)
	if compared < 150 {
		t.Errorf("only %d operations were allowed", compared)
	}
}

// demoIDs are global ids of things whose lists are full.
func (a *api) demoIDs(t testing.TB) map[string][]string {
	t.Helper()
	ids := map[string][]string{}
	add := func(node any) {
		item := node.(map[string]any)
		ids[item["__typename"].(string)] = append(ids[item["__typename"].(string)], item["id"].(string))
	}
	data := a.do(t, "manager", `{ conversations(first: 100) { nodes { __typename id media { __typename id }
		segments { __typename id messages(first: `+strconv.Itoa(fullMessages)+`) { nodes { kind } } ... on CallSegment { mediaCount } } } }
		auditEvents(first: 100, filter: {activities: [INTERACTION_ANONYMIZE]}) { nodes { __typename id operation { __typename id } } } }`, nil).Data
	for _, event := range data["auditEvents"].(map[string]any)["nodes"].([]any) {
		add(event)
		add(event.(map[string]any)["operation"])
	}
	for _, node := range data["conversations"].(map[string]any)["nodes"].([]any) {
		media, full := node.(map[string]any)["media"].([]any), true
		for _, part := range node.(map[string]any)["segments"].([]any) {
			segment := part.(map[string]any)
			messages := segment["messages"].(map[string]any)["nodes"].([]any)
			if len(messages) < fullMessages || segment["mediaCount"] == 0.0 {
				full = false
				continue
			}
			add(part)
		}
		for _, file := range media {
			add(file)
		}
		if full && len(media) > 0 {
			add(node)
		}
	}
	return ids
}
