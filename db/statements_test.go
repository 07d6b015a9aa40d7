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

// An import takes as many statements for a batch of new conversations as for one, and an export too.
func TestImportAndExportTakeAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	const imports, exports, events = 17, 11, 2
	for _, count := range []int{1, 100} {
		s := newStore(t)
		mustImport(t, s, sample(1000)) // the keys of metadata are known from now on
		var batch []*conversation.Incoming
		var ids []int64
		var exported []Exported
		for n := range count {
			batch, ids = append(batch, sample(n+1)), append(ids, int64(n+2))
			exported = append(exported, Exported{ConversationID: int64(n + 2)})
		}
		counted, statements := counting(s)
		if _, err := counted.Import(t.Context(), deed(), batch); err != nil {
			t.Fatal(err)
		}
		if got := statements.count.Swap(0); got != imports {
			t.Errorf("an import of %d takes %d statements, want %d", count, got, imports)
		}
		found, err := counted.ExportConversations(t.Context(), Everything(), ids)
		if err != nil || len(found) != count {
			t.Fatal(len(found), err)
		}
		if got := statements.count.Swap(0); got != exports {
			t.Errorf("an export of %d takes %d statements, want %d", count, got, exports)
		}
		if err := counted.RecordExports(t.Context(), deed(), exported); err != nil {
			t.Fatal(err)
		}
		if got := statements.count.Load(); got != events {
			t.Errorf("%d events take %d statements, want %d", count, got, events)
		}
	}
}
