package postgres

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

const noFollow = 0

// owner is the user that the server runs as: on Windows always the one who runs the program.
type owner struct{}

func isRoot() bool { return false }

func executable(name string) string { return name + ".exe" }

func ownerOf(string) (owner, error) { return owner{}, nil }

func (owner) own(string) error { return nil }

func (owner) ownFile(*os.File) error { return nil }

func (owner) adopt(string) error { return nil }

func (owner) canEnter(string, binaries) error { return nil }

// checkSocketDir relies on the folder's inherited permissions.
func (home) checkSocketDir() error { return nil }

// detached keeps a Ctrl-C at the console away from the server.
func detached(owner) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Windows has no signal for PostgreSQL: it is ended, and recovers at its next start.
var fastShutdown, immediateShutdown = os.Kill, os.Kill

const locksAreInherited = false

// isRunning reports whether there is a process of this id.
func isRunning(pid int) bool {
	const stillActive = 259
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer func() { _ = windows.CloseHandle(process) }()
	var code uint32
	return windows.GetExitCodeProcess(process, &code) == nil && code == stillActive
}

func inherit(*exec.Cmd, *lockFile) {}

func lockNow(file *os.File, exclusive bool) (locked bool, err error) {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if exclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	return err == nil, err
}

func freeSpace(dir string) (uint64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err
}
