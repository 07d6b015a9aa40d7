// Package deletion is the Delete tool: it deletes the media files that are planned for deletion from the
// file store, and only then records that they are gone (design, section 4, "Media deletion"). Several
// tools may run at once, beside servers. A tool that is killed leaves nothing wrong: the next one
// finishes what it began.
package deletion

import (
	"context"
	"time"

	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

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
	Actor    db.Actor
	// Begin is called with the number of planned files, Done with each event, one at a time. Both may be nil.
	Begin func(planned int)
	Done  func(Event)
	Now   func() time.Time
}

// Pass goes through the planned files once. Limit bounds how many it deletes, zero means no bound. A dry
// run changes nothing. A file that fails stays planned and is in the summary; Pass returns an error only
// if it cannot go on, for instance because the store cannot be reached.
func (t *Tool) Pass(ctx context.Context, limit int, dryRun bool) (Summary, error) {
	p := &pass{Tool: t, limit: limit, dryRun: dryRun, summary: Summary{Files: map[Outcome]int{}}}
	err := p.run(ctx)
	return p.summary, err
}
