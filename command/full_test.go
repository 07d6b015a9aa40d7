package command

import (
	"bytes"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// withoutRoom in the environment of the program makes it find every disk full.
const withoutRoom = "QM_TEST_WITHOUT_ROOM"

func useUpRoom() {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{}); err != nil {
		panic(err)
	}
}

// On a full disk the Delete tool is what makes room.
func TestDeleteMediaOnAFullDisk(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 2)
	cmd := p.process(t, "", "delete-media")
	cmd.Env = append(cmd.Env, withoutRoom+"=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || !strings.Contains(out.String(), "2 media files deleted") {
		t.Errorf("%v: %s", err, out.String())
	}
	p.want(t, 0, 2)
}
