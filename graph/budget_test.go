package graph_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/graph"
)

// Each of these is refused for what it costs, before anything is read; its smaller sibling is run.
func TestCosts(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) { o.Limits.Aliases, o.Limits.RootFields, o.Limits.Exports = 0, 0, 0 })
	aliases := func(n int, text string) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, "a%d: %s ", i, text)
		}
		return all.String()
	}
	ids := func(kind string, n int) string { return strings.Repeat(`"`+graph.GlobalID(kind, 1)+`" `, n) }
	export := `exportConversation(id: "` + graph.GlobalID("Conversation", 9999) + `")`
	const all = `segments { reviewabilityReason } segments { id messages(first: 100) { nodes { author { name } text sentAt } } }`
	for name, row := range map[string]struct{ dear, cheap string }{
		"aliases of messages": {"{ conversations(first: 100) { nodes { segments { " + aliases(60, "messages { nodes { text author { name } } }") + "} } } }", "{ conversations(first: 10) { nodes { segments { " + aliases(2, "messages { nodes { text author { name } } }") + "} } } }"},
		"of an edge":          {"{ conversations(last: 100) { edges { node { " + all + " } } } }", "{ conversations(last: 10) { edges { node { " + all + " } } } }"},
		"in fragments":        {"{ conversations(first: 100) { nodes { ...f } } } fragment f on Conversation { segments { ... on CallSegment { messages(first: 100) { nodes { text author { name } } } } } }", "{ conversations(first: 10) { nodes { ...f } } } fragment f on Conversation { segments { ... on CallSegment { messages { nodes { text author { name } } } } } }"},
		"one conversation":    {`{ conversation(id: "` + graph.GlobalID("Conversation", 1) + `") { segments { ` + aliases(60, "messages(first: 100) { nodes { text sentAt author { name } } }") + "} } }", `{ conversation(id: "` + graph.GlobalID("Conversation", 1) + `") { ` + all + " } }"},
		"totals":              {"{ " + aliases(41, "conversations { totalCount }") + "}", "{ " + aliases(10, "conversations { totalCount }") + "}"},
		"exports":             {"{ " + aliases(4, export) + "}", "{ " + export + "}"},
		"protected media":     {"mutation { protectMedia(input: {mediaFileIds: [" + ids("MediaFile", 100) + `], reason: OTHER}) { conversations { ` + all + " } } }", "mutation { protectMedia(input: {mediaFileIds: [" + ids("MediaFile", 1) + `], reason: OTHER}) { conversations { ` + all + " } } }"},
		"released media":      {"mutation { releaseMedia(input: {mediaFileIds: [" + ids("MediaFile", 100) + "]}) { conversations { " + all + " } } }", "mutation { releaseMedia(input: {mediaFileIds: [" + ids("MediaFile", 1) + "]}) { conversations { " + all + " } } }"},
		"anonymized":          {"mutation { anonymizeConversations(input: {conversationIds: [" + ids("Conversation", 100) + "]}) { conversations { " + all + " } } }", "mutation { anonymizeConversations(input: {conversationIds: []}) { conversations { " + all + " } } }"},
		"preview":             {"{ anonymizationPreview(input: {conversationIds: [" + ids("Conversation", 100) + "]}) { conversations { conversation { " + all + " } } } }", "{ anonymizationPreview(input: {conversationIds: [" + ids("Conversation", 1) + "]}) { conversations { conversation { " + all + " } } } }"},
		"metadata":            {"{ conversations(first: 100) { nodes { " + aliases(20, "metadata { key value }") + "} } }", "{ conversations(first: 100) { nodes { metadata { key value } } } }"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := a.do(t, "manager", row.dear, nil); got.code() != "INVALID" || !strings.Contains(got.Errors[0].Message, "the operation costs") {
				t.Errorf("dear: %+v", got.Errors)
			}
			if got := a.do(t, "manager", row.cheap, nil); got.code() != "" {
				t.Errorf("cheap: %+v", got.Errors)
			}
		})
	}
	t.Run("variables", func(t *testing.T) {
		t.Parallel()
		const preview = `query($ids: [ID!]!) { anonymizationPreview(input: {conversationIds: $ids}) { conversations { conversation { segments { messages(first: 100) { nodes { text author { name } } } } } } } }`
		const page = `query($n: Int) { conversations(first: $n) { nodes { segments { messages(first: 100) { nodes { text author { name } } } } } } }`
		many := make([]string, 100)
		for i := range many {
			many[i] = graph.GlobalID("Conversation", int64(i+1))
		}
		for _, row := range []struct {
			query     string
			variables map[string]any
			code      string
		}{
			{preview, map[string]any{"ids": many}, "INVALID"}, {preview, map[string]any{"ids": many[:1]}, ""}, {preview, map[string]any{"ids": many[0]}, ""},
			{page, map[string]any{"n": 100}, "INVALID"}, {page, map[string]any{"n": 10}, ""}, {page, map[string]any{}, ""},
		} {
			if got := a.do(t, "manager", row.query, row.variables); got.code() != row.code {
				t.Errorf("%.40s %v: %+v", row.query, row.variables, got.Errors)
			}
		}
	})
}

// An answer that becomes too large is ended with an error, and nothing of it is shown as null that is not.
func TestTheBytesOfAnAnswer(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) { o.Limits.AnswerBytes, o.Limits.Cost = 3_000, 0 })
	long := "messages { nodes { text author { name role } } }"
	var many strings.Builder
	for i := range 10 {
		fmt.Fprintf(&many, "a%d: %s ", i, long)
	}
	one := a.conversationIDs(t)[0]
	for name, row := range map[string]struct {
		query  string
		errors int
	}{
		"a list":          {"{ conversations { nodes { segments { " + many.String() + "} } } }", 1},
		"two roots":       {`{ a: conversation(id: "` + one + `") { segments { ` + many.String() + `} } b: conversation(id: "` + one + `") { segments { ` + many.String() + "} } }", 1},
		"long names":      {"{ conversations { nodes { " + strings.Repeat("n", 200) + ": id " + strings.Repeat("m", 200) + ": id " + strings.Repeat("o", 200) + ": startedAt } } }", 1},
		"introspection":   {"{ __schema { types { name description fields { name description } } } }", 1},
		"small":           {"{ conversations { nodes { id } } }", 0},
		"small, of media": {`{ conversation(id: "` + one + `") { media { id kind status } } }`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, body := a.post(t, "manager", row.query, nil)
			got := a.do(t, "manager", row.query, nil)
			if len(got.Errors) != row.errors || (got.Data == nil) != (row.errors > 0) || len(body) > 3_200 {
				t.Errorf("%d errors, %d bytes: %.600s", len(got.Errors), len(body), body)
			}
			for _, err := range got.Errors {
				if err.Extensions["code"] != "INVALID" || !strings.Contains(err.Message, "larger than 3000 bytes; ask for less") {
					t.Errorf("%+v", err)
				}
			}
		})
	}
	if log := a.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("the log says %s", log)
	}
}

// A conversation of many messages takes no more memory than an answer may have, however often it is asked for.
func TestMemoryOfALargeAnswer(t *testing.T) {
	// Not in parallel: it measures what the whole process takes.
	a := newAPI(t, func(o *graph.Options) { o.Limits.AnswerBytes, o.Limits.Cost = 1<<20, 0 })
	if _, err := a.pool.Exec(t.Context(), `INSERT INTO messages (conversation_id, segment_id, position, kind, text)
		SELECT s.conversation_id, s.id, 1000 + n, 'TRANSCRIPT', repeat('x', 500)
		FROM (SELECT * FROM segments ORDER BY id LIMIT 1) AS s, generate_series(1, 20000) AS n`); err != nil {
		t.Fatal(err)
	}
	var many strings.Builder
	for i := range 50 {
		fmt.Fprintf(&many, "a%d: messages(first: 100) { nodes { text author { name } } } ", i)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	got := a.do(t, "manager", "{ conversations { nodes { segments { "+many.String()+"} } } }", nil)
	runtime.ReadMemStats(&after)
	if got.code() != "INVALID" || len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Message, "larger than 1048576 bytes") {
		t.Errorf("%+v", got.Errors)
	}
	if stacks := (int64(after.StackSys) - int64(before.StackSys)) >> 20; stacks > 20 {
		t.Errorf("%d MB are taken by goroutines", stacks)
	}
	// 100 texts of 20,000 are read once, and 50 times as much would be answered.
	if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 100 {
		t.Errorf("%d MB were taken", took)
	}
}

// The deadline holds between the root fields of a mutation: those after it do nothing. The second one waits for a
// conversation that somebody else holds; the third would need no database at all, and its error has no path since
// it did not begin.
func TestTheDeadlineBetweenRootFields(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) { o.Limits.Duration = 3 * time.Second }) // ample for the first field
	held, err := a.bun.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback() }()
	if _, err := held.ExecContext(t.Context(), "SELECT FROM conversations WHERE id = 1 FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	anonymize := `anonymizeConversations(input: {conversationIds: [%s]}) { settingsVersion } `
	got := a.do(t, "manager", "mutation { first: stageComplianceSettings(input: {}) { settings { version } } second: "+
		fmt.Sprintf(anonymize, `"`+graph.GlobalID("Conversation", 1)+`"`)+"third: "+fmt.Sprintf(anonymize, "")+"}", nil)
	var late []string
	for _, err := range got.Errors {
		if err.Extensions["code"] == "TIMEOUT" && strings.Contains(err.Message, "took too long") {
			late = append(late, fmt.Sprint(err.Path...))
		}
	}
	if !slices.Equal(late, []string{"second", ""}) || len(got.Errors) != 2 {
		t.Errorf("late are %v: %+v", late, got.Errors)
	}
}
