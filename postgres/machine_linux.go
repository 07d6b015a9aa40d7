package postgres

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// machineMemory is how many bytes of memory the machine has, 0 where that is not known.
func machineMemory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}

// isServer reports whether a process is a PostgreSQL server. A process that we may not look at cannot
// have our files open.
func isServer(pid int) bool {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && filepath.Base(program) == "postgres"
}
