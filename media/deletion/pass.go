// Package deletion is the Delete tool: it deletes the media files that are planned for deletion from the
// file store, and only then records that they are gone (design, section 4, "Media deletion"). Several
// tools may run at once, beside servers. A tool that is killed leaves nothing wrong: the next one
// finishes what it began.
package deletion

import (
	"cmp"
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
	"qm-compliance/telemetry"
)

// pass is one pass of a tool.
type pass struct {
	*Tool
	// op is the operation of everything that the pass does.
	op      audit.Operation
	limit   int
	dryRun  bool
	summary Summary
}

func (p *pass) run(ctx context.Context) error {
	if err := p.prepare(ctx); err != nil {
		return err
	}
	if err := p.files(ctx, p.Database.PlannedMedia); err != nil {
		return err
	}
	if p.dryRun {
		// Those whose protections prepare would have ended.
		if err := p.files(ctx, p.Database.OwedMedia); err != nil {
			return err
		}
	} else if err := p.tidy(ctx); err != nil {
		return err
	}
	var err error
	p.summary.Uploads, p.summary.UploadsUntil, err = p.Database.WaitingUploads(ctx)
	return err
}

// prepare verifies the store and ends the protections whose date has come, so that this pass deletes
// what they kept.
func (p *pass) prepare(ctx context.Context) error {
	if err := p.verifyStore(ctx); err != nil {
		return err
	}
	for ended := page; !p.dryRun && ended == page; {
		var err error
		if ended, err = p.Database.ExpireProtections(ctx, p.op, page); err != nil {
			return err
		}
	}
	if p.Begin == nil {
		return nil
	}
	planned, err := p.Database.CountPlannedMedia(ctx)
	p.Begin(planned)
	return err
}

// verifyStore checks that the store can be used and is the one that holds the files: in any other one
// all of them would look deleted. A dry run asks nothing of the store that could change it. A full store
// is no obstacle, since deleting makes room.
func (p *pass) verifyStore(ctx context.Context) error {
	if p.dryRun {
		return p.Store.VerifyIdentity(ctx, p.Database.MediaStore)
	}
	if err := p.Store.Check(ctx); err != nil && !errors.Is(err, filestore.ErrFull) {
		return err
	}
	return p.Store.VerifyIdentity(ctx, p.Database.RememberMediaStore)
}

// files deletes the files of a list, as many as the limit allows.
func (p *pass) files(
	ctx context.Context, list func(ctx context.Context, after int64, limit int) ([]db.PlannedFile, error),
) error {
	for after := int64(0); ; {
		files, err := list(ctx, after, page)
		if err != nil || len(files) == 0 {
			return err
		}
		after = files[len(files)-1].ID
		for len(files) > 0 { // several rounds where a limit is left because some files were not deleted
			some := min(len(files), p.left())
			if some == 0 {
				return nil
			}
			if err := p.deleteFiles(ctx, files[:some]); err != nil {
				return err
			}
			files = files[some:]
		}
	}
}

// left returns how many files may still be deleted.
func (p *pass) left() int {
	if p.limit == 0 {
		return math.MaxInt
	}
	return p.limit - p.summary.Files[Deleted] - p.summary.Files[Planned]
}

// deleteFiles deletes some files at once.
func (p *pass) deleteFiles(ctx context.Context, files []db.PlannedFile) error {
	events := make(chan Event)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	go func() {
		defer close(events)
		for _, file := range files {
			group.Go(func() error {
				event, err := p.deleteFile(ctx, file)
				if err == nil {
					events <- event
				}
				return err
			})
		}
		_ = group.Wait()
	}()
	for event := range events {
		p.count(event)
	}
	return group.Wait()
}

// deleteFile deletes one file, unless it has to wait or this is a dry run. It fails only if the pass was
// stopped; any other failure is in the event.
func (p *pass) deleteFile(ctx context.Context, file db.PlannedFile) (Event, error) {
	event := Event{File: file, Outcome: Deleted}
	switch {
	case ctx.Err() != nil:
		return event, ctx.Err()
	case !file.Stored && !file.Requested:
		event.Outcome = Waiting
	case p.dryRun:
		event.Outcome = Planned
	default:
		ctx, span := p.Tracer.Start(ctx, "deletion of a media file")
		defer span.End()
		deleted, err := p.Database.DeleteMedia(ctx, p.op, file.ID, p.Store.Delete)
		switch {
		case err != nil && ctx.Err() != nil:
			return event, ctx.Err()
		case err != nil:
			event.Outcome, event.Reason = Failed, p.fail(ctx, file.ID, err)
			span.Failed("not deleted")
		case !deleted:
			event.Outcome = Skipped
		}
	}
	return event, nil
}

// fail records why a file could not be deleted, and whether it is still intact. It returns the reason.
func (p *pass) fail(ctx context.Context, id int64, failure error) string {
	reason := explain(failure)
	if err := p.Database.FailDeletion(ctx, id, reason, p.Store.Exists); err != nil {
		reason += "; that could not be recorded: " + explain(err)
	}
	return reason
}

// explain describes an error to an operator. PostgreSQL's own message may repeat values.
func explain(err error) string {
	var own *filestore.Error
	if errors.As(err, &own) {
		return own.Error()
	}
	return cmp.Or(db.Explain(err), err.Error())
}

// count counts the outcome for a file, and reports it to Done.
func (p *pass) count(event Event) {
	p.summary.Files[event.Outcome]++
	if event.Outcome == Deleted || event.Outcome == Planned {
		p.summary.Bytes += event.File.SizeBytes
	}
	if p.Done != nil {
		p.Done(event)
	}
}

// tidy removes files that belong to nothing any more, and what interrupted uploads left.
func (p *pass) tidy(ctx context.Context) error {
	for after := ""; ; {
		keys, err := p.Database.LooseMedia(ctx, after, page)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
		for _, key := range keys {
			if err := p.deleteLoose(ctx, key); err != nil {
				return err
			}
		}
		after = keys[len(keys)-1]
	}
	swept, err := p.Store.Sweep(ctx, p.Now().Add(-staleAfter))
	p.summary.Loose += swept
	return err
}

// deleteLoose removes one file, unless it is in use by now. The next pass tries again what could not be
// removed.
func (p *pass) deleteLoose(ctx context.Context, key string) error {
	removed, err := p.Database.RemoveLoose(ctx, key, p.Store.Delete)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.count(Event{Outcome: Failed, Reason: explain(err), Loose: true})
	case removed:
		p.summary.Loose++
	}
	return nil
}

const (
	// page is the number of planned files that are read together, workers the number deleted at once.
	page    = 200
	workers = 8
	// staleAfter is the age at which an unfinished upload counts as left by a killed process.
	staleAfter = 24 * time.Hour
)

// Outcome is what happened to one file.
type Outcome string

// The outcomes.
const (
	// Deleted: the file is gone from the store, and that is recorded.
	Deleted Outcome = "DELETED"
	// Failed: it could not be deleted, and stays planned.
	Failed Outcome = "FAILED"
	// Waiting: it is not in the file store, and the Interaction service, its owner, has not taken the
	// request yet.
	Waiting Outcome = "WAITING"
	// Skipped: it has just been protected, or deleted by another tool.
	Skipped Outcome = "SKIPPED"
	// Planned: a dry run would delete it.
	Planned Outcome = "WOULD_DELETE"
)

// Event is the outcome for one file. Reason says why it failed. If Loose is set, the file belonged to
// nothing any more, and File is empty.
type Event struct {
	File    db.PlannedFile
	Outcome Outcome
	Reason  string
	Loose   bool
}

// Summary counts what a pass did.
type Summary struct {
	// Files counts the files of each outcome. Bytes is the size of the deleted ones, in a dry run of the
	// planned ones.
	Files map[Outcome]int
	Bytes int64
	// Loose counts files that belonged to nothing any more and were removed: uploads that were never
	// used, and recordings that a newer vCon replaced.
	Loose int
	// Uploads counts recordings in the store that belong to no conversation and wait: an import that goes on
	// may still need them, or one that was broken off left them. They are removed from UploadsUntil on.
	Uploads      int
	UploadsUntil time.Time
}

// Tool is the Delete tool.
type Tool struct {
	Database *db.Store
	Store    *filestore.Files
	Actor    audit.Actor
	// Begin is called with the number of planned files, Done with each event, one at a time. Both may be nil.
	Begin func(planned int)
	Done  func(Event)
	Now   func() time.Time
	// Tracer begins the spans of deletions; nil begins none.
	Tracer *telemetry.Tracer
}

// Pass goes through the planned files once. Limit bounds how many it deletes, zero means no bound. A dry
// run changes nothing. A file that fails stays planned and is in the summary; Pass returns an error only
// if it cannot go on, for instance because the store cannot be reached.
func (t *Tool) Pass(ctx context.Context, limit int, dryRun bool) (Summary, error) {
	p := &pass{
		Tool: t, op: audit.Begin(t.Actor, audit.MediaDeleted), limit: limit, dryRun: dryRun,
		summary: Summary{Files: map[Outcome]int{}},
	}
	err := p.run(ctx)
	return p.summary, err
}
