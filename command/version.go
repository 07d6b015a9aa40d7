package command

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// release is the version of a release build, set by its linker flag:
//
//	go build -ldflags "-X qm-compliance/command.release=v1.2.3" .
var release string

type versionCommand struct{}

// Run prints the version, and what it was built from as far as the build recorded it.
func (versionCommand) Run(env environment) error {
	info, _ := debug.ReadBuildInfo()
	_, err := fmt.Fprintln(env.Out, "qm-compliance", versionOf(release, info))
	return err
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
