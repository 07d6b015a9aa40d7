//go:build unix

package filestore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"qm-compliance/media/filestore"
)

// limited names the folder that a process of its own shall use up, since limits and users hold for whole
// processes.
const limited = "QM_TEST_LIMITED_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(limited); dir != "" {
		if err := useUp(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestFolderThatIsFullOrReadOnly(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "media") // not t.TempDir, which only its owner may enter
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o777); err != nil { // the other process may be another user's
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), limited+"="+filepath.Join(dir, "store"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// useUp tries a store in dir with no room, and then without the right to write.
func useUp(dir string) error {
	ctx := context.Background()
	if err := becomeNobody(); err != nil {
		return err
	}
	s, err := filestore.Open(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(tryFull(ctx, s, dir), tryReadOnly(ctx, s, dir))
}

// becomeNobody gives up the rights of root, for whom nothing is read-only.
func becomeNobody() error {
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	return errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody))
}

// tryFull limits the size of files, which the kernel enforces like a full disk: in the middle of a write.
func tryFull(ctx context.Context, s *filestore.Files, dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	const room = 3 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		return err
	}
	key := filestore.NewKey(time.Now())
	if _, err := s.Put(ctx, key, "", bytes.NewReader(noise(room+1))); !errors.Is(err, filestore.ErrFull) {
		return fmt.Errorf("without room: %w", err)
	}
	if left, err := filepath.Glob(dir + "/*/*"); err != nil || len(left) > 0 {
		return fmt.Errorf("left behind: %q, %w", left, err)
	}
	_, err := s.Put(ctx, key, "", bytes.NewReader(noise(room)))
	return err
}

func tryReadOnly(ctx context.Context, s *filestore.Files, dir string) error {
	var stored string
	for key := range s.Keys(ctx) {
		stored = key
	}
	if err := errors.Join(os.Chmod(dir, 0o500), os.Chmod(filepath.Dir(filepath.Join(dir, stored)),
		0o500)); err != nil {
		return err
	}
	_, putErr := s.Put(ctx, "other/"+filestore.NewKey(time.Now()), "", strings.NewReader("x"))
	for op, err := range map[string]error{"Put": putErr, "Delete": s.Delete(ctx, stored),
		"Check": s.Check(ctx)} {
		if !errors.Is(err, filestore.ErrUnavailable) ||
			!strings.Contains(err.Error(), "permission denied") || strings.Contains(err.Error(), dir) {
			return fmt.Errorf("%s without the right to write: %w", op, err)
		}
	}
	if there, err := s.Exists(ctx, stored); !there || err != nil {
		return fmt.Errorf("what could not be deleted is gone: %v, %w", there, err)
	}
	return nil
}
