package postgres

import (
	"context"
	"math/rand/v2"
	"os"
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
			log.WarnContext(ctx, "PostgreSQL has ended, and is started again", "its log ended with", k.logEnd())
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
			log.WarnContext(ctx, "PostgreSQL could not be started again", "error", err,
				"next try in", delay.Round(time.Millisecond))
			continue
		}
		log.InfoContext(ctx, "PostgreSQL runs again")
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
