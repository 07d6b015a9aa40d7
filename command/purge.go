package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"qm-compliance/postgres"
)

type purgeCommand struct{}

// Run removes what PostgreSQL keeps of overwritten values, and prints each step and what it cannot reach. It
// needs no file store. It returns errRefused where files that a crash left stay, or where it may not look for
// them.
func (purgeCommand) Run(ctx context.Context, env environment) error {
	return env.withDatabase(ctx, func(database *database) error {
		store, err := env.newStore(ctx, database, env.embedded())
		if err != nil {
			return err
		}
		step := func(step string) { _, _ = fmt.Fprintln(env.Out, step) }
		report, err := store.Purge(ctx, step)
		if err != nil {
			return err
		}
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
	})
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
		"not look for them. Besides tables and indexes there are %d bytes in the database's folder, of which some hundred "+
		"thousand are PostgreSQL's own. Let the account execute pg_ls_dir(text, boolean, boolean) and "+
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
