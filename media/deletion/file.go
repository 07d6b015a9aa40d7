package deletion

import (
	"context"
	"errors"
	"fmt"

	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

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
	var own *filestore.Error
	if errors.As(err, &own) {
		return own.Error()
	}
	if code := db.RefusalCode(err); code != "" {
		return fmt.Sprintf("the database refuses (%s)", code)
	}
	return err.Error()
}
