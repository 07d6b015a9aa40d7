package db

import (
	"testing"

	"qm-compliance/conversation"
)

// Anonymizing takes as many statements for a hundred conversations as for one, however much each of them
// holds.
func TestAnonymizingTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	// Two for the transaction, one for the settings, three to read, four to overwrite (one for each table), and
	// seven to write: uploads, files, requests and their events, conversations, events, notifications.
	const want = 17
	for _, count := range []int{1, 100} {
		s := newStore(t)
		var batch []*conversation.Incoming
		var ids []int64
		for n := range count {
			batch, ids = append(batch, sample(n+1)), append(ids, int64(n+1))
		}
		mustImport(t, s, batch...)
		saveEverything(t, s)
		counted, statements := counting(s)
		if done, err := counted.Anonymize(t.Context(), deed(), Everything(), ids); err != nil || len(done.Done) != count {
			t.Fatal(done, err)
		}
		if got := statements.count.Load(); got != want {
			t.Errorf("%d conversations take %d statements, want %d", count, got, want)
		}
	}
}
