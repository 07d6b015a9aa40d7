package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// socketPathLimit is how long the path of a unix socket may be.
const socketPathLimit = 107

const socketFile = ".s.PGSQL.5432"

// home is the folder in which a server lives, with the user that owns it.
type home struct {
	dir   string
	owner owner
}

func (h home) dataDir() string   { return filepath.Join(h.dir, "data") }
func (h home) logFile() string   { return filepath.Join(h.dir, "server.log") }
func (h home) pidFile() string   { return filepath.Join(h.dataDir(), "postmaster.pid") }
func (h home) startLock() string { return filepath.Join(h.dir, "start.lock") }
func (h home) usersLock() string { return filepath.Join(h.dir, "users.lock") }

// socketDir is a folder of the home, or a short one elsewhere where the path would be too long for a socket.
func (h home) socketDir() string {
	if dir := filepath.Join(h.dir, "socket"); len(dir)+1+len(socketFile) <= socketPathLimit {
		return dir
	}
	sum := sha256.Sum256([]byte(h.dir))
	return filepath.Join(os.TempDir(), "qm-"+hex.EncodeToString(sum[:8]))
}

// openHome makes the folder of a server where it does not exist, owned by the user that the server runs as.
func openHome(dir string) (home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	owner, err := serverOwner()
	if err != nil {
		return home{}, err
	}
	h := home{dir: filepath.Join(dir, "postgres"), owner: owner}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return h, unusable(dir, err)
	}
	if err := h.makeDir(h.dir); err != nil {
		return h, unusable(dir, err)
	}
	return h, h.owner.canEnter(h.dir)
}

func unusable(dir string, err error) error {
	return fmt.Errorf("the data directory %s cannot be used: %w; choose another with --data, or make it writable", dir, reason(err))
}

// reason leaves the path out of an error that already names it.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// makeDir makes a folder that only the server's user and root can enter.
func (h home) makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return h.owner.own(dir)
}

// clear throws away what an earlier run left.
func (h home) clear() error {
	return errors.Join(os.RemoveAll(h.dataDir()), os.RemoveAll(h.socketDir()), os.RemoveAll(h.logFile()))
}

// prepare makes a database cluster where there is none, and the socket's folder.
func (h home) prepare(ctx context.Context, binaries Binaries, options Options) error {
	if err := h.makeDir(h.socketDir()); err != nil {
		return unusable(h.dir, err)
	}
	if err := h.checkSocketDir(); err != nil {
		return err
	}
	made, err := os.ReadFile(filepath.Join(h.dataDir(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return h.initialize(ctx, binaries, options)
	}
	if err != nil {
		return unusable(h.dir, err)
	}
	if version := strings.TrimSpace(string(made)); version != fmt.Sprint(binaries.Major) {
		return fmt.Errorf("the data directory %s was made by PostgreSQL %s, but PostgreSQL %d was found here; install version %s, "+
			"or export the data with it and start with a new data directory", h.dir, version, binaries.Major, version)
	}
	return nil
}

// initialize makes a cluster beside its place and moves it there when it is whole, so that an interrupted start leaves nothing half made.
func (h home) initialize(ctx context.Context, binaries Binaries, options Options) error {
	fresh := h.dataDir() + ".new"
	if err := errors.Join(os.RemoveAll(fresh), h.makeDir(fresh)); err != nil {
		return unusable(h.dir, err)
	}
	arguments := []string{"-D", fresh, "-U", user, "--auth=trust", "--encoding=UTF8", "--locale=C"}
	if options.Throwaway {
		arguments = append(arguments, "--no-sync")
	}
	command := exec.CommandContext(ctx, filepath.Join(binaries.Dir, executable("initdb")), arguments...)
	command.Dir, command.Env = h.dir, serverEnvironment()
	command.SysProcAttr = detached(h.owner)
	if output, err := command.CombinedOutput(); err != nil {
		_ = os.RemoveAll(fresh)
		return fmt.Errorf("PostgreSQL could not make its files in %s: %w:\n%s", h.dir, err, lastLines(output))
	}
	return os.Rename(fresh, h.dataDir())
}

func lastLines(output []byte) string {
	const most = 600
	return strings.TrimSpace(string(output[max(0, len(output)-most):]))
}

// createLog begins the server's log anew, so that it does not grow from start to start.
func (h home) createLog() (*os.File, error) {
	file, err := os.OpenFile(h.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, unusable(h.dir, err)
	}
	return file, nil
}
