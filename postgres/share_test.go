package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestASecondProcessJoins(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	other := startChild(t, dir, nil)
	if got := other.says(t); got != server.URL() {
		t.Fatalf("the second process uses %s, not %s", got, server.URL())
	}
	fatal(t, server.Close())
	if got := query(t, server.URL(), "SELECT 'alive'"); got != "alive" {
		t.Errorf("after the first process left: %q", got)
	}
	other.leave(t)
	if runs(t, dir) {
		t.Error("the server runs on after the last process left")
	}
}

func TestStartingAtOnceStartsOne(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	var children []*child
	for range 4 {
		children = append(children, startChild(t, dir, nil))
	}
	pids := map[string]bool{}
	for _, c := range children {
		pids[query(t, c.says(t), "SELECT pg_postmaster_start_time()::text")] = true
	}
	if len(pids) != 1 {
		t.Errorf("the four use %d servers", len(pids))
	}
	for _, c := range children {
		c.leave(t)
	}
	if runs(t, dir) {
		t.Error("the server runs on after all left")
	}
}

func TestKillingTheStarterTakesItFromNobody(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	starter := startChild(t, dir, withWatcher)
	url := starter.says(t)
	began := query(t, url, "SELECT pg_postmaster_start_time()::text")
	server := start(t, Options{Dir: dir, Watch: true})
	starter.kill(t)
	// what the watcher does once a second
	if done, err := server.home.look(t.Context(), false); done || err != nil {
		t.Fatalf("the watcher stops a server that is used (%v, %v)", done, err)
	}
	if got := query(t, server.URL(), "SELECT pg_postmaster_start_time()::text"); got != began {
		t.Errorf("the server began at %s, not at %s", got, began)
	}
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Error("the server runs on after its last user left")
	}
}

func TestAfterTheOnlyUserWasKilledTheNextStartFindsIt(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	only := startChild(t, dir, nil)
	began := query(t, only.says(t), "SELECT pg_postmaster_start_time()::text")
	only.kill(t)
	server := start(t, Options{Dir: dir})
	if got := query(t, server.URL(), "SELECT pg_postmaster_start_time()::text"); got != began {
		t.Errorf("the server began at %s, not at %s", got, began)
	}
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Error("the server runs on after its last user left")
	}
}

func TestAfterTheOnlyUserWasKilledTheWatcherStopsIt(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	only := startChild(t, dir, withWatcher)
	query(t, only.says(t), "CREATE TABLE kept AS SELECT 'here' AS word")
	only.kill(t)
	eventually(t, "the server has stopped", func() bool { return !runs(t, dir) })
	server := start(t, Options{Dir: dir, Watch: true})
	if got := query(t, server.URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("the next start finds %q", got)
	}
	fatal(t, server.Close())
	eventually(t, "the watcher has ended", func() bool {
		free, err := server.home.tryExclusive(server.home.watcherLock())
		fatal(t, err)
		if free != nil {
			free.release()
		}
		return free != nil
	})
}

// Whoever removes a data directory, as demo --fresh does, must not meet files that a watcher has just
// made anew.
func TestTheWatcherMakesNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	fatal(t, server.Close())
	for _, path := range []string{server.home.startLock(), server.home.usersLock(), server.home.serverLock(),
		server.home.watcherLock()} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		watched := server.home
		watched.watched = true
		if _, err := watched.look(t.Context(), false); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("without %s the watcher's look ends with %v", path, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("the watcher made %s", path)
		}
	}
	fatal(t, os.RemoveAll(dir))
	if err := watchOver(t.Context(), server.home.dir, false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without its folder the watcher ends with %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the watcher made the folder anew")
	}
}

func TestAfterTheServerWasKilledTheNextStartRecovers(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	user := startChild(t, dir, withWatcher)
	url := user.says(t)
	query(t, url, "CREATE TABLE kept AS SELECT 'here' AS word")
	killServer(t, dir)
	server := start(t, Options{Dir: dir})
	if got := query(t, server.URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("the next start finds %q", got)
	}
	user.leave(t)
	fatal(t, server.Close())
}

// After a power cut the process id that the server has left may be that of anything, which PostgreSQL
// takes for itself.
func TestAStaleProcessIDOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	killServer(t, dir)
	eventually(t, "its processes are gone", func() bool { return !runs(t, dir) })
	server.users.release()
	other := exec.Command("sleep", "600")
	other.SysProcAttr = detached(server.home.owner)
	fatal(t, other.Start())
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	content, err := os.ReadFile(server.home.pidFile())
	fatal(t, err)
	_, rest, _ := strings.Cut(string(content), "\n")
	fatal(t, os.WriteFile(server.home.pidFile(), []byte(fmt.Sprintf("%d\n%s", other.Process.Pid, rest)), 0o600))
	server = start(t, Options{Dir: dir})
	fatal(t, server.Close())
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other program was ended: %v", err)
	}
}

// killServer is kill -9 of PostgreSQL's main process.
func killServer(t *testing.T, dir string) {
	t.Helper()
	server, there := home{dir: dir + "/postgres"}.running()
	if !there {
		t.Fatal("no server runs")
	}
	process, err := os.FindProcess(server.pid)
	fatal(t, err)
	fatal(t, process.Kill())
}

// A server that never gets ready is not left behind by whoever has given up waiting for it.
func TestACancelledStartLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	fatal(t, start(t, Options{Dir: dir}).Close())
	programs := fakePrograms(t, 15, "touch "+dir+"/postgres/waiting; exec sleep 600", "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		eventually(t, "the server is being waited for", func() bool {
			_, err := os.Stat(dir + "/postgres/waiting")
			return err == nil
		})
		cancel()
	}()
	if _, err := Start(ctx, Options{Dir: dir, Finder: Finder{Path: []string{programs}}}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if runs(t, dir) {
		t.Error("a server was left")
	}
}

func TestAStartCancelledBeforehand(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{Dir: newDir(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
