package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// startTimeout is long, because a server that was killed may have much to recover.
const startTimeout = 5 * time.Minute

// patience is how long a start may take before the logger is told what it is waiting for.
const patience = 3 * time.Second

// startOrJoin is called under the start lock.
func (s *Server) startOrJoin(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("it was not ready within %s", startTimeout))
	defer cancel()
	slow := time.AfterFunc(patience, func() {
		s.options.Logger.InfoContext(ctx, "PostgreSQL is not ready yet; after a crash it has to recover first", "log", s.home.logFile())
	})
	defer slow.Stop()
	free, err := s.join(ctx)
	if err != nil || free == nil {
		return err
	}
	defer free.release()
	return s.start(ctx, free)
}

// join waits until the directory's server answers, or is gone. Where there is none it returns the server's lock.
func (s *Server) join(ctx context.Context) (free *lockFile, err error) {
	var lastErr error
	err = poll(ctx, func() (done bool, err error) {
		if running, there := s.home.running(); there && running.ready {
			s.socket = running.socketDir
			if lastErr = s.open(ctx); lastErr == nil {
				return true, nil
			}
			if answered(lastErr) && !hasCode(lastErr, cannotConnectNow) {
				return false, lastErr
			}
		}
		free, err = s.home.tryExclusive(s.home.serverLock())
		return free != nil, err
	})
	if err != nil {
		return nil, s.failed(errors.Join(err, lastErr))
	}
	return free, nil
}

// answered tells an error that PostgreSQL has answered from one of not reaching it.
func answered(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer)
}

// start makes what is missing and starts a server, which inherits the lock.
func (s *Server) start(ctx context.Context, free *lockFile) error {
	s.socket = s.home.socketDir()
	if s.options.Fast {
		if err := s.home.clear(); err != nil {
			return unusable(filepath.Dir(s.home.dir), err)
		}
	}
	made, err := s.home.madeBy()
	if err != nil {
		return err
	}
	programs, err := s.options.Finder.find(ctx, requirement{major: made, user: s.home.owner, dir: s.home.dir}, s.options.Logger)
	if err != nil {
		return err
	}
	if err := s.home.prepare(ctx, programs, made, s.options.Fast); err != nil {
		return err
	}
	return s.launch(ctx, programs, free)
}
