package db

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// fileColumns are all combinations of what the life of a file depends on, whether they exist or not.
func fileColumns() []conversation.MediaFile {
	past, future := testNow.Add(-time.Hour), testNow.Add(time.Hour)
	var all []conversation.MediaFile
	for _, status := range []compliance.MediaStatus{compliance.MediaAvailable, compliance.MediaPlanned,
		compliance.MediaDeleted, compliance.MediaMissing} {
		for _, deleting := range []*time.Time{nil, &past} {
			for _, protected := range []bool{false, true} {
				for _, until := range []*time.Time{nil, &past, &testNow, &future} {
					for _, url := range []string{"", "https://media.contact.example/a"} {
						file := conversation.MediaFile{
							Kind: compliance.MediaCall, Status: status, DeletingAt: deleting, Protected: protected,
							ProtectedUntil: until, SourceURL: url,
						}
						if protected {
							file.ProtectionReason, file.ProtectionNote = compliance.ReasonMiFID, "case 7"
						}
						all = append(all, file)
					}
				}
			}
		}
	}
	return all
}

// storeFiles stores every combination that the table accepts, in a conversation that was never anonymized, in
// one that was without media files, and in one that was with them. It returns what is stored, with what its
// conversation was anonymized with.
func storeFiles(t *testing.T, s *Store) (files []*conversation.MediaFile, done map[int64]*compliance.Selection) {
	t.Helper()
	mustImport(t, s, mixed(1, 0, 0), mixed(2, 0, 0), mixed(3, 0, 0))
	done = map[int64]*compliance.Selection{1: nil, 2: {SubjectAndBody: true}, 3: {MediaFiles: true}}
	refused := 0
	for id, selection := range done {
		c := new(conversation.Conversation)
		if err := s.db.NewSelect().Model(c).Where("id = ?", id).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		if selection != nil {
			c.SetDone(testNow, 1, *selection)
			if err := updateRows(t.Context(), s.db, []*conversation.Conversation{c}, "anonymized_at", "settings_version",
				"done_content", "done_media"); err != nil {
				t.Fatal(err)
			}
			settleAll(t, s)
		}
		if err := loadRelations(t.Context(), s.db, []*conversation.Conversation{c}, Relations{Segments: true}, nil); err != nil {
			t.Fatal(err)
		}
		for position, file := range fileColumns() {
			file.ConversationID, file.SegmentID, file.Position = id, c.Segments[0].ID, position
			switch err := insertRows(t.Context(), s.db, []*conversation.MediaFile{&file}); {
			case err == nil:
				files = append(files, &file)
			case RefusalCode(err) == "23514": // check_violation
				refused++
			default:
				t.Fatal(err)
			}
		}
	}
	if len(files) == 0 || refused == 0 {
		t.Fatalf("%d combinations are accepted, %d refused", len(files), refused)
	}
	return files, done
}

// Whatever happens to a file that the table accepts, the table accepts what becomes of it.
func TestTheTableAcceptsTheLifeOfAFile(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	files, done := storeFiles(t, s)
	states := map[conversation.FileState]bool{}
	for _, file := range files {
		of := done[file.ConversationID]
		states[file.State(of, testNow)] = true
		for name, change := range map[string]conversation.MediaChange{
			"protect":        file.Protect(conversation.Protection{Reason: compliance.ReasonMiFID}),
			"release":        file.Release(of, testNow),
			"expire":         file.Expire(of, testNow),
			"anonymize":      file.Anonymize(compliance.Selection{MediaFiles: true}, testNow),
			"begin deletion": file.BeginDeletion(testNow),
			"fail, intact":   file.FailDeletion("disk", true),
			"fail":           file.FailDeletion("disk", false),
			"delete":         file.Delete(),
		} {
			err := updateRows(t.Context(), s.db, []*conversation.MediaFile{change.After},
				"status", "planned_at", "deleting_at", "failure", "protected", "protected_until", "protection_reason", "protection_note",
				"store_key", "source_url")
			if err != nil {
				t.Errorf("%s makes of %+v what the table refuses: %+v", name, *file, *change.After)
			}
		}
	}
	if len(states) != len(conversation.FileStates()) {
		t.Errorf("the table accepts files in the states %v alone", states)
	}
}

// What SQL finds is what the rules say, for every combination of columns: files whose protection ended, files
// that are owed, files to delete.
func TestSQLFindsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	files, done := storeFiles(t, s)
	ids := func(is func(f *conversation.MediaFile, done *compliance.Selection) bool) []int64 {
		var all []int64
		for _, file := range files {
			if is(file, done[file.ConversationID]) {
				all = append(all, file.ID)
			}
		}
		slices.Sort(all)
		return all
	}
	found := func(files []PlannedFile, err error) []int64 {
		if err != nil {
			t.Fatal(err)
		}
		var all []int64
		for _, file := range files {
			all = append(all, file.ID)
		}
		return all
	}
	due, err := endedProtections(t.Context(), s.db, testNow, 1000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(due)
	for name, row := range map[string]struct{ sql, rules []int64 }{
		"protections that ended": {due,
			ids(func(f *conversation.MediaFile, _ *compliance.Selection) bool { return f.ProtectionEnded(testNow) })},
		"owed": {found(s.OwedMedia(t.Context(), 0, 1000)),
			ids(func(f *conversation.MediaFile, done *compliance.Selection) bool {
				return f.ProtectionEnded(testNow) && f.Owed(done, testNow)
			})},
		"what expiring plans": {found(s.OwedMedia(t.Context(), 0, 1000)),
			ids(func(f *conversation.MediaFile, done *compliance.Selection) bool {
				return f.Expire(done, testNow).Planned()
			})},
		"planned": {found(s.PlannedMedia(t.Context(), 0, 1000)),
			ids(func(f *conversation.MediaFile, done *compliance.Selection) bool {
				state := f.State(done, testNow)
				return state == conversation.FilePlanned || state == conversation.FileBeingDeleted
			})},
	} {
		if diff := cmp.Diff(row.rules, row.sql); diff != "" || len(row.sql) == 0 {
			t.Errorf("%s (-rules +SQL):\n%s%s", name, diff, fmt.Sprint(len(row.sql)))
		}
	}
}

// updateRows writes the named columns of rows.
func updateRows[T any](ctx context.Context, tx bun.IDB, rows []*T, columns ...string) error {
	_, err := tx.NewUpdate().Model(&rows).Column(columns...).Bulk().Exec(ctx)
	return err
}
