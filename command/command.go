// Package command has the commands of the program and their flags, and wires what they work with.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"
)

const version = "0.1.0"

// commands are what the program can be told, with the flags that all of them share.
type commands struct {
	Data     string `help:"The data directory, with the embedded PostgreSQL where no other is given." env:"QM_DATA" default:"${data}" placeholder:"DIR"`
	Database string `help:"The PostgreSQL to use, as postgres://USER@HOST:PORT/DATABASE. Without it the embedded one is used." env:"DATABASE_URL" placeholder:"URL" name:"database-url"`
	mediaFlags
	Quiet bool `help:"Log warnings and errors only." env:"QM_QUIET" short:"q"`

	Demo    demoCommand        `cmd:"" help:"Try it: start with demo conversations and four demo people, on this machine only."`
	Serve   serveCommand       `cmd:"" help:"Serve the API to those whom an OpenID Connect provider signs in."`
	Migrate migrateCommand     `cmd:"" help:"Bring the database to the structure that this version needs."`
	Import  importCommand      `cmd:"" help:"Import conversations from vCon files, folders, or newline-delimited JSON, gzipped or not."`
	Delete  deleteMediaCommand `cmd:"" name:"delete-media" help:"The Delete tool: delete the media files that are planned for deletion."`
	Export  exportCommand      `cmd:"" help:"Write conversations as vCon, one a line; anonymized ones as redacted vCons."`
	Purge   purgeCommand       `cmd:"" help:"Remove what PostgreSQL itself still keeps of overwritten values."`
	Version versionCommand     `cmd:"" help:"Print the version."`
}

// Streams are where a command prints: what was asked for goes to Out, everything else to Err.
type Streams struct {
	Out, Err io.Writer
}

// Run runs the command that arguments name, until it has ended or ctx ends, and returns the exit status of the
// program: 0 for success, 1 for a failure, 2 if some of the input was refused, 80 for invalid arguments.
func Run(ctx context.Context, arguments []string, io Streams) int {
	var told commands
	exit := -1
	parser, err := kong.New(&told, kong.Name("qm-compliance"), kong.Description("Removes people's personal data from recorded conversations, for good, and proves it."),
		kong.Vars{"data": defaultDataDir()}, kong.Writers(io.Out, io.Err), kong.Exit(func(code int) { exit = code }), kong.ShortUsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fail(io, err)
	}
	parsed, err := parser.Parse(arguments)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		parser.FatalIfErrorf(err)
		return exit
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(io, told.environment(io)); err != nil {
		return fail(io, err)
	}
	return 0
}

// fail says what went wrong; it gives a command that refused something a status of its own.
func fail(io Streams, err error) int {
	if errors.Is(err, errRefusals) {
		return 2
	}
	_, _ = fmt.Fprintf(io.Err, "qm-compliance: %v\n", err)
	return 1
}

// environment is what every command works with.
type environment struct {
	dataDir, databaseURL string
	media                mediaFlags
	logger               *slog.Logger
}

func (c commands) environment(io Streams) environment {
	level := slog.LevelInfo
	if c.Quiet {
		level = slog.LevelWarn
	}
	return environment{c.Data, c.Database, c.mediaFlags, slog.New(slog.NewTextHandler(io.Err, &slog.HandlerOptions{Level: level}))}
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(io Streams) error {
	_, err := fmt.Fprintln(io.Out, "qm-compliance", version)
	return err
}
