package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qm-compliance/graph"
)

// A document that is too much of something is refused before it is validated, and says what there is too much of; one that is not is run.
func TestDocumentLimits(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) {
		o.Limits = graph.Limits{
			DocumentBytes: 10_000, Tokens: 1_200, Fields: 300, Aliases: 10, Directives: 5, Fragments: 6, Repeats: 4, RootFields: 8, MutationFields: 3, Exports: 1,
			CacheBytes: 1 << 20, CachedDocumentBytes: 10_000,
		}
	})
	times := func(n int, text string) string {
		var all strings.Builder
		for i := range n {
			all.WriteString(strings.ReplaceAll(text, "#", fmt.Sprint(i)) + " ")
		}
		return all.String()
	}
	export := `exportConversation(id: "` + graph.GlobalID("Conversation", 9999) + `")`
	for name, row := range map[string]struct {
		at, over, part string
	}{
		"bytes":             {"{ viewer { userId } } #" + strings.Repeat("x", 9_900), "{ viewer { userId } } #" + strings.Repeat("x", 10_000), "larger than 10000 bytes"},
		"tokens":            {"{ viewer { userId } }", "{ viewer { " + times(1200, "name") + "} }", "token limit of 1200"},
		"fields":            {"{ " + times(1, "viewer { userId name roles }") + "}", "{ " + times(4, "viewer { "+times(25, "... { "+times(3, "name")+"}")+" }") + "}", "fields; at most 300"},
		"aliases":           {"{ viewer { " + times(10, "a#: name") + "} }", "{ viewer { " + times(11, "a#: name") + "} }", "11 aliases; at most 10"},
		"aliases elsewhere": {"{ viewer { userId } }", "{ viewer { ...f } } fragment f on Viewer { " + times(11, "a#: name") + "}", "11 aliases"},
		"repeats":           {"{ viewer { " + times(4, "name") + "} }", "{ viewer { " + times(5, "name") + "} }", "5 times the same field"},
		"root repeats":      {"{ " + times(4, "__typename") + "}", "{ " + times(5, "__typename") + "}", "5 times the same field"},
		"directives":        {"{ viewer { userId @skip(if: false) } }", "{ viewer { userId " + times(6, "@skip(if: false)") + "} }", "6 directives; at most 5"},
		"on an operation":   {"{ viewer { userId } }", "query " + times(6, "@x") + "{ viewer { userId } }", "6 directives"},
		"spreads":           {"{ viewer { " + times(5, "...f") + "} } fragment f on Viewer { name }", "{ viewer { " + times(6, "...f") + "} } fragment f on Viewer { name }", "7 fragments; at most 6"},
		"inline fragments":  {"{ viewer { " + times(6, "... { name }") + "} }", "{ viewer { " + times(7, "... { name }") + "} }", "7 fragments"},
		"root fields":       {"{ " + times(8, "a#: __typename") + "}", "{ " + times(9, "a#: __typename") + "}", "9 root fields in a query; at most 8"},
		"in a fragment":     {"{ viewer { userId } }", "{ ...f } fragment f on Query { " + times(9, "a#: __typename") + "}", "9 root fields"},
		"mutations":         {"mutation { " + times(3, "a#: resetComplianceSettings { userErrors { code } }") + "}", "mutation { " + times(4, "a#: resetComplianceSettings { userErrors { code } }") + "}", "4 root fields in a mutation; at most 3"},
		"exports":           {"{ " + export + "}", "{ a: " + export + " b: " + export + "}", "2 exports in an operation; at most 1"},
		"exports hidden":    {"{ " + export + "}", "{ ...f ... { b: " + export + "} } fragment f on Query { a: " + export + "}", "2 exports"},
		"other operation":   {"query a { viewer { userId } } query b { viewer { userId } }", "query a { viewer { userId } } query b { " + times(9, "a#: __typename") + "}", "9 root fields"},
		"name":              {"{ viewer { " + strings.Repeat("a", 200) + ": name } }", "{ viewer { " + strings.Repeat("a", 201) + ": name } }", "201 characters in a name"},
		"subscription":      {"{ viewer { userId } }", "subscription { complianceSettingsChanged { version } b: complianceSettingsChanged { version } }", "2 root fields in a subscription"},
		"no such fields":    {"{ viewer { userId } }", "subscription { a b }", "2 root fields in a subscription"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if answer := a.do(t, "manager", row.over, nil); answer.code() != "INVALID" || !strings.Contains(answer.Errors[0].Message, row.part) || len(answer.Errors) != 1 {
				t.Errorf("over: %+v", answer)
			}
			if answer := a.do(t, "manager", row.at, nil); answer.code() != "" && !strings.Contains(answer.Errors[0].Message, "name one in operationName") {
				t.Errorf("at the limit: %+v", answer)
			}
		})
	}
}

// Whatever is wrong, and however often, the answer says so in a few short errors.
func TestErrorsAreFewAndShort(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var unknown, dear strings.Builder
	for i := range 400 {
		fmt.Fprintf(&unknown, "nothing%d ", i)
	}
	for i := range 50 {
		fmt.Fprintf(&dear, "c%d: conversation(id: \"x\") { id } ", i)
	}
	long := strings.Repeat("x", 20_000)
	for name, row := range map[string]struct {
		query     string
		variables map[string]any
		errors    int
	}{
		"unknown fields":   {"{ viewer { " + unknown.String() + "} }", nil, 10},
		"unknown argument": {"{ viewer(" + strings.Repeat("x", 150) + ": 1) { name } }", nil, 1},
		"long text":        {`{ conversations(filter: {metadata: [{key: "` + long + `", value: "v"}]}) { nodes { id } } }`, nil, 1},
		"long id":          {`{ conversation(id: "` + long + `") { id } }`, nil, 1},
		"long cursor":      {`{ conversations(after: "` + long + `") { nodes { id } } }`, nil, 1},
		"long enum":        {`query($r: AuditResult!) { auditEvents(filter: {result: $r}) { nodes { id } } }`, map[string]any{"r": long}, 1},
		"failing fields":   {"{ " + dear.String() + "}", nil, 50},
		"long number":      {`{ conversations(first: ` + strings.Repeat("9", 5_000) + `) { nodes { id } } }`, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, body := a.post(t, "manager", row.query, row.variables)
			answer := a.do(t, "manager", row.query, row.variables)
			if answer.code() != "INVALID" || len(answer.Errors) != row.errors || len(body) > 20_000 {
				t.Errorf("%d errors in %d bytes: %.500s", len(answer.Errors), len(body), body)
			}
		})
	}
}

// The refusals of one operation are one event of the audit log at once, and one with the number of the others.
func TestRefusalsOfAPerson(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	var fields strings.Builder
	for i := range 10 {
		fmt.Fprintf(&fields, "a%d: resetComplianceSettings { userErrors { code } } ", i)
	}
	for range 3 {
		a.do(t, "agent", "mutation { "+fields.String()+"}", nil)
	}
	a.do(t, "agent", `{ auditEvents { nodes { id } } }`, nil) // a query is refused without being audited
	if got := a.denied(t); !slices.Equal(got, []string{"Tomas Lind: resetComplianceSettings FORBIDDEN 1"}) {
		t.Errorf("at once: %q", got)
	}
	a.refused.Flush(t.Context())
	if got := a.denied(t); len(got) != 2 || got[1] != "Tomas Lind: resetComplianceSettings FORBIDDEN 29" {
		t.Errorf("after the minute: %q", got)
	}
}

// A wrong value of an enum in a variable is an error of whoever asks: no empty list, and no fault of the server.
func TestAWrongEnumInAVariable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	for query, value := range map[string]any{
		`query($v: ConversationFilter) { conversations(filter: $v) { totalCount } }`:           map[string]any{"types": []any{"call"}},
		`query($v: [ConversationType!]) { conversations(filter: {types: $v}) { totalCount } }`: "MESSAGE",
		`query($v: AuditEventFilter) { auditEvents(filter: $v) { nodes { id } } }`:             map[string]any{"activities": []any{"x"}},
		`query($v: ConversationOrder) { conversations(orderBy: $v) { totalCount } }`: map[string]any{
			"field": "STARTED_AT", "direction": "desc"},
	} {
		got := a.do(t, "manager", query, map[string]any{"v": value})
		if got.code() != "INVALID" || len(got.Errors) != 1 {
			t.Errorf("%s: %+v", query, got.Errors)
		}
	}
}
