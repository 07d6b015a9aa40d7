package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
	"qm-compliance/media/deletion"
)

type deleteMediaCommand struct {
	Watch   time.Duration `help:"Keep running, with a pass at this interval, such as 1m; by default there is one pass." placeholder:"INTERVAL" env:"QM_DELETE_WATCH"`
	DryRun  bool          `help:"Print what would be deleted, and change nothing."`
	Verbose bool          `help:"Print the outcome for each file." short:"v"`
	Limit   *int          `help:"Delete at most this many files in a pass." placeholder:"N"`
	JSON    bool          `name:"json" help:"Print JSON, a line for each file and one for the summary of each pass."`
	// AdminListen is for a tool that keeps running.
	AdminListen string `help:"With --watch: an address for /metrics and /healthz." env:"QM_ADMIN_LISTEN" placeholder:"HOST:PORT"`
}

// Validate rejects invalid flags.
func (c deleteMediaCommand) Validate() error {
	switch {
	case c.Watch < 0:
		return errors.New("--watch must be positive; leave it out for one pass")
	case c.Limit != nil && *c.Limit < 1:
		return errors.New("--limit must be 1 or more; leave it out to delete all that is planned")
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

// Run deletes the media files that are planned for deletion. The exit status is 2 if some could not be
// deleted.
func (c deleteMediaCommand) Run(ctx context.Context, env environment) (err error) {
	var admin net.Listener
	if c.AdminListen != "" && c.Watch > 0 {
		if admin, err = httpserver.Listen(c.AdminListen, "--admin-listen"); err != nil {
			return err
		}
		defer func() { _ = admin.Close() }()
	}
	return env.withApp(ctx, env.forCommand(), func(app *app) error {
		report := &deletionReport{
			out: env.Out, bar: newBar(env.Err, "deleting"), json: c.JSON, verbose: c.Verbose, dryRun: c.DryRun,
		}
		tool := &deletion.Tool{
			Database: app.store, Store: app.media, Actor: audit.CommandActor("delete-media"),
			Begin: report.begin, Done: report.file, Now: time.Now, Tracer: app.tracer,
		}
		metrics := newDeletionMetrics(app.server)
		if c.Watch == 0 {
			return c.pass(ctx, tool, report, metrics)
		}
		group, ctx := errgroup.WithContext(ctx)
		if admin != nil {
			env.logger.InfoContext(ctx, "answering monitoring", "address", admin.Addr().String())
			group.Go(func() error { return metrics.serve(ctx, admin, env.logger) })
		}
		group.Go(func() error { return c.watch(ctx, tool, report, metrics, env.logger) })
		return group.Wait()
	})
}

// watch makes a pass at once and at every interval until ctx ends. A pass that fails is logged, and the next
// one tries again.
func (c deleteMediaCommand) watch(
	ctx context.Context, tool *deletion.Tool, report *deletionReport, metrics *deletionMetrics, logger *slog.Logger,
) error {
	tick := time.NewTicker(c.Watch)
	defer tick.Stop()
	for {
		if err := c.pass(ctx, tool, report, metrics); err != nil && !errors.Is(err, errRefused) && ctx.Err() == nil {
			logger.ErrorContext(ctx, "a pass of the Delete tool failed; the next pass tries again",
				"error", cmp.Or(db.Explain(err), err.Error()))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// pass makes one pass. A pass that breaks off prints what it has done as well.
func (c deleteMediaCommand) pass(
	ctx context.Context, tool *deletion.Tool, report *deletionReport, metrics *deletionMetrics,
) error {
	summary, err := tool.Pass(ctx, c.limit(), c.DryRun)
	metrics.passed(summary, err)
	report.bar.clear()
	if err == nil || len(summary.Files) > 0 {
		report.summary(summary)
	}
	if err != nil {
		return err
	}
	if summary.Files[deletion.Failed] > 0 {
		return errRefused
	}
	return nil
}

// deletionReport prints what the Delete tool does.
type deletionReport struct {
	out                   io.Writer
	bar                   *progress
	json, verbose, dryRun bool
}

func (r *deletionReport) begin(planned int) { r.bar.expect(planned) }

// file prints the outcome for one file: always as JSON, as text if it failed or if every file is asked for.
func (r *deletionReport) file(event deletion.Event) {
	r.bar.step()
	switch {
	case r.json:
		r.line(fileLine(event))
	case r.verbose || event.Outcome == deletion.Failed:
		r.bar.clear()
		_, _ = fmt.Fprintln(r.out, fileText(event))
	}
}

func fileLine(event deletion.Event) map[string]any {
	line := map[string]any{"outcome": event.Outcome}
	if event.Reason != "" {
		line["reason"] = event.Reason
	}
	if event.Loose {
		line["loose"] = true
		return line
	}
	line["mediaFile"] = graph.GlobalID("MediaFile", event.File.ID)
	line["conversation"] = graph.GlobalID("Conversation", event.File.ConversationID)
	line["kind"], line["bytes"] = event.File.Kind, event.File.SizeBytes
	return line
}

func fileText(event deletion.Event) string {
	text := wordOf(event.Outcome) + " a file that belongs to no conversation"
	if !event.Loose {
		text = fmt.Sprintf("%s media file %s of conversation %s (%s, %d bytes)", wordOf(event.Outcome),
			graph.GlobalID("MediaFile", event.File.ID), graph.GlobalID("Conversation", event.File.ConversationID),
			event.File.Kind, event.File.SizeBytes)
	}
	if event.Reason != "" {
		text += ": " + event.Reason
	}
	return text
}

func wordOf(outcome deletion.Outcome) string {
	return map[deletion.Outcome]string{
		deletion.Deleted: "deleted", deletion.Failed: "failed to delete", deletion.Skipped: "left",
		deletion.Waiting: "waiting for the Interaction service:", deletion.Planned: "would delete",
	}[outcome]
}

func (r *deletionReport) summary(s deletion.Summary) {
	if r.json {
		r.line(map[string]any{
			"summary": true, "dryRun": r.dryRun, "deleted": s.Files[deletion.Deleted],
			"wouldDelete": s.Files[deletion.Planned], "failed": s.Files[deletion.Failed],
			"waiting": s.Files[deletion.Waiting], "skipped": s.Files[deletion.Skipped],
			"bytes": s.Bytes, "loose": s.Loose, "uploads": s.Uploads, "uploadsUntil": uploadsUntil(s),
		})
		return
	}
	done, verb := s.Files[deletion.Deleted], "deleted"
	if r.dryRun {
		done, verb = s.Files[deletion.Planned], "would be deleted"
	}
	_, _ = fmt.Fprintf(r.out,
		"%d media files %s (%d bytes), %d failed, %d waiting for the Interaction service, %d left\n",
		done, verb, s.Bytes, s.Files[deletion.Failed], s.Files[deletion.Waiting], s.Files[deletion.Skipped])
	if s.Loose > 0 {
		_, _ = fmt.Fprintf(r.out, "removed %d files that belonged to no conversation\n", s.Loose)
	}
	if s.Uploads > 0 {
		_, _ = fmt.Fprintf(r.out, "%d recordings in the media store belong to no conversation: an import that still"+
			" runs may need them, or one that broke off left them; a pass from %s on removes what is left\n",
			s.Uploads, *uploadsUntil(s))
	}
}

// uploadsUntil is nil where no upload waits.
func uploadsUntil(s deletion.Summary) *string {
	if s.Uploads == 0 {
		return nil
	}
	until := s.UploadsUntil.UTC().Truncate(time.Second).Add(time.Second).Format(time.RFC3339)
	return &until
}

func (r *deletionReport) line(line map[string]any) { _ = json.NewEncoder(r.out).Encode(line) }
