package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/graph"
	"qm-compliance/graph/admission"
	"qm-compliance/importing"
)

// discard is a client that takes an answer and keeps nothing of it.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header                { return d.header }
func (d *discard) WriteHeader(status int)             { d.status = status }
func (d *discard) Write(part []byte) (n int, _ error) { return len(part), nil }

// allocated is the least that one of many runs takes: the race detector empties pools at random, and other goroutines
// allocate now and then.
func allocated(run func()) (allocations, bytes uint64) {
	const runs = 50
	allocations, bytes = 1<<62, 1<<62
	var before, after runtime.MemStats
	for range runs {
		runtime.ReadMemStats(&before)
		run()
		runtime.ReadMemStats(&after)
		allocations = min(allocations, after.Mallocs-before.Mallocs)
		bytes = min(bytes, after.TotalAlloc-before.TotalAlloc)
	}
	return allocations, bytes
}

// A listing of 50 conversations, and one with all its messages, take so many allocations and bytes at most, through the
// whole handler: what they cost the processor is hard to measure where other programs run, and these are steady.
func TestAllocationsOfAnAnswer(t *testing.T) {
	// Not in parallel: it measures what the whole process takes.
	a := newEmptyAPI(t, func(o *graph.Options) { o.Limits.Admission = admission.Limits{} }) // one person asks all the time
	importPage(t, a)
	const listing = `{ conversations(first: 50) { nodes { id startedAt endedAt direction types isReviewable mediaStatus
		participants { role name phoneNumber digitalAddress } segments { __typename id startedAt durationSeconds }
		metadata { key value } media { id kind status } } pageInfo { hasNextPage endCursor } } }`
	detail := `{ conversation(id: "` + graph.GlobalID("Conversation", 60) + `") { id startedAt endedAt direction types
		isReviewable mediaStatus participants { role name phoneNumber digitalAddress } metadata { key value }
		media { id kind status } segments { __typename id startedAt durationSeconds
		messages { nodes { kind author { name } sentAt text } } } } }`
	authorization := a.authorization(t, "manager")
	for _, row := range []struct {
		name, query                 string
		answers, allocations, bytes uint64 // the least bytes of the answer, and the most that it takes
	}{
		{"a listing", listing, 40_000, 600, 210_000},
		{"a detail", detail, 1_500, 400, 60_000},
	} {
		body, _ := json.Marshal(map[string]string{"query": row.query})
		if _, answer := a.send(t, "manager", body); uint64(len(answer)) < row.answers || bytes.Contains(answer, []byte(`"errors"`)) {
			t.Fatalf("%s: %d bytes: %.500s", row.name, len(answer), answer)
		}
		run := func() {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body))
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Authorization", authorization)
			a.ServeHTTP(&discard{header: http.Header{}}, request)
		}
		allocations, size := allocated(run)
		t.Logf("%s: %d allocations, %d bytes", row.name, allocations, size)
		if allocations > row.allocations || size > row.bytes {
			t.Errorf("%s takes %d allocations and %d bytes, at most %d and %d", row.name, allocations, size,
				row.allocations, row.bytes)
		}
	}
}

// importPage imports 60 conversations, each with what they have in the comparisons: 2 participants, 2 segments with 3
// messages each, 5 metadata values, and 1 media file.
func importPage(t *testing.T, a *api) {
	t.Helper()
	var file strings.Builder
	for n := range 60 {
		at := time.Date(2026, 11, 1, 9, n, 0, 0, time.UTC).Format(time.RFC3339)
		turn := func(who int) string {
			return fmt.Sprintf(`{"party":%d,"start":%q,"text":"What was said by %d in %d, a sentence or two."}`, who, at, who, n)
		}
		talk := func(dialog int) string {
			return fmt.Sprintf(`{"type":"transcript","dialog":%d,"encoding":"json","body":[%s,%s,%s]}`,
				dialog, turn(0), turn(1), turn(0))
		}
		fmt.Fprintf(&file, `{"vcon":"0.4.0","uuid":"00000000-0000-8000-8000-%012d","created_at":%q,"parties":[`+
			`{"name":"Customer %d","tel":"+420 777 %06d","mailto":"customer%d@example.com","role":"customer"},`+
			`{"name":"Agent %d","tel":"+420 778 %06d","mailto":"agent%d@example.com","role":"agent"}],"dialog":[`+
			`{"type":"recording","start":%q,"duration":120,"parties":[0,1],"mediatype":"audio/x-wav",`+
			`"url":"https://media.example/%d.wav","content_hash":"sha512-AAAA"},`+
			`{"type":"recording","start":%q,"duration":60,"parties":[0,1],"mediatype":"audio/x-wav"}],"analysis":[%s,%s],`+
			`"attachments":[{"type":"crm","party":0,"start":%q,"encoding":"json",`+
			`"body":"{\"a\":\"value 1 of %d\",\"b\":\"value 2\",\"c\":\"value 3\",\"d\":\"value 4\",\"e\":\"value 5\"}"}]}`+"\n",
			n+1, at, n, n, n, n, n, n, at, n, at, talk(0), talk(1), at, n)
	}
	refused := func(r importing.Refusal) { t.Errorf("%s is refused: %s", r.Source, r.Reason) }
	items := importing.Read(t.Context(), strings.NewReader(file.String()), "page.ndjson", importing.ReadOptions{})
	_, err := importing.Run(t.Context(), importing.Config{Store: a.store, Media: a.media}, audit.CommandActor("test"), items,
		importing.Observer{Refused: refused})
	if err != nil {
		t.Fatal(err)
	}
}
