package postgres

import (
	"context"
	"fmt"
	"os"
	"time"
)

// pollInterval is how often something is looked at for which there is nothing to wait on.
const pollInterval = 10 * time.Millisecond

// lockFile is a lock of the operating system, which ends with the processes that hold it, however those end.
type lockFile struct {
	file *os.File
}

func (l *lockFile) release() { _ = l.file.Close() }

// lockExclusive waits until nobody else holds the lock.
func (h home) lockExclusive(ctx context.Context, path string) (*lockFile, error) {
	var lock *lockFile
	err := poll(ctx, func() (done bool, err error) {
		lock, err = h.tryExclusive(path)
		return lock != nil, err
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("waiting for another process that is starting or stopping PostgreSQL (%s): %w", path, err)
	}
	return lock, err
}

// tryExclusive returns nil where somebody else holds the lock.
func (h home) tryExclusive(path string) (*lockFile, error) { return h.lock(path, true) }

// lockShared joins those who hold the lock together. It is asked for under the start lock, under which alone anybody takes it exclusively.
func (h home) lockShared(path string) (*lockFile, error) {
	shared, err := h.lock(path, false)
	if err == nil && shared == nil {
		return nil, fmt.Errorf("%s is held by a process that is not this program; end that process", path)
	}
	return shared, err
}

// lock returns nil where the lock cannot be had now.
func (h home) lock(path string, exclusive bool) (*lockFile, error) {
	file, err := h.open(path, 0)
	if err != nil {
		return nil, err
	}
	locked, err := lockNow(file, exclusive)
	if locked {
		return &lockFile{file}, nil
	}
	_ = file.Close()
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return nil, nil
}

// poll asks until the answer is yes, an error, or the context ends.
func poll(ctx context.Context, ask func() (done bool, err error)) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if done, err := ask(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
