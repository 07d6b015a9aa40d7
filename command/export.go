package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
)

type exportCommand struct {
	Output      string    `help:"The file to write, which must not exist yet; by default standard output." short:"o" placeholder:"FILE"`
	NoMedia     bool      `help:"Leave the recordings out; each is still named, with its hash."`
	VconSyntax  string    `help:"Write vCons of this syntax: the newest, ${default}, or 0.4.0." name:"vcon-syntax" enum:"0.5.0,0.4.0" default:"0.5.0" placeholder:"SYNTAX"`
	StartedFrom time.Time `help:"Only conversations that started at or after this time (RFC 3339)." placeholder:"TIME"`
	StartedTo   time.Time `help:"Only conversations that started before this time (RFC 3339)." placeholder:"TIME"`
}

// Run writes conversations as vCon, one a line, anonymized ones as redacted vCons; what it writes can be
// imported again.
func (c exportCommand) Run(ctx context.Context, env environment) error {
	return env.withApp(ctx, env.forCommand(), func(app *app) (err error) {
		out, done, err := c.open(env.Out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, done(err)) }()
		filter := c.filter()
		total, err := app.store.CountConversations(ctx, db.Everything(), filter, math.MaxInt)
		if err != nil {
			return err
		}
		bar := newBar(env.Err, "exporting")
		bar.expect(total)
		exporter := export.Exporter{Store: app.store, Media: app.media, Syntax: vcon.Syntax(c.VconSyntax)}
		count, err := exporter.All(ctx, audit.Begin(audit.CommandActor("export"), audit.ConversationExported), filter, !c.NoMedia, out, bar.step)
		bar.clear()
		if errors.Is(err, filestore.ErrNotFound) {
			err = fmt.Errorf("%w; --no-media leaves the recordings out", err)
		}
		if err == nil {
			_, _ = fmt.Fprintf(env.Err, "%d conversations exported\n", count)
		}
		return err
	})
}

func (c exportCommand) filter() db.Filter {
	filter := db.Filter{}
	if !c.StartedFrom.IsZero() {
		filter.StartedFrom = &c.StartedFrom
	}
	if !c.StartedTo.IsZero() {
		filter.StartedTo = &c.StartedTo
	}
	return filter
}

// open creates the file, readable by this user alone, since it holds what people said. Done writes everything
// to disk; after a failure it removes the file, since half an export is none.
func (c exportCommand) open(standard io.Writer) (out io.Writer, done func(failed error) error, err error) {
	if c.Output == "" {
		buffered := bufio.NewWriter(standard)
		return buffered, func(error) error { return buffered.Flush() }, nil
	}
	file, err := os.OpenFile(c.Output, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, nil, fmt.Errorf("%s already exists; choose another file", c.Output)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the export cannot be written: %w", err)
	}
	buffered := bufio.NewWriter(file)
	return buffered, func(failed error) error {
		if failed != nil {
			return errors.Join(file.Close(), os.Remove(c.Output))
		}
		return errors.Join(buffered.Flush(), file.Sync(), file.Close())
	}, nil
}

// progress shows a bar if it prints to a terminal, and else nothing.
type progress struct {
	out  io.Writer
	what string
	bar  *progressbar.ProgressBar
}

func newBar(out io.Writer, what string) *progress {
	return &progress{out: out, what: what}
}

// expect starts a bar of this many steps.
func (p *progress) expect(steps int) {
	file, ok := p.out.(*os.File)
	if !ok || steps == 0 || !term.IsTerminal(int(file.Fd())) {
		p.bar = nil
		return
	}
	p.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(file), progressbar.OptionShowCount(),
		progressbar.OptionSetDescription(p.what), progressbar.OptionClearOnFinish())
}

func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

// reach moves the bar to a number of steps.
func (p *progress) reach(steps int) {
	if p.bar != nil {
		_ = p.bar.Set(steps)
	}
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
