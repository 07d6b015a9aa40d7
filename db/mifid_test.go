package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// clocked is a store whose time is told by the test.
type clocked struct {
	*Store
	at time.Time
}

func newClocked(t *testing.T) *clocked {
	c := &clocked{Store: newStore(t), at: testNow}
	c.Store.now = func() time.Time { return c.at }
	return c
}

// recorded is a call with so many recordings, the second of a screen, with or without a chat beside it.
func recorded(files int, chat bool) *conversation.Incoming {
	c := sample(1)
	c.Segments = c.Segments[:1]
	c.Segments[0].Media = nil
	for n := range files {
		kind := compliance.MediaCall
		if n == 1 {
			kind = compliance.MediaScreen
		}
		c.Segments[0].Media = append(c.Segments[0].Media,
			conversation.IncomingMedia{Kind: kind, MediaType: "audio/wav", ContentHash: fmt.Sprint("sha512-", n),
				StoreKey: fmt.Sprint("key-", n), Size: 7})
	}
	if chat {
		c.Segments = append(c.Segments, sample(1).Segments[2])
	}
	return c
}

// importRecorded imports recordings as the intake does, whose bytes are in the file store by then.
func importRecorded(t *testing.T, s *Store, files int, chat bool) {
	t.Helper()
	var uploads []*Upload
	for n := range files {
		uploads = append(uploads, &Upload{StoreKey: fmt.Sprint("key-", n)})
	}
	if err := s.TrackUploads(t.Context(), uploads); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, recorded(files, chat))
}

// outcome is what a conversation shows.
type outcome struct {
	Status     compliance.MediaStatus
	Reviewable bool
	Deleted    int
}

func (c *clocked) outcome(t *testing.T) outcome {
	t.Helper()
	row := readFirst(t, c.Store)
	o := outcome{row.MediaStatus, row.Reviewable, 0}
	for _, file := range row.Media {
		if file.Status == compliance.MediaDeleted {
			o.Deleted++
		}
	}
	return o
}

func nothingToRemove(context.Context, string) error { return nil }

// deleteAll is a pass of the Delete tool.
func (c *clocked) deleteAll(t *testing.T) {
	t.Helper()
	if _, err := c.ExpireProtections(t.Context(), deed(), 100); err != nil {
		t.Fatal(err)
	}
	files, err := c.PlannedMedia(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, err := c.DeleteMedia(t.Context(), deed(), file.ID, nothingToRemove); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *clocked) protect(t *testing.T, files []int64, until *time.Time) {
	t.Helper()
	changed, err := c.ProtectMedia(t.Context(), deed(), Everything(), files,
		conversation.Protection{Reason: compliance.ReasonLegalClaim, Note: "order of a court", Until: until})
	if err != nil || len(changed.Refused) > 0 {
		t.Fatal(changed, err)
	}
}

// MiFID protection, whatever it meets: how many files, which of them, beside what, and when it begins and
// ends (design, section 4). Each row says what shows once the conversation was anonymized with everything on,
// and after the Delete tool.
func TestProtectionTable(t *testing.T) {
	t.Parallel()
	available, planned, deleted := compliance.MediaAvailable, compliance.MediaPlanned, compliance.MediaDeleted
	const one, several, mixed = "one file", "several files", "mixed: one of three"
	table := []struct {
		protection, files      string
		anonymized, afterwards outcome
	}{
		{"protected", one, outcome{available, true, 0}, outcome{available, true, 0}},
		{"protected", several, outcome{available, true, 0}, outcome{available, true, 0}},
		{"protected", mixed, outcome{planned, true, 0}, outcome{deleted, true, 2}},
		{"not", one, outcome{planned, false, 0}, outcome{deleted, false, 1}},
		{"not", several, outcome{planned, false, 0}, outcome{deleted, false, 3}},
		{"not", mixed, outcome{planned, false, 0}, outcome{deleted, false, 3}},
		{"expired", one, outcome{available, true, 0}, outcome{deleted, false, 1}},
		{"expired", several, outcome{available, true, 0}, outcome{deleted, false, 3}},
		{"expired", mixed, outcome{planned, true, 0}, outcome{deleted, false, 3}},
		{"protected after planning", one, outcome{available, true, 0}, outcome{available, true, 0}},
		{"protected after planning", several, outcome{available, true, 0}, outcome{available, true, 0}},
		{"protected after planning", mixed, outcome{planned, true, 0}, outcome{deleted, true, 2}},
		{"released after anonymization", one, outcome{planned, false, 0}, outcome{deleted, false, 1}},
		{"released after anonymization", several, outcome{planned, false, 0}, outcome{deleted, false, 3}},
		{"released after anonymization", mixed, outcome{planned, false, 0}, outcome{deleted, false, 3}},
		{"expired after anonymization", one, outcome{available, true, 0}, outcome{deleted, false, 1}},
		{"expired after anonymization", several, outcome{available, true, 0}, outcome{deleted, false, 3}},
		{"expired after anonymization", mixed, outcome{planned, true, 0}, outcome{deleted, false, 3}},
	}
	for _, row := range table {
		for _, chat := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%s/chat=%v", row.protection, row.files, chat), func(t *testing.T) {
				t.Parallel()
				c := newClocked(t)
				count, chosen := 3, []int64{1, 2, 3}
				switch row.files {
				case one:
					count, chosen = 1, []int64{1}
				case mixed:
					chosen = []int64{1}
				}
				importRecorded(t, c.Store, count, chat)
				saveEverything(t, c.Store)
				c.play(t, row.protection, chosen)
				if diff := cmp.Diff(row.anonymized, c.outcome(t)); diff != "" {
					t.Errorf("anonymized (-want +got):\n%s", diff)
				}
				if row.protection == "expired after anonymization" {
					c.at = c.at.Add(2 * time.Hour)
				}
				c.deleteAll(t)
				if diff := cmp.Diff(row.afterwards, c.outcome(t)); diff != "" {
					t.Errorf("after the Delete tool (-want +got):\n%s", diff)
				}
				c.checkReviewAgrees(t)
			})
		}
	}
}

func (c *clocked) play(t *testing.T, protection string, chosen []int64) {
	t.Helper()
	soon := c.at.Add(time.Hour)
	switch protection {
	case "protected", "released after anonymization":
		c.protect(t, chosen, nil)
	case "expired":
		c.protect(t, chosen, &soon)
		c.at = c.at.Add(2 * time.Hour)
	case "expired after anonymization":
		c.protect(t, chosen, &soon)
	}
	anonymizeAll(t, c.Store)
	switch protection {
	case "protected after planning":
		c.protect(t, chosen, nil)
	case "released after anonymization":
		if changed, err := c.ReleaseMedia(t.Context(), deed(), Everything(), chosen); err != nil ||
			len(changed.Refused) > 0 {
			t.Fatal(changed, err)
		}
	}
}

// checkReviewAgrees holds what is stored of the conversation against what its segments say.
func (c *clocked) checkReviewAgrees(t *testing.T) {
	t.Helper()
	row := readFirst(t, c.Store)
	reviewable := false
	for _, reason := range row.Review() {
		reviewable = reviewable || reason != compliance.ReasonAnonymized
	}
	if reviewable != row.Reviewable {
		t.Errorf("stored %v, by segments %v", row.Reviewable, reviewable)
	}
}

// What cannot be: protecting what is deleted or being deleted, a date in the past, no reason, what is not
// there; and the rest of the files is done all the same.
func TestRefusedProtections(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	importRecorded(t, c.Store, 3, false)
	saveEverything(t, c.Store)
	c.protect(t, []int64{3}, nil)
	anonymizeAll(t, c.Store)
	if _, err := c.DeleteMedia(t.Context(), deed(), 1, nothingToRemove); err != nil {
		t.Fatal(err)
	}
	failing := errors.New("the store is down")
	if _, err := c.DeleteMedia(t.Context(), deed(), 2,
		func(context.Context, string) error { return failing }); !errors.Is(err, failing) {
		t.Fatal(err)
	}
	past, far := c.at.Add(-time.Second), c.at.Add(time.Hour)
	for name, p := range map[string]conversation.Protection{
		"a date in the past": {Reason: compliance.ReasonOther, Until: &past}, "now": {Reason: compliance.ReasonOther, Until: &c.at},
		"no reason": {Note: "r"}, "no such reason": {Reason: "mifid"},
		"a long note": {Reason: compliance.ReasonOther, Note: strings.Repeat("r", 501)},
	} {
		if _, err := c.ProtectMedia(t.Context(), deed(), Everything(), []int64{3}, p); compliance.UserErrors(err) == nil {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
	changed, err := c.ProtectMedia(t.Context(), deed(), Everything(), []int64{1, 2, 3, 99},
		conversation.Protection{Reason: compliance.ReasonOther, Until: &far})
	if err != nil || changed.Refused[1] == nil || changed.Refused[2] == nil ||
		changed.Refused[2].Code != compliance.CodeConflict || changed.Refused[99] == nil || len(changed.Files) != 1 ||
		changed.Files[0] != 3 {
		t.Errorf("%+v, %v", changed, err)
	}
	// Once it is known that the file is still there, it can be protected again.
	for _, there := range []bool{false, true} {
		err := c.FailDeletion(t.Context(), 2, "the store is down",
			func(context.Context, string) (bool, error) { return there, nil })
		if err != nil {
			t.Fatal(err)
		}
		changed, err := c.ProtectMedia(t.Context(), deed(), Everything(), []int64{2},
			conversation.Protection{Reason: compliance.ReasonOther, Until: &far})
		if err != nil || (len(changed.Files) == 1) != there {
			t.Errorf("a file that is there: %v, protected: %+v, %v", there, changed, err)
		}
	}
	if _, err := c.ReleaseMedia(t.Context(), deed(), Everything(), []int64{2}); err != nil {
		t.Fatal(err)
	}
	if changed, err := c.ReleaseMedia(t.Context(), deed(), Everything(), []int64{1, 2, 3}); err != nil ||
		len(changed.Files) != 1 || len(changed.Refused) != 2 {
		t.Errorf("%+v, %v", changed, err)
	}
	if changed, err := c.ProtectMedia(t.Context(), deed(), Access{Principals: []string{"user:nobody"}}, []int64{3},
		conversation.Protection{Reason: compliance.ReasonOther}); err != nil || changed.Refused[3] == nil {
		t.Errorf("somebody who does not see it protects it: %+v, %v", changed, err)
	}
	c.checkRefusals(t)
}

// checkRefusals holds the log against what TestRefusedProtections tried in vain. It does not tell ids that do
// not exist for whoever asked.
func (c *clocked) checkRefusals(t *testing.T) {
	t.Helper()
	const query = `
SELECT concat_ws(' ', activity, d->>'code', d->'mediaFiles', (SELECT string_agg(f->>'id', ',') FROM jsonb_array_elements(d->'files') AS f))
  FROM audit_events, LATERAL (SELECT convert_from(encoding, 'UTF8')::jsonb->'details') AS x (d) WHERE result = 'FAILURE' ORDER BY id`
	var got []string
	if err := c.db.NewRaw(query).Scan(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"MEDIA_PROTECTED INVALID 1 1", "MEDIA_PROTECTED CONFLICT 1 2", "MEDIA_PROTECTED NOT_FOUND 1",
		"MEDIA_PROTECTED CONFLICT 1 2",
		"MEDIA_RELEASED INVALID 2 1,2",
		"MEDIA_PROTECTED NOT_FOUND 1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Protecting what was planned takes the request back; releasing asks again. The log tells all of it.
func TestProtectionIsRequestedAndAudited(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	importRecorded(t, c.Store, 1, false)
	saveEverything(t, c.Store)
	anonymizeAll(t, c.Store)
	until := c.at.Add(time.Hour)
	c.protect(t, []int64{1}, &until)
	c.at = c.at.Add(2 * time.Hour)
	if ended, err := c.ExpireProtections(t.Context(), deed(), 10); err != nil || ended != 1 {
		t.Fatal(ended, err)
	}
	var actions []string
	if err := c.db.NewRaw("SELECT action FROM media_deletion_requests ORDER BY sequence").Scan(t.Context(),
		&actions); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"DELETE", "KEEP", "DELETE"}, actions); diff != "" {
		t.Error(diff)
	}
	var log []string
	if err := c.db.NewRaw(`
SELECT activity || coalesce(' ' || coalesce(d->>'reason', d->>'cause'), '')
  FROM audit_events, LATERAL (SELECT convert_from(encoding, 'UTF8')::jsonb->'details') AS x (d)
 WHERE activity LIKE 'MEDIA%' ORDER BY id`).Scan(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	want := []string{"MEDIA_DELETION_REQUESTED", "MEDIA_PROTECTED LEGAL_CLAIM", "MEDIA_RELEASED EXPIRED",
		"MEDIA_DELETION_REQUESTED"}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Error(diff)
	}
}

// Protecting, releasing, anonymizing, deleting and importing at the same time: in the end what is protected
// is there, what is planned is not protected, and nothing was deleted while it was protected.
func TestEveryRaceIsDecidedInTheDatabase(t *testing.T) {
	t.Parallel()
	s, pool := newStoreAndPool(t)
	onlooker := secondStore(t, pool)
	importRecorded(t, s, 3, true)
	saveEverything(t, s)
	var group sync.WaitGroup
	run := func(do func() error) {
		group.Go(func() {
			for range 25 {
				if err := do(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	ids := []int64{1, 2, 3}
	run(func() error { _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1}); return err })
	run(func() error {
		_, err := s.ProtectMedia(t.Context(), deed(), Everything(), ids[:2], conversation.Protection{Reason: compliance.ReasonOther})
		return err
	})
	run(func() error { _, err := s.ReleaseMedia(t.Context(), deed(), Everything(), ids[1:2]); return err })
	run(func() error {
		_, err := s.Import(t.Context(), deed(), []*conversation.Incoming{recorded(3, true)})
		return err
	})
	for range 2 {
		run(func() error {
			for _, id := range ids {
				if _, err := s.DeleteMedia(t.Context(), deed(), id, onlooker.refuseProtected(t, id)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Wait()
	row := readFirst(t, s)
	for _, file := range row.Media {
		if file.Protected && file.Status != compliance.MediaAvailable {
			t.Errorf("%+v", file)
		}
	}
	stored := *row
	row.Derive()
	if stored.Reviewable != row.Reviewable || stored.MediaStatus != row.MediaStatus {
		t.Errorf("stored %v %s, derived %v %s", stored.Reviewable, stored.MediaStatus, row.Reviewable, row.MediaStatus)
	}
}

// secondStore has connections of its own, so that it gets one whatever the first one's transactions hold.
func secondStore(t *testing.T, pool *pgxpool.Pool) *Store {
	t.Helper()
	second, bun, err := Connect(t.Context(), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bun.Close(); second.Close() })
	s, err := New(t.Context(), bun, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refuseProtected stands in for the file store, and notices when a protected file is deleted.
func (s *Store) refuseProtected(t *testing.T, id int64) func(context.Context, string) error {
	return func(ctx context.Context, _ string) error {
		file, err := s.MediaFile(ctx, Everything(), id)
		if err == nil && file.Protected {
			t.Errorf("file %d is deleted though it is protected", id)
		}
		return err
	}
}
