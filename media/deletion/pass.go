package deletion

import (
	"context"
	"math"

	"golang.org/x/sync/errgroup"

	"qm-compliance/db"
)

// pass is one pass of a tool.
type pass struct {
	*Tool
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
		return p.files(ctx, p.Database.OwedMedia) // whose protections prepare would have ended
	}
	return p.tidy(ctx)
}

// prepare ends the protections whose date has come, so that what they owe is deleted in this pass.
func (p *pass) prepare(ctx context.Context) error {
	if err := p.recognise(ctx); err != nil {
		return err
	}
	for ended := page; !p.dryRun && ended == page; {
		var err error
		if ended, err = p.Database.ExpireProtections(ctx, p.Actor, page); err != nil {
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

// files deals with the files of a list, as many as the limit allows.
func (p *pass) files(ctx context.Context, list func(ctx context.Context, after int64, limit int) ([]db.PlannedFile, error)) error {
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
			if err := p.work(ctx, files[:some]); err != nil {
				return err
			}
			files = files[some:]
		}
	}
}

// left is how many files may still be deleted.
func (p *pass) left() int {
	if p.limit == 0 {
		return math.MaxInt
	}
	return p.limit - p.summary.Files[Deleted] - p.summary.Files[Planned]
}

// work deals with some files at once.
func (p *pass) work(ctx context.Context, files []db.PlannedFile) error {
	events := make(chan Event)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	go func() {
		defer close(events)
		for _, file := range files {
			group.Go(func() error {
				event, err := p.one(ctx, file, p.dryRun)
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

// count counts what became of a file, and tells it.
func (p *pass) count(event Event) {
	p.summary.Files[event.Outcome]++
	if event.Outcome == Deleted || event.Outcome == Planned {
		p.summary.Bytes += event.File.SizeBytes
	}
	if p.Done != nil {
		p.Done(event)
	}
}
