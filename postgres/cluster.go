package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// How many megabytes there must be left to make PostgreSQL's files, and to start on those that are there: the latter is one piece of the write-ahead
// log and a little.
const (
	spaceToInitialize = 96
	spaceToStart      = 24
)

// madeBy is the major version of PostgreSQL that made the files, 0 where there are none.
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
		return 0, fmt.Errorf("the data directory %s cannot be used: its PG_VERSION names no version of PostgreSQL; choose another with --data", filepath.Dir(h.dir))
	}
	return major, nil
}

// prepare makes PostgreSQL's files where there are none, and the socket's folder.
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

// initialize makes a cluster beside its place and moves it there when it is whole, so that an interrupted start leaves nothing half made.
func (h home) initialize(ctx context.Context, programs binaries, fast bool) error {
	fresh := h.dataDir() + ".new"
	if err := errors.Join(os.RemoveAll(fresh), h.makeDir(fresh)); err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	command := exec.CommandContext(ctx, programs.path("initdb"), initArguments(fresh, fast)...)
	command.Dir, command.Env = h.dir, serverEnvironment()
	command.SysProcAttr = detached(h.owner)
	if output, err := command.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("PostgreSQL could not make its files in %s: %w. Make sure that the folder can be written to, "+
			"or choose another data directory with --data. Its last words:\n%s", h.dir, err, lastWords(output)), os.RemoveAll(fresh))
	}
	// Without a PG_VERSION there is nothing in the old place that would be missed; an interrupted removal may have left some of it.
	if err := errors.Join(os.RemoveAll(h.dataDir()), os.Rename(fresh, h.dataDir())); err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	return nil
}

// initArguments ask for a cluster that sorts by bytes, so that it sorts alike on every machine. Whoever reaches the socket is trusted,
// because only the server's user and root can reach it.
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
