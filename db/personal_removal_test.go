package db

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// collected is an outbox that keeps the keys of its requests.
type collected struct{ keys []uuid.UUID }

func (o *collected) Enqueue(_ context.Context, _ *sql.Tx, keys []uuid.UUID) error {
	o.keys = append(o.keys, keys...)
	return nil
}

// count counts the rows of a listed column that hold something and meet a condition.
func (c *clocked) count(t *testing.T, column PersonalColumn, condition string, arguments ...any) (count int) {
	t.Helper()
	query := c.db.NewSelect().Table(column.Table).ColumnExpr("count(*)").
		Where("?::text <> ''", bun.Ident(column.Column)).Where(condition, arguments...)
	if err := query.Scan(t.Context(), &count); err != nil {
		t.Fatal(err)
	}
	return count
}

// After everything was anonymized, deleted and delivered, no listed column holds what the list says is
// removed, and the others hold what the list says remains. Every column held something before, so that a new
// entry fails until this test has a value for it.
func TestEveryListedValueIsRemoved(t *testing.T) {
	t.Parallel()
	c, outbox := newClocked(t), &collected{}
	c.Store = c.WithOutbox(outbox)
	seen := map[string]bool{}
	look := func() {
		for _, column := range PersonalColumns() {
			if c.count(t, column, "true") > 0 {
				seen[column.Table+"."+column.Column] = true
			}
		}
	}
	c.fillEveryColumn(t)
	look()
	c.removeEverything(t, outbox, look)
	for _, column := range PersonalColumns() {
		name := column.Table + "." + column.Column
		if !seen[name] {
			t.Errorf("%s never held anything; give it a value in this test", name)
		}
		placeholder, flag := string(column.overwriting.placeholder), bun.Ident(column.Column+"_anonymized")
		switch column.Removal {
		case Overwritten:
			const other = "(?::text <> ? OR NOT ?)"
			if left := c.count(t, column, other, bun.Ident(column.Column), placeholder, flag); left > 0 {
				t.Errorf("%s: %d values are not overwritten", name, left)
			}
			if c.count(t, column, "?", flag) == 0 {
				t.Errorf("%s: nothing is overwritten", name)
			}
		case Cleared, RowDeleted:
			if left := c.count(t, column, "true"); left > 0 {
				t.Errorf("%s: %d values are left", name, left)
			}
		case Replaced, Kept:
			if c.count(t, column, "true") == 0 {
				t.Errorf("%s is empty, though the list says that it stays", name)
			}
		}
	}
}

// fillEveryColumn stores conversations with something of everything, one file protected, one left over in the
// media store.
func (c *clocked) fillEveryColumn(t *testing.T) {
	t.Helper()
	if err := c.TrackUploads(t.Context(), []*Upload{{StoreKey: "key-0"}, {StoreKey: "key-1"}, {StoreKey: "key-2"}}); err != nil {
		t.Fatal(err)
	}
	first := sample(1)
	first.Segments[0].Media = append(first.Segments[0].Media, conversation.IncomingMedia{
		Kind: compliance.MediaCall, MediaType: "audio/wav", URL: "https://media.contact.example/b", ContentHash: "sha512-b",
		StoreKey: "key-0", Size: 7,
	})
	third := mixed(3, 1, 0)
	third.Segments[0].Media[0].StoreKey, third.Segments[0].Media[0].URL, third.Segments[0].Media[0].Size = "key-2", "", 7
	mustImport(t, c.Store, first, mixed(2, 2, 0, 1, 2), third)
	c.protect(t, []int64{1, 2}, nil)
	c.save(t, allOn)
	off := Wanted{Basic: map[compliance.BasicItem]bool{compliance.MediaFiles: false}}
	if err := c.StageSettings(t.Context(), importer, off); err != nil {
		t.Fatal(err)
	}
}

// removeEverything lets every removal happen that the list speaks of, and looks in between at what comes and
// goes.
func (c *clocked) removeEverything(t *testing.T, outbox *collected, look func()) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(c.ResetSettings(t.Context(), importer))
	job := c.runJob(t, []int64{2, 3})
	look()
	_, err := c.Anonymize(t.Context(), deed(), Everything(), []int64{1, 2})
	check(err)
	_, err = c.ReleaseMedia(t.Context(), deed(), Everything(), []int64{1, 2})
	check(err)
	for _, key := range outbox.keys {
		_, err := c.SettleMessage(t.Context(), key, "a message with addresses of recordings")
		check(err)
		_, err = c.MarkFailed(t.Context(), key, "not available")
		check(err)
	}
	look()
	for _, key := range outbox.keys {
		check(c.MarkDelivered(t.Context(), key))
	}
	c.deleteAll(t)
	gone := func(context.Context, string) (bool, error) { return false, nil }
	for worked := true; worked; {
		worked, err = c.WorkOnJob(t.Context(), job, JobWorker{Stored: gone})
		check(err)
	}
	c.at = c.at.Add(2 * time.Hour)
	loose, err := c.LooseMedia(t.Context(), "", 100)
	check(err)
	for _, key := range loose {
		_, err := c.RemoveLoose(t.Context(), key, nothingToRemove)
		check(err)
	}
}

// runJob runs a job of two conversations, of a person who sees those of a group, which is paused and cancelled at its end.
func (c *clocked) runJob(t *testing.T, ids []int64) int64 {
	t.Helper()
	by := Requester{Actor: deed().Actor, Access: Access{Principals: []string{conversation.GroupPrincipal("support")}}}
	c.jobLimits.Batch = 1
	job, _, err := c.PlanJob(t.Context(), by, JobSet{IDs: ids})
	if err != nil || job.Conversations != len(ids) {
		t.Fatalf("%+v, %v", job, err)
	}
	c.work(t, job.ID)
	if _, err := c.StartJob(t.Context(), by, job.ID, JobStart{}); err != nil {
		t.Fatal(err)
	}
	for range ids {
		if _, err := c.WorkOnJob(t.Context(), job.ID, JobWorker{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.PauseJob(t.Context(), by, job.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CancelJob(t.Context(), by, job.ID); err != nil {
		t.Fatal(err)
	}
	return job.ID
}
