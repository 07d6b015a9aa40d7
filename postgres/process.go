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

var errEnded = errors.New("it ended by itself")

// launch starts the server as a process in its own session, which goes on when this process ends, and
// waits until it answers.
func (s *Server) launch(ctx context.Context, programs binaries, free *lockFile) error {
	if err := s.home.removeStale(); err != nil {
		return unusable(s.home.dir, err)
	}
	log, err := s.home.open(s.home.logFile(), os.O_TRUNC)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	command := exec.Command(programs.path("postgres"), s.arguments()...)
	command.Stdout, command.Stderr = log, log
	command.Dir, command.Env, command.SysProcAttr = s.home.dir, serverEnvironment(), detached(s.home.owner)
	inherit(command, free)
	if err := command.Start(); err != nil {
		return s.failed(err)
	}
	if err := s.awaitReady(ctx, command); err != nil {
		return s.failed(err)
	}
	return nil
}

// awaitReady returns when the server answers. One that does not is stopped. The goroutine stays as long
// as the server: without it a server that was killed would remain as a zombie, which PostgreSQL takes
// for a running one.
func (s *Server) awaitReady(ctx context.Context, command *exec.Cmd) error {
	ended := make(chan struct{})
	go func() {
		_ = command.Wait()
		close(ended)
	}()
	err := poll(ctx, func() (done bool, err error) {
		select {
		case <-ended:
			return false, errEnded
		default:
			running, there := s.home.running()
			return there && running.pid == command.Process.Pid && running.ready, nil
		}
	})
	if err == nil {
		err = s.open(ctx)
	}
	if err != nil {
		_ = command.Process.Signal(immediateShutdown)
		<-ended
	}
	return err
}

// stop ends the server, if there is one: clients are cut off and open transactions rolled back.
func (h home) stop(ctx context.Context, how os.Signal) error {
	signalled := false
	err := poll(ctx, func() (stopped bool, err error) {
		free, err := h.tryExclusive(h.serverLock())
		if err != nil {
			return false, err
		}
		if free != nil {
			free.release()
		}
		if free != nil && (locksAreInherited || signalled) {
			return true, nil
		}
		if !signalled {
			signalled, err = h.signal(how)
		}
		return free != nil && !signalled, err
	})
	if err != nil {
		return fmt.Errorf("stop PostgreSQL in %s: %w", h.dir, err)
	}
	return nil
}

// signal reports false if the server has not yet written, or has already removed, its process id.
func (h home) signal(how os.Signal) (sent bool, err error) {
	running, there := h.running()
	if !there {
		return false, nil
	}
	process, err := os.FindProcess(running.pid)
	if err != nil {
		return false, err
	}
	if err := process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false, err
	}
	return true, nil
}

// running is what a server says of itself in postmaster.pid.
type running struct {
	pid       int
	socketDir string
	// ready is set when it takes connections.
	ready bool
}

func (h home) pidFile() string { return filepath.Join(h.dataDir(), "postmaster.pid") }

// The lines of postmaster.pid that matter here.
const (
	pidLine = iota
	_       // the data directory
	_       // when it was started
	_       // the port
	socketLine
	_ // the address
	_ // the shared memory
	statusLine
)

// running reads postmaster.pid; there is false if it is absent or not yet whole. A server that was
// killed leaves one, so only the server's lock says whether it is still true.
func (h home) running() (server running, there bool) {
	content, err := os.ReadFile(h.pidFile())
	if err != nil {
		return running{}, false
	}
	lines := append(strings.Split(string(content), "\n"), make([]string, statusLine+1)...)
	pid, err := strconv.Atoi(strings.TrimSpace(lines[pidLine]))
	if err != nil || pid <= 0 { // a negative one stands for a server without clients
		return running{}, false
	}
	ready := strings.TrimSpace(lines[statusLine]) == "ready"
	return running{pid: pid, socketDir: lines[socketLine], ready: ready}, true
}

// removeStale removes what a killed server has left, if its process id now belongs to something else:
// PostgreSQL would take that for a running server and refuse to start. It is called by the holder of
// the server's lock. If the process is nevertheless a server, one that somebody started by hand, the
// file stays, and PostgreSQL refuses.
func (h home) removeStale() error {
	server, there := h.running()
	if !there || isServer(server.pid) {
		return nil
	}
	for _, stale := range []string{h.pidFile(), filepath.Join(h.socketDir(), socketFile+".lock")} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
