package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"qm-compliance/audit"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/graph"
)

type anonymizeCommand struct {
	Plan   bool      `help:"Plan a job: count what anonymizing the conversations of --filter would do, and what would stay."`
	Filter string    `help:"The conversations to plan, as the API's ConversationFilter in JSON, such as {\"startedTo\": \"2025-01-01T00:00:00Z\"}; {} for all. @FILE reads a file, @- standard input: a command line can be read by others on the machine." placeholder:"JSON"`
	Start  string    `help:"Start a planned job." placeholder:"JOB"`
	At     time.Time `help:"With --start: when the job is to run; until then it can be cancelled (RFC 3339)." placeholder:"TIME"`
	Pause  string    `help:"Pause a running job." placeholder:"JOB"`
	Resume string    `help:"Continue a paused job." placeholder:"JOB"`
	Cancel string    `help:"End a job; what is anonymized stays anonymized." placeholder:"JOB"`
	Report string    `help:"Print the report of a job, or how far it is." placeholder:"JOB"`
	Wait   bool      `help:"Work on the job, together with the servers, and wait until it is planned, or has ended and is verified."`
	JSON   bool      `name:"json" help:"Print JSON."`
	jobFlags
}

// actions are those of the flags that are given.
func (c anonymizeCommand) actions() (given []string) {
	for _, action := range []struct {
		name  string
		given bool
	}{
		{"--plan", c.Plan}, {"--start", c.Start != ""}, {"--pause", c.Pause != ""}, {"--resume", c.Resume != ""},
		{"--cancel", c.Cancel != ""}, {"--report", c.Report != ""},
	} {
		if action.given {
			given = append(given, action.name)
		}
	}
	return given
}

// Validate rejects invalid flags.
func (c anonymizeCommand) Validate() error {
	switch given := c.actions(); {
	case len(given) != 1:
		return errors.New("give exactly one of --plan, --start, --pause, --resume, --cancel and --report")
	case c.Plan != (c.Filter != ""):
		return errors.New("--plan and --filter go together; --filter '{}' means all conversations")
	case !c.At.IsZero() && c.Start == "":
		return errors.New("--at goes with --start")
	case c.Wait && (c.Pause != "" || c.Cancel != ""):
		return errors.New("--wait goes with --plan, --start, --resume and --report")
	}
	return c.checkJobs()
}

// Run plans a job, or does something with one. The exit status is 2 if it waited for a job that did not do everything.
func (c anonymizeCommand) Run(ctx context.Context, env environment) error {
	return env.withApp(ctx, env.forCommand(), func(app *app) error {
		app.store = app.store.WithJobLimits(c.jobLimits())
		job, err := c.act(ctx, app)
		if err != nil {
			return err
		}
		if c.Wait {
			if job, err = c.wait(ctx, app, env.Err, job); err != nil {
				return err
			}
		}
		if err := c.print(ctx, app, env.Out, job); err != nil {
			return err
		}
		if c.Wait && !c.Plan && !wentWell(job) {
			return errRefused
		}
		return nil
	})
}

// wentWell reports whether a job has done everything that it was to do.
func wentWell(job *db.Job) bool {
	return job.State == conversation.JobDone && job.Done+job.Unchanged == job.Conversations
}

func (c anonymizeCommand) act(ctx context.Context, app *app) (*db.Job, error) {
	by := db.Requester{Actor: audit.CommandActor("anonymize"), Access: db.Everything()}
	if c.Plan {
		filter, err := readFilter(c.Filter)
		if err != nil {
			return nil, err
		}
		job, _, err := app.store.PlanJob(ctx, by, db.JobSet{Filter: &filter})
		return job, err
	}
	text := cmp.Or(c.Start, c.Pause, c.Resume, c.Cancel, c.Report)
	id, err := graph.JobNumber(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not the id of a job: %w", c.actions()[0], err)
	}
	switch {
	case c.Start != "":
		start := db.JobStart{}
		if !c.At.IsZero() {
			start.At = &c.At
		}
		return app.store.StartJob(ctx, by, id, start)
	case c.Pause != "":
		return app.store.PauseJob(ctx, by, id)
	case c.Resume != "":
		return app.store.ResumeJob(ctx, by, id)
	case c.Cancel != "":
		return app.store.CancelJob(ctx, by, id)
	}
	job, err := app.store.Job(ctx, db.Everything(), id)
	if job == nil && err == nil {
		err = errors.New("there is no job with this id")
	}
	return job, err
}

const (
	// lookAgain is how often a job is looked at that others work on.
	lookAgain = 200 * time.Millisecond
	// afterOutage is how long to wait for the database.
	afterOutage = 2 * time.Second
)

// wait works on a job until it has been planned, or has ended and been verified.
func (c anonymizeCommand) wait(ctx context.Context, app *app, out io.Writer, job *db.Job) (*db.Job, error) {
	what := "anonymizing"
	if c.Plan {
		what = "counting"
	}
	bar := newBar(out, what)
	bar.expect(job.Conversations)
	defer bar.clear()
	with := db.JobWorker{Stored: app.media.Exists, Refused: func(id int64, err error) {
		app.logger.ErrorContext(ctx, "a conversation could not be anonymized",
			"conversation", graph.GlobalID("Conversation", id), "reason", cmp.Or(db.Explain(err), "it is not the database's"))
	}}
	for {
		worked, err := app.store.WorkOnJob(ctx, job.ID, with)
		if err == nil {
			job, err = app.store.Job(ctx, db.Everything(), job.ID)
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && db.Unavailable(err) == db.Available:
			return nil, err
		case err == nil && c.reached(job):
			return job, nil
		case err == nil && c.Plan:
			bar.reach(job.Counted)
		case err == nil:
			bar.reach(job.Dealt())
		}
		delay := time.Duration(0)
		switch {
		case err != nil:
			delay = afterOutage
		case !worked:
			delay = lookAgain
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(delay):
		}
	}
}

// reached reports whether nothing is left to wait for.
func (c anonymizeCommand) reached(job *db.Job) bool {
	if c.Plan {
		return job.State != conversation.JobPlanning
	}
	return job.State.Ended() && (job.StartedAt == nil || job.VerifiedAt != nil)
}

func (c anonymizeCommand) print(ctx context.Context, app *app, out io.Writer, job *db.Job) error {
	shown, err := documentOf(ctx, app.store, job)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(shown)
	}
	shown.print(out)
	return nil
}
