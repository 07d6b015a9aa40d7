package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// small mounts a file system of a few megabytes at the data directory; ok is false where this user may
// not mount.
func small(t *testing.T, megabytes int) (dir string, ok bool) {
	t.Helper()
	dir = newDir(t)
	fatal(t, os.MkdirAll(dir, 0o755))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=755", megabytes)); err != nil {
		t.Logf("no mount here (%v)", err)
		return dir, false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, true
}

// Where the tests may not mount, TestSpace alone shows what happens on a full disk.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	dir, ok := small(t, 40)
	if !ok {
		return
	}
	refused(t, Options{Dir: dir}, "the disk is full", dir, "--data")
	dir, _ = small(t, 150)
	server := start(t, Options{Dir: dir})
	query(t, server.URL(), "CREATE TABLE kept AS SELECT 'here' AS word")
	fatal(t, server.Close())
	fill(t, filepath.Join(dir, "fill"))
	refused(t, Options{Dir: dir}, "the disk is full", dir, "--data")
	fatal(t, os.Remove(filepath.Join(dir, "fill")))
	server = start(t, Options{Dir: dir})
	if got := query(t, server.URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("with room again, it finds %q", got)
	}
	fatal(t, server.Close())
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	fatal(t, err)
	block := make([]byte, 1<<20)
	for err == nil {
		_, err = file.Write(block)
	}
	_ = file.Close()
}

func TestAReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	dir, ok := small(t, 150)
	if !ok {
		return // TestADirectoryThatMayNotBeWritten shows the same for an ordinary user
	}
	fatal(t, start(t, Options{Dir: dir}).Close())
	fatal(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	refused(t, Options{Dir: dir}, dir, "read-only file system", "--data")
	fresh := filepath.Join(dir, "fresh")
	refused(t, Options{Dir: fresh}, fresh, "read-only file system", "--data")
	fatal(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""))
}

// asOrdinaryUser runs a child as an ordinary user: as the user nobody where root runs the tests, whom
// the test binary must be brought to.
func asOrdinaryUser(t *testing.T, dir string) func(*exec.Cmd) {
	t.Helper()
	if !isRoot() {
		return nil
	}
	const nobody = 65534
	program := filepath.Join(filepath.Dir(newDir(t)), "program")
	self, err := os.ReadFile(os.Args[0])
	fatal(t, err)
	writeProgram(t, program, string(self))
	fatal(t, os.MkdirAll(dir, 0o755))
	fatal(t, os.Chown(dir, nobody, nobody))
	return func(command *exec.Cmd) {
		command.Path, command.Args = program, []string{program}
		command.Dir = "/"
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// An ordinary user's server, then the same joined and started again by whoever runs the tests; as root,
// that is another user.
func TestAnOrdinaryUsersServer(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	other := startChild(t, dir, asOrdinaryUser(t, dir))
	url := other.says(t)
	server := start(t, Options{Dir: dir})
	if server.URL() != url {
		t.Fatalf("the child uses %s, this process %s", url, server.URL())
	}
	if got := query(t, url, "SELECT 'alive'"); got != "alive" {
		t.Errorf("the server says %q", got)
	}
	other.leave(t)
	fatal(t, server.Close())
	server = start(t, Options{Dir: dir})
	fatal(t, server.Close())
	again := startChild(t, dir, asOrdinaryUser(t, dir))
	if got := again.says(t); got != url {
		t.Errorf("afterwards the ordinary user gets %s", got)
	}
	again.leave(t)
}

func TestRootsServerDoesNotRunAsRoot(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	running, there := server.home.running()
	if !there {
		t.Fatal("no server runs")
	}
	info, err := os.Stat(fmt.Sprintf("/proc/%d", running.pid))
	fatal(t, err)
	if uid := statusOf(info).Uid; uid == 0 || int(uid) != server.home.owner.uid {
		t.Errorf("it runs as user %d, not %d", uid, server.home.owner.uid)
	}
	info, err = os.Stat(dir)
	fatal(t, err)
	if int(statusOf(info).Uid) != os.Geteuid() {
		t.Error("the data directory itself was given away")
	}
	fatal(t, server.Close())
}

func TestADirectoryThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	setUp := asOrdinaryUser(t, dir)
	fatal(t, os.MkdirAll(dir, 0o755))
	fatal(t, os.Chmod(dir, 0o555))
	wantWords(t, startChild(t, dir, setUp).says(t), "error:", dir, "permission denied", "--data")
	fatal(t, os.Chmod(dir, 0o755))
}

// Root's own home is closed to the user that the server runs as; an ordinary user is kept out of other
// users' folders.
func TestADirectoryThatTheServersUserCannotEnter(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	fatal(t, os.MkdirAll(dir, 0o700))
	if isRoot() {
		closed := filepath.Join(dir, "closed")
		refused(t, Options{Dir: closed}, "does not run as root", serverUser(t).String(), "cannot enter", closed,
			"/var/lib/qm-compliance", "--data")
	}
	setUp := asOrdinaryUser(t, newDir(t))
	fatal(t, os.Chmod(dir, 0))
	wantWords(t, startChild(t, filepath.Join(dir, "closed"), setUp).says(t), "error:", dir, "permission denied",
		"--data")
	fatal(t, os.Chmod(dir, 0o700))
}
