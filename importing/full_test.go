package importing_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"qm-compliance/db"
	"qm-compliance/importing"
	"qm-compliance/media/filestore"
)

// The environment of a process that imports with little room, since a limit holds for a whole process.
const (
	limitedDatabase = "QM_TEST_LIMITED_DATABASE"
	limitedMedia    = "QM_TEST_LIMITED_MEDIA"
	limitedInbox    = "QM_TEST_LIMITED_INBOX"
	room            = 64 << 10
)

// A full disk stops the import, which says so. Nothing is stored by halves; what came in before stays, and
// with room again the rest comes in.
func TestFullStore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 200 { // a batch of its own
		r.file(t, fmt.Sprintf("a%03d.json", i), call(i+1, inline(fmt.Sprint("small ", i))))
	}
	r.file(t, "b.json", call(201, inline(strings.Repeat("large", room))))
	r.file(t, "c.json", call(202, inline("last")))
	if said := r.takeLimited(t); !strings.Contains(said, "storing a media file: the media store is full") ||
		!strings.Contains(said, "200 taken, 0 refused") || strings.Contains(said, r.mediaDir) {
		t.Errorf("said: %s", said)
	}
	r.clean(t)
	if stored := r.stored(t); len(stored) != 200 || r.count(t, "conversations") != 200 ||
		r.count(t, "loose_media") > 0 || strings.Contains(r.names(t), ".tmp") {
		t.Errorf("%d recordings and %d conversations came in", len(stored), r.count(t, "conversations"))
	}
	if got := r.takeWell(t); got.Added != 2 || got.Unchanged != 200 || len(r.stored(t)) != 202 {
		t.Errorf("with room again: %+v", got)
	}
}

// takeLimited imports the inbox in a process that may write no larger file than the room, as on a disk that
// is full; it returns what that says.
func (r *rig) takeLimited(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), limitedDatabase+"="+r.databaseURL, limitedMedia+"="+r.mediaDir,
		limitedInbox+"="+r.inbox)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("an import with no room fails not")
	}
	return string(out)
}

// runLimited is that process.
func runLimited() int {
	signal.Ignore(syscall.SIGXFSZ)
	totals, err := importLimited(context.Background())
	fmt.Printf("%d taken, %d refused, %v\n", totals.Taken(), totals.Refused, err)
	if err != nil {
		return 1
	}
	return 0
}

func importLimited(ctx context.Context) (importing.Totals, error) {
	pool, bun, err := db.Connect(ctx, os.Getenv(limitedDatabase))
	if err != nil {
		return importing.Totals{}, err
	}
	defer pool.Close()
	database, err := db.New(ctx, bun, time.Now)
	media, mediaErr := filestore.Open(ctx, os.Getenv(limitedMedia))
	if err := errors.Join(err, mediaErr,
		syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room})); err != nil {
		return importing.Totals{}, err
	}
	r := &rig{config: importing.Config{Store: database, Media: media}}
	got := r.takeItems(ctx, os.Getenv(limitedInbox))
	return got.Totals, got.err
}
