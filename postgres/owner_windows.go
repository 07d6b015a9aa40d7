package postgres

import (
	"os"
	"syscall"
)

const noFollow = 0

// owner is the user that the server runs as: on Windows always whoever runs the program.
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
