package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"qm-compliance/graph"
)

// TestRandomPayloadsAreAnsweredAsGenerated holds what mutations answer of conversations and files against
// what the generated code writes. Each is repeated, and answers the same, but for the history. QM_SEED
// repeats a run.
func TestRandomPayloadsAreAnsweredAsGenerated(t *testing.T) {
	t.Parallel()
	seed, w := randomSeed(t), newTwins(t)
	wanted := 60
	if os.Getenv("QM_DRILL") != "" {
		wanted = 1_000
	}
	w.must(t, anonymizing, map[string]any{"ids": w.about.ids["Conversation"][:10]})
	seen := &seenFields{schema: w.schema, answers: map[string]bool{}}
	for number := uint64(1); wanted > 0; number++ {
		d := w.change(t, newAuthor(seed, number, w.schema, w.about))
		if !w.isValid(d) {
			continue
		}
		wanted--
		difference := w.difference(t, d, "full", func(_ int, body []byte) { seen.take(d, body) })
		if difference != "" {
			t.Fatalf("document %d of QM_SEED=%d is answered differently:\n%s",
				number, seed, w.shrink(t, d, "full", difference))
		}
	}
	for _, payload := range []string{"AnonymizeConversations", "ProtectMedia", "ReleaseMedia"} {
		if !seen.answers[payload+"Payload.conversations"] {
			t.Errorf("no conversation was answered in a payload of %s", payload)
		}
	}
}

// change is a random mutation that can be repeated.
func (w *twins) change(t *testing.T, a *author) *document {
	a.without = append(a.without, "Conversation.history")
	w.before = nil
	files := literalOf(a.ids("MediaFile"))
	const protect = `input: {mediaFileIds: %s, reason: LEGAL_CLAIM, note: "<\"&\n👍", until: "2027-01-01T00:00:00Z"}`
	switch a.IntN(3) {
	case 0:
		done := a.known.ids["Conversation"][:10]
		conversations := literalOf([]any{one(a, done...), one(a, done...), one(a, a.badID(), done[0])})
		return a.payload("mutation", "anonymizeConversations", "input: {conversationIds: "+conversations+"}",
			"AnonymizeConversationsPayload")
	case 1:
		return a.payload("mutation", "protectMedia", fmt.Sprintf(protect, files), "ProtectMediaPayload")
	}
	w.before = func() {
		w.post(t, "manager", "mutation { protectMedia("+fmt.Sprintf(protect, files)+") { userErrors { code } } }", nil)
	}
	return a.payload("mutation", "releaseMedia", "input: {mediaFileIds: "+files+"}", "ReleaseMediaPayload")
}

// TestRandomSubscriptionsAreAnsweredAsGenerated holds what a subscription sends of a conversation against
// what the generated code writes. QM_SEED repeats a run.
func TestRandomSubscriptionsAreAnsweredAsGenerated(t *testing.T) {
	t.Parallel()
	seed, w := randomSeed(t), newTwins(t)
	wanted := 20
	if os.Getenv("QM_DRILL") != "" {
		wanted = 500
	}
	var file, conversation int64
	const first = `SELECT id, conversation_id FROM media_files WHERE protected AND status = 'AVAILABLE' ORDER BY id LIMIT 1`
	if err := w.bun.NewRaw(first).Scan(t.Context(), &file, &conversation); err != nil {
		t.Fatal(err)
	}
	id := graph.GlobalID("Conversation", conversation)
	protect := func(reason string) {
		w.must(t, fmt.Sprintf(`mutation { protectMedia(input: {mediaFileIds: [%q], reason: %s}) {
			userErrors { message } } }`, graph.GlobalID("MediaFile", file), reason), nil)
	}
	protect("OTHER") // so that each of those that follow changes it
	w.runHub(t)
	mine, generated := dial(t, w.Handler, "Bearer full"), dial(t, w.generated, "Bearer full")
	mine.next()
	generated.next()
	sent := 0
	for number := uint64(1); wanted > 0; number++ {
		a := newAuthor(seed, number, w.schema, w.about)
		d := a.payload("subscription", "conversationChanged", "ids: "+literalOf([]any{id}), "Conversation")
		if !w.isValid(d) {
			continue
		}
		wanted--
		refusedMine, refused := w.start(t, mine, number, d), w.start(t, generated, number, d)
		got, want := refusedMine, refused
		if got == nil && want == nil {
			protect([]string{"MIFID", "LEGAL_CLAIM"}[sent%2])
			got, want = w.end(t, mine, number), w.end(t, generated, number)
			sent++
		}
		if !bytes.Equal(inOrder(got), inOrder(want)) {
			variables, _ := json.Marshal(d.given(0))
			t.Fatalf("document %d of QM_SEED=%d is answered differently: %s\nvariables %s\n got %s\nwant %s",
				number, seed, d.text(), variables, got, want)
		}
	}
	if sent < 10 {
		t.Errorf("only %d changes were sent", sent)
	}
}

// start subscribes, and returns the payload of the refusal, nil where it is admitted.
func (w *twins) start(t *testing.T, s *client, number uint64, d *document) []byte {
	t.Helper()
	before, id := w.hub.Subscribers(), fmt.Sprint(number)
	payload, err := json.Marshal(map[string]any{"query": d.text(), "variables": d.given(0)})
	if err != nil {
		t.Fatal(err)
	}
	s.send(frame{ID: id, Type: "subscribe", Payload: payload})
	var refused []byte
	for w.hub.Subscribers() == before && refused == nil {
		s.subscribe("meanwhile", `{ __typename }`)
		for f := s.next(); f.ID != "meanwhile" || f.Type != "complete"; f = s.next() {
			if f.ID == id {
				refused = f.Payload
			}
		}
	}
	return refused
}

// end returns what a subscription sends next, and ends it.
func (w *twins) end(t *testing.T, s *client, number uint64) []byte {
	t.Helper()
	id, f := fmt.Sprint(number), s.next()
	for f.ID != id {
		f = s.next()
	}
	before := w.hub.Subscribers()
	s.send(frame{ID: id, Type: "complete"})
	for deadline := time.Now().Add(20 * time.Second); w.hub.Subscribers() == before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the subscription does not end")
		}
	}
	return f.Payload
}
