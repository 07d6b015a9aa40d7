package postgres

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"qm-compliance/backoff"
)

const (
	// keepInterval is how often a user with Options.Keep looks whether the server is there.
	keepInterval = 500 * time.Millisecond
	// steady is how long a server has to run before its end is a new trouble, and not the same one again.
	steady = time.Minute
)

// keeper starts a server again whenever that has ended, until it is stopped.
type keeper struct {
	*Server
	retry  backoff.Exponential
	cancel context.CancelFunc
	ended  chan struct{}
	// restarts counts how often the server was there again.
	restarts atomic.Int64
}

// keep starts a keeper.
func (s *Server) keep(ctx context.Context) *keeper {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k := &keeper{
		Server: s, retry: backoff.Exponential{First: time.Second, Longest: time.Minute},
		cancel: cancel, ended: make(chan struct{}),
	}
	go k.run(ctx)
	return k
}

// stop returns when the keeper starts nothing any more.
func (k *keeper) stop() {
	k.cancel()
	<-k.ended
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.ended)
	log := k.options.Logger
	failures, up, since := 0, true, time.Now()
	for delay := keepInterval; pause(ctx, delay); {
		delay = keepInterval
		if gone, err := k.home.serverIsGone(); err != nil || !gone {
			continue
		}
		if up {
			log.WarnContext(ctx, "PostgreSQL has ended and is being restarted", "its log ended with", k.logEnd())
		}
		if up && time.Since(since) > steady {
			failures = 0
		}
		err := k.startAgain(ctx)
		if ctx.Err() != nil {
			return
		}
		failures++
		delay, up, since = k.retry.Delay(failures, rand.Float64), err == nil, time.Now()
		if err != nil {
			log.WarnContext(ctx, "PostgreSQL could not be restarted", "error", err,
				"next try in", delay.Round(time.Millisecond))
			continue
		}
		k.restarts.Add(1)
		log.InfoContext(ctx, "PostgreSQL is running again")
	}
}

// startAgain starts the server, or joins the one that another user has started meanwhile: only one user at a
// time holds the start lock.
func (k *keeper) startAgain(ctx context.Context) error {
	starting, err := k.home.lockExclusive(ctx, k.home.startLock())
	if err != nil {
		return err
	}
	defer starting.release()
	again := &Server{home: k.home, options: k.options, socket: k.home.socketDir()}
	if err := again.startOrJoin(ctx); err != nil {
		return err
	}
	if k.options.Watch {
		again.watch(ctx)
	}
	return nil
}

func (k *keeper) logEnd() string {
	words, err := os.ReadFile(k.home.logFile())
	if err != nil {
		return ""
	}
	return lastWords(words)
}

// serverIsGone reports whether no process of a server is left. Where locks are not inherited, its process id
// says so.
func (h home) serverIsGone() (bool, error) {
	if !locksAreInherited {
		server, there := h.running()
		return !there || !isRunning(server.pid), nil
	}
	free, err := h.tryExclusive(h.serverLock())
	if free != nil {
		free.release()
	}
	return free != nil, err
}

// pause reports whether the whole delay passed before ctx ended.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

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
			"PostgreSQL keeps running if this program is killed, because it has no watcher", "err", err)
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
