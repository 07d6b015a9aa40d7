package db

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/compliance"
)

// What a killed import has left of a conversation in the file store is known: it is counted with the time until
// which it waits, purge names it, and anonymizing the media of the conversation ends the waiting.
func TestUploadsThatAKilledImportLeft(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	first, second := sample(1), sample(2)
	mustImport(t, c.Store, first, second)
	uploads := []*Upload{
		{StoreKey: "of-first", UploadedFor: first.UUID}, {StoreKey: "of-second", UploadedFor: second.UUID},
		{StoreKey: "of-nobody-yet", UploadedFor: sample(3).UUID},
	}
	if err := c.TrackUploads(t.Context(), uploads); err != nil {
		t.Fatal(err)
	}
	want := func(when string, waiting int, due ...string) {
		t.Helper()
		count, until, err := c.WaitingUploads(t.Context())
		isUntil := waiting == 0 || until.Equal(uploads[0].RemoveAfter)
		if err != nil || count != waiting || !isUntil {
			t.Errorf("%s: %d wait until %s, want %d: %v", when, count, until, waiting, err)
		}
		keys, err := c.LooseMedia(t.Context(), "", 10)
		if err != nil || !slices.Equal(keys, due) {
			t.Errorf("%s: %q are due: %v", when, keys, err)
		}
	}
	want("at first", 3)
	report, err := c.Purge(t.Context(), PurgeOptions{}, func(PurgeStep) {})
	if err != nil || !slices.ContainsFunc(report.Remains, func(line string) bool {
		return strings.Contains(line, "broken off (3)") &&
			strings.Contains(line, uploads[0].RemoveAfter.UTC().Format(time.RFC3339))
	}) {
		t.Errorf("purge says %q: %v", report.Remains, err)
	}
	anonymize := func(version int, on map[compliance.BasicItem]bool) {
		t.Helper()
		if _, err := c.SaveSettings(t.Context(), deed(),
			Save{BaseVersion: version, Wanted: &Wanted{Basic: on}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Anonymize(t.Context(), deed(), Everything(), []int64{1}); err != nil {
			t.Fatal(err)
		}
	}
	anonymize(1, map[compliance.BasicItem]bool{compliance.SubjectAndBody: true})
	want("anonymized without media", 3)
	anonymize(2, map[compliance.BasicItem]bool{compliance.MediaFiles: true})
	want("anonymized with media", 2, "of-first")
	noRemoval := func(context.Context, string) error { return nil }
	if removed, err := c.RemoveLoose(t.Context(), "of-first", noRemoval); !removed || err != nil {
		t.Error(removed, err)
	}
	c.at = c.at.Add(uploadLife)
	want("an hour later", 0, "of-nobody-yet", "of-second")
}

func TestCountMediaOfAnEmptyStore(t *testing.T) {
	t.Parallel()
	if recordings, strays, err := CountMedia(t.Context(), newStore(t).db, nil); recordings != 0 || strays != 0 || err != nil {
		t.Error(recordings, strays, err)
	}
}
