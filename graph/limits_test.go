package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"qm-compliance/graph"
)

// Each limit refuses with INVALID and says what it is.
func TestLimits(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) {
		o.Limits = graph.Limits{BodyBytes: 10_000, Tokens: 600, Depth: 8, Cost: 500, Duration: time.Minute}
		o.Limits.CacheBytes, o.Limits.CachedDocumentBytes = 1<<20, 10_000
	})
	bomb := "query { conversations { nodes { ...f20 } } } fragment f0 on Conversation { id }"
	for i := range 20 {
		bomb += fmt.Sprintf(" fragment f%d on Conversation { ...f%d a%d: startedAt ...f%d }", i+1, i, i, i)
	}
	for name, row := range map[string]struct{ query, message string }{
		"tokens": {"{ " + strings.Repeat("viewer { name } ", 300) + "}", "token limit"},
		"depth":  {`{ __schema { types { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } } }`, "nested"},
		"cost":   {`{ conversations(first: 100) { nodes { id participants { name } metadata { key } startedAt } } }`, "the operation costs"},
		"ids":    {`{ anonymizationPreview(input: {conversationIds: [` + strings.Repeat(`"x" `, 100) + `]}) { conversations { isUnchanged reasonAfter effect { valueCount subjects } } } }`, "the operation costs"},
		"bomb":   {bomb, "selects more than 500 fields"},
		"body":   {"{ viewer { name } } #" + strings.Repeat("x", 10_000), "larger than 10000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := a.do(t, "manager", row.query, nil)
			if answer.code() != "INVALID" || !strings.Contains(answer.Errors[0].Message, row.message) {
				t.Errorf("the answer is %+v", answer)
			}
		})
	}
	if answer := a.do(t, "manager", `{ conversations(first: 2) { nodes { id } } }`, nil); answer.code() != "" {
		t.Errorf("a small query is refused: %+v", answer.Errors)
	}
}

func TestAnOperationThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	a := newAPI(t, func(o *graph.Options) { o.Limits.Duration = time.Nanosecond })
	answer := a.do(t, "manager", `{ conversations { totalCount } }`, nil)
	if answer.code() != "TIMEOUT" || !strings.Contains(answer.Errors[0].Message, "too long") {
		t.Errorf("the answer is %+v", answer.Errors)
	}
}

// A page of 50 conversations with participants, segments, metadata and media takes a constant number of statements, whatever its size.
func TestAPageTakesFewStatements(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	one := a.conversationIDs(t)[0]
	all, _ := json.Marshal(a.conversationIDs(t))
	const preview = `{ anonymizationPreview(input: {conversationIds: %s}) { effect { valueCount } conversations { reasonAfter conversation { id participants { name } } } } }`
	const page = `{ conversations(first: %d%s) { nodes { id startedAt types mediaStatus participants { role name phoneNumber } segments { id startedAt }
		metadata { key value } media { id kind status } isReviewable segments { reviewabilityReason } } pageInfo { hasNextPage } } }`
	a.do(t, "manager", fmt.Sprintf(page, 1, ""), nil) // reads the names of the metadata keys, which stay
	for _, row := range []struct {
		query string
		most  int64
	}{
		{fmt.Sprintf(page, 1, ""), 5},
		{fmt.Sprintf(page, 50, ""), 6}, // once more those who took part in a conversation of several vCons
		{fmt.Sprintf(page, 50, `, filter: {metadata: [{key: "routing.queue", value: "billing"}]}`), 6 + 2}, // two estimates
		{`{ conversations { nodes { id } } }`, 1},
		{`{ conversations { totalCount } }`, 2},
		{`{ conversations { nodes { segments { messages { nodes { author { name } text } } } } } }`, 4},
		{fmt.Sprintf(preview, `"`+one+`"`), 9}, // begin and commit among them
		{fmt.Sprintf(preview, all), 9},
	} {
		before := a.statements.count.Load()
		if answer := a.do(t, "manager", row.query, nil); answer.code() != "" {
			t.Fatalf("%+v", answer.Errors)
		}
		if took := a.statements.count.Load() - before; took != row.most {
			t.Errorf("%.80s took %d statements, want %d", row.query, took, row.most)
		}
	}
}

// A page of the audit log takes as many statements for many operations, events and conversations as for one.
func TestAnAuditPageTakesFewStatements(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	all, _ := json.Marshal(a.conversationIDs(t))
	for _, change := range []string{
		`mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`,
		fmt.Sprintf(`mutation { anonymizeConversations(input: {conversationIds: %s}) { userErrors { code } } }`, all),
		`mutation { saveComplianceSettings(input: {baseVersion: 2, basicData: {subjectAndBody: true}}) { userErrors { code } } }`,
		fmt.Sprintf(`mutation { anonymizeConversations(input: {conversationIds: %s}) { userErrors { code } } }`, all),
	} {
		if answer := a.do(t, "manager", change, nil); answer.code() != "" {
			t.Fatalf("%+v", answer.Errors)
		}
	}
	const operations = `{ auditOperations(first: %d) { nodes { totals { count } events(first: %d) { nodes { conversation { id }
		operation { eventCount } details { ... on MediaFilesDetails { mediaFiles { id } } } } } } } }`
	const events = `{ auditEvents(first: %d) { nodes { operation { result } conversation { id participants { name } } } } }`
	const histories = `{ conversations(first: %d) { nodes { history(first: %d) { nodes { activity } } } } }`
	for _, row := range []struct {
		query string
		want  int64
	}{
		{fmt.Sprintf(operations, 5, 1), 7}, {fmt.Sprintf(operations, 20, 20), 7},
		{fmt.Sprintf(events, 1), 5}, {fmt.Sprintf(events, 100), 5},
		{fmt.Sprintf(histories, 1, 1), 2}, {fmt.Sprintf(histories, 20, 20), 2},
	} {
		before := a.statements.count.Load()
		if answer := a.do(t, "manager", row.query, nil); answer.code() != "" {
			t.Fatalf("%+v", answer.Errors)
		}
		if took := a.statements.count.Load() - before; took != row.want {
			t.Errorf("%.80s took %d statements, want %d", row.query, took, row.want)
		}
	}
}
