//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// fastShutdown makes PostgreSQL cut its clients off and stop.
const fastShutdown = syscall.SIGINT

// owner is the user that the server runs as. PostgreSQL refuses root, so root hands it to another user.
type owner struct {
	name     string
	uid, gid int
	drop     bool
}

func isRoot() bool { return os.Geteuid() == 0 }

func executable(name string) string { return name }

// serverOwner is whoever runs the program, or, for root, the user postgres, else nobody.
func serverOwner() (owner, error) {
	if !isRoot() {
		return owner{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := osuser.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		return owner{name: name, uid: uid, gid: gid, drop: true}, errors.Join(uidErr, gidErr)
	}
	return owner{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody; run the program as an ordinary user")
}

func (o owner) own(path string) error {
	if !o.drop {
		return nil
	}
	return os.Chown(path, o.uid, o.gid)
}

// detached is a process of a session of its own, so that a Ctrl-C at the terminal does not reach it, run as the owner.
func detached(o owner) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: true}
	if o.drop {
		attributes.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attributes
}

// canEnter tries whether the server's user gets into its folder, which a closed folder above it can prevent.
func (o owner) canEnter(dir string) error {
	if !o.drop {
		return nil
	}
	command := exec.Command("/bin/true")
	command.Dir, command.SysProcAttr = dir, detached(o)
	if err := command.Run(); err != nil {
		return fmt.Errorf("PostgreSQL does not run as root, so it runs here as the user %s, who cannot enter %s; "+
			"choose a data directory that this user can enter with --data (such as /var/lib/qm-compliance), or run the program as an ordinary user", o.name, filepath.Dir(dir))
	}
	return nil
}

// checkSocketDir refuses a folder for the socket that belongs to somebody else, who could pose as the server.
func (h home) checkSocketDir() error {
	info, err := os.Lstat(h.socketDir())
	if err != nil {
		return unusable(h.dir, err)
	}
	status, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(status.Uid) != h.owner.uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s belongs to somebody else; remove it, or choose a data directory with a shorter path", h.socketDir())
	}
	return nil
}
