//go:build unix

package postgres

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// fastShutdown makes PostgreSQL cut its clients off, write everything to disk and stop; immediateShutdown leaves the writing out.
const (
	fastShutdown      = syscall.SIGINT
	immediateShutdown = syscall.SIGQUIT
)

// locksAreInherited says that a lock stays held by a child that inherits its file.
const locksAreInherited = true

// inherit hands a lock to a process that is about to start: it is held until that process and all its children are gone.
func inherit(command *exec.Cmd, lock *lockFile) { command.ExtraFiles = []*os.File{lock.file} }

func lockNow(file *os.File, exclusive bool) (locked bool, err error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	err = unix.Flock(int(file.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// freeSpace is what an ordinary user may still write.
func freeSpace(dir string) (uint64, error) {
	var status unix.Statfs_t
	if err := unix.Statfs(dir, &status); err != nil {
		return 0, err
	}
	return uint64(status.Bavail) * uint64(status.Bsize), nil
}
