// Command qm-compliance removes people's personal data from recorded conversations, for good, and proves it. This file
// is its commands; what they are wired of stands in the files beside it, everything else in the packages below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"qm-compliance/postgres"
)

//go:generate go tool gqlgen generate

const version = "0.1.0"

// commands are what the program can be told, with the flags that all of them share.
type commands struct {
	Data     string `help:"The data directory, with the embedded PostgreSQL where no other is given." env:"QM_DATA" default:"${data}" placeholder:"DIR"`
	Database string `help:"The PostgreSQL to use, as postgres://USER@HOST:PORT/DATABASE. Without it the embedded one is used." env:"DATABASE_URL" placeholder:"URL" name:"database-url"`
	mediaFlags
	Quiet bool `help:"Log warnings and errors only." env:"QM_QUIET" short:"q"`

	Demo      demoCommand        `cmd:"" help:"Try it: start with demo conversations and four demo people, on this machine only."`
	Serve     serveCommand       `cmd:"" help:"Serve the API to those whom an OpenID Connect provider signs in."`
	Migrate   migrateCommand     `cmd:"" help:"Bring the database to the structure that this version needs."`
	Import    importCommand      `cmd:"" help:"Import conversations from vCon files, folders, or newline-delimited JSON, gzipped or not."`
	Delete    deleteMediaCommand `cmd:"" name:"delete-media" help:"The Delete tool: delete the media files that are planned for deletion."`
	Export    exportCommand      `cmd:"" help:"Write conversations as vCon, one a line; anonymized ones as redacted vCons."`
	Purge     purgeCommand       `cmd:"" help:"Remove what PostgreSQL itself still keeps of overwritten values."`
	Inventory inventoryCommand   `cmd:"" help:"Print where personal data lies, under which switch, how it is removed, and what remains."`
	Version   versionCommand     `cmd:"" help:"Print the version."`
}

// streams are where a command reads and writes.
type streams struct {
	out, err io.Writer
}

func main() {
	postgres.RunWatcher()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// run carries out one command and returns the exit status: 0 where it did what it was told, 1 where it failed, 2 where something was
// refused, 80 where it was told something that it does not understand.
func run(ctx context.Context, arguments []string, io streams) int {
	var told commands
	exit := -1
	parser, err := kong.New(&told, kong.Name("qm-compliance"), kong.Description("Removes people's personal data from recorded conversations, for good, and proves it."),
		kong.Vars{"data": defaultDataDir()}, kong.Writers(io.out, io.err), kong.Exit(func(code int) { exit = code }), kong.ShortUsageOnError(),
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
func fail(io streams, err error) int {
	if errors.Is(err, errRefusals) {
		return 2
	}
	_, _ = fmt.Fprintf(io.err, "qm-compliance: %v\n", err)
	return 1
}

// environment is what every command works with.
type environment struct {
	dataDir, databaseURL string
	media                mediaFlags
	logger               *slog.Logger
}

func (c commands) environment(io streams) environment {
	level := slog.LevelInfo
	if c.Quiet {
		level = slog.LevelWarn
	}
	return environment{c.Data, c.Database, c.mediaFlags, slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: level}))}
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(io streams) error {
	_, err := fmt.Fprintln(io.out, "qm-compliance", version)
	return err
}
