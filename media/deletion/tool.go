// Package deletion is the Delete tool: it deletes the media files that are planned for it from the file store, and only then writes that they are gone (design,
// section 4, "Media deletion"). Several may run at once, beside servers. One that is killed leaves nothing wrong: what it began, the next one finishes.
package deletion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/db"
	"qm-compliance/media/store"
)

const (
	// page is how many planned files are looked at together, workers how many of them at once.
	page    = 200
	workers = 8
	// staleAfter is how old an unfinished upload must be to be taken for one that a killed process left.
	staleAfter = 24 * time.Hour
)

// Outcome is what became of one file.
type Outcome string

// The outcomes.
const (
	// Deleted: the file is gone from the store, and that is written.
	Deleted Outcome = "DELETED"
	// Failed: it could not be deleted, and stays planned.
	Failed Outcome = "FAILED"
	// Waiting: it is not in the file store, and the Interaction service, whose it is, has not been told yet.
	Waiting Outcome = "WAITING"
	// Skipped: it was protected, or deleted by somebody else, just now.
	Skipped Outcome = "SKIPPED"
	// Planned: a dry run would delete it.
	Planned Outcome = "WOULD_DELETE"
)

// Event tells what became of one file. Reason says why it failed.
type Event struct {
	File    db.PlannedFile
	Outcome Outcome
	Reason  string
}

// Summary counts what a pass did.
type Summary struct {
	// Files counts the files of each outcome, Bytes those of the deleted ones (of a dry run: of the planned ones).
	Files map[Outcome]int
	Bytes int64
	// Loose counts files that belonged to nothing any more and were removed: uploads that were never used, and recordings that a newer vCon replaced.
	Loose int
}

// Tool is the Delete tool.
type Tool struct {
	Database *db.Store
	Store    *store.Store
	Actor    db.Actor
	// Begin is told how many files are planned, Done of each file that was looked at, one at a time. Both may be nil.
	Begin func(planned int)
	Done  func(Event)
	Now   func() time.Time
}

// Pass goes through the planned files once. Limit bounds how many it deletes, zero for no bound. A dry run changes nothing. What goes wrong with single files is in
// the summary and stays planned; the error is about what keeps the pass from going on, such as a store that cannot be reached at all.
func (t *Tool) Pass(ctx context.Context, limit int, dryRun bool) (Summary, error) {
	summary := Summary{Files: map[Outcome]int{}}
	if err := t.prepare(ctx, dryRun); err != nil {
		return summary, err
	}
	for after := int64(0); ; {
		files, err := t.Database.PlannedMedia(ctx, after, page)
		if err != nil || len(files) == 0 {
			return t.finish(ctx, summary, dryRun, err)
		}
		after = files[len(files)-1].ID
		for len(files) > 0 {
			chunk := files
			if limit > 0 {
				left := limit - summary.Files[Deleted] - summary.Files[Planned]
				if left <= 0 {
					return t.finish(ctx, summary, dryRun, nil)
				}
				chunk = files[:min(len(files), left)]
			}
			files = files[len(chunk):]
			if err := t.work(ctx, chunk, dryRun, &summary); err != nil {
				return summary, err
			}
		}
	}
}

// prepare ends the protections whose date has come, so that what they owe is deleted in this pass.
func (t *Tool) prepare(ctx context.Context, dryRun bool) error {
	if err := t.Store.Check(ctx); err != nil {
		return err
	}
	for ended := page; !dryRun && ended == page; {
		var err error
		if ended, err = t.Database.ExpireProtections(ctx, t.Actor, page); err != nil {
			return err
		}
	}
	if t.Begin == nil {
		return nil
	}
	planned, err := t.Database.CountPlannedMedia(ctx)
	t.Begin(planned)
	return err
}

// work deals with some files at once, and counts what became of them.
func (t *Tool) work(ctx context.Context, files []db.PlannedFile, dryRun bool, summary *Summary) error {
	events := make(chan Event)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	go func() {
		defer close(events)
		for _, file := range files {
			group.Go(func() error {
				event, err := t.one(ctx, file, dryRun)
				if err == nil {
					events <- event
				}
				return err
			})
		}
		_ = group.Wait()
	}()
	for event := range events {
		summary.Files[event.Outcome]++
		if event.Outcome == Deleted || event.Outcome == Planned {
			summary.Bytes += event.File.SizeBytes
		}
		if t.Done != nil {
			t.Done(event)
		}
	}
	return group.Wait()
}

// one deals with one file. Its error says that the pass was told to stop.
func (t *Tool) one(ctx context.Context, file db.PlannedFile, dryRun bool) (Event, error) {
	event := Event{File: file, Outcome: Deleted}
	switch {
	case ctx.Err() != nil:
		return event, ctx.Err()
	case !file.Stored && !file.Requested:
		event.Outcome = Waiting
	case dryRun:
		event.Outcome = Planned
	default:
		deleted, err := t.Database.DeleteMedia(ctx, t.Actor, file.ID, t.Store.Delete)
		switch {
		case err != nil && ctx.Err() != nil:
			return event, ctx.Err()
		case err != nil:
			event.Outcome, event.Reason = Failed, t.fail(ctx, file.ID, err)
		case !deleted:
			event.Outcome = Skipped
		}
	}
	return event, nil
}

// fail notes why a file could not be deleted, and whether it is intact all the same.
func (t *Tool) fail(ctx context.Context, id int64, failure error) string {
	reason := explain(failure)
	if err := t.Database.FailDeletion(ctx, id, reason, t.Store.Exists); err != nil {
		reason += "; that could not be noted: " + explain(err)
	}
	return reason
}

// explain words an error for an operator. PostgreSQL's own words may repeat values.
func explain(err error) string {
	var own *store.Error
	if errors.As(err, &own) {
		return own.Error()
	}
	if code := db.RefusalCode(err); code != "" {
		return fmt.Sprintf("the database refuses (%s)", code)
	}
	return err.Error()
}

// finish removes what belongs to nothing any more.
func (t *Tool) finish(ctx context.Context, summary Summary, dryRun bool, err error) (Summary, error) {
	if err != nil || dryRun {
		return summary, err
	}
	for after := ""; ; {
		keys, err := t.Database.LooseMedia(ctx, after, page)
		if err != nil || len(keys) == 0 {
			break
		}
		for _, key := range keys {
			after = key
			removed, err := t.Database.RemoveLoose(ctx, key, t.Store.Delete)
			switch {
			case ctx.Err() != nil:
				return summary, ctx.Err()
			case err != nil:
				summary.Files[Failed]++
			case removed:
				summary.Loose++
			}
		}
	}
	swept, err := t.Store.Sweep(ctx, t.Now().Add(-staleAfter))
	summary.Loose += swept
	return summary, err
}
