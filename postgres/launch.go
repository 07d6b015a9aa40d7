package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

const (
	startTimeout = 60 * time.Second
	pollInterval = 15 * time.Millisecond
)

// launch starts the server as a process of its own session, which goes on when this process ends, and waits until it answers.
func (s *Server) launch(ctx context.Context, binaries Binaries) error {
	log, err := s.home.createLog()
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	command := exec.Command(filepath.Join(binaries.Dir, executable("postgres")), s.arguments()...)
	command.Stdout, command.Stderr = log, log
	command.Dir = s.home.dir
	command.SysProcAttr = detached(s.home.owner)
	command.Env = serverEnvironment()
	if err := command.Start(); err != nil {
		return s.failed(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	return s.waitReady(ctx, ended)
}

func (s *Server) waitReady(ctx context.Context, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		select {
		case <-ended:
			return s.failed(errEnded)
		case <-ctx.Done():
			return s.failed(ctx.Err())
		case <-poll.C:
			if s.answers(ctx) == nil {
				return nil
			}
		}
	}
}

// arguments are the settings that the server is started with, so that none depends on a file that somebody may have edited.
func (s *Server) arguments() []string {
	arguments := []string{"-D", s.home.dataDir()}
	for name, value := range s.settings() {
		arguments = append(arguments, "-c", name+"="+value)
	}
	return arguments
}

// stop ends the server: clients are cut off, open transactions rolled back, and everything is written to disk.
func (s *Server) stop(ctx context.Context) error {
	process, err := s.process()
	if process == nil || err != nil {
		return err
	}
	if err := process.Signal(fastShutdown); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		if gone(s.home.pidFile()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL in %s did not stop within %s", s.home.dir, stopTimeout)
		case <-poll.C:
		}
	}
}

// process is the server's main process, nil where there is none.
func (s *Server) process() (*os.Process, error) {
	file, err := os.Open(s.home.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Scan()
	pid, err := strconv.Atoi(lines.Text())
	if err != nil {
		return nil, fmt.Errorf("read the process id of PostgreSQL: %w", err)
	}
	return os.FindProcess(pid)
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// serverEnvironment keeps PostgreSQL's own variables out, by which an operator speaks to other servers.
func serverEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}
