package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"qm-compliance/db"
	"qm-compliance/postgres"
)

type purgeCommand struct {
	Plan   bool `help:"Say what a purge would rewrite, how long it takes and what it locks, and do nothing." env:"QM_PURGE_PLAN"`
	Locked bool `negatable:"" help:"Rewrite tables where they are, by VACUUM FULL: quicker, but nobody can read a table meanwhile." env:"QM_PURGE_LOCKED"`
}

// Run removes what PostgreSQL keeps of overwritten values, and prints what it will do, each step, and what it
// cannot reach. It needs no file store. It returns errRefused where files that a crash left stay, or where it may
// not look for them.
func (c purgeCommand) Run(ctx context.Context, env environment) error {
	return env.withDatabase(ctx, func(database *database) error {
		store, err := env.newStore(ctx, database, env.embedded())
		if err != nil {
			return err
		}
		options := db.PurgeOptions{Locked: c.Locked}
		plan, err := store.PlanPurge(ctx, options)
		if err != nil {
			return err
		}
		printPurgePlan(env.Out, plan)
		if c.Plan {
			return nil
		}
		report, err := store.Purge(ctx, options, func(step db.PurgeStep) { printPurgeStep(env.Out, step) })
		if err != nil {
			return err
		}
		return c.finish(ctx, env, database, report)
	})
}

// finish looks for what a crash left, and prints what cannot be reached.
func (purgeCommand) finish(ctx context.Context, env environment, database *database, report db.PurgeReport) error {
	step := func(step string) { _, _ = fmt.Fprintln(env.Out, step) }
	step("looking for files that a crash of PostgreSQL left")
	left, err := database.leftovers(ctx, step)
	if err != nil {
		return err
	}
	remains := append(report.Remains, left...)
	if !env.embedded() {
		remains = append(remains, "backups of this database, and logs that the server wrote before: "+
			"they keep what they contained when they were made")
	}
	if len(remains) > 0 {
		_, _ = fmt.Fprintln(env.Out, "\nWhat this command cannot reach:")
	}
	for _, place := range remains {
		_, _ = fmt.Fprintln(env.Out, "-", place)
	}
	if len(left) > 0 {
		return errRefused
	}
	return nil
}

// printPurgePlan prints what a purge will do, and what others wait for.
func printPurgePlan(out io.Writer, plan db.PurgePlan) {
	const megabyte = 1e6
	_, _ = fmt.Fprintf(out, "%d tables of %.0f MB: about %s, with %.0f MB of free disk\n", len(plan.Tables),
		float64(plan.Bytes())/megabyte, roughly(plan.Lasts()), float64(plan.Disk())/megabyte)
	for _, method := range []db.PurgeMethod{db.Swapped, db.Locked} {
		first := true
		for _, table := range plan.Tables {
			if table.Method != method {
				continue
			}
			if first {
				_, _ = fmt.Fprintf(out, "%s:\n", method.Lock())
				first = false
			}
			_, _ = fmt.Fprintf(out, "  %-30s %8.0f MB  about %s", table.Table, float64(table.Bytes)/megabyte, roughly(table.Lasts))
			if table.Reason != "" {
				_, _ = fmt.Fprintf(out, " (%s)", table.Reason)
			}
			_, _ = fmt.Fprintln(out)
		}
	}
}

func roughly(lasts time.Duration) time.Duration { return max(lasts.Round(time.Second), time.Second) }

func printPurgeStep(out io.Writer, step db.PurgeStep) {
	text := step.Does
	if step.Table != "" && step.All > 0 {
		text += fmt.Sprintf(" (%d %% done)", 100*step.Done/step.All)
	}
	_, _ = fmt.Fprintln(out, text)
}

// leftoverPatience is how long purge waits for transactions that may be making a file that no table has yet.
const leftoverPatience = 2 * time.Minute

// leftovers removes the files that a crash of the embedded server left. Of any other server it returns what
// there is to say about them.
func (d *database) leftovers(ctx context.Context, step func(string)) (remains []string, err error) {
	if d.server != nil {
		wiped, err := d.server.WipeLeftovers(ctx, leftoverPatience)
		if len(wiped) > 0 {
			step(fmt.Sprintf("removed %d of them, with %d bytes", len(wiped), postgres.Bytes(wiped)))
		}
		return nil, err
	}
	files, err := postgres.Leftovers(ctx, d.bun.DB, leftoverPatience)
	if errors.Is(err, postgres.ErrMayNotLook) {
		return d.unseen(ctx)
	}
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("files that a crash of the server left, with copies of rows (%d, together %d bytes): no "+
		"table knows them; ask the server's administrator to remove, below its data directory, %s", len(files),
		postgres.Bytes(files), paths(files))}, nil
}

// unseen says what an account cannot know that may not list files.
func (d *database) unseen(ctx context.Context) ([]string, error) {
	bytes, err := postgres.Unaccounted(ctx, d.bun.DB)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("files that a crash of the server may have left, with copies of rows: this account may "+
		"not look for them. Besides tables and indexes there are %d bytes in the database's folder, and PostgreSQL's "+
		"own files take up to some hundred thousand. Let the account execute pg_ls_dir(text, boolean, boolean) and "+
		"pg_stat_file(text, boolean), or purge as a superuser", bytes)}, nil
}

// paths lists the first of many files.
func paths(files []postgres.Leftover) string {
	const most = 20
	var list []string
	for _, file := range files[:min(len(files), most)] {
		list = append(list, file.Path)
	}
	text := strings.Join(list, ", ")
	if len(files) > most {
		text += fmt.Sprintf(", and %d more", len(files)-most)
	}
	return text
}
