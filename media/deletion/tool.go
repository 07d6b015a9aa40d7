// Package deletion is the Delete tool: it deletes the media files that are planned for it from the file store, and only then writes that they are gone (design,
// section 4, "Media deletion"). Several may run at once, beside servers. One that is killed leaves nothing wrong: what it began, the next one finishes.
package deletion

import (
	"context"
	"time"

	"qm-compliance/db"
	"qm-compliance/media/filestore"
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

// Event tells what became of one file. Reason says why it failed. Loose stands for a file that belonged to nothing any more, which File does not describe.
type Event struct {
	File    db.PlannedFile
	Outcome Outcome
	Reason  string
	Loose   bool
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
	Store    *filestore.Files
	Actor    db.Actor
	// Begin is told how many files are planned, Done of each file that was looked at, one at a time. Both may be nil.
	Begin func(planned int)
	Done  func(Event)
	Now   func() time.Time
}

// Pass goes through the planned files once. Limit bounds how many it deletes, zero for no bound. A dry run changes nothing. What goes wrong with single files is in
// the summary and stays planned; the error is about what keeps the pass from going on, such as a store that cannot be reached at all.
func (t *Tool) Pass(ctx context.Context, limit int, dryRun bool) (Summary, error) {
	p := &pass{Tool: t, limit: limit, dryRun: dryRun, summary: Summary{Files: map[Outcome]int{}}}
	err := p.run(ctx)
	return p.summary, err
}
