package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// socketFile is the name that PostgreSQL gives its socket, after the port that it would listen on.
const socketFile = ".s.PGSQL.5432"

// socketPathLimit is how long the path of a unix socket may be: 107 bytes on Linux, 103 on a Mac.
const socketPathLimit = len(syscall.RawSockaddrUnix{}.Path) - 1

// home is the folder in which a server lives, with the user that owns it.
type home struct {
	dir   string
	owner owner
	// freeSpace returns the free bytes of a folder's file system.
	freeSpace func(dir string) (uint64, error)
	// watched is set for the watcher, who makes nothing: the folder may be about to be removed.
	watched bool
}

func (h home) dataDir() string     { return filepath.Join(h.dir, "data") }
func (h home) logFile() string     { return filepath.Join(h.dir, "server.log") }
func (h home) startLock() string   { return filepath.Join(h.dir, "start.lock") }
func (h home) usersLock() string   { return filepath.Join(h.dir, "users.lock") }
func (h home) serverLock() string  { return filepath.Join(h.dir, "server.lock") }
func (h home) watcherLock() string { return filepath.Join(h.dir, "watcher.lock") }

// socketDir is a folder of the home, or a short one elsewhere where the path would be too long for a socket.
func (h home) socketDir() string {
	if dir := filepath.Join(h.dir, "socket"); len(dir)+1+len(socketFile) <= socketPathLimit {
		return dir
	}
	sum := sha256.Sum256([]byte(h.dir))
	return filepath.Join(os.TempDir(), "qm-"+hex.EncodeToString(sum[:8]))
}

// openHome makes the folder of a server if it does not exist, owned by the user that the server runs
// as.
func openHome(dir string) (home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	if err := makeProgramDir(dir); err != nil {
		return home{}, unusable(dir, err)
	}
	h := home{dir: filepath.Join(dir, "postgres"), freeSpace: freeSpace}
	if h.owner, err = ownerOf(h.dir); err != nil {
		return h, err
	}
	if err := h.makeDir(h.dir); err != nil {
		return h, unusable(dir, err)
	}
	return h, nil
}

// makeProgramDir makes the data directory of the program. For root it lets others pass, because the
// server's user must get through; nobody but the program can list it.
func makeProgramDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if isRoot() {
		return os.Chmod(dir, 0o711)
	}
	return os.Chmod(dir, 0o700)
}

// unusable says what is wrong with the data directory, and the way out.
func unusable(dir string, err error) error {
	return fmt.Errorf("the data directory %s cannot be used: %w; make it writable for the user who runs the "+
		"program, or choose another with --data", dir, reason(err))
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
		return h.owner.adopt(dir)
	}
	if err != nil {
		return err
	}
	return h.owner.own(dir)
}

// open opens a file of the home for writing and makes it if it is missing, except for the watcher. A
// link is refused: root must not write to a place that the server's user chose.
func (h home) open(path string, flags int) (*os.File, error) {
	if !h.watched {
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(path, flags|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		return nil, unusable(filepath.Dir(h.dir), err)
	}
	if err := h.owner.ownFile(file); err != nil {
		_ = file.Close()
		return nil, unusable(filepath.Dir(h.dir), err)
	}
	return file, nil
}

// clear removes what an earlier run left. The locks stay: a process that waits for one would otherwise hold
// another file than the next process.
func (h home) clear() error {
	return errors.Join(os.RemoveAll(h.dataDir()), os.RemoveAll(h.socketDir()), os.RemoveAll(h.logFile()))
}

// FreeSpace is how many bytes an ordinary user may still write to the disk of a folder.
func FreeSpace(dir string) (uint64, error) { return freeSpace(dir) }

// needSpace fails if the disk is nearly full: PostgreSQL could not even log why it fails.
func (h home) needSpace(megabytes uint64) error {
	free, err := h.freeSpace(h.dir)
	if err != nil || free>>20 >= megabytes {
		return err
	}
	return fmt.Errorf("the disk is full: PostgreSQL needs %d MB in %s, and %d MB are free; free some space there, "+
		"or choose another data directory with --data",
		megabytes, h.dir, free>>20)
}

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
		return nil, fmt.Errorf("waiting for another process that is starting or stopping PostgreSQL (%s): %w",
			path, err)
	}
	return lock, err
}

// tryExclusive returns nil if somebody else holds the lock.
func (h home) tryExclusive(path string) (*lockFile, error) { return h.lock(path, true) }

// lockShared joins those who hold the lock together. It is asked for under the start lock, under which
// alone anybody takes it exclusively.
func (h home) lockShared(path string) (*lockFile, error) {
	shared, err := h.lock(path, false)
	if err == nil && shared == nil {
		return nil, fmt.Errorf("%s is held by a process that is not this program; end that process", path)
	}
	return shared, err
}

// lock returns nil if the lock is not free.
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
