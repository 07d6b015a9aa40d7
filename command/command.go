// Package command has the commands of the program, one a file, with their flags.
//
// A command gets an environment: the flags that all commands share, where to print, and the log. Most
// commands open an app with it, which is the database, the file store and what works on them, and close it in
// the end.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

const programName = "qm-compliance"

const description = "Permanently removes personal data from recorded conversations, and proves it."

// cli is the command line: the commands, and the flags that all of them share.
type cli struct {
	sharedFlags

	Demo      demoCommand        `cmd:"" help:"Run a demo on this machine only, with demo conversations and four demo users."`
	Serve     serveCommand       `cmd:"" help:"Serve the API to users of an OpenID Connect provider."`
	Migrate   migrateCommand     `cmd:"" help:"Migrate the database to the structure that this version needs."`
	Import    importCommand      `cmd:"" help:"Import conversations from vCon files, folders, or newline-delimited JSON, gzipped or not."`
	Anonymize anonymizeCommand   `cmd:"" help:"Anonymize many conversations: plan a job, look at what it would do, start it, and report."`
	Delete    deleteMediaCommand `cmd:"" name:"delete-media" help:"The Delete tool: delete the media files that are planned for deletion."`
	Export    exportCommand      `cmd:"" help:"Write conversations as vCon, one a line; anonymized ones as redacted vCons."`
	Purge     purgeCommand       `cmd:"" help:"Remove the old copies of overwritten values that PostgreSQL keeps."`
	Inventory inventoryCommand   `cmd:"" help:"Print where personal data is stored, which switch covers it, and how it is removed."`
	Doctor    doctorCommand      `cmd:"" help:"Check an installation: database, file store, provider, Interaction service, machine; with the flags and the environment of serve."`
	Version   versionCommand     `cmd:"" help:"Print the version."`
	Man       manCommand         `cmd:"" help:"Print the manual page, for man."`

	Completion completionCommand `cmd:"" help:"Print the script by which a shell completes commands and flags."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Print what a word of a command line can become, for the scripts of completion."`
}

// Streams are where a command prints: its results go to Out, everything else to Err.
type Streams struct {
	Out, Err io.Writer
}

// Run runs the command that arguments name, until it has ended or ctx ends, and returns the exit status of
// the program: 0 for success, 1 for a failure, 2 if something was refused, 80 for invalid arguments.
func Run(ctx context.Context, arguments []string, streams Streams) int {
	var cli cli
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name(programName), kong.Description(description), kong.Vars{"data": defaultDataDir()}, limitVars(),
		kong.Writers(streams.Out, streams.Err), kong.Exit(func(code int) { exit = code }),
		kong.ShortUsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return fail(streams, err)
	}
	parsed, err := parser.Parse(arguments)
	if exit >= 0 { // --help was printed
		return exit
	}
	if err != nil {
		parser.FatalIfErrorf(err)
		return exit
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(cli.environment(streams)); err != nil {
		return fail(streams, err)
	}
	return 0
}

// errRefused means that something was refused or failed, and that the command has printed what and why.
var errRefused = errors.New("something was refused")

// fail prints why a command failed, and returns its exit status.
func fail(streams Streams, err error) int {
	if errors.Is(err, errRefused) {
		return 2
	}
	_, _ = fmt.Fprintf(streams.Err, "qm-compliance: %v\n", err)
	return 1
}

// release is the version of a release build, set by its linker flag:
//
//	go build -ldflags "-X qm-compliance/command.release=v1.2.3" .
var release string

type versionCommand struct{}

// Run prints the version, and what it was built from as far as the build recorded it.
func (versionCommand) Run(env environment) error {
	_, err := fmt.Fprintln(env.Out, "qm-compliance", ownVersion())
	return err
}

// ownVersion describes the build that runs.
func ownVersion() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(release, info)
}

// versionOf describes a build: the release or else the module's version, then the revision and its time, and
// the version of Go. A build that recorded no version, as by go run, is a development build. info may be nil.
func versionOf(release string, info *debug.BuildInfo) string {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	version := release
	if version == "" {
		version = info.Main.Version
	}
	if version == "" || version == "(devel)" {
		version = "development build"
	}
	details := revisionOf(info.Settings)
	if info.GoVersion != "" {
		details = append(details, info.GoVersion)
	}
	if len(details) == 0 {
		return version
	}
	return fmt.Sprintf("%s (%s)", version, strings.Join(details, ", "))
}

// revisionOf describes the commit that a build was made from, nothing if the build did not record it.
func revisionOf(settings []debug.BuildSetting) (details []string) {
	recorded := map[string]string{}
	for _, setting := range settings {
		recorded[setting.Key] = setting.Value
	}
	if revision := recorded["vcs.revision"]; revision != "" {
		details = append(details, "revision "+revision)
	}
	if at := recorded["vcs.time"]; at != "" {
		details = append(details, "of "+at)
	}
	if recorded["vcs.modified"] == "true" {
		details = append(details, "with uncommitted changes")
	}
	return details
}
