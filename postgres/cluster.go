package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// How many megabytes there must be left to make PostgreSQL's files, and to start on those that are
// there: the latter is one piece of the write-ahead log and a little.
const (
	spaceToInitialize = 96
	spaceToStart      = 24
)

// madeBy returns the major version of PostgreSQL that made the files, 0 if there are none.
func (h home) madeBy() (int, error) {
	content, err := os.ReadFile(filepath.Join(h.dataDir(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, unusable(filepath.Dir(h.dir), err)
	}
	version := strings.TrimSpace(string(content))
	// Before version 10 a major version was two numbers.
	major, err := strconv.Atoi(strings.Split(version, ".")[0])
	if err != nil || major <= 0 {
		return 0, fmt.Errorf("the data directory %s cannot be used: its PG_VERSION names no version of "+
			"PostgreSQL; choose another with --data", filepath.Dir(h.dir))
	}
	return major, nil
}

// prepare makes PostgreSQL's files if there are none, and the socket's folder.
func (h home) prepare(ctx context.Context, programs binaries, made int, fast bool) error {
	if err := h.owner.canEnter(h.dir, programs); err != nil {
		return err
	}
	if err := h.makeDir(h.socketDir()); err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	if err := h.checkSocketDir(); err != nil {
		return err
	}
	if made != 0 {
		return h.needSpace(spaceToStart)
	}
	if err := h.needSpace(spaceToInitialize); err != nil {
		return err
	}
	return h.initialize(ctx, programs, fast)
}

// initialize makes a cluster beside its place and moves it there when it is whole, so that an
// interrupted start leaves nothing half made.
func (h home) initialize(ctx context.Context, programs binaries, fast bool) error {
	fresh := h.dataDir() + ".new"
	if err := errors.Join(os.RemoveAll(fresh), h.makeDir(fresh)); err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	command := exec.CommandContext(ctx, programs.path("initdb"), initArguments(fresh, fast)...)
	command.Dir, command.Env = h.dir, serverEnvironment()
	command.SysProcAttr = detached(h.owner)
	if output, err := command.CombinedOutput(); err != nil {
		err = fmt.Errorf("PostgreSQL could not create its files in %s: %w. Make sure that the folder is "+
			"writable, or choose another data directory with --data. Its last words:\n%s", h.dir, err,
			lastWords(output))
		return errors.Join(err, os.RemoveAll(fresh))
	}
	// Without a PG_VERSION there is nothing in the old place that would be missed; an interrupted
	// removal may have left some of it.
	if err := errors.Join(os.RemoveAll(h.dataDir()), os.Rename(fresh, h.dataDir())); err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	return nil
}

// initArguments ask for a cluster that sorts by bytes, so that it sorts alike on every machine. Every
// client of the socket is trusted, because only the server's user and root can reach it.
func initArguments(dir string, fast bool) []string {
	arguments := []string{"-D", dir, "-U", user, "--auth=trust", "--encoding=UTF8", "--locale=C"}
	if fast {
		return append(arguments, "--no-sync")
	}
	return append(arguments, "--data-checksums")
}

// lastWords is the end of what a program wrote: enough to see why it failed.
func lastWords(output []byte) string {
	const most = 800
	return strings.TrimSpace(string(output[max(0, len(output)-most):]))
}

// serverEnvironment keeps PostgreSQL's own variables out, by which an operator speaks to other servers.
func serverEnvironment() []string {
	environment := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "SystemRoot"} { // Windows programs need the latter
		if value, set := os.LookupEnv(name); set {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// arguments are the settings that the server is started with, so that none depends on a file that
// somebody may have edited.
func (s *Server) arguments() []string {
	settings := s.settings()
	arguments := []string{"-D", s.home.dataDir()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		arguments = append(arguments, "-c", name+"="+settings[name])
	}
	return arguments
}

// settings are what the server runs with.
func (s *Server) settings() map[string]string {
	settings := private()
	maps.Copy(settings, map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": quoted(s.home.socketDir()),
		"unix_socket_permissions": "0700",
		"max_connections":         "100",
		"shared_buffers":          sharedBuffers(machineMemory()),
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off", // compiling costs more than it gains on queries as short as ours
	})
	if s.options.Fast {
		maps.Copy(settings, fast())
	}
	maps.Copy(settings, s.options.Settings)
	return settings
}

// private sees to it that what anonymizing removed is not left in the log or in the write-ahead log
// (design, section 4, "Overwritten means gone").
func private() map[string]string {
	return map[string]string{
		// Errors go to the program, which reports them in its own way; in the log their text could
		// quote a value, as in invalid input syntax for type uuid: "...". What the server says of
		// itself is logged.
		"log_min_messages":                  "log",
		"log_error_verbosity":               "terse", // the details repeat values, too
		"log_statement":                     "none",
		"log_min_error_statement":           "panic",
		"log_min_duration_statement":        "-1",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		// After a crash, what sorting and joining had put into files is removed.
		"remove_temp_files_after_crash": "on",
		"track_activities":              "off", // the last statement of a process that crashed would be logged
		// A piece of write-ahead log that is used again holds what stood in it before until it is
		// overwritten.
		"wal_recycle":     "off",
		"wal_level":       "minimal",
		"max_wal_senders": "0",
	}
}

// fast gives up safety for speed. There are more connections, because the tests of several packages run
// at once, and activities are tracked, because tests wait for what pg_stat_activity shows; their data
// are nobody's.
func fast() map[string]string {
	return map[string]string{
		"fsync":              "off",
		"synchronous_commit": "off",
		"full_page_writes":   "off",
		"max_connections":    "300",
		"shared_buffers":     "64MB",
		"track_activities":   "on",
	}
}

// sharedBuffers is an eighth of the machine's memory, within reason.
func sharedBuffers(memory uint64) string {
	const least, most = 32, 256
	if memory == 0 {
		return fmt.Sprintf("%dMB", most/2)
	}
	return fmt.Sprintf("%dMB", min(max(memory>>20/8, least), most))
}

// quoted keeps a folder whose name holds a comma in one piece: the setting is a list.
func quoted(dir string) string { return `"` + dir + `"` }
