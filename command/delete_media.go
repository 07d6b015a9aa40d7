package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/media/deletion"
)

type deleteMediaCommand struct {
	Watch   time.Duration `help:"Go on, with a pass at this interval, such as 1m; without it there is one pass." placeholder:"INTERVAL" env:"QM_DELETE_WATCH"`
	DryRun  bool          `help:"Say what would be deleted, and change nothing."`
	Verbose bool          `help:"Say of each file what became of it." short:"v"`
	Limit   *int          `help:"Delete at most this many files in a pass." placeholder:"N"`
	JSON    bool          `name:"json" help:"Print JSON, a line for each file and one for the summary of each pass."`
}

// Validate refuses what cannot be meant.
func (c deleteMediaCommand) Validate() error {
	switch {
	case c.Watch < 0:
		return errors.New("an interval below zero cannot be meant; leave it out for one pass")
	case c.Limit != nil && *c.Limit < 1:
		return errors.New("a limit is 1 or more; leave it out to delete all that is planned")
	}
	return nil
}

// limit is zero for none.
func (c deleteMediaCommand) limit() int {
	if c.Limit == nil {
		return 0
	}
	return *c.Limit
}

// Run deletes the media files that are planned for deletion. The exit status says that some could not be deleted.
func (c deleteMediaCommand) Run(ctx context.Context, io Streams, e environment) error {
	return e.withMedia(ctx, func(opened *database, store *db.Store) error {
		report := &deletionReport{deleteMediaCommand: c, out: io.Out, bar: newBar(io.Err, "deleting")}
		tool := &deletion.Tool{
			Database: store, Store: opened.media, Actor: db.CommandActor("delete-media"), Begin: report.begin, Done: report.file, Now: time.Now,
		}
		if c.Watch == 0 {
			return c.pass(ctx, tool, report)
		}
		return c.watch(ctx, tool, report, e)
	})
}

// watch makes a pass at once and at every interval until it is told to stop; a pass that fails is said and tried again at the next one.
func (c deleteMediaCommand) watch(ctx context.Context, tool *deletion.Tool, report *deletionReport, e environment) error {
	tick := time.NewTicker(c.Watch)
	defer tick.Stop()
	for {
		if err := c.pass(ctx, tool, report); err != nil && err != errRefusals && ctx.Err() == nil {
			e.logger.ErrorContext(ctx, "a pass of the Delete tool failed, and is tried again", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// pass makes one pass. Also one that breaks off says what it has done.
func (c deleteMediaCommand) pass(ctx context.Context, tool *deletion.Tool, report *deletionReport) error {
	summary, err := tool.Pass(ctx, c.limit(), c.DryRun)
	report.bar.clear()
	if err == nil || len(summary.Files) > 0 {
		report.summary(summary)
	}
	if err != nil {
		return err
	}
	if summary.Files[deletion.Failed] > 0 {
		return errRefusals
	}
	return nil
}

// deletionReport prints what the Delete tool does.
type deletionReport struct {
	deleteMediaCommand
	out io.Writer
	bar *progress
}

func (r *deletionReport) begin(planned int) { r.bar.expect(planned) }

func (r *deletionReport) file(event deletion.Event) {
	r.bar.step()
	id, conversation := graph.GlobalID("MediaFile", event.File.ID), graph.GlobalID("Conversation", event.File.ConversationID)
	switch {
	case r.JSON && event.Loose:
		r.json(map[string]any{"loose": true, "outcome": event.Outcome, "reason": event.Reason})
	case r.JSON:
		r.json(map[string]any{
			"mediaFile": id, "conversation": conversation, "kind": event.File.Kind, "bytes": event.File.SizeBytes, "outcome": event.Outcome, "reason": event.Reason,
		})
	case r.Verbose || event.Outcome == deletion.Failed:
		r.bar.clear()
		text := fmt.Sprintf("%s media file %s of conversation %s (%s, %d bytes)", wordOf(event.Outcome), id, conversation, event.File.Kind, event.File.SizeBytes)
		if event.Loose {
			text = wordOf(event.Outcome) + " a file that belongs to no conversation"
		}
		if event.Reason != "" {
			text += ": " + event.Reason
		}
		_, _ = fmt.Fprintln(r.out, text)
	}
}

func wordOf(outcome deletion.Outcome) string {
	return map[deletion.Outcome]string{
		deletion.Deleted: "deleted", deletion.Failed: "failed to delete", deletion.Waiting: "waiting for the Interaction service:", deletion.Skipped: "left",
		deletion.Planned: "would delete",
	}[outcome]
}

func (r *deletionReport) summary(s deletion.Summary) {
	if r.JSON {
		r.json(map[string]any{
			"summary": true, "dryRun": r.DryRun, "deleted": s.Files[deletion.Deleted], "wouldDelete": s.Files[deletion.Planned], "failed": s.Files[deletion.Failed],
			"waiting": s.Files[deletion.Waiting], "skipped": s.Files[deletion.Skipped], "bytes": s.Bytes, "loose": s.Loose,
		})
		return
	}
	done, verb := s.Files[deletion.Deleted], "deleted"
	if r.DryRun {
		done, verb = s.Files[deletion.Planned], "would be deleted"
	}
	_, _ = fmt.Fprintf(r.out, "%d media files %s (%d bytes), %d failed, %d waiting for the Interaction service, %d left\n",
		done, verb, s.Bytes, s.Files[deletion.Failed], s.Files[deletion.Waiting], s.Files[deletion.Skipped])
	if s.Loose > 0 {
		_, _ = fmt.Fprintf(r.out, "%d files that belonged to no conversation removed\n", s.Loose)
	}
}

func (r *deletionReport) json(line map[string]any) {
	if line["reason"] == "" {
		delete(line, "reason")
	}
	_ = json.NewEncoder(r.out).Encode(line)
}
