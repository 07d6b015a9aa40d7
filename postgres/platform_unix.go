//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow refuses to open a symbolic link.
const noFollow = syscall.O_NOFOLLOW

// owner is the user that the server runs as. PostgreSQL refuses root, so root hands it to another user.
type owner struct {
	uid, gid int
	drop     bool
}

func (o owner) String() string {
	if found, err := osuser.LookupId(strconv.Itoa(o.uid)); err == nil {
		return found.Username
	}
	return strconv.Itoa(o.uid)
}

func isRoot() bool { return os.Geteuid() == 0 }

func executable(name string) string { return name }

// ownerOf returns the user for a server's folder: the one who runs the program. For root it is the
// user that already owns the folder, so that root can join a server of any user, or, if there is none
// yet, the user postgres, else nobody.
func ownerOf(dir string) (owner, error) {
	if !isRoot() {
		return owner{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	info, err := os.Lstat(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return owner{}, unusable(filepath.Dir(dir), err)
	}
	if err == nil && !info.IsDir() {
		return owner{}, unusable(filepath.Dir(dir), fmt.Errorf("%s is not a folder", filepath.Base(dir)))
	}
	if status := statusOf(info); status != nil && status.Uid != 0 {
		return owner{uid: int(status.Uid), gid: int(status.Gid), drop: true}, nil
	}
	return unprivileged(osuser.Lookup)
}

func unprivileged(lookup func(name string) (*osuser.User, error)) (owner, error) {
	for _, name := range []string{"postgres", "nobody"} {
		found, err := lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		return owner{uid: uid, gid: gid, drop: true}, errors.Join(uidErr, gidErr)
	}
	return owner{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a " +
		"user nobody to run it as; run the program as an ordinary user")
}

func statusOf(info fs.FileInfo) *syscall.Stat_t {
	if info == nil {
		return nil
	}
	status, _ := info.Sys().(*syscall.Stat_t)
	return status
}

func (o owner) own(path string) error {
	if !o.drop {
		return nil
	}
	return os.Lchown(path, o.uid, o.gid)
}

func (o owner) ownFile(file *os.File) error {
	if !o.drop {
		return nil
	}
	return file.Chown(o.uid, o.gid)
}

// adopt takes over a folder that root had made and not yet handed over when it was interrupted.
func (o owner) adopt(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if status := statusOf(info); o.drop && info.IsDir() && status != nil && status.Uid == 0 {
		return o.own(dir)
	}
	return nil
}

// detached describes a process in its own session, so that a Ctrl-C at the terminal does not reach it,
// run as the owner.
func detached(o owner) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: true}
	if o.drop {
		attributes.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attributes
}

// canEnter tries whether the server's user gets into its folder, which a closed folder above it can prevent.
func (o owner) canEnter(dir string, programs binaries) error {
	if !o.drop {
		return nil
	}
	command := exec.Command(programs.path("postgres"), "--version")
	command.Dir, command.Env, command.SysProcAttr = dir, serverEnvironment(), detached(o)
	if err := command.Run(); err != nil {
		return fmt.Errorf("PostgreSQL does not run as root, so it runs as the user %s, who cannot enter %s (%w); "+
			"choose a data directory with --data that this user can enter, such as /var/lib/qm-compliance, "+
			"or run the program as an ordinary user", o, dir, reason(err))
	}
	return nil
}

// checkSocketDir refuses a folder for the socket that belongs to somebody else, who could pose as the
// server, or that others can enter.
func (h home) checkSocketDir() error {
	info, err := os.Lstat(h.socketDir())
	if err != nil {
		return unusable(filepath.Dir(h.dir), err)
	}
	status := statusOf(info)
	if status == nil || !info.IsDir() || int(status.Uid) != h.owner.uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("the folder %s, in which PostgreSQL is to listen, is not a folder that only the user "+
			"%s can enter; remove it", h.socketDir(), h.owner)
	}
	return nil
}

// fastShutdown makes PostgreSQL cut its clients off, write everything to disk and stop;
// immediateShutdown leaves the writing out.
const (
	fastShutdown      = syscall.SIGINT
	immediateShutdown = syscall.SIGQUIT
)

// locksAreInherited says that a lock stays held by a child that inherits its file.
const locksAreInherited = true

// isRunning reports whether there is a process of this id.
func isRunning(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// inherit hands a lock to a process that is about to start: it is held until that process and all its
// children are gone.
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
