package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// childDir names, for a test binary that is to be a user of a server instead of running tests, the data
// directory; childWatch asks for a watcher, childKeep for a server that is started again.
const (
	childDir   = "QM_TEST_CHILD_DIR"
	childWatch = "QM_TEST_CHILD_WATCH"
	childKeep  = "QM_TEST_CHILD_KEEP"
)

func TestMain(m *testing.M) {
	RunWatcher()
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(beChild(Options{Dir: dir, Watch: os.Getenv(childWatch) != "",
			Keep: os.Getenv(childKeep) != ""}))
	}
	os.Exit(m.Run())
}

// beChild uses the server until its standard input ends.
func beChild(options Options) int {
	server, err := Start(context.Background(), options)
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Close(); err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

// child is another process that uses a server.
type child struct {
	*exec.Cmd
	stdin  io.Closer
	stdout *bufio.Scanner
}

// writeProgram replaces a file by a program that can be run at once: see writeContent.
func writeProgram(t *testing.T, path, content string) {
	t.Helper()
	root, err := os.OpenRoot(filepath.Dir(path))
	fatal(t, err)
	defer func() { _ = root.Close() }()
	if err := root.Remove(filepath.Base(path)); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	fatal(t, writeContent(root, filepath.Base(path), strings.NewReader(content)))
	fatal(t, os.Chmod(path, 0o755))
}

// startChild starts another user of the directory's server. Change, if not nil, sets it up further.
func startChild(t *testing.T, dir string, change func(*exec.Cmd)) *child {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childDir+"="+dir)
	command.Stderr = os.Stderr
	if change != nil {
		change(command)
	}
	stdin, err := command.StdinPipe()
	fatal(t, err)
	stdout, err := command.StdoutPipe()
	fatal(t, err)
	fatal(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	return &child{command, stdin, bufio.NewScanner(stdout)}
}

// says is the first line that the child prints: the server's address, or an error.
func (c *child) says(t *testing.T) string {
	t.Helper()
	if !c.stdout.Scan() {
		t.Fatal("the child said nothing")
	}
	return c.stdout.Text()
}

// kill is kill -9.
func (c *child) kill(t *testing.T) {
	t.Helper()
	fatal(t, c.Process.Kill())
	_ = c.Wait()
}

// leave lets the child close its server and end.
func (c *child) leave(t *testing.T) {
	t.Helper()
	fatal(t, c.stdin.Close())
	fatal(t, c.Wait())
}

func withWatcher(command *exec.Cmd) { command.Env = append(command.Env, childWatch+"=1") }

// newDir is a data directory that the server's user can get to, unlike t.TempDir where root runs the
// tests. Whatever server is left in it is stopped.
func newDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("", "qm-")
	fatal(t, err)
	fatal(t, os.Chmod(parent, 0o755))
	dir := filepath.Join(parent, "data")
	t.Cleanup(func() {
		h := home{dir: filepath.Join(dir, "postgres")}
		if info, err := os.Stat(h.dir); err == nil && info.IsDir() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := h.stop(ctx, immediateShutdown); err != nil {
				t.Error(err)
			}
		}
		if err := os.RemoveAll(parent); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// start starts or joins a server, and leaves it when the test ends unless it was left before.
func start(t *testing.T, options Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), options)
	fatal(t, err)
	t.Cleanup(server.users.release)
	return server
}

// refused starts a server that must not start, and checks that the error holds all of the words.
func refused(t *testing.T, options Options, words ...string) {
	t.Helper()
	server, err := Start(t.Context(), options)
	if err == nil {
		_ = server.Close()
		t.Fatal("the server started")
	}
	wantWords(t, err.Error(), words...)
}

func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("it lacks %q: %s", word, text)
		}
	}
}

// query answers a query of one text.
func query(t *testing.T, url, sql string, arguments ...any) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	fatal(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var answer string
	if err := conn.QueryRow(t.Context(), sql, arguments...).Scan(&answer); err != nil &&
		!errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return answer
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if poll(ctx, func() (bool, error) { return condition(), nil }) != nil {
		t.Fatalf("not within 30 s: %s", what)
	}
}

// runs tells whether a server lives in the directory: by the lock that it holds, and, so as not to
// believe the code under test alone, by its process.
func runs(t *testing.T, dir string) bool {
	t.Helper()
	h := home{dir: filepath.Join(dir, "postgres")}
	if server, there := h.running(); there {
		process, err := os.FindProcess(server.pid)
		if err == nil && process.Signal(syscall.Signal(0)) == nil {
			return true
		}
	}
	free, err := h.tryExclusive(h.serverLock())
	fatal(t, err)
	if free != nil {
		free.release()
	}
	return free == nil
}
