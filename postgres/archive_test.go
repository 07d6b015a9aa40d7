package postgres

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A program that was just written runs, though this process starts others all the time.
func TestAProgramJustWrittenRuns(t *testing.T) {
	t.Parallel()
	root, err := os.OpenRoot(t.TempDir())
	fatal(t, err)
	defer func() { _ = root.Close() }()
	var enough atomic.Bool
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for !enough.Load() {
				_ = exec.Command("true").Run()
			}
		})
	}
	for range 100 {
		fatal(t, writeFile(root, "native/bin/program", strings.NewReader("#!/bin/sh\n")))
		if err := exec.Command(filepath.Join(root.Name(), "native/bin/program")).Run(); err != nil {
			t.Error(err)
		}
		fatal(t, root.Remove("native/bin/program"))
	}
	enough.Store(true)
	others.Wait()
}
