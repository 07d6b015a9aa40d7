package postgres

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// watcherName is the name under which a watcher is started. It stands where the program's own name
// would, so that it can be mistaken for no argument.
const watcherName = "qm-compliance-postgres-watcher"

const (
	watchSafe = "safe"
	watchFast = "fast"
)

// watchInterval is how often the watcher looks whether anybody is left.
const watchInterval = time.Second

// RunWatcher turns this process into the watcher of a server if it was started as one; then it exits
// with it and never returns. In any other process it returns at once. A program that sets
// Options.Watch calls it first thing in main, a test in TestMain.
func RunWatcher() {
	if len(os.Args) != 3 || os.Args[0] != watcherName {
		return
	}
	if err := watchOver(context.Background(), os.Args[1], os.Args[2] == watchFast); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// watch starts a watcher if there is none. The server works without one, so a failure is only logged.
func (s *Server) watch(ctx context.Context) {
	free, err := s.home.tryExclusive(s.home.watcherLock())
	if err == nil && free == nil {
		return
	}
	if err == nil {
		free.release()
		err = s.startWatcher()
	}
	if err != nil {
		s.options.Logger.WarnContext(ctx,
			"PostgreSQL will go on if this program is killed, because it has no watcher", "err", err)
	}
}

func (s *Server) startWatcher() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	how := watchSafe
	if s.options.Fast {
		how = watchFast
	}
	command := exec.Cmd{Path: program, Args: []string{watcherName, s.home.dir, how},
		Dir: filepath.VolumeName(program) + string(filepath.Separator),
		Env: serverEnvironment(), SysProcAttr: detached(owner{})}
	if err := command.Start(); err != nil {
		return err
	}
	return command.Process.Release()
}

// watchOver returns when the server of a home is gone, having stopped it if its users were killed, or
// when its folder is.
func watchOver(ctx context.Context, dir string, fast bool) error {
	h := home{dir: dir, watched: true}
	only, err := h.tryExclusive(h.watcherLock())
	if err != nil || only == nil {
		return err
	}
	defer only.release()
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		done, err := h.look(ctx, fast)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if done || err != nil {
			return err
		}
		<-tick.C
	}
}

// look stops the server if nobody uses it, and reports whether there is none any more.
func (h home) look(ctx context.Context, fast bool) (done bool, err error) {
	starting, err := h.tryExclusive(h.startLock())
	if err != nil || starting == nil {
		return false, err
	}
	defer starting.release()
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return h.stopUnused(ctx, fast)
}
