//go:build unix

package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lockFile is a lock of the operating system, which ends with the process that holds it, however that ends.
type lockFile struct {
	file *os.File
}

func (l *lockFile) release() { _ = l.file.Close() }

// lockExclusive waits until nobody else holds the lock.
func lockExclusive(ctx context.Context, path string) (*lockFile, error) {
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		lock, err := tryExclusive(path)
		if lock != nil || err != nil {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("another process has been starting or stopping PostgreSQL for too long (%s): %w", path, ctx.Err())
		case <-poll.C:
		}
	}
}

// tryExclusive returns nil where somebody else holds the lock.
func tryExclusive(path string) (*lockFile, error) { return lock(path, unix.LOCK_EX) }

// lockShared joins those who hold the lock together; whoever asks for it alone has to let them in first, which the start lock sees to.
func lockShared(path string) (*lockFile, error) {
	shared, err := lock(path, unix.LOCK_SH)
	if err == nil && shared == nil {
		return nil, fmt.Errorf("%s is held by somebody who is not starting PostgreSQL", path)
	}
	return shared, err
}

func lock(path string, how int) (*lockFile, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock PostgreSQL's folder: %w; is it used by another user?", err)
	}
	err = unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
	if err == nil {
		return &lockFile{file}, nil
	}
	_ = file.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}
