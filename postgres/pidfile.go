package postgres

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// running is what a server says of itself in postmaster.pid.
type running struct {
	pid       int
	socketDir string
	// ready is set when it takes connections.
	ready bool
}

func (h home) pidFile() string { return filepath.Join(h.dataDir(), "postmaster.pid") }

// The lines of postmaster.pid that matter here.
const (
	pidLine = iota
	_       // the data directory
	_       // when it was started
	_       // the port
	socketLine
	_ // the address
	_ // the shared memory
	statusLine
)

// running reads postmaster.pid; there is false where it is absent or not yet whole. A server that was killed leaves one, so that only the
// server's lock tells whether it is still true.
func (h home) running() (server running, there bool) {
	content, err := os.ReadFile(h.pidFile())
	if err != nil {
		return running{}, false
	}
	lines := append(strings.Split(string(content), "\n"), make([]string, statusLine+1)...)
	pid, err := strconv.Atoi(strings.TrimSpace(lines[pidLine]))
	if err != nil || pid <= 0 { // a negative one stands for a server without clients
		return running{}, false
	}
	return running{pid: pid, socketDir: lines[socketLine], ready: strings.TrimSpace(lines[statusLine]) == "ready"}, true
}

// removeStale removes what a server that was killed has left, where its process id now belongs to something else: PostgreSQL would take that
// for a running server and refuse to start. It is called by the holder of the server's lock. Where the process is a server all the same, one that somebody
// started by hand, the file stays, and PostgreSQL refuses.
func (h home) removeStale() error {
	server, there := h.running()
	if !there || isServer(server.pid) {
		return nil
	}
	for _, stale := range []string{h.pidFile(), filepath.Join(h.socketDir(), socketFile+".lock")} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
